"""What the virtual printer says, by byte sequences typed from the manuals."""

import pytest

from printer.virtual.commands import RealTime, RealTimeReader
from printer.virtual.condition import NOISE, Fault
from tests.printer.virtual_machine import CUT, Desk

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 fn 8."""

KICK = b"\x10\x14\x01\x00\x02"
"""DLE DC4 fn 1: connector 2, 200 ms."""


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.PAPER_OUT, "18000f00"),
        (Fault.NEAR_END, "10000300"),
        (Fault.COVER_OPEN, "38000000"),
        (Fault.CUTTER_ERROR, "18080000"),
        (Fault.OVERHEATED, "18400000"),
        (Fault.OFFLINE, "18000000"),
    ],
)
def test_the_automatic_status_comes_when_it_is_asked_for_and_at_each_change(desk, fault, status):
    assert desk.send(b"\x1da\xff").hex() == "10000000"
    assert desk.machine.work() == b""
    desk.machine.fault = fault
    assert desk.machine.work().hex() == status
    assert desk.machine.work() == b""
    desk.machine.fault = None
    assert desk.machine.work().hex() == "10000000"


def test_the_automatic_status_can_be_switched_off_and_survives_initialising(desk):
    desk.send(b"\x1da\xff\x1b@")
    desk.machine.fault = Fault.NEAR_END
    assert desk.machine.work().hex() == "10000300"
    desk.send(b"\x1da\x00")
    desk.machine.fault = None
    assert desk.machine.work() == b""


def test_a_silent_printer_sends_no_automatic_status(desk):
    desk.send(b"\x1da\xff")
    desk.machine.fault = Fault.SILENT

    assert desk.machine.work() == b""


def test_paper_and_drawer_are_told_in_queue_order(desk):
    assert desk.send(b"\x1dr\x01\x1dr\x31\x1dr\x02\x1dr2") == b"\x00\x00\x00\x00"
    desk.machine.fault = Fault.NEAR_END
    assert desk.send(b"\x1dr\x01\x1dr\x02") == b"\x03\x00"


def test_names_and_numbers(desk):
    assert desk.send(b"\x1dI\x01\x1dI\x32\x1dI\x03") == b"\x01\x02\x01"
    assert desk.send(b"\x1dIA\x1dIB\x1dIC\x1dID\x1dIE") == (
        b"\x5fV1.0\x00\x5fANKUNFT\x00\x5fVIRTUAL\x00\x5f000001\x00\x5f\x00"
    )


def test_an_offline_response_comes_once_where_it_was_asked_for(desk):
    """GS ( H fn 49, d = 1: without the cause."""
    desk.send(b"\x1d(H\x03\x00\x31\x30\x01")
    desk.machine.fault = Fault.COVER_OPEN
    assert desk.machine.work() == b"\x37\x23\x00"
    assert desk.machine.work() == b""
    desk.machine.fault = None
    desk.machine.work()
    desk.send(b"\x1d(H\x03\x00\x31\x30\x30")
    desk.machine.fault = Fault.COVER_OPEN
    assert desk.machine.work() == b""


def test_an_offline_response_may_tell_the_cause(desk):
    desk.send(b"\x1d(H\x03\x00\x31\x302")
    desk.machine.fault = Fault.CUTTER_ERROR

    assert desk.machine.work() == b"\x37\x23\x40\x40\x40\x41\x40\x00"


@pytest.mark.parametrize(("clear", "answer"), [(CLEAR, b"\x37\x25\x00"), (b"\x10\x05\x02", b"")])
def test_clearing_drops_what_came_before_it_and_nothing_after(desk, clear, answer):
    desk.machine.fault = Fault.PAPER_OUT
    desk.send(b"old\n" + CUT)
    assert desk.send(b"old too\n" + clear + b"\x1b@new\n" + CUT) == answer
    desk.machine.fault = None
    desk.machine.work()

    assert [piece.text for piece in desk.pieces] == ["new"]


def test_clearing_drops_a_begun_line_and_keeps_the_settings(desk):
    desk.send(b"\x1bt\x2e\xcf")
    desk.send(CLEAR)

    assert desk.printed(b"\xd0\n").text.endswith("\u0420")  # still in CP1251
    assert desk.pieces[0].picture.getbbox()


def test_going_on_after_an_error_is_counted(desk):
    desk.send(b"\x10\x05\x01")

    assert desk.machine.resumed == 1


def test_a_drawer_is_kicked_in_real_time_even_from_inside_a_picture(desk):
    assert desk.printed(b"\x1dv0\x00\x05\x00\x01\x00" + KICK).drawer_kicks == 1


def test_real_time_pulses_can_be_forbidden(desk):
    desk.send(b"\x1d(D\x03\x00\x14\x01\x00")
    assert desk.printed(KICK + b"A\n").drawer_kicks == 0
    desk.send(b"\x1d(D\x03\x00\x14\x011")
    assert desk.printed(KICK + b"A\n").drawer_kicks == 1


def test_parameters_out_of_range_make_no_real_time_command():
    assert (
        RealTimeReader().feed(b"\x10\x04\x05\x10\x05\x03\x10\x14\x01\x02\x01\x10\x14\x08\x02") == []
    )


def test_the_longest_real_time_command_is_found_byte_by_byte():
    reader = RealTimeReader()

    assert [found for byte in CLEAR for found in reader.feed(bytes([byte]))] == [
        RealTime("DLE DC4", 8)
    ]


def test_a_cutter_that_jams_prints_the_slip_and_stops_at_the_cut(desk):
    desk.machine.fault = Fault.CUTTER_JAMS
    assert desk.send(b"\x10\x04\x01\x10\x04\x03") == b"\x12\x12"
    assert desk.send(b"A\n" + CUT + b"\x1dr1") == b""
    assert desk.send(b"\x10\x04\x01\x10\x04\x03") == b"\x1a\x1a"
    assert desk.pieces == []
    desk.machine.fault = None
    assert desk.machine.work() == b"\x00"
    assert [piece.text for piece in desk.pieces] == ["A"]


def test_a_fault_may_begin_after_some_slips(desk):
    desk.machine.break_after(2, Fault.PAPER_OUT)
    desk.send(b"A\n" + CUT + b"B\n" + CUT + b"C\n" + CUT)

    assert [piece.text for piece in desk.pieces] == ["A", "B"]
    assert desk.machine.fault is Fault.PAPER_OUT


def test_garbage_surrounds_answers_and_is_none_itself(desk):
    desk.machine.fault = Fault.GARBAGE

    assert desk.send(b"\x10\x04\x01") == NOISE + b"\x12" + NOISE
    assert desk.send(b"\x1dr1") == NOISE + b"\x00" + NOISE
    assert all(byte & 0x80 for byte in NOISE)


def test_a_slow_head_takes_its_time_without_any_timing(desk):
    desk.machine.fault = Fault.SLOW
    assert desk.send(b"\x1bJ\x50\x1dr1") == b""
    desk.clock.now += 0.9
    assert desk.machine.work() == b""
    desk.clock.now += 0.2  # 80 dots are 10 mm
    assert desk.machine.work() == b"\x00"


def test_mute_writing_keeps_quiet_for_three_seconds(desk):
    desk.machine.fault = Fault.MUTE_WRITING
    desk.send(b"\x1d(L\x0c\x00\x30\x43\x30A1\x01\x08\x00\x01\x00\x31\xff")
    desk.clock.now += 2.9
    assert desk.send(b"\x10\x04\x01") == b""
    desk.clock.now += 0.2
    assert desk.send(b"\x10\x04\x01") == b"\x12"


def test_a_power_cut_forgets_the_half_slip_and_the_automatic_status(desk):
    desk.send(b"\x1da\xff\x1bt\x2ehalf")
    desk.machine.power_cycle()
    desk.machine.fault = Fault.NEAR_END

    assert desk.send(b"\xcf\n" + CUT) == b""
    assert desk.pieces[0].text == "half╧"
