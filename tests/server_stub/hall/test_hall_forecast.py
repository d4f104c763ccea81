import math

import pytest

from server_stub.hall_forecast import Desks, Forecast, Traffic, desks, forecast, queue_exceeds
from server_stub.wait_estimate import Pace, WaitRange


def pace(minutes: float, *, variation: float = 0.5) -> Pace:
    return Pace(services=40, minutes=minutes, variation=variation, residual=minutes / 2)


def test_desks_for_a_steady_stream_are_erlangs() -> None:
    # A load of 8: at 9 desks 65 % wait and 33 % longer than the 10 minutes; at 10 desks 41 % wait
    # (Erlang C of 8 and 10 is 0.4092), and 15 % longer.
    stream = Traffic(waiting=0, came=24, served=24, counters=10, pace=pace(20))

    assert desks(stream, target=10) == Desks(for_comers=10, for_queue=0)


def test_nobody_who_comes_and_nobody_who_waits_needs_no_desk() -> None:
    quiet = Traffic(waiting=0, came=0, served=3, counters=2, pace=pace(20))

    found = desks(quiet, target=20)

    assert found == Desks(0, 0)
    assert found.needed == 0


def test_a_queue_needs_the_desks_that_serve_it_within_the_hour() -> None:
    # 30 who wait and 6 who come, 10 minutes each, are six hours of work.
    rush = Traffic(waiting=30, came=6, served=0, counters=1, pace=pace(10))

    found = desks(rush, target=20)

    assert found is not None
    assert (found.for_comers, found.for_queue, found.needed) == (2, 6, 6)


def test_a_rate_of_half_an_hour_counts_twice() -> None:
    early = Traffic(waiting=0, came=12, served=0, counters=1, hours=0.5, pace=pace(20))

    assert desks(early, target=10) == desks(
        Traffic(waiting=0, came=24, served=0, counters=1, pace=pace(20)), target=10
    )


def test_without_a_measured_pace_no_desks_are_named() -> None:
    assert desks(Traffic(waiting=9, came=9, served=2, counters=1), target=20) is None


def test_an_impossible_load_names_no_desks_instead_of_stopping_the_page() -> None:
    mistaken = Traffic(waiting=0, came=9000, served=0, counters=1, pace=pace(120))

    assert desks(mistaken, target=20) is None


def test_a_stage_at_which_nothing_happens_has_no_forecast() -> None:
    assert forecast(Traffic(waiting=0, came=0, served=0, counters=2, pace=pace(20))) is None


def test_a_queue_that_nobody_serves_only_grows() -> None:
    # 20 wait and 8.5 come, give or take 1.28 * sqrt(17) = 5.3.
    closed = Traffic(waiting=20, came=8, served=0, counters=0, pace=pace(20))

    assert forecast(closed) == Forecast(23, 34, None)


def test_a_rush_is_what_is_left_of_the_sum() -> None:
    # 40 + 10.5 - 4 * 6 = 26.5; variance 2 * 10.5 + 24 / 4 + 24 ** 2 / 160 = 30.6, so 7.1.
    rush = Traffic(waiting=40, came=10, served=20, counters=4, pace=pace(10))

    # At least 19 parties of 10 minutes at four counters less 15 %, at most 35 and 15 % more.
    assert forecast(rush) == Forecast(19, 34, WaitRange(40, 120))


def test_a_queue_without_drift_is_a_reflected_walk() -> None:
    # |B|: twice the tail of the normal distribution.
    for parties, tail in ((0, 1.0), (6.7448975, 0.5), (12.8155157, 0.2), (16.4485363, 0.1)):
        found = queue_exceeds(parties, waiting=0, drift=0, deviation=10)
        assert found == pytest.approx(tail, abs=1e-7)


def test_a_queue_with_time_to_spare_ends_as_the_exponential_that_it_tends_to() -> None:
    # exp(2 * drift * x / deviation ** 2), whatever waited an hour ago.
    for waiting in (0, 20):
        found = queue_exceeds(3, waiting=waiting, drift=-60, deviation=8)
        assert found == pytest.approx(math.exp(-360 / 64), rel=1e-3)


def test_a_long_queue_is_the_plain_sum() -> None:
    found = queue_exceeds(90, waiting=100, drift=-10, deviation=5)

    assert found == pytest.approx(0.5, abs=1e-6)


def test_counters_with_time_to_spare_leave_a_short_queue() -> None:
    # Erlang's queue of a load of 8.2 at 10 desks is no longer than 7, nine times in ten; that the
    # rate itself is known only from an hour makes it longer.
    steady = Traffic(waiting=0, came=24, served=24, counters=10, pace=pace(20))

    found = forecast(steady)

    assert found is not None
    assert (found.parties_from, found.parties_to) == (0, 9)


def test_a_train_that_came_within_the_hour_is_not_expected_again() -> None:
    # 9 in the other three quarters are 12.7 an hour; with the 30 of the train it would be 39.5.
    train = Traffic(waiting=50, came=39, busiest=30, served=0, counters=0)

    found = forecast(train)

    assert found is not None
    assert found.parties_to == 70  # 50 + 12.7 + 1.28 * sqrt(12.7 * (1 + 4 / 3))


def test_an_hour_that_has_just_begun_has_no_busiest_quarter() -> None:
    begun = Traffic(waiting=0, came=10, busiest=10, served=0, counters=0, hours=0.25)

    found = forecast(begun)

    assert found is not None
    assert found.parties_from > 20


def test_before_a_pace_is_known_the_last_hour_goes_on() -> None:
    # 10 + 12.5 - 6 = 16.5, give or take 1.28 * sqrt(25 + 6) = 7.1.
    new = Traffic(waiting=10, came=12, served=6, counters=1)

    assert forecast(new) == Forecast(9, 24, None)


def test_what_nobody_serves_now_is_not_served_because_somebody_did_before() -> None:
    gone_home = Traffic(waiting=10, came=0, served=30, counters=0)

    found = forecast(gone_home)

    assert found is not None
    assert found.parties_from >= 9


def test_no_range_is_told_of_a_wait_beyond_all_honesty() -> None:
    crowd = Traffic(waiting=300, came=60, served=3, counters=1, pace=pace(20))

    found = forecast(crowd)

    assert found is not None
    assert found.wait is None


@pytest.mark.parametrize("waiting", [0, 1, 5, 50])
@pytest.mark.parametrize("came", [0, 1, 7, 60])
@pytest.mark.parametrize("counters", [0, 1, 3, 40])
def test_a_range_never_ends_before_it_begins(waiting: int, came: int, counters: int) -> None:
    found = forecast(
        Traffic(waiting=waiting, came=came, served=1, counters=counters, pace=pace(12))
    )

    assert found is not None
    assert 0 <= found.parties_from <= found.parties_to
    if found.wait:
        assert found.wait.minutes_from < found.wait.minutes_to
