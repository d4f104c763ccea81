"""Transports: write, read, close; each knows one cable and no ESC/POS."""

from printer.transports.transport import AddressError, PrinterUnreachableError, Transport

__all__ = ["AddressError", "PrinterUnreachableError", "Transport"]
