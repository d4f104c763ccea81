"""The cable as the rest of the package sees it: write, read, close."""

from typing import Protocol


class PrinterUnreachableError(Exception):
    """The cable does not carry: nobody answers there, or the printer went away."""


class AddressError(ValueError):
    """An address that cannot be understood; the message says what is known."""


class Transport(Protocol):
    """An open line to one printer. Knows no ESC/POS."""

    @property
    def bytes_per_second(self) -> float | None:
        """What the line carries; None where it outruns every print head."""

    def write(self, data: bytes) -> None:
        """Send all of `data`, or raise PrinterUnreachableError with an unknown part sent."""

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return up to `limit` bytes; ``b""`` when nothing came within `timeout` seconds.

        Raises:
            PrinterUnreachableError: The line is dead.

        """

    def close(self) -> None:
        """Let go of the line; harmless when repeated."""


SLOWEST = 10_000
"""Bytes a second that a working printer takes on any line: a head that prints raster as wide
as 80 mm paper at 17 mm a second."""


def write_limit(size: int, stall: float) -> float:
    """Return how many seconds a whole write of `size` bytes may take; no write is unbounded."""
    return stall + size / SLOWEST
