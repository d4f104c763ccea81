"""A printer object and a virtual printer with TCP between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from printer.artwork import Artwork
from printer.escpos_codec import Rendition
from printer.fence import job_ids
from printer.printer import Printer
from printer.profile import Clear, Profile
from printer.questions import ATTEMPTS, Clock
from printer.raster import measure
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.status import Outcome, PrinterState
from printer.transports import PrinterUnreachableError, Transport
from printer.virtual_printer import Fault, VirtualPrinter
from tests.printer.functions import LayOut

SOON = 10
"""Seconds that a test waits for what comes at once."""


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def printer(virtual: VirtualPrinter, able: Profile) -> Printer:
    return Printer(virtual.address, replace(able, speed=2000), patience=SOON)


@pytest.fixture
def impatient(virtual: VirtualPrinter, able: Profile) -> Printer:
    """A printer object that gives up after a twentieth of a second."""
    return Printer(virtual.address, replace(able, speed=100_000), patience=0.05)


def test_a_slip_comes_out_once_and_is_confirmed(
    printer: Printer, virtual: VirtualPrinter, slip: Slip, artwork: Artwork
) -> None:
    assert printer.print(slip) is Outcome.PRINTED

    (printed,) = virtual.wait_for_slips(1, SOON)
    design = draw_slip(lay_out(slip, 576, partial(measure, artwork)), artwork)
    assert printed.picture.tobytes() == design.tobytes()
    assert printed.shows(design.crop((0, 100, 576, 300)))
    assert not printed.shows(design.crop((0, 100, 576, 300)).rotate(180))
    assert virtual.job_began is not None


def test_slips_are_confirmed_by_process_id_and_by_queue_answer(
    virtual: VirtualPrinter, plain: Profile, able: Profile, slip: Slip
) -> None:
    for profile in (plain, able):
        printer = Printer(virtual.address, profile, rendition=Rendition.COMPACT, patience=SOON)
        assert printer.print(slip) is Outcome.PRINTED

    assert len(virtual.wait_for_slips(2, SOON)) == 2


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault.PAPER_OUT, PrinterState.PAPER_OUT),
        (Fault.COVER_OPEN, PrinterState.COVER_OPEN),
        (Fault.CUTTER_ERROR, PrinterState.CUTTER_ERROR),
        (Fault.OVERHEATED, PrinterState.OVERHEATED),
        (Fault.OFFLINE, PrinterState.OFFLINE),
        (Fault.SILENT, PrinterState.SILENT),
    ],
)
def test_a_printer_that_cannot_print_gets_nothing_but_questions(
    printer: Printer,
    impatient: Printer,
    virtual: VirtualPrinter,
    slip: Slip,
    fault: Fault | None,
    state: PrinterState,
) -> None:
    asker = impatient if fault is Fault.SILENT else printer
    virtual.fault = fault

    assert asker.state() is state
    assert asker.print(slip) is Outcome.FAILED
    assert virtual.bytes_received <= 24
    assert virtual.slips == []


def test_low_paper_prints_and_is_told(
    printer: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.fault = Fault.NEAR_END

    assert printer.state() is PrinterState.PAPER_LOW
    assert printer.print(slip) is Outcome.PRINTED


def test_a_mended_printer_prints_the_next_slip(
    printer: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.fault = Fault.PAPER_OUT
    assert printer.print(slip) is Outcome.FAILED
    virtual.fault = None

    assert printer.print(slip) is Outcome.PRINTED
    assert len(virtual.wait_for_slips(1, SOON)) == 1


def test_a_cable_cut_in_the_middle_is_unconfirmed_then_unreachable(
    printer: Printer, impatient: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.cut_after = 5000
    virtual.fault = Fault.CABLE_CUT

    assert printer.print(slip) is Outcome.UNCONFIRMED
    assert printer.state() is PrinterState.UNREACHABLE
    assert impatient.print(slip) is Outcome.FAILED
    assert virtual.slips == []


def test_half_a_slip_never_hangs_on_the_next_one(
    printer: Printer, virtual: VirtualPrinter, slip: Slip, laid_out: LayOut, artwork: Artwork
) -> None:
    virtual.cut_after = 20_000
    virtual.fault = Fault.CABLE_CUT
    assert printer.print(slip) is Outcome.UNCONFIRMED
    virtual.fault = None

    copy = replace(slip, number="J345", copy=2)
    assert printer.print(copy) is Outcome.PRINTED
    half, whole = virtual.wait_for_slips(2, SOON)
    design = draw_slip(laid_out(copy), artwork)
    assert whole.picture.tobytes() == design.tobytes()
    assert half.picture.height < design.height
    assert half.unknown == whole.unknown == ()


class Time:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.wait)


Says = dict[bytes, list[tuple[float, bytes]]]
"""What a printer answers to a command: seconds later, and the bytes."""

ASKED = [b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4)]
FINE: Says = {question: [(0, b"\x12")] for question in ASKED}
QUEUED = b"\x1dr1"
CLEAR = b"\x10\x05\x02"


class Line:
    """A line on which the test speaks for the printer, in a time of its own.

    A job is answered like the question that it ends with. What was on its way when the line is
    opened (`stale`) arrives at its time, asked or not.
    """

    bytes_per_second = None

    def __init__(
        self, time: Time, says: Says, *, stale: Sequence[tuple[float, bytes]] = ()
    ) -> None:
        self.sent: list[bytes] = []
        self.closed = False
        self._time = time
        self._says = dict(says)
        self._coming = [(time.now + delay, data) for delay, data in stale]

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        for asked, answers in self._says.items():
            if data.endswith(asked):
                self._coming += [(self._time.now + delay, answer) for delay, answer in answers]
        self._coming.sort()

    def read(self, limit: int, *, timeout: float) -> bytes:
        until = self._time.now + timeout
        if not self._coming or self._coming[0][0] > until:
            self._time.now = until
            return b""
        at, data = self._coming.pop(0)
        self._time.now = max(self._time.now, at)
        assert len(data) <= limit
        return data

    def close(self) -> None:
        self.closed = True

    @property
    def jobs(self) -> list[bytes]:
        return [data for data in self.sent if data.startswith(b"\x1b@")]


@pytest.fixture
def time() -> Time:
    return Time()


def scripted(time: Time, profile: Profile, *lines: Line, **options: Any) -> Printer:
    """Return a printer that opens these lines one after the other, and then the last again."""
    left = list(lines)
    return Printer(
        lambda: left.pop(0) if len(left) > 1 else left[0], profile, clock=time.clock, **options
    )


def test_the_buffer_is_cleared_only_after_an_unconfirmed_slip(
    slip: Slip, plain: Profile, time: Time
) -> None:
    """By DLE ENQ 2; never by DLE ENQ 1, which would print the rest of someone else's slip."""
    good = FINE | {QUEUED: [(0, b"\x00")]}
    lines = [Line(time, good), Line(time, FINE), Line(time, good), Line(time, good)]
    printer = scripted(time, plain, *lines)

    outcomes = [printer.print(slip) for _ in lines]

    assert outcomes == [Outcome.PRINTED, Outcome.UNCONFIRMED, Outcome.PRINTED, Outcome.PRINTED]
    assert [line.sent[0] == b"\x10\x05\x02" for line in lines] == [False, False, True, False]
    assert not any(b"\x10\x05\x01" in data for line in lines for data in line.sent)
    assert lines[2].sent[-2] == QUEUED
    assert lines[2].sent[-1].startswith(b"\x1b@\x1dVB\x00\x1b@")
    assert all(line.closed for line in lines)


def test_after_an_unconfirmed_slip_nothing_is_sent_until_an_empty_job_comes_back(
    slip: Slip, plain: Profile, time: Time
) -> None:
    lines = [Line(time, FINE), Line(time, FINE), Line(time, FINE)]
    printer = scripted(time, plain, *lines)
    assert printer.print(slip) is Outcome.UNCONFIRMED

    assert printer.print(slip) is Outcome.FAILED
    assert lines[1].jobs == []
    assert printer.state() is PrinterState.LEFTOVERS

    mended = Line(time, FINE | {QUEUED: [(0.5, b"\x00")]})
    printer._open = lambda: mended
    printer.tend()
    assert printer.state() is PrinterState.READY
    assert printer.print(slip) is Outcome.PRINTED
    assert len(mended.jobs) == 1


def test_an_idle_printer_is_emptied_once_and_not_again_and_again(
    slip: Slip, plain: Profile, time: Time
) -> None:
    """What somebody else has sent to it since, a test page or a slip, must not be dropped."""
    line = Line(time, FINE | {QUEUED: [(0, b"\x00")]})
    printer = scripted(time, plain, line, leftovers=True)
    for _ in range(3):
        printer.tend()
    assert line.sent.count(CLEAR) == 1

    assert printer.print(slip) is Outcome.PRINTED
    assert line.sent[-1].startswith(b"\x1b@\x1dVB\x00\x1b@")  # its half slip may hang out


def test_the_word_of_a_person_is_enough_where_nothing_else_clears_a_printer(
    slip: Slip, plain: Profile, time: Time
) -> None:
    line = Line(time, FINE | {QUEUED: [(0, b"\x00")]})
    printer = scripted(time, replace(plain, clear=Clear.NONE), line, leftovers=True)

    assert printer.print(slip) is Outcome.FAILED
    printer.tend()
    assert printer.state() is PrinterState.LEFTOVERS
    assert [data for data in line.sent if data not in ASKED] == []

    printer.confirm_empty()
    assert printer.state() is PrinterState.READY
    assert printer.print(slip) is Outcome.PRINTED


CLEARED = b"\x37\x25\x00"


@pytest.mark.parametrize(("answer", "jobs"), [([(0.1, CLEARED)], 1), ([], 0)])
def test_a_printer_that_says_when_it_is_cleared_must_say_so(
    slip: Slip, plain: Profile, time: Time, answer: list[tuple[float, bytes]], jobs: int
) -> None:
    clear = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
    line = Line(time, FINE | {QUEUED: [(0, b"\x00")], clear: answer})
    printer = scripted(time, replace(plain, clear=Clear.DC4), line, leftovers=True)

    assert printer.print(slip) is (Outcome.PRINTED if jobs else Outcome.FAILED)
    assert len(line.jobs) == jobs
    assert line.sent[0] == clear


def test_the_late_answer_of_an_old_job_is_not_taken_for_an_empty_printer(
    slip: Slip, plain: Profile, time: Time
) -> None:
    """GS r has no name on it: two answers to one question, and one of them is old."""
    line = Line(time, FINE | {QUEUED: [(0.001, b"\x00"), (0.01, b"\x00")]})
    printer = scripted(time, plain, line, leftovers=True)

    assert printer.print(slip) is Outcome.FAILED
    assert line.jobs == []


def test_the_echo_of_another_job_confirms_nothing(slip: Slip, able: Profile, time: Time) -> None:
    line = Line(time, FINE)
    printer = scripted(time, able, line)
    printer._ids = job_ids(0)
    echo = b"\x37\x22!!!\x21\x00"
    line._says[b"0!!!!"] = [(0.1, echo)]
    line._says[b'0!!!"'] = [(0.1, echo)]

    assert printer.print(slip) is Outcome.PRINTED
    assert printer.print(slip) is Outcome.UNCONFIRMED


def test_jobs_have_names_that_no_earlier_run_gave() -> None:
    names = list(islice(job_ids(94**4 - 2), 4))

    assert names == [b"~~~}", b"~~~~", b"!!!!", b'!!!"']
    assert next(job_ids()) != next(job_ids())


def test_no_confirmation_is_unconfirmed_and_nothing_is_sent_again(
    slip: Slip, plain: Profile, time: Time
) -> None:
    line = Line(time, FINE)

    assert scripted(time, plain, line).print(slip) is Outcome.UNCONFIRMED
    assert len(line.jobs) == 1
    # 110 mm of paper at 60 mm a second, and the patience of 3 seconds
    assert time.now == pytest.approx(110 / 60 + 3, abs=0.1)


def test_a_slow_line_has_its_time(slip: Slip, plain: Profile, time: Time) -> None:
    """9600 baud carry 960 bytes a second; a drawn slip is forced onto it."""
    line = Line(time, FINE)
    line.bytes_per_second = 960  # type: ignore[assignment]
    scripted(time, plain, line, rendition=Rendition.DRAWN).print(slip)

    (job,) = line.jobs
    assert time.now == pytest.approx(len(job) / 960 + 110 / 60 + 3, abs=0.1)


def test_a_slip_is_one_write(slip: Slip, plain: Profile, time: Time) -> None:
    line = Line(time, FINE | {QUEUED: [(0.4, b"\x00")]})

    assert scripted(time, plain, line).print(slip) is Outcome.PRINTED
    assert line.sent == [*ASKED, *line.jobs]
    assert len(line.jobs) == 1


OFF = b"\x1a"


@pytest.mark.parametrize(
    "stale",
    [
        [(0, OFF)],
        [(0.005, OFF)],
        [(0.012, OFF)],
        [(0.035, OFF)],
        [(0, b"\x18\x00\x0c\x0f")],
        [(0, b"\x18\x00"), (0.005, b"\x0c\x0f")],
        [(0, b"\x18\x00\x0c"), (0.005, b"\x0f\x1a")],
        [(0, b"\x5f"), (0.001, b"\x37")],
        [(0, b"\xff\x80\xc3\x9d")],
    ],
    ids=lambda stale: " ".join(f"{data.hex()}@{at}" for at, data in stale),
)
def test_what_was_said_before_the_question_is_not_taken_for_news(
    slip: Slip, plain: Profile, time: Time, stale: list[tuple[float, bytes]]
) -> None:
    """Old words of an offline printer, lying in the line or still on their way; it is online."""
    says: Says = {question: [(0.01, b"\x12")] for question in ASKED}
    says[QUEUED] = [(0.5, b"\x00")]
    printer = scripted(time, plain, Line(time, says, stale=stale))
    assert printer.state() is PrinterState.READY

    printer = scripted(time, plain, Line(time, says, stale=stale))
    assert printer.print(slip) is Outcome.PRINTED


def test_a_printer_that_babbles_is_taken_at_its_last_word(time: Time, plain: Profile) -> None:
    says: Says = {question: [(0, b"\x12"), (0.001, b"\x12")] for question in ASKED}
    line = Line(time, says)

    assert scripted(time, plain, line).state() is PrinterState.READY
    assert line.sent == ASKED * ATTEMPTS


def test_an_old_answer_is_found_out_also_where_the_kiosk_is_slower_than_the_line(
    time: Time, plain: Profile
) -> None:
    """The true answer to the first question lies in the line when the second is asked."""

    class Slow(Line):
        def write(self, data: bytes) -> None:
            super().write(data)
            time.wait(0.02)

    says: Says = {question: [(0.03, b"\x12")] for question in ASKED}
    line = Slow(time, says, stale=[(0.02, OFF)])

    assert scripted(time, plain, line).state() is PrinterState.READY


def test_a_printer_that_comes_back_over_a_slip_has_all_its_time(
    slip: Slip, plain: Profile, time: Time
) -> None:
    offline, online = b"\x18\x00\x00\x00", b"\x10\x00\x00\x00"
    says = FINE | {QUEUED: [(0.3, offline), (0.9, online), (4.0, b"\x00")]}

    assert scripted(time, plain, Line(time, says)).print(slip) is Outcome.PRINTED


@pytest.mark.parametrize(
    ("asked", "unasked", "until"),
    [([(0, OFF)], [], 1.52), ([], [(0.3, b"\x18\x00\x0c\x00")], 1.32)],
    ids=["it says so when it is asked", "it says so by itself"],
)
def test_a_printer_that_goes_offline_over_a_slip_is_not_waited_for(
    slip: Slip,
    plain: Profile,
    time: Time,
    asked: list[tuple[float, bytes]],
    unasked: list[tuple[float, bytes]],
    until: float,
) -> None:
    line = Line(time, FINE)

    def encode(*_: object) -> bytes:
        line._says |= {ASKED[0]: asked, b"slip": unasked}
        return b"\x1b@slip"

    printer = scripted(time, plain, line)
    printer._encode_slip = encode  # type: ignore[method-assign]

    assert printer.print(slip) is Outcome.UNCONFIRMED
    assert time.now == pytest.approx(until, abs=0.01)


def test_paper_that_ran_out_during_the_slip_leaves_it_unconfirmed(
    slip: Slip, plain: Profile, time: Time
) -> None:
    """GS r 1 answers with bits 2 and 3: whether the last line came out nobody knows."""
    line = Line(time, FINE | {QUEUED: [(0.2, b"\x0c")]})

    assert scripted(time, plain, line).print(slip) is Outcome.UNCONFIRMED


def test_a_blind_printer_gets_the_slip_and_no_question(
    slip: Slip, plain: Profile, time: Time
) -> None:
    line = Line(time, {})
    printer = scripted(time, replace(plain, blind=True), line)

    assert printer.state() is PrinterState.BLIND
    assert [printer.print(slip), printer.print(slip)] == [Outcome.SENT, Outcome.SENT]
    assert line.sent == line.jobs
    assert time.now < 0.1


def test_a_blind_printer_that_may_hold_half_a_slip_is_cleared_without_a_question(
    slip: Slip, plain: Profile, time: Time
) -> None:
    line = Line(time, {})
    printer = scripted(time, replace(plain, blind=True), line, leftovers=True)
    printer.tend()

    assert printer.print(slip) is Outcome.SENT
    assert line.sent == [b"\x10\x05\x02", *line.jobs]


def test_a_printer_that_is_busy_is_tried_again_with_growing_pauses(
    slip: Slip, plain: Profile, time: Time
) -> None:
    tries: list[float] = []
    line = Line(time, FINE | {QUEUED: [(0, b"\x00")]})

    def busy() -> Transport:
        tries.append(round(time.now, 3))
        if len(tries) < 4:
            raise PrinterUnreachableError("connection refused")
        return line

    printer = Printer(busy, plain, clock=time.clock)
    assert printer.print(slip) is Outcome.PRINTED
    assert tries == [0.0, 0.1, 0.3, 0.7]


def test_a_busy_printer_that_hangs_up_at_once_is_tried_again(
    slip: Slip, plain: Profile, time: Time
) -> None:
    class HangsUp(Line):
        def read(self, limit: int, *, timeout: float) -> bytes:
            raise PrinterUnreachableError(f"closed ({limit} bytes, {timeout} s)")

    busy = [HangsUp(time, {}), HangsUp(time, {})]
    free = Line(time, FINE | {QUEUED: [(0, b"\x00")]})

    assert scripted(time, plain, *busy, free).print(slip) is Outcome.PRINTED
    assert [line.closed for line in (*busy, free)] == [True, True, True]
    assert [line.jobs for line in busy] == [[], []]


def test_a_printer_that_stays_busy_is_given_up_within_the_patience(
    slip: Slip, plain: Profile, time: Time
) -> None:
    tries: list[float] = []

    def busy() -> Transport:
        tries.append(round(time.now, 3))
        raise PrinterUnreachableError("connection refused")

    printer = Printer(busy, plain, clock=time.clock, patience=3)
    assert printer.print(slip) is Outcome.FAILED
    assert tries == [0.0, 0.1, 0.3, 0.7, 1.5]
    printer.tend()
    assert printer.state() is PrinterState.UNREACHABLE


def test_nobody_at_the_address_is_a_failure_and_no_exception(able: Profile, slip: Slip) -> None:
    with VirtualPrinter() as gone:
        address = gone.address
    printer = Printer(address, able, patience=0)

    assert printer.state() is PrinterState.UNREACHABLE
    assert printer.print(slip) is Outcome.FAILED


def test_a_line_that_dies_before_the_question_sends_nothing(able: Profile, slip: Slip) -> None:
    def dead() -> Transport:
        raise PrinterUnreachableError("no printer at the end of this line")

    assert Printer(dead, able, patience=0).print(slip) is Outcome.FAILED


def test_pictures_of_slips_lie_in_the_folder(able: Profile, slip: Slip, tmp_path: Path) -> None:
    with VirtualPrinter(out=tmp_path / "slips") as virtual:
        Printer(virtual.address, able, patience=SOON).print(slip)
        (printed,) = virtual.wait_for_slips(1, SOON)

    assert printed.path == tmp_path / "slips" / "slip-0001.png"
    assert printed.path.stat().st_size > 1000


def test_waiting_for_a_slip_that_never_comes_ends() -> None:
    with VirtualPrinter() as virtual, pytest.raises(TimeoutError, match="0 of 1 slips"):
        virtual.wait_for_slips(1, 0.01)
