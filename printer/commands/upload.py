"""`upload`: the pictures that slips share, into the memory of a printer that can keep them."""

import argparse

from printer.commands.command import (
    CommandError,
    add_address,
    add_profile,
    chosen_profile,
    open_printer,
    unreachable,
)
from printer.status import CAN_PRINT, PrinterState
from printer.transports import PrinterUnreachableError

_EXAMPLES = """\
examples:
  python -m printer upload "serial:///dev/ttyS0?baud=9600" --profile entrance.toml
  python -m printer upload tcp://192.168.1.40:9100 --profile entrance.toml

Needed once, and only where slips are compact (serial lines). What is kept already stays.

exit codes:
  0  the printer keeps what it has room for, the most used first
  1  the printer cannot print now, or does not say which pictures it keeps
  2  nobody could be asked, or the profile says that the printer keeps none
"""


def add_upload(command: argparse.ArgumentParser) -> None:
    """Set up `upload`."""
    command.set_defaults(run=_upload)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_address(command)
    add_profile(command)


def _upload(options: argparse.Namespace) -> int:
    profile = chosen_profile(options)
    if not profile.nv_graphics:
        raise CommandError(
            f"profile {profile.name!r} says that the printer keeps no pictures; "
            "find out with `probe`, or choose another --profile"
        )
    printer = open_printer(options, profile)
    state = printer.state()
    if state is PrinterState.UNREACHABLE:
        raise CommandError(unreachable(options.address))
    if state not in CAN_PRINT:
        print(f"nothing was sent: the printer is {state.value}: mend it and upload again")
        return 1
    try:
        held, wanted = printer.upload(_show)
    except PrinterUnreachableError as error:
        raise CommandError(f"{error}; what is kept stays: run `upload` again to go on") from None
    if not wanted:
        print("the printer does not say which pictures it keeps: nothing was sent")
        return 1
    print(f"{held} of {wanted} pictures are kept" + (", no room for more" * (held < wanted)))
    return 0


def _show(held: int, wanted: int) -> None:
    print(f"{held} of {wanted}", flush=True)
