"""Replies typed by hand from the manuals' bit tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer.status import (
    FrameKind,
    PrinterState,
    Question,
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
