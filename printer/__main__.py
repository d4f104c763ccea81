"""`python -m printer`: what technicians do with a printer, and the virtual one."""

import argparse
import sys
from collections.abc import Callable, Sequence

from printer.artwork import ArtworkError
from printer.commands.ask import add_status
from printer.commands.command import CommandError
from printer.commands.probe import add_probe, add_test_page
from printer.commands.render import add_render
from printer.commands.upload import add_upload
from printer.commands.virtual import add_virtual
from printer.profile import ProfileError
from printer.sample import SampleError
from printer.transports import AddressError

EXAMPLES = """\
examples:
  python -m printer status tcp://192.168.1.40:9100
  python -m printer probe tcp://192.168.1.40:9100 --out entrance.toml
  python -m printer test-page "serial:///dev/ttyS0?baud=115200&flow=rtscts" --profile generic-80
  python -m printer upload "serial:///dev/ttyS0?baud=9600" --profile entrance.toml
  python -m printer render --language uk --number D214 --paper 58 --png slip.png
  python -m printer virtual --listen 127.0.0.1:9100 --out slips --fault paper-out

exit codes:
  0  done; for status: the printer can print
  1  the printer answers and cannot print, or did not confirm the page
  2  nothing could be done: a wrong command, an unreachable printer, a broken file
Ctrl-C ends a command with 130; `virtual`, which ends in no other way, with 0.
"""

INTERRUPTED = 130
"""As a shell has it for Ctrl-C: nobody shall read "the printer can print" out of it."""

COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "status": ("ask a printer how it is", add_status),
    "probe": ("find out what a printer can do, and write a profile", add_probe),
    "test-page": ("print what a profile claims", add_test_page),
    "upload": ("let a printer keep the pictures that slips share", add_upload),
    "render": ("a sample slip without a printer", add_render),
    "virtual": ("be a printer", add_virtual),
}
"""Each command by its name: what it is for, and what sets up its options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (AddressError, ArtworkError, CommandError, ProfileError, SampleError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or 'file'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m printer",
        description="Look at, try out and imitate slip printers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (purpose, set_up) in COMMANDS.items():
        set_up(commands.add_parser(name, help=purpose))
    return parser


if __name__ == "__main__":
    sys.exit(main())
