"""Check-ins that an outage has held back until their day was closed or over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server_stub import tables
from server_stub.visit import CallingClass, VisitState
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.test_closing import MONDAY, TUESDAY_FOUR, Lead, findings

pytestmark = pytest.mark.both_databases

HOUR = 3600.0


@pytest.fixture
def lead(room) -> Lead:
    return Lead(room)


def only(room):
    (row,) = room.rows(tables.visit)
    return room.visit(row["id"])


def test_a_check_in_of_a_closed_day_is_admitted_and_carried_over(room, kiosk, lead, clock):
    lead.stop()
    lead.close()
    clock.move(HOUR)
    admission = room.admit(kiosk, kiosk.check_in(1), age=2 * HOUR)

    visit = only(room)
    assert admission.first
    assert (visit.state, visit.marked) == (VisitState.WAITING, "late")
    assert visit.calling_class is CallingClass.CARRIED_OVER
    assert visit.carried_over == MONDAY_NOON, "as for all others of that day"
    assert visit.service_day == MONDAY


def test_a_check_in_that_comes_the_next_morning_goes_before_those_of_that_morning(
    room, kiosk, other_kiosk, clock
):
    clock.now = TUESDAY_FOUR + timedelta(hours=4)
    room.admit(other_kiosk, other_kiosk.check_in(1))
    room.admit(kiosk, kiosk.check_in(1), age=12 * HOUR)

    assert room.call_next("1").kiosk == kiosk.name
    late = next(row for row in room.rows(tables.visit) if row["kiosk"] == kiosk.name)
    assert (late["service_day"], late["carried_over"]) == (MONDAY, TUESDAY_FOUR)


def test_a_check_in_of_the_present_day_is_not_late_however_long_it_took(room, kiosk, clock):
    clock.now = TUESDAY_FOUR + timedelta(hours=20)
    room.admit(kiosk, kiosk.check_in(1), age=20 * HOUR)

    assert (only(room).marked, only(room).carried_over) == ("", None)


def test_while_a_day_is_closing_parties_that_had_begun_wait_like_all_others(room, kiosk, lead):
    lead.stop()
    room.admit(kiosk, kiosk.check_in(1))

    assert (only(room).marked, only(room).calling_class) == ("", CallingClass.OTHERS)


def test_a_party_whose_48_hours_are_over_is_counted_and_not_called(room, kiosk, clock):
    """A kiosk that was switched off for a week delivers what it had."""
    clock.now = MONDAY_NOON + timedelta(days=7)
    room.admit(kiosk, kiosk.check_in(1), age=7 * 24 * HOUR)

    assert (only(room).state, only(room).service_day) == (VisitState.LEFT, MONDAY)
    assert only(room).ended_at == clock.now
    assert room.call_next("1") is None
    assert findings(room, clock.now) == []


def test_at_the_last_moment_of_its_48_hours_a_late_party_still_waits(room, kiosk, clock):
    clock.now = TUESDAY_FOUR + timedelta(hours=48, seconds=-1)
    room.admit(kiosk, kiosk.check_in(1), age=(clock.now - MONDAY_NOON).total_seconds())
    assert only(room).state is VisitState.WAITING


@pytest.mark.parametrize(
    ("noon", "morning"),
    [
        (datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),
        (datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)),
    ],
)
def test_a_day_that_ends_in_a_night_when_clocks_change_ends_at_four(
    room, kiosk, clock, noon, morning
):
    clock.now = morning - timedelta(seconds=1)
    age = (clock.now - noon).total_seconds()
    room.admit(kiosk, kiosk.check_in(1), age=age)
    clock.now = morning
    room.admit(kiosk, kiosk.check_in(2), age=age)

    first, second = sorted(room.rows(tables.visit), key=lambda row: row["arrival_order"])
    assert (first["marked"], second["marked"]) == ("", "late")
    assert second["carried_over"] == morning
    assert {first["service_day"], second["service_day"]} == {date(noon.year, noon.month, noon.day)}
