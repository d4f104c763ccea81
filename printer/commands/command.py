"""What the commands share: an error with a next step, and the options that name a printer."""

import argparse
import math
from functools import partial

from printer.address import parse_address
from printer.printer import Printer
from printer.profile import PAPER_DOTS, Profile, load_profile

LONGEST_PATIENCE = 3600
"""Seconds; whoever writes more has mistyped."""


class CommandError(Exception):
    """The command cannot be carried out; the message says why and what to do."""


def add_address(command: argparse.ArgumentParser) -> None:
    """Add the address of a printer, and how long it may take to answer."""
    command.add_argument(
        "address",
        help="tcp://HOST:9100, serial:///dev/ttyS0?baud=9600, usb:///dev/usb/lp0, "
        "file:///PATH, or virtual:",
    )
    command.add_argument(
        "--patience", type=_patience, default=3.0, metavar="SECONDS", help="time to answer (3)"
    )


def _patience(text: str) -> float:
    """Return seconds; none at all would find every printer silent, and days are a slip."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST_PATIENCE:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write seconds above 0 and up to {LONGEST_PATIENCE}"
        )
    return seconds


def count(text: str) -> int:
    """Return a whole number from 0 on, as argparse's `type` takes it."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number, 0 or more")
    return int(text)


def add_profile(command: argparse.ArgumentParser) -> None:
    """Add what the printer can do, and its paper where no profile is named."""
    command.add_argument("--profile", metavar="NAME", help="in assets/printers, or a .toml file")
    add_paper(command)


def add_paper(command: argparse.ArgumentParser) -> None:
    """Add the width of the paper."""
    command.add_argument("--paper", type=int, choices=sorted(PAPER_DOTS), default=80)


def open_printer(options: argparse.Namespace, profile: Profile) -> Printer:
    """Return the printer at the address of the options; raise AddressError."""
    line = parse_address(options.address)
    return Printer(partial(line, options.patience), profile, patience=options.patience)


def chosen_profile(options: argparse.Namespace) -> Profile:
    """Return the profile that the options name, or the one for any printer of their paper."""
    return load_profile(options.profile or f"generic-{options.paper}")


def unreachable(address: str) -> str:
    """Return what to say where nobody answers."""
    return f"no printer answers at {address}: is it on, and is the address right?"
