import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from printer import stockroom as module
from printer.artwork import Artwork
from printer.escpos_codec import Rendition, encode_slip
from printer.nv_graphics import define, delete
from printer.printer import Printer
from printer.profile import Profile
from printer.questions import Clock
from printer.slip import Slip
from printer.status import Outcome
from printer.stock import LABEL, stock_for
from printer.stockroom import Stockroom
from printer.transports import PrinterUnreachableError
from printer.virtual.commands import CommandReader
from printer.virtual.machine import Machine
from printer.virtual.roll import Piece
from tests.printer.functions import LayOut

USE = """\
languages = ["uk", "ar"]
parties = [[1, 2], [1, 0]]
routes = [[["tree", "1"]], [["tree", "1"], ["fish", "2"]]]
"""


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.pass_by)


class Wire:
    """A serial line to a virtual printer in this process; its silence takes no time."""

    bytes_per_second = 960.0

    def __init__(self, machine: Machine, time: Time) -> None:
        self.machine = machine
        self.sent = b""
        self.alive = True
        self._time = time
        self._coming = b""

    def write(self, data: bytes) -> None:
        if not self.alive:
            raise PrinterUnreachableError("cable cut")
        self.sent += data
        self._coming += self.machine.receive(data)

    def read(self, limit: int, *, timeout: float) -> bytes:
        coming, self._coming = self._coming[:limit], self._coming[limit:]
        if not coming:
            self._time.now += timeout
        return coming

    def close(self) -> None:
        pass

    def take_sent(self) -> list[str]:
        """Return the names of the commands sent since the last call."""
        sent, self.sent = self.sent, b""
        return [f"{c.name} {c.data[1:2].hex()}" for c in CommandReader().feed(sent)]


@pytest.fixture(autouse=True)
def small_stock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "use.toml"
    path.write_text(USE, encoding="utf-8")
    monkeypatch.setattr(module, "stock_for", partial(stock_for, use=path))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pieces() -> list[Piece]:
    return []


@pytest.fixture
def wire(time: Time, pieces: list[Piece]) -> Wire:
    return Wire(Machine(576, pieces.append), time)


@pytest.fixture
def room(able: Profile, artwork: Artwork, time: Time) -> Stockroom:
    return Stockroom(able, artwork, clock=time.clock)


def fill(room: Stockroom, wire: Wire) -> int:
    """Return how many steps it took until nothing was left to do."""
    room.ask(wire)
    steps = 1
    while room.put_next(wire):
        steps += 1
        assert steps < 50
    return steps


def test_a_new_printer_is_filled_step_by_step_and_holds_all(room: Stockroom, wire: Wire) -> None:
    steps = fill(room, wire)

    assert len(room.held) == room.wanted
    assert steps == 1 + room.wanted  # the labels, then each picture


def test_a_filled_printer_is_known_by_its_keys_alone(
    room: Stockroom, wire: Wire, able: Profile, artwork: Artwork, time: Time
) -> None:
    fill(room, wire)
    another_day = Stockroom(able, artwork, clock=time.clock)

    assert not another_day.held
    another_day.ask(wire)
    assert another_day.held == room.held
    assert not another_day.put_next(wire)


def test_nothing_of_another_stock_is_taken_for_ours(room: Stockroom, wire: Wire) -> None:
    """Its keys mean other pictures: a sentence in another language, perhaps."""
    fill(room, wire)
    label = next(key for key in room._stock.labels)
    other = bytes([label[0], label[1] % 0x7E + 1 if label[1] < 0x7E else 0x21])
    wire.machine.receive(delete(label) + define(other, LABEL))
    wire.take_sent()

    room.ask(wire)
    assert not room.held
    assert room.put_next(wire)
    names = wire.take_sent()
    assert names.count("GS ( L 42") == room.wanted + 1  # each old picture, and the wrong label
    assert "GS ( L 43" not in names
    fill(room, wire)
    assert len(room.held) == room.wanted


def test_a_half_told_name_is_no_name(room: Stockroom, wire: Wire) -> None:
    """Power failed between two labels, or one was deleted by a technician."""
    fill(room, wire)
    wire.machine.receive(delete(next(iter(room._stock.labels))))

    room.ask(wire)
    assert not room.held
    fill(room, wire)
    assert len(room.held) == room.wanted


def test_the_logo_of_a_shop_is_left_alone(room: Stockroom, wire: Wire) -> None:
    wire.machine.receive(define(b"G1", LABEL) + define(b"x~", LABEL))

    fill(room, wire)

    assert b"G1" in room._listed
    assert len(room.held) == room.wanted


def test_a_full_memory_is_filled_with_what_is_worth_most(
    able: Profile, artwork: Artwork, time: Time
) -> None:
    wire = Wire(Machine(576, lambda _: None, nv_bytes=6000), time)
    wire.machine._paper.graphics._memory.capacity = 6000
    room = Stockroom(able, artwork, clock=time.clock)

    fill(room, wire)

    assert 0 < len(room.held) < room.wanted
    most_worth = next(iter(room._stock.keys))
    assert most_worth in room.held
    assert not room.put_next(wire)


def test_a_printer_that_says_nothing_gets_nothing_but_the_questions(
    room: Stockroom, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    mute = Wire(Machine(576, lambda _: None), time)
    mute.machine.receive = lambda _: b""

    with caplog.at_level(logging.WARNING):
        room.ask(mute)

    assert not room.asked
    assert not room.put_next(mute)
    assert mute.take_sent() == ["GS ( L 40"]
    assert "does not say" in caplog.text


def test_a_printer_that_keeps_nothing_it_is_given_is_not_asked_for_ever(
    room: Stockroom, wire: Wire
) -> None:
    answers: Callable[[bytes], bytes] = wire.machine.receive
    wire.machine.receive = lambda data: b"" if b"0C0" in data[:9] else answers(data)

    assert fill(room, wire) == 1
    assert not room.held


def test_a_profile_without_memory_is_never_asked(
    able: Profile, artwork: Artwork, wire: Wire
) -> None:
    room = Stockroom(replace(able, nv_graphics=False), artwork)
    room.ask(wire)

    assert not room.put_next(wire)
    assert not room.due
    assert wire.sent == b""


def test_by_the_way_it_puts_at_most_ten_pictures_a_day(
    room: Stockroom, wire: Wire, time: Time
) -> None:
    for _ in range(24 * 60):
        room.tend(wire)
        time.pass_by(60)

    assert 9 <= wire.take_sent().count("GS ( L 43") - 4 + 1 <= 10  # four labels are one step


def test_a_slip_is_printed_from_memory_dot_for_dot(
    room: Stockroom,
    wire: Wire,
    laid_out: LayOut,
    slip: Slip,
    pieces: list[Piece],
) -> None:
    profile, artwork, layout = room._profile, room._artwork, laid_out(slip)
    send = partial(encode_slip, layout, profile, artwork, rendition=Rendition.COMPACT)
    fill(room, wire)
    plain, short = send(), send(stored=room.held)
    wire.write(plain + short)
    sent, kept = pieces

    assert len(short) <= 700 < len(plain)
    assert kept.picture.tobytes() == sent.picture.tobytes()
    assert kept.unknown == kept.remarks == ()


def test_a_printer_uses_its_memory_only_as_long_as_it_is_surely_the_same(
    able: Profile, artwork: Artwork, wire: Wire, slip: Slip, time: Time, pieces: list[Piece]
) -> None:
    printer = Printer(lambda: wire, able, artwork=artwork, clock=time.clock)
    held, wanted = printer.upload(lambda *_: None)
    assert held == wanted > 0
    sizes = []

    def size_of_next() -> None:
        wire.sent = b""
        assert printer.print(slip) is Outcome.PRINTED
        sizes.append(len(wire.sent))

    size_of_next()
    wire.alive = False
    assert printer.print(slip) is Outcome.FAILED
    wire.alive = True  # whatever was plugged in meanwhile
    size_of_next()
    printer.tend()
    size_of_next()

    assert sizes[0] == sizes[2] < 800 < sizes[1]
    assert {(piece.unknown, piece.remarks) for piece in pieces} == {((), ())}


def test_a_drawn_slip_needs_no_memory_and_its_printer_is_not_asked(
    able: Profile, artwork: Artwork, wire: Wire, time: Time
) -> None:
    wire.bytes_per_second = None
    printer = Printer(lambda: wire, able, artwork=artwork, clock=time.clock)

    printer.tend()
    printer.tend()

    assert "GS ( L 40" not in wire.take_sent()
