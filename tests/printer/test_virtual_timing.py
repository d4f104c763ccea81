"""The virtual printer's pace, by a clock that passes when a test says so."""

import pytest

from printer.virtual.condition import Fault
from printer.virtual.pace import BUFFER_BYTES, Timing, Wire
from printer.virtual.reception import Reception
from tests.printer.virtual_machine import CUT, Desk, FakeClock

STATUS, READY = b"\x10\x04\x01", b"\x12"


class Cable:
    """A line whose other end has sent all it will send."""

    def __init__(self, data: bytes) -> None:
        self.left = data
        self.said = b""

    def fileno(self) -> int:
        return -1

    def read(self, limit: int) -> bytes | None:
        data, self.left = self.left[:limit], self.left[limit:]
        return data or None

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self, *, broken: bool) -> None: ...


def run(desk: Desk, reception: Reception, until: float, step: float = 0.004) -> bytes:
    """Serve one line until the clock is there; return all answers."""
    answers = b""
    while desk.clock.now < until:
        if reception.wants:
            reception.read(reception.wants)
        desk.clock.now += step
        answers += reception.deliver() + desk.machine.work()
    return answers


@pytest.mark.parametrize(("baud", "seconds"), [(9600, 1.0), (115_200, 1 / 12)])
def test_a_wire_carries_a_tenth_of_its_baud_rate(baud, seconds):
    clock = FakeClock()
    wire = Wire(Timing(baud=baud, clock=clock))
    wire.send(b"x" * 960)
    clock.now += seconds - 0.001
    assert wire.arrived() == b""
    clock.now += 0.002
    assert wire.arrived() == b"x" * 960
    assert wire.arrived() == b""


def test_a_reader_that_wakes_late_does_not_slow_the_wire_down():
    clock = FakeClock()
    wire = Wire(Timing(baud=9600, clock=clock))
    for _ in range(100):
        wire.send(b"123456789")
        clock.now = wire.due + 0.004
        assert wire.arrived()

    assert clock.now == pytest.approx(100 + 900 / 960 + 0.004, abs=0.005)


def test_without_timing_nothing_takes_any_time():
    desk = Desk()

    assert desk.send(b"A\n" + CUT + b"\x1dr1") == b"\x00"
    assert desk.machine.room is None


def test_paper_takes_the_time_of_the_head_and_the_fence_waits_for_it():
    """800 dots are 100 mm, half a second at 200 mm a second; then the cut."""
    desk = Desk(millimetres_a_second=200, cut_seconds=0.3)
    assert desk.send(b"\x1bJ\xc8" * 4 + CUT + b"\x1dr1") == b""
    answered = None
    while answered is None:
        desk.clock.now = desk.machine.wakes_at
        answered = desk.clock.now if desk.machine.work() else None

    assert answered == pytest.approx(100.8)


def test_status_is_answered_while_the_head_prints():
    desk = Desk(millimetres_a_second=200)
    desk.send(b"\x1bJ\xc8" * 4 + b"\x1dr1")

    assert desk.send(STATUS) == READY


def test_a_head_that_outruns_the_wire_is_done_when_the_last_row_has_come():
    """A raster of 200 rows needs 15 s at 9600 baud, and 0.125 s under the head."""
    desk = Desk(baud=9600, millimetres_a_second=200)
    head = b"\x1dv0\x00\x48\x00\xc8\x00"
    reception = Reception(
        Cable(head + bytes(72 * 200) + b"\x1dr1"), desk.machine, Timing(baud=9600, clock=desk.clock)
    )

    assert run(desk, reception, 100 + (8 + 72 * 200 + 2) / 960) == b""
    assert run(desk, reception, desk.clock.now + 0.05) == b"\x00"


def test_a_picture_larger_than_the_buffer_comes_through():
    desk = Desk(millimetres_a_second=200)
    picture = b"\x1dv0\x00\x48\x00\xff\x00" + bytes(72 * 255)
    reception = Reception(Cable(picture + CUT), desk.machine, Timing(clock=desk.clock))
    run(desk, reception, 103)

    assert len(picture) > 4 * BUFFER_BYTES
    assert desk.pieces[0].picture.height == 255


def test_a_full_printer_stops_reading_and_goes_on_when_it_is_mended():
    """9,996 line feeds of 2 dots are 12.5 s under the head."""
    desk = Desk(8, millimetres_a_second=200)
    desk.machine.fault = Fault.PAPER_OUT
    cable = Cable(b"\x1b3\x02" + b"\n" * 9996 + CUT)
    reception = Reception(cable, desk.machine, Timing(clock=desk.clock))
    run(desk, reception, 101)
    assert BUFFER_BYTES <= 10_003 - len(cable.left) <= BUFFER_BYTES + 64
    assert reception.wants == 0
    desk.machine.fault = None
    run(desk, reception, 113.4, step=0.05)
    assert desk.pieces == []
    run(desk, reception, 113.7, step=0.05)

    assert cable.left == b""
    assert desk.pieces[0].picture.height == 2 * 9996


def test_a_full_printer_still_answers_status_questions():
    desk = Desk(millimetres_a_second=200)
    desk.machine.fault = Fault.PAPER_OUT
    run(desk, Reception(Cable(b"A" * 4096), desk.machine, Timing(clock=desk.clock)), 101)
    assert desk.machine.room == 0
    asking = Reception(Cable(STATUS * 100), desk.machine, Timing(clock=desk.clock))

    assert run(desk, asking, 102) == b"\x1a" * 100


def test_clearing_makes_room_in_a_full_printer():
    desk = Desk(buffer_bytes=100)
    desk.machine.fault = Fault.PAPER_OUT
    reception = Reception(
        Cable(b"A" * 120 + b"\x10\x05\x02"), desk.machine, Timing(clock=desk.clock)
    )
    run(desk, reception, 101)

    assert desk.machine.room == 100


def test_a_printer_that_writes_to_its_memory_does_not_listen():
    desk = Desk(nv_seconds=0.5)
    define = b"\x1d(L\x0c\x00\x30\x43\x30A1\x01\x08\x00\x01\x00\x31\xff"
    cable = Cable(define + STATUS)
    reception = Reception(cable, desk.machine, Timing(clock=desk.clock))
    reception.read(len(define))
    reception.deliver()
    desk.machine.work()

    assert reception.wants == 0
    desk.clock.now += 0.5
    assert run(desk, reception, desk.clock.now + 0.1) == READY
