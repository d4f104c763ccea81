"""`virtual`: be a printer."""

import argparse
import threading
from pathlib import Path

from printer.commands.command import CommandError, add_paper
from printer.profile import PAPER_DOTS
from printer.virtual_printer import Fault, PrintedSlip, VirtualPrinter


def add_virtual(command: argparse.ArgumentParser) -> None:
    """Set up `virtual`."""
    command.set_defaults(run=_virtual)
    command.add_argument("--listen", default="127.0.0.1:9100", metavar="HOST:PORT")
    command.add_argument("--out", type=Path, default=Path("slips"), metavar="DIR")
    command.add_argument("--fault", choices=[f.value for f in Fault])
    command.add_argument(
        "--cut-after", type=int, default=2000, metavar="BYTES", help="for --fault cable-cut"
    )
    add_paper(command)


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
