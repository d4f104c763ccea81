"""`python -m printer`: what technicians do with a printer, and the virtual one."""

import argparse
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from printer.artwork import ArtworkError, default_artwork
from printer.escpos_codec import Rendition, encode_slip
from printer.marks import DOTS_PER_MM
from printer.printer import Printer
from printer.profile import PAPER_DOTS, Profile, ProfileError, load_profile
from printer.raster import measure
from printer.sample import SampleError, load_sample
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.status import CAN_PRINT, Outcome, PrinterState
from printer.transports import AddressError, parse_address
from printer.virtual_printer import Fault, PrintedSlip, VirtualPrinter

EXAMPLES = """\
examples:
  python -m printer status tcp://192.168.1.40:9100
  python -m printer test-page "serial:///dev/ttyS0?baud=115200&flow=rtscts" --profile generic-80
  python -m printer render --language uk --number D214 --paper 58 --png slip.png
  python -m printer virtual --listen 127.0.0.1:9100 --out slips --fault paper-out

exit codes:
  0  done; for status: the printer can print
  1  the printer answers and cannot print, or did not confirm the page
  2  nothing could be done: a wrong command, an unreachable printer, a broken file
"""


class CommandError(Exception):
    """The command cannot be carried out; the message says why and what to do."""


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
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m printer",
        description="Look at, try out and imitate slip printers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    status = commands.add_parser("status", help="ask a printer how it is")
    status.set_defaults(run=_status)
    page = commands.add_parser("test-page", help="print what a profile claims")
    page.set_defaults(run=_test_page)
    for command in (status, page):
        command.add_argument("address", help="tcp://HOST:PORT or serial:///dev/ttyS0?baud=9600")
        command.add_argument(
            "--patience", type=float, default=3.0, metavar="SECONDS", help="time to answer (3)"
        )

    render = commands.add_parser("render", help="a sample slip without a printer")
    render.set_defaults(run=_render)
    render.add_argument("--language", default="uk", metavar="CODE", help="uk, ru, de, en, ar")
    render.add_argument("--number", metavar="D214", help="another number than the sample's")
    render.add_argument("--copy", type=int, default=1, metavar="2", help="mark it as a copy")
    render.add_argument("--rendition", choices=[r.value for r in Rendition], default="drawn")
    render.add_argument("--png", type=Path, metavar="FILE", help="write the picture there")
    render.add_argument("--out", type=Path, metavar="FILE", help="write the ESC/POS bytes there")
    for command in (page, render):
        command.add_argument(
            "--profile", metavar="NAME", help="in assets/printers, or a .toml file"
        )

    virtual = commands.add_parser("virtual", help="be a printer")
    virtual.set_defaults(run=_virtual)
    virtual.add_argument("--listen", default="127.0.0.1:9100", metavar="HOST:PORT")
    virtual.add_argument("--out", type=Path, default=Path("slips"), metavar="DIR")
    virtual.add_argument("--fault", choices=[f.value for f in Fault])
    virtual.add_argument(
        "--cut-after", type=int, default=2000, metavar="BYTES", help="for --fault cable-cut"
    )
    for command in (page, render, virtual):
        command.add_argument("--paper", type=int, choices=sorted(PAPER_DOTS), default=80)
    return parser


def _status(options: argparse.Namespace) -> int:
    state = _printer(options, Profile("any", PAPER_DOTS[80])).state()
    if state is PrinterState.UNREACHABLE:
        raise CommandError(_unreachable(options.address))
    print(state.value)
    return 0 if state in CAN_PRINT else 1


def _test_page(options: argparse.Namespace) -> int:
    printer = _printer(options, _profile(options))
    outcome = printer.print_test_page()
    if outcome is Outcome.FAILED:
        state = printer.state()
        if state is PrinterState.UNREACHABLE:
            raise CommandError(_unreachable(options.address))
        print(f"not printed: the printer is {state.value}")
    else:
        print(outcome.value)
    return 0 if outcome is Outcome.PRINTED else 1


def _unreachable(address: str) -> str:
    return f"no printer answers at {address}: is it on, and is the address right?"


def _printer(options: argparse.Namespace, profile: Profile) -> Printer:
    line = parse_address(options.address)
    return Printer(partial(line, options.patience), profile, patience=options.patience)


def _profile(options: argparse.Namespace) -> Profile:
    return load_profile(options.profile or f"generic-{options.paper}")


def _render(options: argparse.Namespace) -> int:
    profile, artwork = _profile(options), default_artwork()
    slip = load_sample(options.language)
    slip = replace(slip, number=options.number or slip.number, copy=options.copy)
    layout = lay_out(slip, profile.paper_dots, partial(measure, artwork))
    data = encode_slip(layout, profile, artwork, rendition=Rendition(options.rendition))
    if options.png:
        draw_slip(layout, artwork).save(options.png, format="PNG")
    if options.out:
        options.out.write_bytes(data)
    millimetres = layout.height / DOTS_PER_MM
    print(f"{layout.width} x {layout.height} dots, {millimetres:.0f} mm, {len(data)} bytes")
    return 0


def _virtual(options: argparse.Namespace) -> int:
    host, separator, port = options.listen.rpartition(":")
    if not separator or not port.isdecimal() or int(port) > 65535:
        raise CommandError(f"--listen {options.listen!r}: write HOST:PORT, such as 127.0.0.1:9100")
    fault = Fault(options.fault) if options.fault else None
    try:
        printer = VirtualPrinter(
            host,
            int(port),
            options.out,
            fault,
            width=PAPER_DOTS[options.paper],
            cut_after=options.cut_after,
            on_slip=_announce,
        )
    except OSError as error:
        raise CommandError(
            f"cannot be a printer at {options.listen} with slips in {options.out}: "
            f"{error.strerror or error}; choose another port or folder"
        ) from None
    with printer:
        print(f"printer at {printer.address}, slips in {options.out}; Ctrl-C ends it", flush=True)
        threading.Event().wait()
    return 0


def _announce(slip: PrintedSlip) -> None:
    print(f"{slip.path} ({slip.picture.height} dots)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
