"""`status` and `test-page`: what a printer says of itself, and what it really does."""

import argparse

from printer.commands.command import (
    CommandError,
    add_address,
    add_profile,
    chosen_profile,
    open_printer,
    unreachable,
)
from printer.profile import PAPER_DOTS, Profile
from printer.status import CAN_PRINT, Outcome, PrinterState


def add_status(command: argparse.ArgumentParser) -> None:
    """Set up `status`."""
    command.set_defaults(run=_status)
    add_address(command)


def add_test_page(command: argparse.ArgumentParser) -> None:
    """Set up `test-page`."""
    command.set_defaults(run=_test_page)
    add_address(command)
    add_profile(command)


def _status(options: argparse.Namespace) -> int:
    state = open_printer(options, Profile("any", PAPER_DOTS[80])).state()
    if state is PrinterState.UNREACHABLE:
        raise CommandError(unreachable(options.address))
    print(state.value)
    return 0 if state in CAN_PRINT else 1


def _test_page(options: argparse.Namespace) -> int:
    printer = open_printer(options, chosen_profile(options))
    outcome = printer.print_test_page()
    if outcome is Outcome.FAILED:
        state = printer.state()
        if state is PrinterState.UNREACHABLE:
            raise CommandError(unreachable(options.address))
        print(f"not printed: the printer is {state.value}")
    else:
        print(outcome.value)
    return 0 if outcome is Outcome.PRINTED else 1
