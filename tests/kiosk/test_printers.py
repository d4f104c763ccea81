import logging
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.leftovers import Leftovers, SlipOnItsWayError
from kiosk.printers import Printers
from printer.sample import load_directions
from printer.slip import Slip
from printer.status import Outcome, PrinterState
from tests.kiosk.test_spool import slip

READY, OUT, OFF = PrinterState.READY, PrinterState.PAPER_OUT, PrinterState.UNREACHABLE
PRINTED, FAILED, UNCONFIRMED = Outcome.PRINTED, Outcome.FAILED, Outcome.UNCONFIRMED


class Paper:
    """A printer in a given state, whose slips end as the state says or as it is told."""

    def __init__(self, state: PrinterState = READY, end: Outcome | None = None) -> None:
        self.now = state
        self.end = end
        self.leftovers = False
        self.asked = 0
        self.calls: list[str] = []

    def prepare(self) -> None:
        self.calls.append("prepare")

    def print(self, _slip: Slip) -> Outcome:
        self.asked += 1
        end = self.end or (PRINTED if self.now is READY else FAILED)
        self.leftovers = self.leftovers or end is UNCONFIRMED
        return end

    def state(self) -> PrinterState:
        return self.now

    def tend(self) -> None:
        self.calls.append("tend")
        self.leftovers = False

    def confirm_empty(self) -> None:
        self.calls.append("empty")
        self.leftovers = False


@pytest.fixture
def notes(tmp_path: Path) -> Leftovers:
    return Leftovers(tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "outcome", "asked"),
    [
        (Paper(), Paper(), PRINTED, (1, 0)),
        (Paper(OUT), Paper(), PRINTED, (1, 1)),
        (Paper(OUT), Paper(OUT), FAILED, (1, 1)),
        (Paper(OUT), Paper(end=UNCONFIRMED), UNCONFIRMED, (1, 1)),
        (Paper(end=UNCONFIRMED), Paper(), UNCONFIRMED, (1, 0)),
        (Paper(end=Outcome.SENT), Paper(), Outcome.SENT, (1, 0)),
    ],
)
def test_only_a_slip_that_was_not_sent_goes_to_the_second_printer(
    first: Paper, second: Paper, outcome: Outcome, asked: tuple[int, int], notes: Leftovers
) -> None:
    assert Printers(first, second, notes=notes).print(slip("D101")) is outcome
    assert (first.asked, second.asked) == asked


def test_a_printer_known_to_be_down_keeps_nobody_waiting_and_comes_first_again(
    notes: Leftovers,
) -> None:
    first, second = Paper(OUT), Paper()
    both = Printers(first, second, notes=notes)
    both.report()
    both.print(slip("D101"))
    assert (first.asked, second.asked) == (0, 1)

    first.now = READY
    both.report()
    both.print(slip("D102"))
    assert (first.asked, second.asked) == (1, 1)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([READY], "ready"),
        ([READY, READY], "ready"),
        ([OUT, READY], "paper-out; second: ready"),
        ([READY, OFF], "ready; second: unreachable"),
        ([OFF, OFF], "unreachable"),
    ],
)
def test_staff_are_told_of_each_printer(
    states: list[PrinterState], told: str, notes: Leftovers
) -> None:
    assert Printers(*map(Paper, states), notes=notes).report() == told


def test_whatever_two_printers_suffer_from_fits_into_a_heartbeat(notes: Leftovers) -> None:
    told = [
        Printers(Paper(one), Paper(other), notes=notes).report()
        for one in PrinterState
        for other in PrinterState
    ]

    assert max(map(len, told)) <= 40


def test_what_a_printer_may_hold_is_remembered_until_it_is_proven_empty(notes: Leftovers) -> None:
    first, second = Paper(end=UNCONFIRMED), Paper()
    both = Printers(first, second, notes=notes)
    both.print(slip("D101"))
    assert (notes.noted(0), notes.noted(1)) == (True, False)

    both.tend()
    assert (notes.noted(0), notes.noted(1)) == (False, False)
    both.print(slip("D102"))
    both.confirm_empty()
    assert not notes.noted(0)
    assert first.calls == second.calls == ["tend", "empty"]


def test_a_slip_that_goes_to_the_second_printer_is_logged_without_its_number(
    notes: Leftovers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Printers(Paper(OUT), Paper(), notes=notes).print(slip("D101"))

    assert caplog.messages == ["slip not taken printer=1"]


def test_a_slip_prints_although_no_note_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = Paper(end=UNCONFIRMED)
    both = Printers(first, notes=Leftovers(tmp_path / "gone"))

    assert both.print(slip("D101")) is UNCONFIRMED
    assert "printer note not kept" in caplog.text


def test_a_copy_is_printed_only_after_the_other_printer_was_made_to_forget_the_first(
    notes: Leftovers,
) -> None:
    """Else the first one comes out of it with the next roll of paper: two slips, one number."""
    first, second = Paper(end=UNCONFIRMED), Paper()
    both = Printers(first, second, notes=notes)
    both.print(slip("D101"))
    first.now, first.end = OUT, None
    both.report()
    assert both.print(replace(slip("D101"), copy=2)) is PRINTED

    assert first.calls == ["tend"]
    assert second.calls == []


def test_all_printers_are_prepared(notes: Leftovers) -> None:
    first, second = Paper(), Paper()
    Printers(first, second, notes=notes).prepare()

    assert first.calls == second.calls == ["prepare"]


def test_the_word_of_staff_is_news_once_and_counts_for_the_slips_before_it(
    notes: Leftovers, tmp_path: Path
) -> None:
    notes.note(1, there=True)
    assert not notes.staff_spoke()
    assert not notes.staff_said_since(0)

    Leftovers(tmp_path).staff_say_empty(sequence=7)

    assert [notes.staff_spoke(), notes.staff_spoke()] == [True, False]
    assert [notes.staff_said_since(7), notes.staff_said_since(8)] == [True, False]
    assert not notes.noted(1)
    assert not Leftovers(tmp_path).staff_spoke()
    notes.staff_say_empty(sequence=7)
    assert notes.staff_spoke()


def test_while_a_slip_is_printed_nobody_says_that_the_printer_is_empty(
    notes: Leftovers, tmp_path: Path
) -> None:
    notes.note(0, there=True)
    staff = Leftovers(tmp_path)
    with notes.printing(), pytest.raises(SlipOnItsWayError, match="once it has ended"):
        staff.staff_say_empty(sequence=7)
    assert notes.noted(0)
    assert not notes.staff_spoke()

    staff.staff_say_empty(sequence=7)
    assert notes.staff_spoke()


def test_a_lost_disk_keeps_no_slip_from_being_printed(tmp_path: Path) -> None:
    with Leftovers(tmp_path / "gone").printing():
        pass


def test_a_word_that_cannot_be_read_is_none(notes: Leftovers, tmp_path: Path) -> None:
    (tmp_path / "printer-empty").write_text("seven")

    assert not notes.staff_said_since(0)


def test_a_slip_without_a_number_is_remembered_while_it_is_printed(
    tmp_path: Path, notes: Leftovers
) -> None:
    """No journal knows of it: should the power go now, the printer is emptied at the next start."""
    paper, seen = Paper(), []
    paper_print = paper.print

    def look(slip: Slip) -> Outcome:
        seen.append(Leftovers(tmp_path).noted(0))
        return paper_print(slip)

    paper.print = look  # type: ignore[method-assign]
    printers = Printers(paper, notes=notes)
    printers.print(slip("D101"))
    printers.print(load_directions("uk"))

    assert seen == [False, True]
    assert not notes.noted(0)
