"""Transports: write, read, close; each knows one cable and no ESC/POS."""

from printer.transports.address import open_transport, parse_address
from printer.transports.transport import AddressError, PrinterUnreachableError, Transport

__all__ = [
    "AddressError",
    "PrinterUnreachableError",
    "Transport",
    "open_transport",
    "parse_address",
]
