from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from server_stub import tables
from server_stub.visit import CallingClass
from server_stub.wait_estimate import WaitRange
from server_stub.waits import LAST_SERVICES, Wait, wait_of, waits_of_newcomers
from tests.server_stub.enrolled import MONDAY_NOON, new_id

NOON = MONDAY_NOON


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


@pytest.fixture
def store(room):
    """The store of the room, for visits and passages as a day has left them."""
    with room.engine.execution_options(writes=True).begin() as connection:
        yield StoreOfVisits(connection, room.site)
        connection.rollback()


class StoreOfVisits:
    """Visits and passages, put where the use cases of some hours would have put them."""

    def __init__(self, connection: Connection, site) -> None:
        self.connection = connection
        self.site = site

    def visit(
        self,
        stage: str = "housing",
        *,
        since: float = 0,
        persons: int = 1,
        calling_class: CallingClass = CallingClass.OTHERS,
        **columns: object,
    ) -> UUID:
        visit = new_id()
        row = {
            "site": self.site.id,
            "id": visit,
            "number": "D101",
            "kiosk": "entrance-1",
            "adults": 1,
            "children": persons - 1,
            "route": [stage],
            "stage": stage,
            "state": "waiting",
            "calls": 0,
            "arrived_at": ago(since),
            "arrival_order": 1,
            "service_day": NOON.date(),
            "version": 1,
            "priority_proposed": False,
            "marked": "",
            "waits_from": ago(since),
            "calling_class": calling_class.value,
            "priority": calling_class is CallingClass.PRIORITY,
            "passed_over": 0,
            "inside": False,
            "stage_since": ago(since),
            "by_hand": False,
        }
        self.connection.execute(tables.visit.insert().values(row | columns))
        return visit

    def at_counter(self, counter: str, *, called: float, **columns: object) -> UUID:
        columns = {"state": "serving", "calls": 1, "since": called + 5} | columns
        return self.visit(
            counter=counter, called_at=ago(called), first_called_at=ago(called), **columns
        )

    def passed(
        self,
        counter: str,
        *,
        ended: float,
        minutes: float = 20,
        waited: float = 5,
        ended_by: str = "forward",
        stage: str = "housing",
        **columns: object,
    ) -> None:
        """A party that was served for some minutes, until some minutes ago."""
        visit = self.visit(stage, state="finished", **columns)
        self.connection.execute(
            tables.passage.insert().values(
                site=self.site.id,
                id=new_id(),
                visit=visit,
                stage=stage,
                service_day=NOON.date(),
                persons=columns.get("persons", 1),
                waited_from=ago(ended + minutes + waited),
                first_called_at=ago(ended + minutes),
                served_at=ago(ended + minutes - 1),
                ended_at=ago(ended),
                counter=counter,
                ended_by=ended_by,
            )
        )

    def newcomer(self, stage: str = "housing") -> Wait:
        return waits_of_newcomers(self.connection, self.site, at=NOON)[stage]

    def wait_of(self, visit: UUID) -> Wait | None:
        return wait_of(self.connection, self.site, visit=visit, at=NOON)


def test_an_empty_stage_that_nobody_has_worked_at_says_nothing(store):
    assert store.newcomer() == Wait(parties_ahead=0, persons_ahead=0, range=None)


def test_the_wait_follows_from_who_waits_and_what_services_took(store):
    for hour in range(10):
        store.passed("3", ended=30 + 20 * hour)
    store.at_counter("3", called=10)
    for since in (9, 8, 6, 2):
        store.visit(since=since, persons=3)

    # Four of 20 minutes each at one counter, and what is left of the one that is served now.
    assert store.newcomer() == Wait(4, 12, WaitRange(60, 120))


def test_where_each_person_is_served_persons_are_counted(store):
    for n in range(8):
        store.passed("4", ended=1 + 40 * n, minutes=40, persons=2, stage="registration")
    store.at_counter("4", called=5, stage="registration")
    store.visit("registration", persons=3)

    # One party of three persons, twenty minutes each.
    assert store.newcomer("registration") == Wait(1, 3, WaitRange(50, 120))


def test_two_counters_take_half_the_time(store):
    for n in range(10):
        store.passed("3", ended=11 + 20 * n)
        store.passed("3b", ended=11 + 20 * n)
    store.at_counter("3", called=10)
    for _ in range(8):
        store.visit()
    at_one = store.newcomer().range

    store.at_counter("3b", called=10)

    assert (at_one, store.newcomer().range) == (WaitRange(120, 210), WaitRange(60, 120))


def test_a_counter_that_calls_nobody_while_parties_wait_is_closed(store):
    for n in range(10):
        store.passed("3", ended=11 + 20 * n)

    assert store.newcomer().range == WaitRange(0, 5)  # it had nobody to call
    store.visit(since=8)
    assert store.newcomer() == Wait(1, 1, None)


def test_a_party_that_nobody_ended_keeps_no_counter(store):
    for n in range(10):
        store.passed("3b", ended=1 + 20 * n)
    store.at_counter("3", called=5 * 60)
    store.at_counter("3b", called=1)
    store.visit()
    store.visit()

    assert store.newcomer().range == WaitRange(30, 90)  # as at one counter


def test_before_enough_was_measured_the_last_wait_stands_in(store):
    for n in range(3):
        store.passed("3", ended=5 + 20 * n, waited=30)
    store.at_counter("3", called=4, since=40)
    store.visit(since=20)
    store.visit(since=10)

    # 36 minutes, give or take as much as two parties leave open.
    assert store.newcomer().range == WaitRange(10, 90)


def test_parties_that_were_not_served_tell_nothing_of_services(store):
    for n in range(10):
        store.passed("3", ended=5 + 2 * n, minutes=1, ended_by="leave")
    store.at_counter("3", called=2, since=2)
    store.visit()

    assert store.newcomer().range is None


def test_what_services_took_is_read_of_the_last_ones_only(store):
    for n in range(LAST_SERVICES):
        store.passed("3", ended=5 + 10 * n, minutes=10)
    before = store.newcomer()
    for n in range(30):
        store.passed("3", ended=1000 + n, minutes=60)

    assert store.newcomer() == before


def test_a_party_that_was_away_between_call_and_service_kept_no_counter_meanwhile(store):
    for n in range(8):
        store.passed("3", ended=5 + 20 * n, minutes=20)
    before = store.newcomer()

    store.connection.execute(
        tables.passage.update().values(first_called_at=ago(300))  # parked, and called again
    )

    assert store.newcomer() == before


def test_priority_is_ahead_of_a_newcomer_but_for_one_call_in_three(store):
    store.at_counter("3", called=2)
    for _ in range(5):
        store.visit(calling_class=CallingClass.PRIORITY, persons=2)
    store.visit(persons=4)

    # priority, priority, the other, priority, priority, the newcomer, priority
    assert store.newcomer().parties_ahead == 5
    assert store.newcomer().persons_ahead == 4 + 4 * 2


def test_how_the_last_calls_went_is_known(store):
    for _ in range(3):
        store.visit(calling_class=CallingClass.PRIORITY)
    store.connection.execute(
        tables.stage_calls.insert().values(site=store.site.id, stage="housing", priority_run=2)
    )

    assert store.newcomer().parties_ahead == 0


def test_a_visit_waits_for_those_before_it_in_the_order_of_calling(store):
    first = store.visit(since=30)
    second = store.visit(since=20)
    carried_over = store.visit(since=10, calling_class=CallingClass.CARRIED_OVER)
    with_priority = store.visit(since=5, calling_class=CallingClass.PRIORITY)
    another = store.visit(since=4, calling_class=CallingClass.PRIORITY)

    def ahead(visit: UUID) -> int:
        wait = store.wait_of(visit)
        assert wait is not None
        return wait.parties_ahead

    visits = (with_priority, another, carried_over, first, second)
    assert [ahead(visit) for visit in visits] == [0, 1, 2, 3, 4]


def test_parties_that_arrived_at_one_instant_wait_in_the_order_of_their_kiosk(store):
    second = store.visit(since=10, arrival_order=8)
    first = store.visit(since=10, arrival_order=7)

    assert (store.wait_of(first).parties_ahead, store.wait_of(second).parties_ahead) == (0, 1)


def test_a_visit_is_told_the_range_of_those_before_it(store):
    for n in range(10):
        store.passed("3", ended=1 + 20 * n)
    store.at_counter("3", called=1)
    visits = [store.visit(since=20 - n) for n in range(6)]

    ranges = [store.wait_of(visit).range for visit in visits]

    assert ranges[0] == WaitRange(0, 30)
    assert ranges[5] == WaitRange(60, 150)
    assert store.newcomer().range.minutes_to >= ranges[5].minutes_to


def test_the_first_in_line_is_not_told_of_a_counter_that_calls_nobody(store):
    for n in range(10):
        store.passed("3", ended=15 + 20 * n)
    alone = store.visit(since=14)

    assert store.wait_of(alone) == Wait(0, 0, None)


@pytest.mark.parametrize("state", ["called", "serving", "parked", "finished"])
def test_a_visit_that_waits_for_no_call_has_no_wait(store, state):
    assert store.wait_of(store.visit(state=state)) is None


def test_nobody_has_the_wait_of_an_unknown_visit(store):
    assert store.wait_of(new_id()) is None


@pytest.mark.sqlite
def test_waits_are_read_by_indices(store):
    """A history of years must cost a heartbeat nothing."""
    statements = []

    @event.listens_for(store.connection.engine, "before_cursor_execute")
    def note(_conn, _cursor, statement, parameters, *_rest):
        statements.append((statement, parameters))

    try:
        store.at_counter("3", called=1)
        waiting = store.visit()
        del statements[:]
        store.newcomer()
        store.wait_of(waiting)
    finally:
        event.remove(store.connection.engine, "before_cursor_execute", note)

    assert len({statement for statement, _ in statements}) >= 5
    for statement, parameters in statements:
        plan = store.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row.detail for row in plan]
        assert not [step for step in steps if step.startswith("SCAN")], steps


def test_a_kiosk_is_told_the_range_of_each_stage(room, kiosk):
    with room.engine.execution_options(writes=True).begin() as connection:
        day = StoreOfVisits(connection, room.site)
        for n in range(10):
            day.passed("1", ended=1 + 5 * n, minutes=4, stage="information")
        day.at_counter("1", called=1, stage="information")
        day.visit("information", persons=2)

    answer = room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device))

    told = {wait.stage: wait for wait in answer.waits}
    here = told["information"]
    assert (here.parties_ahead, here.minutes_from, here.minutes_to) == (1, 0, 10)
    assert (told["housing"].minutes_from, told["housing"].minutes_to) == (None, None)
