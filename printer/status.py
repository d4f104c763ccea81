"""What a printer says of itself: reply bytes told apart by their bit patterns.

The patterns stand in the ESC/POS manuals (Epson appendix; Citizen manual 5.3), ``x`` is any bit:

=================  ==================================================================
``0xx1xx10``       answer to DLE EOT (real time)
``0xx1xx00``       first of the four bytes of an automatic status, the rest ``0xx0xxxx``
``0xx0xxxx``       answer to GS r (in queue order)
``37 .. 00``       response block, among them ``37 22 d1 d2 d3 d4 00``: the process id
``11`` ``13``      XON, XOFF
=================  ==================================================================

A printer may speak unasked, and a stale byte may lie in the line, so replies are found by
pattern and never by position.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum


class Outcome(Enum):
    """What became of one slip."""

    PRINTED = "printed"
    """The printer said, after the cut, that it had worked through the slip."""
    FAILED = "failed"
    """Nothing was sent: the slip may be printed elsewhere or later without a second copy."""
    UNCONFIRMED = "unconfirmed"
    """Something was sent and no answer came: only a person can say whether paper came out."""
    SENT = "sent"
    """All of it was sent to a printer that never answers (its profile says ``blind``)."""


class PrinterState(Enum):
    """How the printer is, worst news first where several are true."""

    READY = "ready"
    PAPER_LOW = "paper-low"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    CUTTER_ERROR = "cutter-error"
    OVERHEATED = "overheated"
    OFFLINE = "offline"
    SILENT = "silent"
    """The line is open and nobody answers: a fault, as far as anyone can tell."""
    UNREACHABLE = "unreachable"
    BLIND = "blind"
    """The line is open and the printer never answers, as its profile says."""
    LEFTOVERS = "leftovers"
    """It may hold the rest of a slip, and nothing but a person can say that it does not."""


CAN_PRINT = frozenset({PrinterState.READY, PrinterState.PAPER_LOW, PrinterState.BLIND})
"""The states in which a slip is sent at all."""


class Question(IntEnum):
    """The n of DLE EOT n."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4


class FrameKind(Enum):
    """What a reply is, as far as its bits tell."""

    REALTIME = "realtime"
    AUTOMATIC = "automatic"
    QUEUED = "queued"
    BLOCK = "block"
    FLOW = "flow"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Frame:
    """One reply cut out of the stream of bytes."""

    kind: FrameKind
    data: bytes


_BLOCK_HEADERS = frozenset({0x35, 0x37, 0x3B, 0x3D, 0x5F})
_FLOW = frozenset({0x11, 0x13})
_LONGEST_BLOCK = 96  # no known printer names itself at greater length; then it is noise


def parse_frames(received: bytes) -> tuple[Frame, ...]:
    """Cut what was received into replies; what lies unfinished at the end is left out."""
    return tuple(_frames(received))


def cut_frames(received: bytes) -> tuple[tuple[Frame, ...], bytes]:
    """Return the replies in what was received, and the bytes of one whose end has not come."""
    frames = parse_frames(received)
    return frames, received[sum(len(frame.data) for frame in frames) :]


def _frames(received: bytes) -> Iterator[Frame]:
    position = 0
    while position < len(received):
        byte = received[position]
        length = _frame_length(received, position)
        if length is None:
            return
        data = received[position : position + length]
        kind = _kind(byte)
        if kind is FrameKind.BLOCK and data[-1] != 0:
            kind = FrameKind.NOISE
        yield Frame(kind, data)
        position += length


def _kind(byte: int) -> FrameKind:
    if byte in _BLOCK_HEADERS:
        return FrameKind.BLOCK
    if byte in _FLOW:
        return FrameKind.FLOW
    if byte & 0b1001_0011 == 0b0001_0010:
        return FrameKind.REALTIME
    if byte & 0b1001_0011 == 0b0001_0000:
        return FrameKind.AUTOMATIC
    if byte & 0b1001_0000 == 0:
        return FrameKind.QUEUED
    return FrameKind.NOISE


def _frame_length(received: bytes, position: int) -> int | None:
    """Return how many bytes the reply at `position` has; None while its end has not come."""
    kind = _kind(received[position])
    if kind is FrameKind.BLOCK:
        block = received[position : position + _LONGEST_BLOCK]
        end = next((i for i, byte in enumerate(block) if byte < 0x20), None)
        if end is None:
            return None if len(block) < _LONGEST_BLOCK else 1
        # Between header and NUL all is printable: a header before anything else is noise, and
        # must not swallow the answers that follow it.
        return end + 1 if block[end] == 0 else 1
    if kind is FrameKind.AUTOMATIC:
        tail = received[position + 1 : position + 4]
        wrong = next((i for i, byte in enumerate(tail) if _kind(byte) is not FrameKind.QUEUED), -1)
        if wrong >= 0:
            return wrong + 1
        return 4 if len(tail) == 3 else None
    return 1


def parse_realtime(received: bytes) -> int | None:
    """Return the first answer to DLE EOT among the bytes, or None if there is none yet."""
    answers = (f.data[0] for f in parse_frames(received) if f.kind is FrameKind.REALTIME)
    return next(answers, None)


def parse_queued(received: bytes) -> int | None:
    """Return the first answer to GS r among the bytes, or None if there is none yet."""
    answers = (f.data[0] for f in parse_frames(received) if f.kind is FrameKind.QUEUED)
    return next(answers, None)


def parse_process_ids(received: bytes) -> tuple[bytes, ...]:
    """Return the four-byte ids that the printer echoed (GS ( H fn 48), in order."""
    return tuple(
        frame.data[2:6]
        for frame in parse_frames(received)
        if frame.kind is FrameKind.BLOCK and frame.data[:2] == b"\x37\x22" and len(frame.data) == 7
    )


def is_cleared(frame: Frame) -> bool:
    """Whether a reply says that the buffers are empty (DLE DC4 fn 8: ``37 25 00``)."""
    return frame.kind is FrameKind.BLOCK and frame.data == b"\x37\x25\x00"


def is_offline(frame: Frame) -> bool | None:
    """Whether a reply says that nothing is being printed now; None where it does not tell.

    Bit 3 in both: of the first byte of an automatic status, and of an answer to DLE EOT 1. An
    answer to another DLE EOT looks the same and tells something else.
    """
    if frame.kind is FrameKind.REALTIME or _is_whole_automatic(frame):
        return bool(frame.data[0] & 0b0000_1000)
    return None


def parse_automatic(frame: Frame) -> PrinterState | None:
    """Return the state that an automatic status tells, None where the reply is no whole one.

    Byte 1: bit 3 offline, bit 5 cover open. Byte 2: bit 3 cutter, bit 5 unrecoverable, bit 6
    recovers by itself. Byte 3: bits 0 and 1 near end, bits 2 and 3 end.
    """
    if not _is_whole_automatic(frame):
        return None
    first, errors, paper = frame.data[:3]
    findings = (
        (first & 0b0010_0000, PrinterState.COVER_OPEN),
        (paper & 0b0000_1100, PrinterState.PAPER_OUT),
        (errors & 0b0000_1000, PrinterState.CUTTER_ERROR),
        (errors & 0b0100_0000, PrinterState.OVERHEATED),
        (errors & 0b0010_0000 or first & 0b0000_1000, PrinterState.OFFLINE),
        (paper & 0b0000_0011, PrinterState.PAPER_LOW),
    )
    return next((state for bits, state in findings if bits), PrinterState.READY)


def _is_whole_automatic(frame: Frame) -> bool:
    return frame.kind is FrameKind.AUTOMATIC and len(frame.data) == 4


def queued_paper_end(answer: int) -> bool:
    """Whether an answer to GS r 1 says that the paper has run out (bits 2 and 3)."""
    return bool(answer & 0b0000_1100)


def parse_state(replies: Mapping[Question, int]) -> PrinterState:
    """Return the state that the answers to DLE EOT 1 to 4 tell, the worst one first.

    Args:
        replies: One answer byte per question; a question left out counts as good news.

    """
    cause = replies.get(Question.OFFLINE_CAUSE, 0)
    error = replies.get(Question.ERROR_CAUSE, 0)
    paper = replies.get(Question.PAPER, 0)
    findings = (
        (cause & 0b0000_0100, PrinterState.COVER_OPEN),
        (paper & 0b0110_0000 or cause & 0b0010_0000, PrinterState.PAPER_OUT),
        (error & 0b0000_1000, PrinterState.CUTTER_ERROR),
        (error & 0b0100_0000, PrinterState.OVERHEATED),
        (error & 0b0010_0000 or cause & 0b0100_0000, PrinterState.OFFLINE),
        (replies.get(Question.PRINTER, 0) & 0b0000_1000, PrinterState.OFFLINE),
        (paper & 0b0000_1100, PrinterState.PAPER_LOW),
    )
    return next((state for bits, state in findings if bits), PrinterState.READY)
