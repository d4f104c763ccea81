import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.erlang import erlang_c, mean_wait
from server_stub.wait_estimate import (
    ENDS,
    ENOUGH_SERVICES,
    UNFORESEEN,
    Expected,
    Pace,
    Queue,
    Service,
    WaitRange,
    called_before,
    called_before_priority,
    estimate,
    expect,
    pace_of,
    range_of,
)

TWENTY_MINUTES = Pace(services=40, minutes=20, variation=0.5, residual=12.5)

paces = st.builds(
    Pace,
    services=st.integers(ENOUGH_SERVICES, 40),
    minutes=st.floats(1, 60),
    variation=st.floats(0, 2),
    residual=st.floats(0, 90),
)
counters = st.integers(1, 40)


@st.composite
def queues(draw) -> Queue:
    there = draw(counters)
    return Queue(
        ahead=draw(st.integers(0, 300)),
        counters=there,
        taken=draw(st.integers(0, there)),
        overtaking=draw(st.floats(0, 1)),
        last_wait=draw(st.none() | st.floats(0, 600)),
    )


# --- the pace of a stage ---------------------------------------------------------------------


def test_a_pace_is_the_mean_of_what_was_measured():
    pace = pace_of([Service(10, 1), Service(30, 1)] * 10)

    assert (pace.services, pace.minutes) == (20, 20)
    assert pace.variation == pytest.approx(math.sqrt(20 * 100 / 19) / 20)
    # Of those found under way three in four are the long ones: (10 * 5 + 30 * 15) / 40.
    assert pace.residual == pytest.approx(12.5)


def test_where_each_person_is_served_the_pace_is_that_of_a_person():
    pace = pace_of([Service(20, 1), Service(40, 2), Service(80, 4)] * 4)

    assert (pace.minutes, pace.variation) == (20, 0)


def test_few_services_are_no_pace():
    assert pace_of([Service(20, 1)] * (ENOUGH_SERVICES - 1)) is None
    assert pace_of([Service(20, 1)] * ENOUGH_SERVICES).minutes == 20


def test_a_visit_that_nobody_ended_over_night_does_not_slow_the_day():
    usual = [Service(20, 1)] * 39

    assert pace_of([*usual, Service(14 * 60, 1)]).minutes == 20


def test_a_clock_that_was_set_back_makes_no_service_shorter():
    usual = [Service(20, 1)] * 39

    assert pace_of([*usual, Service(-60, 1)]) == pace_of(usual)
    assert pace_of([Service(-1, 1)] * 20) is None


def test_parties_that_are_only_clicked_through_are_no_pace():
    assert pace_of([Service(0, 1)] * 20) is None


@given(st.lists(st.builds(Service, st.floats(0.1, 500), st.integers(1, 10)), max_size=60))
def test_a_pace_lies_between_the_quickest_and_the_slowest(services):
    pace = pace_of(services)

    if pace:
        each = [service.minutes / service.units for service in services]
        assert min(each) * 0.999 <= pace.minutes <= max(each) * 1.001
        assert pace.residual > 0


# --- who is called first ---------------------------------------------------------------------


def calls(*, priority: int, others: int, run: int) -> list[str]:
    """Call until nobody waits: priority first, at most two of three calls."""
    called = []
    while priority or others:
        if priority and (run < 2 or not others):
            priority, run = priority - 1, min(run + 1, 2)
            called.append("priority")
        else:
            others, run = others - 1, 0
            called.append("other")
    return called


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2))
def test_those_called_before_a_party_are_those_that_really_are(priority, others, run):
    order = calls(priority=priority, others=others + 1, run=run)
    behind_all_others = max(index for index, who in enumerate(order) if who == "other")
    assert called_before(priority=priority, others=others, run=run) == behind_all_others

    order = calls(priority=priority + 1, others=others, run=run)
    behind_all_priority = max(index for index, who in enumerate(order) if who == "priority")
    assert called_before_priority(priority=priority, others=others, run=run) == behind_all_priority


# --- the range -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "taken", "told"),
    [
        (0, 3, WaitRange(0, 5)),  # the fourth counter is free
        (0, 4, WaitRange(0, 10)),
        (4, 4, WaitRange(10, 40)),
        (12, 4, WaitRange(40, 90)),
        (60, 4, WaitRange(210, 420)),
    ],
)
def test_the_wait_follows_from_who_is_ahead(ahead, taken, told):
    assert estimate(Queue(ahead, 4, taken), TWENTY_MINUTES) == told


def test_nothing_is_said_without_a_basis():
    assert estimate(Queue(ahead=5, counters=0, taken=0, last_wait=20), TWENTY_MINUTES) is None
    assert estimate(Queue(ahead=5, counters=2, taken=2), None) is None
    assert estimate(Queue(ahead=5, counters=2, taken=2, last_wait=0.0), None) is None
    assert estimate(Queue(ahead=0, counters=2, taken=2, last_wait=20), None) is None


def test_a_wait_beyond_all_counters_hours_is_not_told():
    assert estimate(Queue(ahead=200, counters=4, taken=4), TWENTY_MINUTES) is None


def test_before_enough_was_measured_the_last_wait_stands_in():
    told = estimate(Queue(ahead=10, counters=2, taken=2, last_wait=40), None)

    assert told == WaitRange(20, 90)


def test_a_stage_that_is_free_needs_no_measurements():
    assert estimate(Queue(ahead=0, counters=1, taken=0), None) == WaitRange(0, 5)


def test_no_expectation_of_any_wait_is_the_shortest_range():
    assert range_of(Expected(0, 0)) == WaitRange(0, 5)


@given(queues(), st.none() | paces)
def test_a_range_is_never_a_single_minute_and_has_ends_that_people_say(queue, pace):
    told = estimate(queue, pace)

    if told:
        assert told.minutes_from in ENDS
        assert told.minutes_to in ENDS
        assert told.minutes_to - told.minutes_from >= 5


@given(queues(), paces)
def test_a_range_holds_what_is_expected(queue, pace):
    told = estimate(queue, pace)

    if told and queue.ahead:
        assert told.minutes_from < expect(queue, pace).mean


@given(queues(), paces)
def test_one_more_ahead_is_never_a_shorter_wait(queue, pace):
    more = Queue(queue.ahead + 1, queue.counters, queue.taken, queue.overtaking)

    assert expect(more, pace).mean > expect(queue, pace).mean
    assert expect(more, pace).deviation > expect(queue, pace).deviation


@given(queues(), paces, st.integers(1, 5))
def test_more_open_counters_are_never_a_longer_wait(queue, pace, more):
    wider = Queue(queue.ahead, queue.counters + more, queue.taken, queue.overtaking)

    assert expect(wider, pace).mean <= expect(queue, pace).mean


@given(queues(), paces, st.floats(0, 1))
def test_priority_that_is_still_to_come_makes_the_others_wait_longer(queue, pace, share):
    without = Queue(queue.ahead, queue.counters, queue.taken)
    with_some = Queue(queue.ahead, queue.counters, queue.taken, overtaking=share)

    assert expect(without, pace).mean <= expect(with_some, pace).mean
    assert expect(with_some, pace).mean <= 3.001 * expect(without, pace).mean  # two of three calls


@pytest.mark.parametrize(("share", "longer"), [(0, 1), (0.25, 4 / 3), (0.5, 2), (0.9, 3), (1, 3)])
def test_what_goes_to_priority_does_not_go_to_the_others(share, longer):
    without = expect(Queue(10, 4, 4), TWENTY_MINUTES).mean

    with_some = expect(Queue(10, 4, 4, overtaking=share), TWENTY_MINUTES).mean

    assert with_some == pytest.approx(longer * without)


def test_even_regular_services_end_at_random_where_many_counters_work():
    """One counter that takes twenty minutes each time calls by the clock; ten do not."""
    regular = Pace(services=40, minutes=20, variation=0, residual=10)

    at_one = expect(Queue(5, 1, 1), regular)
    at_ten = expect(Queue(59, 10, 10), regular)

    assert at_one.mean == pytest.approx(110)  # five, and half of the one under way
    assert at_ten.mean == pytest.approx(119)
    unforeseen = UNFORESEEN * at_ten.mean
    assert math.hypot(unforeseen, 10 / 10, 2 * math.sqrt(18)) == pytest.approx(at_ten.deviation)
    assert math.hypot(UNFORESEEN * at_one.mean, 10) == pytest.approx(at_one.deviation)


@given(st.floats(1, 200), st.floats(0.05, 2))
def test_a_range_holds_the_share_that_it_is_made_for(mean, share):
    """Lognormal waits, drawn; four in five before the ends are moved outwards."""
    told = range_of(Expected(mean, mean * share))

    if told:
        spread = math.sqrt(math.log1p(share**2))
        chance = random.Random(1)  # noqa: S311  # the same draws each time
        waits = [chance.lognormvariate(math.log(mean) - spread**2 / 2, spread) for _ in range(300)]
        within = sum(told.minutes_from <= wait <= told.minutes_to for wait in waits)
        assert within >= 0.72 * 300  # four in five, and four standard errors


@pytest.mark.parametrize("load", [0.5, 0.8, 0.9, 0.95])
def test_over_a_long_time_the_mean_wait_is_erlangs(load):
    """With exponential services the queue-length estimator is exact, so its mean is Erlang's Wq.

    How many are ahead of an arrival that must wait is geometric: (1 - load) * load^n.
    """
    desks, service = 4, 20.0
    pace = Pace(services=40, minutes=service, variation=1.0, residual=service)
    expected = sum(
        (1 - load) * load**ahead * expect(Queue(ahead, desks, desks), pace).mean
        for ahead in range(2000)
    )
    share_that_waits = erlang_c(load * desks, desks=desks)
    mean = mean_wait(load * desks, desks=desks) * service
    assert share_that_waits * expected == pytest.approx(mean, rel=1e-6)
