"""What the virtual printer suffers from, and the status that it then gives."""

from enum import Enum


class Fault(Enum):
    """A misfortune that the virtual printer can be told to have."""

    PAPER_OUT = "paper-out"
    """No paper: says so, and holds what arrives until there is some."""
    NEAR_END = "near-end"
    """Prints, and says that the roll is nearly used up."""
    COVER_OPEN = "cover-open"
    """Says so, and holds what arrives until it is closed."""
    CUTTER_ERROR = "cutter-error"
    """The cutter is stuck: says so, and holds what arrives until it is freed."""
    CUTTER_JAMS = "cutter-jams"
    """Prints, and gets stuck at the next cut: cutter-error from then on."""
    OVERHEATED = "overheated"
    """The head is too hot: says so, and holds what arrives until it has cooled."""
    OFFLINE = "offline"
    """Offline for no reason that it gives; holds what arrives."""
    SILENT = "silent"
    """Takes bytes, prints nothing, answers nothing."""
    SLOW = "slow"
    """Prints 10 millimetres a second, whatever the timing says."""
    UNCONFIRMING = "unconfirming"
    """Prints and answers in real time, but never says that a slip is done."""
    MUTE_WRITING = "mute-writing"
    """Deaf and mute for three seconds after each write to its NV memory."""
    GARBAGE = "garbage"
    """Noise stands before and after each of its answers."""
    STALE = "stale"
    """An old status frame lies in the line whenever a connection opens."""
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

NOISE = b"\xff\x80\xc3\x9d"
"""No answer of a printer: bit 7 is off in all of them."""

STALE_FRAMES = b"\x18\x00\x0c\x0f\x1a"
"""An automatic status (offline, paper end) and an answer to DLE EOT 1 (offline), both old."""

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


# Bytes 1 to 3 of the automatic status: offline and cover; cutter and head; near end and end.
_AUTOMATIC: dict[Fault, tuple[int, int, int]] = {
    Fault.PAPER_OUT: (_OFFLINE, 0, 0b0000_1111),
    Fault.NEAR_END: (0, 0, 0b0000_0011),
    Fault.COVER_OPEN: (_OFFLINE | 0b0010_0000, 0, 0),
    Fault.CUTTER_ERROR: (_OFFLINE, 0b0000_1000, 0),
    Fault.OVERHEATED: (_OFFLINE, 0b0100_0000, 0),
    Fault.OFFLINE: (_OFFLINE, 0, 0),
}

ANNOUNCED = frozenset({Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.CUTTER_ERROR, Fault.OVERHEATED})
"""Faults that the offline response of GS ( H fn 49 tells of: cover, paper end, errors."""


def automatic_status(fault: Fault | None) -> bytes:
    """Return the four bytes of the automatic status (GS a)."""
    first, second, third = _AUTOMATIC.get(fault, (0, 0, 0)) if fault else (0, 0, 0)
    return bytes([0b0001_0000 | first, second, third, 0])


def offline_response(fault: Fault | None, *, cause: bool) -> bytes:
    """Return ``37 23 .. 00``, with five bytes between them if `cause` is asked for.

    The bytes differ from model to model. Here as on Epson's TM-L90 bit 0 of the fourth tells
    of the cutter, and nothing else is said: DLE EOT says it for all models.
    """
    cutter = 0x41 if fault is Fault.CUTTER_ERROR else 0x40
    return b"\x37\x23" + (bytes([0x40, 0x40, 0x40, cutter, 0x40]) if cause else b"") + b"\x00"
