"""The printer of the soak, in a process of its own: it prints, and keeps nothing.

`python -m tests.load.soak_printer` prints the address that it listens at.
"""

import sys

from printer.virtual_printer import PrintedSlip, VirtualPrinter


def main() -> None:
    """Print until nobody reads the line that it was started with any more."""

    def forget(_: PrintedSlip) -> None:
        printer._slips.clear()

    with VirtualPrinter(on_slip=forget) as printer:
        sys.stdout.write(f"{printer.address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
