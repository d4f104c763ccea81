from datetime import date, timedelta
from functools import partial

import pytest

from server_stub import carry_over, tables
from server_stub.arrival import LONGEST
from server_stub.visit import VisitState
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.test_closing import CARRY, MONDAY, Lead, findings

pytestmark = pytest.mark.both_databases

LIMIT = LONGEST.total_seconds()


@pytest.fixture
def lead(room) -> Lead:
    return Lead(room)


@pytest.fixture
def carried(room, kiosk, lead):
    """A party that was carried over at noon on Monday."""
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    lead.stop()
    lead.close()
    return check_in.id


def end_overdue(room, at) -> int:
    with room.engine.connect() as connection:
        visits = carry_over.overdue(connection, room.site, at=at)
    command = partial(carry_over.end_overdue, site=room.site, visits=visits, at=at)
    return room.writer.submit(command).result()


def test_after_48_hours_a_party_that_did_not_come_has_left_by_itself(room, clock, carried):
    clock.move(LIMIT - 1)
    assert end_overdue(room, clock.now) == 0
    clock.move(1)

    assert end_overdue(room, clock.now) == 1
    visit = room.visit(carried)
    assert (visit.state, visit.ended_at) == (VisitState.LEFT, clock.now)
    last = max(room.rows(tables.staff_action), key=lambda row: row["at"])
    assert (last["staff"], last["step"], last["visit"]) == ("", "leave", carried)
    assert findings(room, clock.now) == []


@pytest.mark.usefixtures("carried")
def test_a_party_that_is_at_a_counter_is_not_sent_away(room, clock):
    room.call_next("1")
    clock.move(LIMIT)

    assert end_overdue(room, clock.now) == 0


@pytest.mark.usefixtures("carried")
def test_a_party_that_is_carried_over_twice_has_its_48_hours_once(room, lead, clock):
    clock.move(24 * 3600)
    tuesday = MONDAY + timedelta(days=1)
    lead.stop(tuesday)
    lead.close(CARRY, tuesday)
    clock.move(24 * 3600)

    assert end_overdue(room, clock.now) == 1


def test_what_a_lead_takes_back_is_not_ended_again(room, clock, carried):
    clock.move(LIMIT)
    end_overdue(room, clock.now)
    room.do(room.room.undo, room.visit(carried), counter=None, role="lead")

    assert end_overdue(room, clock.now) == 0
    assert room.call_next("1").id == carried


def test_a_party_of_a_day_that_nobody_closed_has_48_hours_from_its_end(room, kiosk, clock):
    """Noon on Monday; the service day ends on Tuesday at four."""
    room.admit(kiosk, kiosk.check_in(1))
    clock.now = MONDAY_NOON + timedelta(hours=16 + 48, seconds=-1)
    assert end_overdue(room, clock.now) == 0
    clock.move(1)

    assert end_overdue(room, clock.now) == 1


def test_a_party_with_an_appointment_has_48_hours_from_that(room, clock, carried):
    appointed = clock.now + LONGEST - timedelta(hours=1)
    room.do(room.room.set_appointment, room.visit(carried), appointed, counter=None, role="lead")
    clock.now = appointed + timedelta(hours=48, seconds=-1)
    assert end_overdue(room, clock.now) == 0
    clock.move(1)

    assert end_overdue(room, clock.now) == 1


def test_ending_twice_what_two_servers_have_found_ends_it_once(room, clock, carried):
    clock.move(LIMIT)
    command = partial(
        carry_over.end_overdue, site=room.site, visits=[carried, carried], at=clock.now
    )

    assert [room.writer.submit(command).result() for _ in range(2)] == [1, 0]
    assert date(2026, 11, 25) in {row["service_day"] for row in room.rows(tables.passage)}
