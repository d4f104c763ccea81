from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server_stub.arrival import (
    DAY_BEGINS,
    LONGEST_AGE,
    STEP_BACK,
    age_in_seconds,
    arrived_at,
    beginning_of,
    service_day,
)
from tests.server_stub.enrolled import MONDAY_NOON

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("header", "age"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("-inf", 0.0),
        ("99999999", None),
        ("-3", 0.0),
        ("0", 0.0),
        ("12.5", 12.5),
    ],
)
def test_an_age_that_is_absent_or_absurd_is_ignored(header, age):
    assert age_in_seconds(header) == age


def test_a_party_arrived_before_its_check_in_was_received():
    assert arrived_at(MONDAY_NOON, age=60) == MONDAY_NOON - timedelta(seconds=60)
    assert arrived_at(MONDAY_NOON, age=None) == MONDAY_NOON


def test_a_party_never_arrives_before_an_earlier_one_of_its_kiosk():
    earlier = MONDAY_NOON - timedelta(seconds=10)

    assert arrived_at(MONDAY_NOON, age=60, after=earlier) == earlier


def test_a_party_never_arrives_after_a_later_one_of_its_kiosk():
    later = MONDAY_NOON - timedelta(seconds=10)

    assert arrived_at(MONDAY_NOON, age=None, before=later) == later


def test_a_server_clock_that_is_set_back_a_little_leaves_a_kiosk_its_order():
    later = MONDAY_NOON + STEP_BACK

    assert arrived_at(MONDAY_NOON, age=0, after=later) == later


def test_a_server_clock_that_was_wrong_by_more_draws_nobody_with_it():
    """The party before came while the server's clock was wrong by a year."""
    next_year = MONDAY_NOON + timedelta(days=365)
    a_bit_more = MONDAY_NOON + STEP_BACK + timedelta(microseconds=1)

    assert arrived_at(MONDAY_NOON, age=60, after=next_year) == MONDAY_NOON
    assert arrived_at(MONDAY_NOON, age=60, after=a_bit_more) == MONDAY_NOON
    assert arrived_at(MONDAY_NOON, age=60, after=next_year, before=next_year) == MONDAY_NOON


def test_a_party_whose_kiosk_was_started_anew_arrived_when_its_wall_clock_said():
    three_hours_ago = MONDAY_NOON - timedelta(hours=3)
    in_kolkata = three_hours_ago.astimezone(ZoneInfo("Asia/Kolkata"))

    assert arrived_at(MONDAY_NOON, age=None, made_at=in_kolkata) == three_hours_ago
    assert arrived_at(MONDAY_NOON, age=None, made_at=in_kolkata).tzinfo is UTC
    assert arrived_at(MONDAY_NOON, age=60, made_at=in_kolkata) == MONDAY_NOON - timedelta(minutes=1)


@pytest.mark.parametrize(
    "made_at",
    [
        datetime.min.replace(tzinfo=ZoneInfo("Pacific/Kiritimati")),
        datetime(1970, 1, 1, tzinfo=UTC),
        MONDAY_NOON - timedelta(hours=24, microseconds=1),
        MONDAY_NOON + timedelta(microseconds=1),
        MONDAY_NOON + timedelta(days=730),
        datetime.max.replace(tzinfo=ZoneInfo("Pacific/Niue")),
    ],
)
def test_a_wall_clock_that_is_absurd_moves_nobody_in_the_queue(made_at):
    assert arrived_at(MONDAY_NOON, age=None, made_at=made_at) == MONDAY_NOON


MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # of the argument after them
NEAR = st.integers(-(10**6), 10**6).map(lambda seconds: MONDAY_NOON + timedelta(seconds=seconds))


@given(
    st.none() | st.floats(0, LONGEST_AGE),
    st.none() | NEAR | MOMENTS,
    st.none() | NEAR | MOMENTS,
    st.none() | NEAR | MOMENTS,
)
def test_whatever_clocks_say_a_party_arrives_within_its_neighbours_and_not_later_than_now(
    age, made_at, after, before
):
    arrived = arrived_at(MONDAY_NOON, age=age, made_at=made_at, after=after, before=before)

    assert arrived <= MONDAY_NOON + STEP_BACK
    assert after is None or arrived >= min(after, MONDAY_NOON)
    assert before is None or (after is not None and after > before) or arrived <= before


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2026-11-23T03:59:59+01:00", date(2026, 11, 22)),
        ("2026-11-23T04:00:00+01:00", date(2026, 11, 23)),
        # Clocks go back: 03:59 still belongs to the night, both times that 02:30 comes.
        ("2026-10-25T02:30:00+02:00", date(2026, 10, 24)),
        ("2026-10-25T02:30:00+01:00", date(2026, 10, 24)),
        ("2026-10-25T03:59:59+01:00", date(2026, 10, 24)),
        ("2026-10-25T04:00:00+01:00", date(2026, 10, 25)),
        # Clocks go forward: 02:00 to 03:00 is left out.
        ("2026-03-29T01:59:59+01:00", date(2026, 3, 28)),
        ("2026-03-29T03:59:59+02:00", date(2026, 3, 28)),
        ("2026-03-29T04:00:00+02:00", date(2026, 3, 29)),
    ],
)
def test_a_service_day_begins_at_four_on_the_wall_clock(local, day):
    assert service_day(datetime.fromisoformat(local).astimezone(UTC), BERLIN) == day


@pytest.mark.parametrize(
    ("local", "zone", "day"),
    [
        ("2028-02-29T03:59:59+01:00", BERLIN, date(2028, 2, 28)),
        ("2028-02-29T12:00:00+01:00", BERLIN, date(2028, 2, 29)),
        ("2028-03-01T03:59:59+01:00", BERLIN, date(2028, 2, 29)),
        ("2027-01-01T00:00:00+01:00", BERLIN, date(2026, 12, 31)),
        ("2026-11-23T03:59:59+05:30", "Asia/Kolkata", date(2026, 11, 22)),
        ("2026-11-23T04:00:00+05:30", "Asia/Kolkata", date(2026, 11, 23)),
        ("2026-11-23T03:59:59+05:45", "Asia/Kathmandu", date(2026, 11, 22)),
        # Half an hour, and a change at 02:45 that ends at 03:45.
        ("2026-10-04T03:59:59+11:00", "Australia/Lord_Howe", date(2026, 10, 3)),
        ("2026-09-27T03:59:59+13:45", "Pacific/Chatham", date(2026, 9, 26)),
        ("2026-09-27T04:00:00+13:45", "Pacific/Chatham", date(2026, 9, 27)),
    ],
)
def test_leap_days_new_year_and_zones_of_half_hours_begin_at_four_too(local, zone, day):
    assert service_day(datetime.fromisoformat(local).astimezone(UTC), zone) == day


ZONES = st.sampled_from(sorted(available_timezones()))
DAYS = st.dates(date(2026, 1, 1), date(2037, 12, 30))
CHANGES = st.sampled_from([date(year, month, 25) for year in (2026, 2031) for month in (3, 10)])
NEAR_CHANGES = st.builds(lambda day, off: day + timedelta(days=off), CHANGES, st.integers(-9, 9))


@given(ZONES, DAYS | NEAR_CHANGES, st.integers(0, 24 * 60))
def test_in_every_zone_service_days_never_go_backwards(zone, day, minute):
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)

    assert service_day(now, zone) <= service_day(now + timedelta(minutes=20), zone)


@given(ZONES, DAYS | NEAR_CHANGES)
@example(BERLIN, date(2026, 3, 29))
@example(BERLIN, date(2026, 10, 25))
@example("Pacific/Chatham", date(2026, 9, 27))
def test_in_every_zone_a_service_day_begins_where_the_one_before_ends(zone, day):
    began = beginning_of(day, zone)

    assert began.astimezone(ZoneInfo(zone)).time() == DAY_BEGINS
    assert service_day(began, zone) == day
    assert service_day(began - timedelta(microseconds=1), zone) == day - timedelta(days=1)
