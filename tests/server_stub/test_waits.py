import re
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from server_stub import tables
from server_stub.visit import CallingClass
from server_stub.wait_estimate import WaitRange, estimate, pace_of
from server_stub.waits import LAST_SERVICES, Wait, wait_of, work_at_stages
from tests.server_stub.asked_of_sqlite import asked_of_sqlite, plan_of
from tests.server_stub.enrolled import new_id
from tests.server_stub.put_visits import NOON, PutVisits, ago
from tests.server_stub.simulated_day import PER_PERSON, Minutes, Party, Stage, make_day
from tests.server_stub.waits_of_a_day import queue_before

pytestmark = pytest.mark.both_databases

DAY = 24 * 60


@pytest.fixture
def store(room):
    """The store of the room, for visits and passages as a day has left them."""
    with room.engine.execution_options(writes=True).begin() as connection:
        yield PutVisits(connection, room.site)
        connection.rollback()


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


def test_a_party_whose_size_could_not_be_read_is_one_person(store):
    store.visit("registration", adults=0, children=0)

    assert store.newcomer("registration").persons_ahead == 1


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


def test_a_counter_that_had_nobody_to_call_is_open_however_many_others_served_since(store):
    store.passed("3a", ended=50, minutes=1)
    for n in range(LAST_SERVICES + 5):
        store.passed("3b", ended=1 + n, minutes=1)

    work = work_at_stages(store.connection, store.site, at=NOON)["housing"][1]

    assert work.counters == {"3a", "3b"}
    assert len(work.services) == LAST_SERVICES


def test_who_leaves_without_having_been_called_lets_go_of_no_counter(store):
    store.passed("3", ended=5)
    store.passed(None, ended=2, ended_by="leave")

    work = work_at_stages(store.connection, store.site, at=NOON)["housing"][1]

    assert work.counters == {"3"}


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


def test_the_first_in_line_tells_that_the_wait_has_grown(store):
    store.passed("3", ended=21, waited=5)
    store.at_counter("3", called=20, since=28)
    store.visit(since=60)
    for _ in range(8):
        store.visit(since=1)

    # Nine are ahead; the last one waited 8 minutes, the first in line has waited an hour.
    assert store.newcomer().range == WaitRange(30, 120)


def test_the_wait_of_a_party_with_priority_is_nobody_elses(store):
    store.at_counter("3", called=10, since=50)
    store.at_counter("3b", called=1, since=2, calling_class=CallingClass.PRIORITY)
    for _ in range(9):
        store.visit(since=1)

    assert store.newcomer().range == WaitRange(20, 90)  # forty minutes, not one


def test_a_party_that_was_called_long_ago_tells_nothing_of_the_wait_now(store):
    store.at_counter("3", called=29, since=69)
    for _ in range(9):
        store.visit(since=0)
    assert store.newcomer().range == WaitRange(20, 90)

    store.connection.execute(tables.visit.update().values(first_called_at=ago(31)))

    assert store.newcomer().range is None


@pytest.mark.parametrize(("days", "told"), [(13, WaitRange(15, 50)), (15, WaitRange(0, 15))])
def test_services_of_long_ago_tell_nothing_of_today(store, days, told):
    for n in range(20):
        store.passed("3", ended=days * DAY + n)
    store.at_counter("3", called=5, since=10)
    store.visit()

    # Twenty minutes each; or what the one at the counter has waited, five minutes.
    assert store.newcomer().range == told


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
    store.at_counter("3", called=5)
    store.visit()
    before = store.newcomer()
    assert before.range

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
    store.last_calls("housing", priority_run=2)

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


LOOKED_UP = {
    "INDEX ix_visit_waiting (site=? AND stage=?)",
    "INDEX uq_visit_at_counter (site=?)",
    "INDEX sqlite_autoindex_visit_1 (site=? AND id=?)",
    "INDEX ix_passage_stage (site=? AND stage=? AND ended_at>?)",
    "COVERING INDEX ix_passage_counter (site=? AND stage=?)",
    "COVERING INDEX ix_passage_counter (site=? AND stage=? AND counter>?)",
    "COVERING INDEX ix_passage_counter (site=? AND stage=? AND counter=? AND ended_at>?)",
}
"""Each finds what is here now, or one of each counter: none reads what has been."""


@pytest.mark.sqlite
def test_waits_are_read_by_indices(store):
    """A history of years must cost a heartbeat nothing."""
    store.at_counter("3", called=1)
    waiting = store.visit()
    with asked_of_sqlite(store.connection) as asked:
        store.newcomer()
        store.wait_of(waiting)

    assert len(asked) >= 7
    for statement in asked:
        steps = plan_of(store.connection, statement)
        scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
        assert not scanned & {*tables.metadata.tables}, steps
        looked_up = re.findall(r"SEARCH (?:visit|passage) USING ([^']+)", str(steps))
        assert set(looked_up) <= LOOKED_UP, steps


def test_a_kiosk_is_told_the_range_of_each_stage(room, kiosk):
    with room.engine.execution_options(writes=True).begin() as connection:
        day = PutVisits(connection, room.site)
        for n in range(10):
            day.passed("1", ended=1 + 5 * n, minutes=4, stage="information")
        day.at_counter("1", called=1, stage="information")
        day.visit("information", persons=2)

    answer = room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device))

    told = {wait.stage: wait for wait in answer.waits}
    here = told["information"]
    assert (here.parties_ahead, here.minutes_from, here.minutes_to) == (1, 0, 10)
    assert (told["housing"].minutes_from, told["housing"].minutes_to) == (None, None)


# --- what counters really do ------------------------------------------------------------------


def ahead_of(room, visit: UUID, *, at: datetime) -> int:
    with room.engine.connect() as connection:
        wait = wait_of(connection, room.site, visit=visit, at=at)
    assert wait is not None
    return wait.parties_ahead


def test_what_counters_do_is_what_a_kiosk_is_told_by(room, kiosk, clock):
    for sequence in range(1, 11):  # ten parties, four minutes each
        room.admit(kiosk, kiosk.check_in(sequence))
        visit = room.call_next("1")
        clock.move(240)
        room.do(room.room.forward, visit)
    for sequence in range(11, 17):
        room.admit(kiosk, kiosk.check_in(sequence))
    room.call_next("1")

    answer = room.run(room.room.hear(kiosk.heartbeat(highest=16), device=kiosk.device))

    waits = {wait.stage: wait for wait in answer.waits}
    here, next_stage = waits["information"], waits["housing"]
    assert (here.parties_ahead, here.minutes_from, here.minutes_to) == (5, 15, 30)
    assert (next_stage.parties_ahead, next_stage.minutes_from) == (10, None)


def test_parties_are_called_after_as_many_as_they_were_told(room, kiosk, clock):
    for sequence in range(1, 10):
        room.admit(kiosk, kiosk.check_in(sequence))
    for visit in room.snapshot().visits[:5]:  # those that came last
        room.do(room.room.set_priority, visit, saying={"priority": True}, counter="1")

    told = {visit.id: ahead_of(room, visit.id, at=clock.now) for visit in room.snapshot().visits}
    called = []
    while visit := room.call_next("1"):
        called.append(visit.id)
        room.do(room.room.finish, visit)

    assert sorted(told.values()) == list(range(9))
    assert sorted(told, key=lambda visit: told[visit]) == called


# --- a whole day -----------------------------------------------------------------------------

STAGES = {
    "info": "information",
    "housing": "housing",
    PER_PERSON: "registration",
    "benefits": "benefits",
    "onward": "onward-travel",
}
"""Stages of the simulated day, and of the site that have them."""


def put(store: PutVisits, stage: Stage, now: Minutes) -> dict[UUID, Party]:
    """Put a simulated stage into the store; return who waits there."""
    there = STAGES[stage.name]

    def known(party: Party) -> dict[str, object]:
        first = CallingClass.PRIORITY if party.priority else CallingClass.OTHERS
        return {"stage": there, "persons": party.persons, "calling_class": first}

    for gone in stage.gone:
        store.passed(
            f"{there}-{gone.counter}",
            ended=now - gone.ended,
            minutes=gone.ended - gone.called,
            waited=gone.called - gone.came,
            **known(gone.party),
        )
    for counter, (party, called) in stage.taken.items():
        times = {"called": now - called, "since": now - party.here_since}
        store.at_counter(f"{there}-{counter}", **times, **known(party))
    store.last_calls(there, priority_run=stage.priority_run)
    return {
        store.visit(since=now - party.here_since, **known(party)): party
        for party in (*stage.first, *stage.normal)
    }


def calling_order(stage: Stage) -> list[Party]:
    """Return who waits in the order in which they will be called, if nobody else comes."""
    so_far = replace(stage, first=stage.first.copy(), normal=stage.normal.copy())
    return [so_far.take_next() for _ in range(len(stage.first) + len(stage.normal))]


@pytest.mark.parametrize("hour", [10.2, 12.5])
def test_what_the_store_tells_is_what_happened(store, hour):
    """Of a simulated day that is put into the store, the same is told as of the day itself."""
    now, told, waiting = hour * 60, [], 0
    day = make_day(1000, seed=5, tell=lambda *_: (), staffing=0.8)
    day.pass_by(until=now)

    for stage in (day.stages[name] for name in STAGES):
        visits = put(store, stage, now)
        newcomer = Party(persons=1, route=(), priority=False)
        pace = pace_of([gone.service for gone in stage.gone[-LAST_SERVICES:]])
        expected = estimate(queue_before(stage, newcomer, now), pace)
        assert store.newcomer(STAGES[stage.name]).range == expected
        told.append(expected)
        order = calling_order(stage)
        for visit, party in visits.items():
            assert store.wait_of(visit).parties_ahead == order.index(party)
        waiting += len(visits)

    assert len([one for one in told if one]) >= 3, "the day must be one on which waits are told"
    assert waiting >= 30
