"""What the virtual printer suffers from, and the answers it then gives."""

from enum import Enum


class Fault(Enum):
    """A misfortune that the virtual printer can be told to have."""

    PAPER_OUT = "paper-out"
    NEAR_END = "near-end"
    COVER_OPEN = "cover-open"
    CUTTER_ERROR = "cutter-error"
    OVERHEATED = "overheated"
    OFFLINE = "offline"
    SILENT = "silent"
    """Takes bytes, prints nothing, answers nothing."""
    UNCONFIRMING = "unconfirming"
    """Prints and answers in real time, but never says that a slip is done."""
    CABLE_CUT = "cable-cut"
    """The line breaks after so many bytes, and stays broken."""


HOLDS_PAPER = frozenset(
    {
        Fault.PAPER_OUT,
        Fault.COVER_OPEN,
        Fault.CUTTER_ERROR,
        Fault.OVERHEATED,
        Fault.OFFLINE,
        Fault.SILENT,
    }
)
"""Faults that stop printing; what arrives waits in the buffer until they are mended."""

_FIXED = 0b0001_0010  # bits 1 and 4 of every real-time answer are on
_OFFLINE = 0b0000_1000

# The bits of the answers to DLE EOT 1 to 4. Bit positions from Epson's command reference.
_BITS: dict[Fault, tuple[int, int, int, int]] = {
    Fault.PAPER_OUT: (_OFFLINE, 0b0010_0000, 0, 0b0110_1100),
    Fault.NEAR_END: (0, 0, 0, 0b0000_1100),
    Fault.COVER_OPEN: (_OFFLINE, 0b0000_0100, 0, 0),
    Fault.CUTTER_ERROR: (_OFFLINE, 0b0100_0000, 0b0000_1000, 0),
    Fault.OVERHEATED: (_OFFLINE, 0b0100_0000, 0b0100_0000, 0),
    Fault.OFFLINE: (_OFFLINE, 0, 0, 0),
}


def realtime_answer(fault: Fault | None, n: int) -> bytes:
    """Return the answer to DLE EOT n; nothing where n is unknown or the printer is silent."""
    if fault is Fault.SILENT or not 1 <= n <= 4:
        return b""
    bits = _BITS.get(fault, (0, 0, 0, 0)) if fault else (0, 0, 0, 0)
    return bytes([_FIXED | bits[n - 1]])


def paper_answer(fault: Fault | None) -> bytes:
    """Return the answer to GS r 1: bits 0 and 1 near end, bits 2 and 3 end."""
    return b"\x03" if fault is Fault.NEAR_END else b"\x00"


IDENTITY = {65: "V1.0", 66: "ANKUNFT", 67: "VIRTUAL", 68: "000001"}
"""GS I n: firmware, maker, model, serial number."""


def identity_answer(n: int) -> bytes:
    """Return the answer to GS I n: ``5F .. 00`` for a name, one byte for a number."""
    if n in IDENTITY:
        return b"\x5f" + IDENTITY[n].encode() + b"\x00"
    return b"\x02" if n in (1, 49) else b"\x00"
