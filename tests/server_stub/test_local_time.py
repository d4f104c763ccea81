from datetime import UTC, datetime, timedelta

import pytest

from server_stub.local_time import clock_time, day_and_time, told
from tests.server_stub.enrolled import MONDAY_NOON

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(BERLIN, "12:00"), ("Asia/Kolkata", "16:30"), ("Asia/Kathmandu", "16:45"), ("UTC", "11:00")],
)
def test_a_time_is_that_of_the_sites_own_clocks(zone, shown):
    assert clock_time(MONDAY_NOON, zone) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-23T03:00:00+00:00", "04:00"),  # of this service day
        ("2026-11-23T02:59:59+00:00", "Mo. 23.11. 03:59"),  # of the night before
        ("2026-11-22T11:00:00+00:00", "So. 22.11. 12:00"),
        ("2026-10-25T00:30:00+00:00", "So. 25.10. 02:30"),
        ("2025-11-23T11:00:00+00:00", "So. 23.11.2025 12:00"),
        ("2066-11-23T11:00:00+00:00", "Di. 23.11.2066 12:00"),
    ],
)
def test_a_moment_of_another_service_day_is_told_with_its_day(moment, shown):
    at = datetime.fromisoformat(moment)

    assert told(at, BERLIN, now=MONDAY_NOON, language="de") == shown


def test_the_last_night_of_a_year_is_told_with_its_year_on_the_first_morning():
    noon = datetime(2027, 1, 1, 11, tzinfo=UTC)

    assert told(noon - timedelta(days=1), BERLIN, now=noon, language="de") == "Do. 31.12.2026 12:00"


def test_english_names_the_month_for_nobody_agrees_on_the_order_of_its_digits():
    assert day_and_time(MONDAY_NOON, BERLIN, language="en") == "Mon 23 Nov 12:00"
