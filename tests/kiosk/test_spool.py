import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from kiosk import spool as spool_module
from kiosk.contract.messages import CheckIn, SlipState
from kiosk.front_desk import JournalThread
from kiosk.journal import Journal, JournalError, SlipRecord
from kiosk.spool import Spool
from printer.sample import load_directions
from printer.slip import Bilingual, Slip
from printer.status import Outcome
from tests.kiosk.arrivals import ENROLMENT, issue
from tests.kiosk.loopback import WAIT_SECONDS


def slip(number: str) -> Slip:
    return Slip(
        number=number,
        language="de",
        language_name="Deutsch",
        right_to_left=False,
        site_name="Info-Point",
        printed_at="",
        heading=Bilingual("Ihre Nummer", ""),
        adults=1,
        children=0,
        places=(),
        waiting=None,
        follow=None,
        ticket_url=None,
        keep=Bilingual("Bitte behalten", ""),
    )


class Paper:
    """A printer that ends as it is told, and may be held in the middle of a slip."""

    def __init__(self) -> None:
        self.copies: list[tuple[str, int]] = []
        self.ends: list[Outcome | Exception] = []
        self.condition = "ready"
        self.tended = 0
        self.emptied = 0
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()

    def prepare(self) -> None:
        """Nothing to load."""

    def print(self, slip: Slip) -> Outcome:
        self.copies.append((slip.number, slip.copy))
        self.begun.release()
        assert self.go_on.wait(WAIT_SECONDS)
        end = self.ends.pop(0) if self.ends else Outcome.PRINTED
        if isinstance(end, Exception):
            raise end
        return end

    def report(self) -> str:
        return self.condition

    def tend(self) -> None:
        self.tended += 1

    def confirm_empty(self) -> None:
        self.emptied += 1


@dataclass
class Bench:
    """A spool with its printer and its journal, and a way to wait for what it says."""

    spool: Spool
    paper: Paper
    journal: JournalThread
    ended: threading.Semaphore
    changed: threading.Semaphore

    def put(self) -> CheckIn:
        (made,) = self.journal(issue)
        self.spool.put(made.id, slip(made.number))
        return made

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.ended.acquire(timeout=WAIT_SECONDS)

    def record(self, check_in: UUID) -> SlipRecord:
        return self.journal(lambda journal: journal.slip(check_in))


@pytest.fixture
def bench(folder: Path) -> Iterator[Bench]:
    journal = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    ended, changed = threading.Semaphore(0), threading.Semaphore(0)
    paper = Paper()
    spool = Spool(
        paper, journal=journal, on_outcome=ended.release, on_printer_state=changed.release
    )
    spool.start()
    yield Bench(spool, paper, journal, ended, changed)
    paper.go_on.set()
    spool.close()
    journal.close()


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (Outcome.PRINTED, SlipState.PRINTED),
        (Outcome.FAILED, SlipState.FAILED),
        (Outcome.UNCONFIRMED, SlipState.UNCONFIRMED),
        (RuntimeError("the codec stumbled"), SlipState.UNCONFIRMED),
    ],
)
def test_a_slip_ends_as_the_printer_says(
    bench: Bench, end: Outcome | Exception, state: SlipState
) -> None:
    bench.paper.ends = [end]

    made = bench.put()
    bench.wait()

    assert bench.spool.state(made.id) is state
    assert (bench.record(made.id).state, bench.record(made.id).copies) == (state, 1)
    assert bench.paper.copies == [("D101", 1)]


def test_a_slip_waits_is_sent_and_is_printed(bench: Bench) -> None:
    bench.paper.go_on.clear()
    first = bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    second = bench.put()

    assert bench.spool.state(first.id) is SlipState.SENDING
    assert bench.spool.state(second.id) is SlipState.WAITING
    assert bench.record(first.id).state is SlipState.SENDING

    bench.paper.go_on.set()
    bench.wait(2)
    assert bench.paper.copies == [("D101", 1), ("D102", 1)]
    assert bench.spool.state(second.id) is SlipState.PRINTED


def test_a_printer_that_raises_prints_the_next_slip(bench: Bench) -> None:
    bench.paper.ends = [OSError("cable"), Outcome.PRINTED]

    bench.put()
    second = bench.put()
    bench.wait(2)

    assert bench.spool.state(second.id) is SlipState.PRINTED


def test_a_slip_whose_party_has_gone_is_never_printed(bench: Bench) -> None:
    bench.paper.go_on.clear()
    bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    gone = bench.put()
    bench.spool.party_left(gone.id)

    bench.paper.go_on.set()
    bench.wait(2)

    assert bench.paper.copies == [("D101", 1)]
    assert bench.record(gone.id).state is SlipState.FAILED
    assert bench.record(gone.id).copies == 0


def test_a_slip_whose_party_leaves_while_it_prints_keeps_its_outcome(bench: Bench) -> None:
    bench.paper.go_on.clear()
    made = bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    bench.spool.party_left(made.id)
    bench.paper.go_on.set()
    bench.wait()

    assert bench.record(made.id).state is SlipState.PRINTED
    assert bench.spool._slips == bench.spool._states == {}


def test_yes_settles_an_unconfirmed_slip(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED]
    made = bench.put()
    bench.wait()

    bench.spool.came_out(made.id, came_out=True)

    assert bench.spool.state(made.id) is SlipState.PRINTED
    bench.wait()
    assert bench.record(made.id).state is SlipState.PRINTED
    assert bench.paper.copies == [("D101", 1)]


def test_no_prints_one_copy_marked_2_and_never_a_third(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED, Outcome.UNCONFIRMED]
    made = bench.put()
    bench.wait()
    bench.spool.came_out(made.id, came_out=False)
    bench.wait()
    assert bench.spool.state(made.id) is SlipState.UNCONFIRMED

    bench.spool.came_out(made.id, came_out=False)
    bench.wait()

    assert bench.spool.state(made.id) is SlipState.FAILED
    assert bench.paper.copies == [("D101", 1), ("D101", 2)]
    assert (bench.record(made.id).state, bench.record(made.id).copies) == (SlipState.FAILED, 2)


def test_a_double_touch_on_no_prints_one_copy(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED]
    made = bench.put()
    bench.wait()
    bench.paper.go_on.clear()

    bench.spool.came_out(made.id, came_out=False)
    bench.spool.came_out(made.id, came_out=False)
    bench.paper.go_on.set()
    bench.wait()

    assert bench.paper.copies == [("D101", 1), ("D101", 2)]


@pytest.mark.parametrize("came_out", [True, False])
def test_a_word_about_a_printed_slip_changes_nothing(bench: Bench, came_out: bool) -> None:  # noqa: FBT001
    made = bench.put()
    bench.wait()

    bench.spool.came_out(made.id, came_out=came_out)

    assert bench.spool.state(made.id) is SlipState.PRINTED
    assert bench.paper.copies == [("D101", 1)]


def test_a_copy_whose_party_has_gone_is_never_printed(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED]
    made = bench.put()
    bench.wait()
    bench.paper.go_on.clear()
    bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    bench.spool.came_out(made.id, came_out=False)
    bench.spool.party_left(made.id)
    bench.paper.go_on.set()
    bench.wait(2)

    assert bench.paper.copies == [("D101", 1), ("D102", 1)]
    assert bench.record(made.id).state is SlipState.FAILED


def test_a_persons_word_does_not_wait_for_the_journal(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED]
    made = bench.put()
    bench.wait()
    busy = threading.Event()
    bench.journal.submit(lambda _: busy.wait(WAIT_SECONDS))

    bench.spool.came_out(made.id, came_out=True)

    assert bench.spool.state(made.id) is SlipState.PRINTED
    assert not busy.is_set()
    busy.set()
    bench.wait()


def test_a_slip_prints_although_its_state_cannot_be_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> SlipRecord:
        raise JournalError("nothing was written (database or disk is full)")

    monkeypatch.setattr(Journal, "set_slip", full)

    made = bench.put()
    bench.wait()

    assert bench.spool.state(made.id) is SlipState.PRINTED
    assert bench.paper.copies == [("D101", 1)]


def test_how_a_slip_ended_is_kept_once_the_disk_takes_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.Event()
    full.set()
    set_slip = Journal.set_slip

    def sometimes(journal: Journal, check_in: UUID, state: SlipState) -> SlipRecord:
        if full.is_set():
            raise JournalError("nothing was written (database or disk is full)")
        return set_slip(journal, check_in, state)

    monkeypatch.setattr(Journal, "set_slip", sometimes)
    first = bench.put()
    bench.wait()
    assert bench.record(first.id).state is SlipState.WAITING

    full.clear()
    second = bench.put()
    bench.wait()

    for made in (first, second):
        assert bench.record(made.id).state is SlipState.PRINTED
        assert bench.record(made.id).copies == 1


def test_an_idle_spool_keeps_what_the_disk_did_not_take(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "LOOK_AGAIN_SECONDS", 0.001)
    refusals = iter([True, True])
    set_slip = Journal.set_slip

    def later(journal: Journal, check_in: UUID, state: SlipState) -> SlipRecord:
        if next(refusals, False):
            raise JournalError("nothing was written (database or disk is full)")
        return set_slip(journal, check_in, state)

    monkeypatch.setattr(Journal, "set_slip", later)
    journal = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    ended = threading.Semaphore(0)
    spool = Spool(Paper(), journal=journal, on_outcome=ended.release)
    spool.start()
    (made,) = journal(issue)
    spool.put(made.id, slip(made.number))

    for _ in range(2):  # when it ended, and when that was kept
        assert ended.acquire(timeout=WAIT_SECONDS)

    assert journal(lambda journal: journal.slip(made.id)).state is SlipState.PRINTED
    spool.close()
    journal.close()


def test_a_step_that_a_slip_cannot_take_holds_up_no_other(bench: Bench) -> None:
    (unknown,) = bench.journal(issue)
    bench.journal(lambda journal: journal.set_slip(unknown.id, SlipState.FAILED))
    bench.spool.put(unknown.id, slip(unknown.number))
    bench.wait()
    made = bench.put()
    bench.wait()

    assert bench.record(unknown.id).state is SlipState.FAILED
    assert bench.record(made.id).state is SlipState.PRINTED


def test_closing_ends_after_the_slip_that_is_being_printed(bench: Bench) -> None:
    bench.paper.go_on.clear()
    first = bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    second = bench.put()
    closing = threading.Thread(target=bench.spool.close)
    closing.start()
    assert bench.spool._closing.wait(WAIT_SECONDS)
    bench.paper.go_on.set()
    closing.join(WAIT_SECONDS)

    assert bench.paper.copies == [("D101", 1)]
    assert bench.record(first.id).state is SlipState.PRINTED
    assert bench.record(second.id).state is SlipState.WAITING


def test_the_printer_is_asked_before_the_first_slip_and_after_the_last(bench: Bench) -> None:
    assert bench.changed.acquire(timeout=WAIT_SECONDS)
    assert bench.spool.printer_report == "ready"

    bench.paper.condition = "paper-out"
    bench.put()
    assert bench.changed.acquire(timeout=WAIT_SECONDS)

    assert bench.spool.printer_report == "paper-out"


def test_a_printer_that_cannot_be_asked_counts_as_unreachable(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise OSError("no such device")

    assert bench.changed.acquire(timeout=WAIT_SECONDS)
    monkeypatch.setattr(bench.paper, "report", fail)
    bench.put()
    assert bench.changed.acquire(timeout=WAIT_SECONDS)

    assert bench.spool.printer_report == "unreachable"


def test_a_slip_sent_to_a_blind_printer_is_shown_as_printed_and_kept_as_unconfirmed(
    bench: Bench,
) -> None:
    """Nobody is asked about each slip, and nobody is told what nobody knows."""
    bench.paper.ends = [Outcome.SENT]
    made = bench.put()
    bench.wait()

    assert bench.spool.state(made.id) is SlipState.PRINTED
    assert bench.record(made.id).state is SlipState.UNCONFIRMED


def test_an_idle_spool_tends_its_printer_and_heeds_staff(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "LOOK_AGAIN_SECONDS", 0.001)
    journal = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    paper, tended = Paper(), threading.Semaphore(0)
    words = iter([True])

    def tend() -> None:
        tended.release()
        raise OSError("cable")

    monkeypatch.setattr(paper, "tend", tend)
    spool = Spool(
        paper, journal=journal, on_outcome=lambda: None, emptied=lambda: next(words, False)
    )
    spool.start()
    for _ in range(3):
        assert tended.acquire(timeout=WAIT_SECONDS)
    spool.close()
    journal.close()

    assert paper.emptied == 1


def test_an_unknown_slip_is_unconfirmed(bench: Bench) -> None:
    assert bench.spool.state(UUID(int=1)) is SlipState.UNCONFIRMED
    bench.spool.came_out(UUID(int=1), came_out=False)
    assert bench.paper.copies == []


# --- a slip without a number --------------------------------------------------------------------

PIECE = UUID("0190a000-0000-7000-8000-0000000000aa")


def test_a_slip_without_a_number_is_printed_in_turn_and_nowhere_recorded(bench: Bench) -> None:
    bench.paper.go_on.clear()
    bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    bench.spool.put_without_number(PIECE, load_directions("uk"))
    assert bench.spool.state(PIECE) is SlipState.WAITING
    bench.put()

    bench.paper.go_on.set()
    bench.wait(2)

    assert bench.paper.copies == [("D101", 1), ("", 1), ("D102", 1)]
    assert bench.spool.state(PIECE) is SlipState.PRINTED
    assert bench.journal(lambda journal: journal._value("SELECT count(*) FROM slip")) == 2
    assert bench.journal(lambda journal: journal.sequence) == 2


def test_a_slip_without_a_number_is_never_printed_for_the_next_party(bench: Bench) -> None:
    bench.paper.go_on.clear()
    bench.put()
    assert bench.paper.begun.acquire(timeout=WAIT_SECONDS)
    bench.spool.put_without_number(PIECE, load_directions("uk"))
    bench.spool.party_left(PIECE)
    bench.put()

    bench.paper.go_on.set()
    bench.wait(2)

    assert bench.paper.copies == [("D101", 1), ("D102", 1)]
    assert PIECE not in bench.spool._slips


def test_a_slip_without_a_number_has_no_copy(bench: Bench) -> None:
    bench.paper.ends = [Outcome.UNCONFIRMED]
    bench.spool.put_without_number(PIECE, load_directions("uk"))
    bench.put()
    bench.wait()

    bench.spool.came_out(PIECE, came_out=False)
    bench.put()
    bench.wait()

    assert bench.spool.state(PIECE) is SlipState.UNCONFIRMED
    assert [number for number, _ in bench.paper.copies] == ["", "D101", "D102"]
