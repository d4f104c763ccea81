"""Time at its edges, on a real store: nights when clocks change, and clocks that are wrong."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server_stub import tables
from tests.server_stub.enrolled import MONDAY_NOON


def visits(room) -> list[dict[str, object]]:
    return sorted(room.rows(tables.visit), key=lambda row: row["arrival_order"])


def check_in(kiosk, sequence: int, made_at: datetime):
    return kiosk.check_in(sequence).model_copy(update={"made_at": made_at})


@pytest.mark.parametrize(
    ("moments", "days"),
    [
        # 01:59 in Düsseldorf, then it is 03:00; 03:59 and 04:00.
        (
            ("2026-03-29 00:59", "2026-03-29 01:00", "2026-03-29 01:59", "2026-03-29 02:00"),
            ("2026-03-28", "2026-03-28", "2026-03-28", "2026-03-29"),
        ),
        # 02:30, and 02:30 again; 03:59 and 04:00.
        (
            ("2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:59", "2026-10-25 03:00"),
            ("2026-10-24", "2026-10-24", "2026-10-24", "2026-10-25"),
        ),
        # Midnight is an hour like any other; 04:00 on a leap day and on the day after.
        (
            ("2028-02-28 23:00", "2028-02-29 03:00", "2028-03-01 02:59", "2028-03-01 03:00"),
            ("2028-02-28", "2028-02-29", "2028-02-29", "2028-03-01"),
        ),
    ],
)
def test_parties_of_any_night_are_called_as_they_came_and_count_on_their_service_day(
    room, kiosk, clock, moments, days
):
    for sequence, moment in enumerate(moments, 1):
        clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        room.admit(kiosk, kiosk.check_in(sequence))
    called = [room.call_next(counter).number for counter in ("i1", "i2", "i3", "i4")]

    assert called == ["D101", "D102", "D103", "D104"]
    assert [row["service_day"] for row in visits(room)] == [date.fromisoformat(d) for d in days]
    assert [f"{row['arrived_at']:%Y-%m-%d %H:%M}" for row in visits(room)] == list(moments)


def test_what_was_made_before_four_and_came_after_it_counts_on_the_day_it_was_made(
    room, kiosk, clock
):
    clock.now = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    room.admit(kiosk, kiosk.check_in(1), age=3 * 3600)

    assert visits(room)[0]["service_day"] == date(2026, 11, 23)


@pytest.mark.parametrize("years", [-40, -1, 1, 40])
def test_a_kiosk_clock_that_is_wrong_by_years_moves_nobody(room, kiosk, other_kiosk, years):
    wrong = MONDAY_NOON + timedelta(days=365 * years)
    room.admit(other_kiosk, other_kiosk.check_in(1), age=60)
    room.admit(kiosk, check_in(kiosk, 1, wrong))
    room.admit(kiosk, check_in(kiosk, 2, wrong + timedelta(minutes=1)), age=30)

    assert [row["service_day"] for row in visits(room)] == [date(2026, 11, 23)] * 3
    assert room.call_next("i1").kiosk == other_kiosk.name
    assert room.call_next("i2").number == "D101"


def test_parties_of_a_kiosk_that_lost_its_power_keep_the_place_they_came_at(
    room, kiosk, other_kiosk, clock
):
    """It was started anew, so nobody knows the age of its check-ins, but it trusted its clock."""
    room.admit(other_kiosk, other_kiosk.check_in(1))
    clock.move(3600)
    room.admit(kiosk, check_in(kiosk, 1, MONDAY_NOON - timedelta(minutes=5)))

    assert room.call_next("i1").kiosk == kiosk.name
    assert room.call_next("i2").kiosk == other_kiosk.name


def test_a_server_clock_that_was_a_year_ahead_for_a_moment_costs_one_day_only(room, kiosk, clock):
    clock.now = MONDAY_NOON + timedelta(days=365)
    room.admit(kiosk, kiosk.check_in(1))
    clock.now = MONDAY_NOON
    room.admit(kiosk, kiosk.check_in(2))
    room.admit(kiosk, kiosk.check_in(3), age=10)

    assert [row["arrived_at"] for row in visits(room)][1:] == [MONDAY_NOON] * 2
    assert [row["service_day"] for row in visits(room)][1:] == [date(2026, 11, 23)] * 2
