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


CAN_PRINT = frozenset({PrinterState.READY, PrinterState.PAPER_LOW})
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


def _frames(received: bytes) -> Iterator[Frame]:
    position = 0
    while position < len(received):
        byte = received[position]
        length = _frame_length(received, position)
        if length is None:
            return
        data = received[position : position + length]
        yield Frame(_kind(byte), data)
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
        end = received.find(0, position, position + _LONGEST_BLOCK)
        if end < 0:
            return None if len(received) - position < _LONGEST_BLOCK else 1
        return end - position + 1
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
