"""The virtual printer's decoder, by byte sequences typed from the manuals."""

import pytest

from printer.virtual.commands import Command, CommandReader, RealTime, RealTimeReader
from printer.virtual.condition import Fault
from printer.virtual.machine import Machine
from printer.virtual.paper import Paper, Piece


def commands(*pieces: bytes) -> list[Command]:
    reader = CommandReader()
    return [command for piece in pieces for command in reader.feed(piece)]


def printed(data: bytes, width: int = 576) -> Piece:
    paper, pieces = Paper(width), []
    for command in CommandReader().feed(data + b"\x1dVB\x00"):
        piece = paper.obey(command)
        if piece is not None:
            pieces.append(piece)
    return pieces[-1]


def ink(piece: Piece) -> tuple[int, int, int, int]:
    """Return the box around the ink: left, top, right, bottom."""
    return piece.picture.convert("L").point(lambda level: 255 - level).getbbox()


def test_commands_are_cut_by_their_lengths() -> None:
    data = b"\x1b@\x1bt.Hi\n\x1d!\x11\x1b$\x40\x01\x1dL\x08\x00\x1dVB\x00\x1dr1"

    assert commands(data) == [
        Command("ESC @"),
        Command("ESC t", b"."),
        Command("text", b"Hi"),
        Command("LF"),
        Command("GS !", b"\x11"),
        Command("ESC $", b"\x40\x01"),
        Command("GS L", b"\x08\x00"),
        Command("GS V", b"B\x00"),
        Command("GS r", b"1"),
    ]


def test_a_command_in_single_bytes_is_the_same_command() -> None:
    data = b"\x1dv0\x00\x02\x00\x02\x00\x10\x04\x01\xff\x1d(k\x03\x001Q0\x1dV\x00"
    whole = commands(data)

    assert commands(*(bytes([byte]) for byte in data)) == whole
    assert [command.name for command in whole] == ["GS v 0", "GS ( k", "GS V"]


def test_what_no_table_knows_is_reported() -> None:
    assert commands(b"\x1bZ") == [Command("unknown", b"\x1bZ")]
    assert commands(b"\x01") == [Command("unknown", b"\x01")]


def test_real_time_commands_are_found_inside_pictures_and_across_packets() -> None:
    reader = RealTimeReader()

    assert reader.feed(b"\x1dv0\x00\x02\x00\x01\x00\x10") == []
    assert reader.feed(b"\x04") == []
    assert reader.feed(b"\x02\x00\x10\x05\x02") == [RealTime("DLE EOT", 2), RealTime("DLE ENQ", 2)]
    assert reader.feed(b"\x00") == []


def test_a_raster_lands_dot_by_dot_at_the_margin() -> None:
    piece = printed(b"\x1dL\x10\x00\x1dv0\x00\x01\x00\x03\x00\xff\x81\xff")

    assert piece.picture.size == (576, 3)
    assert ink(piece) == (16, 0, 24, 3)
    assert [piece.picture.getpixel((x, 1)) for x in (16, 17, 22, 23)] == [0, 255, 255, 0]


def test_mode_3_doubles_a_raster_both_ways() -> None:
    piece = printed(b"\x1dv0\x03\x01\x00\x02\x00\x80\x01")

    assert piece.picture.size == (576, 4)
    assert ink(piece) == (0, 0, 16, 4)


def test_what_reaches_beyond_the_head_is_lost() -> None:
    assert printed(b"\x1dv0\x00\x02\x00\x01\x00\xff\xff", width=8).picture.size == (8, 1)


def test_feeds_are_exact() -> None:
    assert printed(b"\x1bJ\x0a\x1dv0\x00\x01\x00\x01\x00\x80").picture.height == 11
    assert printed(b"A\n").picture.height == 30
    assert printed(b"\x1b3\x18A\n").picture.height == 24
    assert printed(b"\x1b3\x00\x1d!\x11A\n").picture.height == 48


def test_text_is_decoded_by_the_selected_page() -> None:
    piece = printed(b"\x1bt\x2e\xcf\xf0\xe8\xe2\xb3\xf2 \xb4\n\x1bt\x10\xc4\x80\n")

    assert piece.text == "Привіт ґ\nÄ€"


def test_initialise_sets_the_page_back() -> None:
    """Page 0 again: the fault of python-escpos 3.1 would print garbage, and here it shows."""
    assert printed(b"\x1bt\x2e\xcf\n\x1b@\xcf\n").text == "П\n╧"


def test_text_stands_where_it_is_told() -> None:
    left, _, right, _ = ink(printed(b"\x1b$\x20\x01M\n"))

    assert 288 <= left < right <= 300


def test_reverse_fills_the_cell() -> None:
    assert ink(printed(b"\x1dB\x01 \n\x1dB\x00"))[2] == 12


def test_a_long_line_wraps_at_the_paper_edge() -> None:
    assert printed(b"A" * 49 + b"\n").picture.height == 60


def test_a_qr_code_is_drawn_from_its_content() -> None:
    store = b"https://ankunft.example"
    data = (
        b"\x1d(k\x04\x001A2\x00"
        b"\x1d(k\x03\x001C\x04"
        b"\x1d(k\x03\x001E1"
        b"\x1d(k" + (len(store) + 3).to_bytes(2, "little") + b"1P0" + store + b"\x1d(k\x03\x001Q0"
    )
    piece = printed(data)

    assert piece.qr_codes == ("https://ankunft.example",)
    assert piece.picture.height == 25 * 4  # version 2, level M holds 26 bytes
    assert ink(piece) == (0, 0, 100, 100)


def test_a_drawer_kick_is_noticed() -> None:
    assert printed(b"\x1bp0\x19\xfaA\n").drawer_kicks == 1


def test_a_cut_of_nothing_is_no_slip() -> None:
    pieces = []
    Machine(576, pieces.append).receive(b"\x1b@\x1dVB\x00")

    assert pieces == []


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (None, "12121212"),
        (Fault.PAPER_OUT, "1a32127e"),
        (Fault.NEAR_END, "1212121e"),
        (Fault.COVER_OPEN, "1a161212"),
        (Fault.CUTTER_ERROR, "1a521a12"),
        (Fault.OVERHEATED, "1a525212"),
        (Fault.OFFLINE, "1a121212"),
        (Fault.SILENT, ""),
    ],
)
def test_each_fault_answers_as_the_manual_says(fault: Fault | None, answers: str) -> None:
    machine = Machine(576, lambda _: None)
    machine.fault = fault

    assert machine.receive(b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04").hex() == answers


def test_queued_questions_are_answered_in_queue_order() -> None:
    machine = Machine(576, lambda _: None)

    assert machine.receive(b"A\n\x1d(H\x06\x00000042\x1dr1\x1dIC") == (
        b"\x37\x220042\x00\x00\x5fVIRTUAL\x00"
    )


def test_a_printer_that_confirms_nothing_still_prints_and_answers_in_real_time() -> None:
    pieces: list[Piece] = []
    machine = Machine(576, pieces.append)
    machine.fault = Fault.UNCONFIRMING

    assert machine.receive(b"A\n\x1dVB\x00\x1d(H\x06\x00000042\x1dr1\x10\x04\x01") == b"\x12"
    assert len(pieces) == 1


def test_without_paper_nothing_queued_is_answered_until_it_is_mended() -> None:
    machine = Machine(576, lambda _: None)
    machine.fault = Fault.PAPER_OUT

    assert machine.receive(b"A\n\x1dr1") == b""
    machine.fault = None
    assert machine.work() == b"\x00"


def test_clearing_forgets_half_a_picture() -> None:
    pieces = []
    machine = Machine(576, pieces.append)
    machine.receive(b"\x1dv0\x00\x48\x00\xff\x00half")
    machine.receive(b"\x10\x05\x02")
    machine.receive(b"\x1b@B\n\x1dVB\x00")

    assert [piece.text for piece in pieces] == ["B"]


def test_a_job_that_never_cuts_takes_no_more_memory_than_five_metres_of_paper() -> None:
    piece = printed(b"\x1bd\xff" * 500 + b"too far\n")

    assert piece.picture.height == 40_000
    assert piece.remarks == ("five metres without a cut: the rest is not drawn",)
