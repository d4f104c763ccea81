"""`status`: what a printer says of itself."""

import argparse

from printer.address import parse_address
from printer.commands.command import CommandError, add_address, open_printer, unreachable
from printer.profile import PAPER_DOTS, Profile
from printer.status import CAN_PRINT, PrinterState
from printer.transports import PrinterUnreachableError

_EXAMPLES = """\
examples:
  python -m printer status tcp://192.168.1.40:9100
  python -m printer status "serial:///dev/ttyS0?baud=115200&flow=rtscts"
  python -m printer status usb:///dev/usb/lp0

exit codes:
  0  the printer can print (ready, paper-low)
  1  the printer cannot print (paper-out, cover-open, ...), or never answered (silent)
  2  nobody could be asked: a wrong address, an unreachable printer
"""


def add_status(command: argparse.ArgumentParser) -> None:
    """Set up `status`."""
    command.set_defaults(run=_status)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_address(command)


def _status(options: argparse.Namespace) -> int:
    state = open_printer(options, Profile("any", PAPER_DOTS[80])).state()
    if state is PrinterState.UNREACHABLE:
        raise CommandError(_reason(options))
    print(state.value)
    return 0 if state in CAN_PRINT else 1


def _reason(options: argparse.Namespace) -> str:
    """Return why nobody could be asked: what the system says of the line, and the next step."""
    try:
        parse_address(options.address)(options.patience).close()
    except PrinterUnreachableError as error:
        return f"{error}: is it on, and is the address right?"
    return unreachable(options.address)
