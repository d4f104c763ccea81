from dataclasses import replace
from datetime import timedelta

import pytest

from server_stub.hall_forecast import Desks
from server_stub.hall_reading import read_hall
from server_stub.hall_rules import Level, Missing, Need
from server_stub.hall_view import HallView, view_of
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.put_visits import PutVisits, ago

pytestmark = pytest.mark.both_databases

SUNDAY = (MONDAY_NOON - timedelta(days=1)).date()


@pytest.fixture
def store(room):
    """The store of the room, for visits and passages as a day has left them."""
    with room.engine.execution_options(writes=True).begin() as connection:
        yield PutVisits(connection, room.site)
        connection.rollback()


def view(store: PutVisits, **keys: object) -> HallView:
    site = store.site.model_copy(update=keys)
    return view_of(read_hall(store.connection, site, at=MONDAY_NOON), site)


def by_stage(shown: HallView, name: str):
    return next(one for one in shown.stages if one.stage.id == name)


def test_who_can_open_a_counter_is_told_before_who_has_none_left(store):
    # Housing has one counter, and work for many; registration has two, and nobody calls there.
    for n in range(10):
        store.passed("3", ended=1 + 20 * n)
    store.at_counter("3", called=1)
    for _ in range(9):
        store.visit(since=10)
    store.visit("registration", since=1)

    shown = view(store)

    assert [(one.stage.id, one.advice.need) for one in shown.needed] == [
        ("registration", Need.OPEN_ONE),
        ("housing", Need.ALL_OPEN),
    ]
    assert by_stage(shown, "housing").work == timedelta(minutes=180)
    assert (shown.waiting, shown.waiting_persons) == (10, 10)


@pytest.mark.parametrize(("desks", "out_of_reach"), [(2, False), (3, True)])
def test_a_queue_that_no_desks_could_serve_in_an_hour_is_told_as_such(store, desks, out_of_reach):
    housing = by_stage(view(store), "housing")  # which has one counter

    assert replace(housing, desks=Desks(1, desks)).is_out_of_reach is out_of_reach


def test_a_counter_without_anything_to_do_can_be_spared(store):
    for n in range(10):
        store.passed("1", ended=1 + 20 * n, minutes=4, stage="information", since=210)
        store.passed("2", ended=2 + 20 * n, minutes=4, stage="information", since=210)

    (spare,) = view(store).spare

    assert (spare.stage.id, spare.advice.need) == ("information", Need.SPARE)


def test_nobody_waits_at_a_stage_that_is_closed(store):
    late = MONDAY_NOON + timedelta(hours=8)  # 20:00
    shown = view_of(read_hall(store.connection, store.site, at=late), store.site)

    assert {one.advice.need for one in shown.stages} == {Need.CLOSED}
    assert {one.level for one in shown.stages} == {Level.CALM}
    assert shown.needed == ()


def test_who_was_sent_on_and_never_came_is_told_with_the_reason(store):
    route = ["information", "housing"]
    store.visit(route=route, since=31, number="D101")  # nobody calls there
    store.visit(route=route, since=50, state="parked", calls=3, number="D102")

    shown = view(store)

    told = [(one.party.number, one.why, one.stage.id) for one in shown.missing]
    assert told == [
        ("D102", Missing.PUT_ASIDE, "housing"),
        ("D101", Missing.NOBODY_CALLS, "housing"),
    ]


def test_parties_of_earlier_days_are_told_by_when_they_have_to_come(store):
    store.visit(since=26 * 60, service_day=SUNDAY, number="D101")
    store.visit(
        since=20 * 60, service_day=SUNDAY, carried_over=ago(49 * 60), priority=True, number="D102"
    )
    store.visit(since=1, number="D103")

    shown = view(store)

    # 48 hours after it was carried over; 48 hours after the end of its day, 04:00 on Monday.
    assert [(one.party.number, one.until) for one in shown.earlier] == [
        ("D102", MONDAY_NOON - timedelta(hours=1)),
        ("D101", MONDAY_NOON + timedelta(hours=40)),
    ]
    assert shown.overdue == 1


def test_an_appointment_gives_a_party_from_an_earlier_day_longer(store):
    tomorrow = MONDAY_NOON + timedelta(days=1)
    store.visit(since=26 * 60, service_day=SUNDAY, appointment_at=tomorrow)

    (one,) = view(store).earlier

    assert one.until == tomorrow + timedelta(hours=48)


@pytest.mark.parametrize(
    ("persons", "expected"), [(89, Level.FINE), (90, Level.SOON), (100, Level.URGENT)]
)
def test_how_full_the_hall_is(store, persons, expected):
    store.at_counter("3", called=1, inside=True, persons=persons)

    assert view(store, most_persons=100).occupancy is expected
    assert view(store).occupancy is Level.FINE
    assert view(store).fullness is None


def test_sparklines_of_stages_have_one_scale(store):
    for _ in range(4):
        store.visit(since=1)
    store.visit("registration", since=1)

    lines = view(store).stage_lines

    assert {line.most for line in lines.values()} == {4}
    assert lines["registration"].bars[-1].height == lines["housing"].bars[-1].height / 4


def test_arrivals_are_drawn_from_the_hour_of_the_first_and_of_four_hours_at_least(store):
    store.visit(since=10)
    assert view(store).arrivals_from == MONDAY_NOON - timedelta(hours=4)
    store.visit(since=5 * 60 + 20)  # 06:40
    shown = view(store)
    assert shown.arrivals_from == MONDAY_NOON - timedelta(hours=6)
    assert len(shown.arrivals_line.bars) == 25
