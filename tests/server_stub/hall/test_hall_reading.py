from datetime import timedelta

import pytest

from kiosk.contract.messages import HelpKind
from server_stub import tables
from server_stub.hall_reading import Hall, read_hall
from server_stub.hall_stages import StageHere
from server_stub.snapshot import VisitRow
from server_stub.wait_estimate import WaitRange
from tests.server_stub.asked_of_sqlite import asked_of_sqlite, plan_of
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party
from tests.server_stub.put_visits import PutVisits, ago

pytestmark = pytest.mark.both_databases


@pytest.fixture
def store(room):
    """The store of the room, for visits and passages as a day has left them."""
    with room.engine.execution_options(writes=True).begin() as connection:
        yield PutVisits(connection, room.site)
        connection.rollback()


def hall(store: PutVisits) -> Hall:
    return read_hall(store.connection, store.site, at=MONDAY_NOON)


def stage(store: PutVisits, name: str = "housing") -> StageHere:
    return next(here for here in hall(store).stages if here.stage.id == name)


def test_an_empty_hall_has_all_its_stages_and_nobody_in_them(store):
    found = hall(store)

    assert [here.stage.id for here in found.stages] == [one.id for one in store.site.stages]
    assert all(here.traffic.is_quiet for here in found.stages)
    assert (found.inside, found.parties, found.help_calls) == (0, (), ())
    assert sum(found.arrivals) == 0


def test_who_waits_is_counted_in_parties_and_persons(store):
    store.visit(since=40, persons=3, number="D101")
    store.visit(since=5, persons=0, adults=0, children=0, number="D102")
    store.visit(since=90, persons=2, state="parked", number="D103")
    store.at_counter("3", called=2, inside=True, persons=4)

    here = stage(store)

    assert (here.waiting, here.persons, here.parked) == (2, 4, 1)
    assert here.first.number == "D101"
    assert hall(store).inside == 4


def test_counters_are_open_that_call_and_logged_in_that_somebody_has_chosen(store):
    store.at_counter("3", called=2)
    staff = {"site": store.site.id, "name": "anna", "password_hash": "x", "role": "counter"}
    store.connection.execute(tables.staff.insert().values(staff | {"created_at": ago(99)}))
    for counter, expires in (("3", -60), ("4", 60), ("4", -60), (None, -60)):
        store.connection.execute(
            tables.staff_session.insert().values(
                site=store.site.id,
                id_sha256=new_id().hex,
                staff="anna",
                language="de",
                counter=counter,
                created_at=ago(99),
                expires_at=ago(expires),
            )
        )

    housing, registration = stage(store), stage(store, "registration")

    assert (housing.open_counters, housing.logged_in) == ({"3"}, {"3"})
    assert (registration.open_counters, registration.logged_in) == (frozenset(), {"4"})
    assert registration.counters == ("4", "5")


def test_rates_are_of_the_last_hour_and_quarter(store):
    # Came 75, 55 and 10 minutes ago, and were served 70, 30 and 5 minutes ago.
    for ended, minutes in ((70, 5), (30, 25), (5, 5)):
        store.passed("3", ended=ended, minutes=minutes, waited=0)
    store.passed("3", ended=1, minutes=1, waited=50, ended_by="leave")  # came, was not served
    store.visit(since=14)  # came, and waits

    rates = stage(store).rates

    assert (rates.came_hour, rates.came_quarter) == (4, 2)
    assert (rates.gone_hour, rates.gone_quarter) == (2, 1)
    assert rates.by_quarter[-6:] == (1, 0, 2, 0, 0, 2)
    assert stage(store, "benefits").rates.came_hour == 0


def test_who_is_carried_over_has_not_come_to_another_stage(store):
    store.passed("3", ended=10, minutes=0, waited=10, ended_by="carry-over")

    assert stage(store).rates.came_hour == 0


def test_a_rate_is_of_the_time_since_the_first_party_of_the_day_came(store):
    store.visit(since=30)
    assert stage(store).rates.hours == 0.5
    store.visit(since=45)
    assert stage(store).rates.hours == 0.75
    store.visit(since=90)
    assert stage(store).rates.hours == 1

    few = PutVisits(store.connection, store.site)
    few.connection.execute(tables.visit.delete())
    few.visit(since=2)
    assert stage(few).rates.hours == 0.25


def test_a_stage_tells_what_its_next_party_would_be_told_and_how_quick_it_is(store):
    for n in range(10):
        store.passed("3", ended=1 + 20 * n, persons=3)
    store.at_counter("3", called=1)
    store.visit()

    here = stage(store)

    assert here.wait == store.newcomer().range == WaitRange(15, 50)
    assert here.traffic.pace.minutes == 20
    assert here.traffic.counters == 1


def test_where_each_person_is_served_desks_are_still_counted_by_parties(store):
    for n in range(8):
        store.passed("4", ended=1 + 40 * n, minutes=40, persons=2, stage="registration")

    assert stage(store, "registration").traffic.pace.minutes == 40


def test_arrivals_are_drawn_by_quarters_of_the_service_day(store):
    for since in (0, 14, 16, 61):
        store.visit(since=since)
    store.visit(since=20, service_day=(MONDAY_NOON - timedelta(days=1)).date())

    found = hall(store)

    # From 04:00 to 12:00 are 32 quarters, and the one that has just begun.
    assert len(found.arrivals) == 33
    assert found.arrivals[-6:] == (1, 0, 0, 1, 1, 1)
    assert (found.arrived_hour, found.arrived_quarter) == (3, 2)


def test_a_party_was_sent_on_once_it_is_past_the_first_stage_of_its_route(store):
    store.visit("information", route=["information", "housing"], number="D101")
    store.visit("housing", route=["information", "housing"], number="D102")

    assert {one.number: one.sent_on for one in hall(store).parties} == {"D101": False, "D102": True}


def test_calls_pause_where_the_hall_is_full(room, kiosk):
    with room.with_site(most_persons=4):
        for sequence in (1, 2):
            room.admit(kiosk, kiosk.check_in(sequence, content=party(adults=2, children=1)))
        called = room.call_next("1")
        with room.engine.connect() as connection:
            found = read_hall(connection, room.room.site, at=MONDAY_NOON)

    assert isinstance(called, VisitRow)
    pause = found.stages[0].pause
    assert (pause.stage, pause.persons, pause.most, pause.number) == (None, 3, 4, "D102")
    assert found.inside == 3


def test_a_party_that_was_put_back_is_not_counted_in_the_hall_any_more(store):
    store.at_counter("3", called=2, inside=True, persons=4)
    store.visit(state="parked", inside=True, persons=2)

    assert hall(store).inside == 4


def test_only_help_calls_that_nobody_has_answered_are_open(room, kiosk, clock):
    calls = [kiosk.help_call(HelpKind.DOCTOR), kiosk.help_call()]
    for call in calls:
        room.run(room.room.call_for_help(call, age=None))
        clock.move(60)
    room.run(room.room.acknowledge_help(help_call=calls[0].id, staff="lena"))

    with room.engine.connect() as connection:
        found = read_hall(connection, room.site, at=clock.now)

    assert [call.id for call in found.help_calls] == [calls[1].id]


def test_a_kiosk_tells_all_that_it_reported(room, kiosk, other_kiosk, clock):
    told = kiosk.heartbeat(
        printer="paper-out", outbox_depth=3, troubles=("texts-uk", "pictures"), sound="none"
    )
    room.run(room.room.hear(told, device=kiosk.device))

    with room.engine.connect() as connection:
        first, second = read_hall(connection, room.site, at=clock.now).kiosks

    assert (first.name, first.at, first.printer) == ("entrance-1", clock.now, "paper-out")
    assert (first.outbox_depth, first.sound) == (3, "none")
    assert first.troubles == ("texts-uk", "pictures")
    assert first.disk_free_bytes == 10**9
    assert (second.name, second.at) == (other_kiosk.name, None)


def test_a_number_that_was_given_out_twice_is_a_clash_until_the_day_is_over(room, kiosk, clock):
    room.admit(kiosk, kiosk.check_in(1))
    room.admit(kiosk, kiosk.check_in(1))

    with room.engine.connect() as connection:
        today = read_hall(connection, room.site, at=clock.now).kiosks
        tomorrow = read_hall(connection, room.site, at=clock.now + timedelta(days=1)).kiosks

    assert [one.clashes for one in today] == [1, 0]
    assert [one.clashes for one in tomorrow] == [0, 0]


@pytest.mark.sqlite
def test_the_hall_never_reads_through_the_history(store):
    store.at_counter("3", called=1)
    store.visit()
    with asked_of_sqlite(store.connection) as asked:
        hall(store)

    assert len(asked) >= 12
    grows = ("visit", "passage", "ledger", "event", "staff_action", "help_call")
    for statement in asked:
        steps = plan_of(store.connection, statement)
        assert not [one for one in steps if one.startswith(tuple(f"SCAN {t}" for t in grows))]
