from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from server_stub import daily_figures, tables
from server_stub.actions import ActionReusedError
from server_stub.checks.inspection import inspect_database
from server_stub.closing import DayAfter, DayStepError, Decisions, UndecidedError, open_visits
from server_stub.event_log import EventKind
from server_stub.progress import Correction
from server_stub.service_days import DayState
from server_stub.step_errors import DayClosedError, LeadNeededError
from server_stub.undoing import SetRight
from server_stub.visit import CallingClass, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party

pytestmark = pytest.mark.both_databases

MONDAY = date(2026, 11, 23)
TUESDAY_FOUR = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CARRY = Decisions(rest=Step.CARRY_OVER)
LEAVE = Decisions(rest=Step.LEAVE)


class Lead:
    """A lead who closes the day of a room."""

    def __init__(self, room) -> None:
        self.room = room

    def press(self, **other: object):
        return self.room.press(**{"counter": None, "staff": "lena", "role": "lead"} | other)

    def stop(self, day: date = MONDAY, **other: object) -> DayAfter:
        return self.room.run(self.room.room.stop_numbers(self.press(**other), day=day))

    def close(self, decisions: Decisions = CARRY, day: date = MONDAY, **other: object) -> DayAfter:
        pressed = self.press(**other)
        return self.room.run(self.room.room.close_day(pressed, day=day, decisions=decisions))

    def open_again(self, day: date = MONDAY, **other: object) -> DayAfter:
        return self.room.run(self.room.room.open_day_again(self.press(**other), day=day))


@pytest.fixture
def lead(room) -> Lead:
    return Lead(room)


@pytest.fixture
def parties(room, kiosk):
    """Five parties: one called, one served, one parked, two waiting."""
    made = [
        kiosk.check_in(n, content=party().model_copy(update={"ticket_token": f"{n:022}"}))
        for n in range(1, 6)
    ]
    for check_in in made:
        room.admit(kiosk, check_in)
    room.call_next("1")
    served = room.call_next("2")
    room.do(room.room.serve, served, counter="2")
    parked = room.call_next("i3")
    room.do(room.room.serve, parked, counter="i3")
    room.do(room.room.park, room.visit(parked), counter="i3")
    return [check_in.id for check_in in made]


def until(room, kiosk) -> datetime | None:
    return room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device)).closed_until


def findings(room, now: datetime) -> list[str]:
    """Return what `check` finds wrong with the store, once closed days have their figures."""
    roll_up = partial(daily_figures.roll_up, site=room.site, at=now)
    for row in room.rows(tables.service_day):
        room.writer.submit(partial(roll_up, day=row["day"])).result()
    with room.engine.connect() as connection:
        found = inspect_database(connection, now=now)
    return [str(finding) for result in found.results for finding in result.findings]


def test_kiosks_hear_that_no_more_numbers_are_given_out_until_four_in_the_morning(
    room, kiosk, lead, clock
):
    assert until(room, kiosk) is None

    lead.stop()
    assert until(room, kiosk) == TUESDAY_FOUR
    lead.close()
    assert until(room, kiosk) == TUESDAY_FOUR
    clock.now = TUESDAY_FOUR
    assert until(room, kiosk) is None


def test_kiosks_hear_that_numbers_are_given_out_again(room, kiosk, lead):
    lead.stop()
    lead.open_again()

    assert until(room, kiosk) is None


@pytest.mark.parametrize(
    ("noon", "morning"),
    [
        (datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),
        (datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)),
    ],
)
def test_a_night_in_which_clocks_change_ends_at_four_on_the_wall(
    room, kiosk, lead, clock, noon, morning
):
    clock.now = noon
    lead.stop(noon.date())

    assert until(room, kiosk) == morning


def test_every_open_visit_is_carried_over_and_called_first_the_next_day(
    room, kiosk, lead, clock, parties
):
    lead.stop()
    clock.move(3600)
    assert lead.close() == DayAfter(MONDAY, DayState.CLOSED, carried_over=5, left=0)

    visits = [room.visit(party) for party in parties]
    assert [visit.state for visit in visits] == [
        VisitState.WAITING,
        VisitState.WAITING,
        VisitState.PARKED,
        VisitState.WAITING,
        VisitState.WAITING,
    ]
    assert {visit.carried_over for visit in visits} == {MONDAY_NOON + timedelta(hours=1)}
    assert [visit.number for visit in visits] == ["D101", "D102", "D103", "D104", "D105"]
    clock.now = TUESDAY_FOUR + timedelta(hours=5)
    newcomer = kiosk.check_in(6)
    room.admit(kiosk, newcomer)
    called = [room.call_next(counter).number for counter in ("1", "2", "i3", "i4", "i5")]
    assert called == ["D101", "D102", "D104", "D105", "D106"]
    assert findings(room, clock.now) == []


def test_a_party_that_was_at_a_counter_is_no_longer_there(room, lead, parties):
    lead.stop()
    lead.close()

    assert not any(room.visit(party).inside for party in parties)
    assert room.call_next("1").id == parties[0]


def test_a_lead_decides_for_each_visit_and_for_the_rest(room, lead, clock, parties):
    lead.stop()
    clock.move(60)
    decided = Decisions(rest=Step.LEAVE, each={parties[3]: Step.CARRY_OVER})

    assert lead.close(decided) == DayAfter(MONDAY, DayState.CLOSED, carried_over=1, left=4)
    assert room.visit(parties[3]).calling_class is CallingClass.CARRIED_OVER
    assert {room.visit(p).state for p in parties if p != parties[3]} == {VisitState.LEFT}
    assert {row["ended_by"] for row in room.rows(tables.passage)} == {"carry-over", "leave"}
    assert findings(room, clock.now) == []


def test_a_visit_that_nobody_decided_on_keeps_the_day_open_and_is_named(room, lead, parties):
    lead.stop()
    before = room.rows(tables.visit)

    with pytest.raises(UndecidedError, match=r"4 parties are still here \(D101, D102, ") as error:
        lead.close(Decisions(each={parties[4]: Step.LEAVE}))

    assert error.value.numbers == ("D101", "D102", "D103", "D104")
    assert room.rows(tables.visit) == before
    assert [row["state"] for row in room.rows(tables.service_day)] == ["closing"]


@pytest.mark.parametrize("step", [Step.FINISH, Step.CALL])
def test_a_visit_is_carried_over_or_has_left_and_nothing_else(step):
    with pytest.raises(ValueError, match="carried over, or its party has left"):
        Decisions(rest=step)


def test_a_day_is_not_closed_before_its_numbers_were_stopped(lead):
    with pytest.raises(DayStepError, match="2026-11-23 is open: stop its numbers first"):
        lead.close()


def test_a_day_that_has_not_begun_cannot_be_closed(lead):
    with pytest.raises(DayStepError, match="2026-11-24 is open: it has not begun yet"):
        lead.stop(date(2026, 11, 24))


@pytest.mark.usefixtures("parties")
def test_a_day_that_was_forgotten_is_closed_the_next_morning(room, kiosk, lead, clock):
    clock.now = TUESDAY_FOUR + timedelta(hours=4)
    newcomer = kiosk.check_in(6)
    room.admit(kiosk, newcomer)
    lead.stop()

    assert lead.close(LEAVE).left == 5
    assert room.visit(newcomer.id).state is VisitState.WAITING
    assert until(room, kiosk) is None


def taken_back(room, left):
    return room.do(room.room.undo, left)


def set_right(room, left):
    right = SetRight(Correction(stage=left.stage))
    return room.do(room.room.correct, left, right, counter=None, role="lead")


@pytest.mark.parametrize("opened", [taken_back, set_right])
def test_who_comes_back_after_a_forgotten_day_was_closed_is_carried_over(
    room, lead, parties, clock, opened
):
    clock.now = TUESDAY_FOUR + timedelta(hours=4)
    lead.stop()
    lead.close(LEAVE)
    clock.move(600)

    back = opened(room, room.visit(parties[3]))

    assert (back.state, back.carried_over) == (VisitState.WAITING, clock.now)
    assert room.visit(back.id).calling_class is CallingClass.CARRIED_OVER
    assert findings(room, clock.now) == []


def test_a_day_that_is_over_cannot_be_opened_again(lead, clock):
    lead.stop()
    lead.close()
    clock.now = TUESDAY_FOUR

    with pytest.raises(DayStepError, match="only the present day can be opened again"):
        lead.open_again()


def test_what_was_carried_over_stays_so_when_the_day_is_opened_again(room, lead, parties):
    lead.stop()
    lead.close()

    assert lead.open_again() == DayAfter(MONDAY, DayState.OPEN)
    assert room.visit(parties[0]).calling_class is CallingClass.CARRIED_OVER


@pytest.mark.usefixtures("parties")
@pytest.mark.parametrize("role", ["counter", "helper"])
def test_only_a_lead_closes_a_day(room, lead, role):
    for press in (lead.stop, lead.close, lead.open_again):
        with pytest.raises(LeadNeededError):
            press(role=role)

    assert room.rows(tables.service_day) == []


@pytest.mark.usefixtures("parties")
def test_the_same_press_again_gets_the_same_answer_and_changes_nothing(room, lead):
    lead.stop(action=(stop := new_id()))
    lead.close(action=(close := new_id()))
    before = room.rows(tables.visit), room.rows(tables.staff_action), len(room.events())

    assert lead.stop(action=stop) == DayAfter(MONDAY, DayState.CLOSING)
    assert lead.close(action=close) == DayAfter(MONDAY, DayState.CLOSED, carried_over=5)
    with pytest.raises(ActionReusedError):
        lead.close(LEAVE, action=close)

    assert (room.rows(tables.visit), room.rows(tables.staff_action), len(room.events())) == before


@pytest.mark.usefixtures("parties")
def test_pages_hear_of_the_day_and_of_every_visit(room, lead):
    seen = room.events()[-1].number
    lead.stop()
    lead.close()

    told = [(event.kind, event.detail) for event in room.events(seen)]
    assert told == [
        (EventKind.DAY, "closing"),
        *[(EventKind.CARRY_OVER, None)] * 5,
        (EventKind.DAY, "closed"),
    ]


def test_nothing_is_corrected_once_the_day_is_closed(room, lead, parties):
    lead.stop()
    lead.close(LEAVE)
    visit = room.visit(parties[0])

    with pytest.raises(DayClosedError, match="2026-11-23 is closed: a lead opens it again first"):
        room.do(room.room.correct, visit, SetRight(), counter=None, role="lead")
    lead.open_again()
    room.do(room.room.correct, visit, SetRight(), counter=None, role="lead")


def test_open_visits_are_listed_in_calling_order_and_none_of_a_later_day(
    room, kiosk, other_kiosk, clock, parties
):
    urgent = other_kiosk.check_in(1)
    room.admit(other_kiosk, urgent)
    room.do(room.room.set_priority, room.visit(urgent.id), saying={"priority": True})
    clock.now = TUESDAY_FOUR
    room.admit(kiosk, kiosk.check_in(6))

    with room.engine.connect() as connection:
        listed = open_visits(connection, room.site, day=MONDAY)

    assert [visit.id for visit in listed] == [urgent.id, *parties]
