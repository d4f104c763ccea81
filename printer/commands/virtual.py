"""`virtual`: be a printer."""

import argparse
import math
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from printer.commands.command import CommandError, add_paper, count
from printer.profile import PAPER_DOTS
from printer.virtual_printer import Cable, Fault, PrintedSlip, Timing, VirtualPrinter

EXAMPLES = """\
examples:
  python -m printer virtual --listen 127.0.0.1:9100 --out slips
  python -m printer virtual --pty --baud 9600 --speed 200
  python -m printer virtual --paper 58 --fault paper-out --after 3
  python -m printer virtual --fault cable-cut --cut-after 20000

while it runs, type a line:
  paper-out      that fault from now on (any name that --fault takes)
  paper-out 3    that fault after three more slips
  ok             all is mended, and what waited is printed
  status         its fault, slips, bytes, and what its NV memory holds
  power-cycle    off and on again
Ctrl-C ends it.
"""

NV_SECONDS = 0.2
"""Each write to NV memory, where the printer keeps time."""


def add_virtual(command: argparse.ArgumentParser) -> None:
    """Set up `virtual`."""
    command.set_defaults(run=_virtual)
    command.epilog, command.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter
    cable = command.add_mutually_exclusive_group()
    cable.add_argument(
        "--listen", default="127.0.0.1:9100", metavar="HOST:PORT", help="TCP (127.0.0.1:9100)"
    )
    cable.add_argument("--pty", action="store_true", help="a serial line instead of TCP")
    command.add_argument(
        "--out", type=Path, default=Path("slips"), metavar="DIR", help="one PNG a slip (slips)"
    )
    command.add_argument(
        "--fault", choices=[f.value for f in Fault], metavar="NAME", help=_faults_by_name()
    )
    command.add_argument(
        "--after", type=count, default=0, metavar="N", help="slips before the fault begins (0)"
    )
    command.add_argument(
        "--cut-after", type=count, default=2000, metavar="BYTES", help="for cable-cut (2000)"
    )
    command.add_argument("--baud", type=int, metavar="N", help="keep the time of such a wire")
    command.add_argument(
        "--speed", type=float, metavar="MM", help="keep the time of a head, millimetres a second"
    )
    command.add_argument(
        "--nv-bytes", type=count, default=262_144, metavar="N", help="NV memory (262144)"
    )
    add_paper(command)


def _faults_by_name() -> str:
    return "one of " + ", ".join(fault.value for fault in Fault)


def _virtual(options: argparse.Namespace) -> int:
    printer = _printer(options)
    with printer:
        print(f"printer at {printer.address}, slips in {options.out}; Ctrl-C ends it", flush=True)
        with suppress(KeyboardInterrupt):
            for line in sys.stdin:
                print(obey(line, printer), flush=True)
            threading.Event().wait()  # nobody types: started by another program
    return 0


def _printer(options: argparse.Namespace) -> VirtualPrinter:
    host, port = _address(options.listen)
    if any(pace is not None and not 0 < pace < math.inf for pace in (options.baud, options.speed)):
        raise CommandError("--baud and --speed must be above 0; leave them out to print at once")
    kept = options.baud is not None or options.speed is not None
    try:
        return VirtualPrinter(
            host,
            port,
            options.out,
            Fault(options.fault) if options.fault else None,
            cable=Cable.PTY if options.pty else Cable.TCP,
            width=PAPER_DOTS[options.paper],
            cut_after=options.cut_after,
            after=options.after,
            timing=Timing(
                baud=options.baud,
                millimetres_a_second=options.speed,
                nv_seconds=NV_SECONDS if kept else 0.0,
            ),
            nv_bytes=options.nv_bytes,
            on_slip=_announce,
        )
    except OSError as error:
        where = "a pseudo-terminal" if options.pty else options.listen
        raise CommandError(
            f"cannot be a printer at {where} with slips in {options.out}: "
            f"{error.strerror or error}; choose another port or folder"
        ) from None


def _address(listen: str) -> tuple[str, int]:
    host, separator, port = listen.rpartition(":")
    if not separator or not port.isdecimal() or int(port) > 65535:
        raise CommandError(f"--listen {listen!r}: write HOST:PORT, such as 127.0.0.1:9100")
    return host, int(port)


def obey(line: str, printer: VirtualPrinter) -> str:
    """Do what was typed while the printer runs; return what to say to it."""
    word, _, slips = line.strip().partition(" ")
    if word in TYPED and not slips:
        return TYPED[word](printer)
    if word in {fault.value for fault in Fault} and (slips or "0").isdecimal():
        printer.break_after(int(slips or 0), Fault(word))
        return f"{word} after {slips} more slips" if int(slips or 0) else word
    known = ", ".join((*TYPED, *(fault.value for fault in Fault)))
    return f"{line.strip()!r} is none of {known}"


def _mend(printer: VirtualPrinter) -> str:
    printer.fault = None
    return "all is well"


def _power_cycle(printer: VirtualPrinter) -> str:
    printer.power_cycle()
    return "off and on again"


def _status(printer: VirtualPrinter) -> str:
    fault = printer.fault.value if printer.fault else "ok"
    return (
        f"{fault}; {len(printer.slips)} slips, {printer.bytes_received} bytes received; "
        f"NV memory: {len(printer.stored)} pictures, {printer.nv_free} bytes free"
    )


TYPED: dict[str, Callable[[VirtualPrinter], str]] = {
    "ok": _mend,
    "status": _status,
    "power-cycle": _power_cycle,
}
"""What may be typed while it runs, beside the names of faults."""


def _announce(slip: PrintedSlip) -> None:
    print(f"{slip.path} ({slip.picture.height} dots)", flush=True)
