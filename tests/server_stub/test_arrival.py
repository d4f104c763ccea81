from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.arrival import age_in_seconds, arrived_at, beginning_of, service_day
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


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001  # given a zone below
def test_service_days_never_go_backwards(moment):
    now = moment.replace(tzinfo=UTC)

    assert service_day(now, BERLIN) <= service_day(now + timedelta(minutes=20), BERLIN)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)])
def test_a_service_day_begins_where_the_one_before_ends(day):
    began = beginning_of(day, BERLIN)

    assert began.astimezone(ZoneInfo(BERLIN)).hour == 4
    assert service_day(began, BERLIN) == day
    assert service_day(began - timedelta(microseconds=1), BERLIN) == day - timedelta(days=1)
