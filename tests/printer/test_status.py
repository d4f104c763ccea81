"""Replies typed by hand from the manuals' bit tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer.status import (
    Frame,
    FrameKind,
    PrinterState,
    Question,
    cut_frames,
    is_cleared,
    is_offline,
    parse_automatic,
    parse_frames,
    parse_process_ids,
    parse_queued,
    parse_realtime,
    parse_state,
    queued_paper_end,
)

FINE = dict.fromkeys(Question, 0x12)


@pytest.mark.parametrize(
    ("question", "answer", "state"),
    [
        (Question.PRINTER, 0x12, PrinterState.READY),
        (Question.PRINTER, 0x16, PrinterState.READY),  # only the drawer's pin is high
        (Question.PRINTER, 0x1A, PrinterState.OFFLINE),
        (Question.OFFLINE_CAUSE, 0x16, PrinterState.COVER_OPEN),
        (Question.OFFLINE_CAUSE, 0x32, PrinterState.PAPER_OUT),
        (Question.OFFLINE_CAUSE, 0x52, PrinterState.OFFLINE),
        (Question.ERROR_CAUSE, 0x1A, PrinterState.CUTTER_ERROR),
        (Question.ERROR_CAUSE, 0x52, PrinterState.OVERHEATED),
        (Question.ERROR_CAUSE, 0x32, PrinterState.OFFLINE),
        (Question.PAPER, 0x1E, PrinterState.PAPER_LOW),
        (Question.PAPER, 0x72, PrinterState.PAPER_OUT),
        (Question.PAPER, 0x7E, PrinterState.PAPER_OUT),
    ],
)
def test_one_answer_tells_one_state(question: Question, answer: int, state: PrinterState) -> None:
    assert parse_state({**FINE, question: answer}) is state


def test_the_cause_is_named_rather_than_offline() -> None:
    replies = {Question.PRINTER: 0x1A, Question.OFFLINE_CAUSE: 0x16, Question.PAPER: 0x7E}

    assert parse_state(replies) is PrinterState.COVER_OPEN


def test_an_automatic_status_is_not_taken_for_an_answer() -> None:
    """The frame 18 00 0C 0F made python-escpos report a printer as offline."""
    assert parse_realtime(b"\x18\x00\x0c\x0f") is None
    assert parse_queued(b"\x18\x00\x0c\x0f") is None
    assert parse_realtime(b"\x18\x00\x0c\x0f\x12") == 0x12
    assert parse_queued(b"\x18\x00\x0c\x0f\x00") == 0x00


def test_a_real_time_answer_cuts_into_an_automatic_status() -> None:
    assert parse_realtime(b"\x18\x00\x12\x0c\x0f") == 0x12


def test_flow_control_and_blocks_are_passed_over() -> None:
    received = b"\x13\x11" + b"\x5fTM-T20\x00" + b"\x37\x22\x30\x30\x31\x37\x00" + b"\x03"

    assert parse_queued(received) == 0x03
    assert parse_process_ids(received) == (b"0017",)


def test_an_unfinished_block_is_waited_for() -> None:
    assert parse_process_ids(b"\x37\x2200") == ()
    assert parse_frames(b"\x37\x2200") == ()


def test_an_endless_block_is_noise() -> None:
    frames = parse_frames(b"\x5f" + b"\x12" * 200)

    assert frames[0].data == b"\x5f"
    assert frames[1].kind is FrameKind.REALTIME


@pytest.mark.parametrize(("answer", "ended"), [(0x00, False), (0x03, False), (0x0C, True)])
def test_paper_end_is_read_from_the_queued_answer(answer: int, *, ended: bool) -> None:
    assert queued_paper_end(answer) is ended


@given(st.binary(max_size=40))
def test_no_bytes_upset_the_parser_and_none_are_invented(received: bytes) -> None:
    frames = parse_frames(received)

    assert received.startswith(b"".join(frame.data for frame in frames))


@given(st.lists(st.binary(max_size=6), max_size=8))
def test_replies_are_the_same_however_the_bytes_come_in_pieces(pieces: list[bytes]) -> None:
    whole, rest = cut_frames(b"".join(pieces))
    found: list[Frame] = []
    begun = b""
    for piece in pieces:
        frames, begun = cut_frames(begun + piece)
        found += frames

    assert (tuple(found), begun) == (whole, rest)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (b"\x10\x00\x00\x00", PrinterState.READY),
        (b"\x14\x00\x00\x0f", PrinterState.READY),  # only the drawer's pin is high
        (b"\x10\x00\x03\x00", PrinterState.PAPER_LOW),
        (b"\x18\x00\x0f\x00", PrinterState.PAPER_OUT),
        (b"\x38\x00\x00\x00", PrinterState.COVER_OPEN),
        (b"\x18\x08\x00\x00", PrinterState.CUTTER_ERROR),
        (b"\x18\x40\x00\x00", PrinterState.OVERHEATED),
        (b"\x18\x20\x00\x00", PrinterState.OFFLINE),
        (b"\x18\x00\x00\x00", PrinterState.OFFLINE),
    ],
)
def test_an_automatic_status_tells_one_state(status: bytes, state: PrinterState) -> None:
    (frame,) = parse_frames(status)

    assert parse_automatic(frame) is state
    assert is_offline(frame) is bool(status[0] & 0x08)


@pytest.mark.parametrize("reply", [b"\x00", b"\x37\x22JOB1\x00", b"\x10\x12", b"\x11"])
def test_what_is_no_status_tells_no_state(reply: bytes) -> None:
    frame = parse_frames(reply)[0]

    assert parse_automatic(frame) is None
    assert is_offline(frame) is None


def test_an_answer_in_real_time_tells_of_offline_too() -> None:
    assert [is_offline(frame) for frame in parse_frames(b"\x12\x1a")] == [False, True]


def test_only_the_printers_own_word_says_that_it_is_cleared() -> None:
    said = parse_frames(b"\x37\x25\x00\x37\x22JOB1\x00\x00\x12")

    assert [is_cleared(frame) for frame in said] == [True, False, False, False]


@pytest.mark.parametrize("noise", [b"\x37", b"\x5f", b"\x3b", b"\x3d\x35"])
def test_the_beginning_of_a_block_that_never_comes_swallows_no_answer(noise: bytes) -> None:
    assert parse_realtime(noise + b"\x12") == 0x12
