from datetime import UTC, datetime, timedelta

import pytest

from server_stub.clock_check import (
    LONG_SILENCE,
    NEWS_AHEAD,
    NOT_BEFORE,
    WrongClockError,
    check_clock,
)
from tests.server_stub.enrolled import MONDAY_NOON


def check(room, now: datetime) -> None:
    with room.engine.connect() as connection:
        check_clock(connection, room.site.id, now=now)


@pytest.mark.parametrize(
    "now", [datetime(1970, 1, 1, tzinfo=UTC), NOT_BEFORE - timedelta(microseconds=1)]
)
def test_a_clock_that_lost_its_battery_is_refused_with_what_to_do(room, now):
    with pytest.raises(WrongClockError, match=f"says {now:%Y-%m-%d}.* set it .*timedatectl"):
        check(room, now)


def test_a_clock_behind_the_newest_change_is_logged(room, kiosk, caplog):
    room.admit(kiosk, kiosk.check_in(1))

    check(room, MONDAY_NOON - NEWS_AHEAD)
    check(room, MONDAY_NOON + LONG_SILENCE)
    assert caplog.text == ""
    check(room, MONDAY_NOON - timedelta(days=200))

    assert "clock behind the store now=2026-05-07T11:00:00+00:00" in caplog.text
    assert "newest_change=2026-11-23T11:00:00+00:00" in caplog.text


def test_a_clock_far_ahead_of_the_newest_change_is_logged_and_how_far(room, kiosk, caplog):
    room.admit(kiosk, kiosk.check_in(1))
    with room.engine.connect() as connection:
        ahead = check_clock(connection, room.site.id, now=MONDAY_NOON + timedelta(days=4000))

    assert ahead == timedelta(days=4000)
    assert "clock far ahead of the store now=2037-11-05T11:00:00+00:00" in caplog.text


def test_a_clock_is_far_ahead_for_a_day_after_a_long_silence_whatever_came_since(
    room, kiosk, clock
):
    def ahead() -> timedelta:
        with room.engine.connect() as connection:
            return check_clock(connection, room.site.id, now=clock.now)

    room.admit(kiosk, kiosk.check_in(1))
    clock.now += timedelta(days=100)
    room.admit(kiosk, kiosk.check_in(2), age=0)
    clock.now += timedelta(hours=23)
    assert ahead() == timedelta(days=100)
    clock.now += timedelta(hours=1)
    assert ahead() == timedelta()
    room.admit(kiosk, kiosk.check_in(3), age=0)
    assert ahead() == timedelta()


def test_a_clock_that_was_ahead_and_is_right_again_is_believed(room, kiosk, clock):
    room.admit(kiosk, kiosk.check_in(1))
    clock.now += timedelta(days=100)
    room.admit(kiosk, kiosk.check_in(2), age=0)
    clock.now -= timedelta(days=100)
    with room.engine.connect() as connection:
        assert check_clock(connection, room.site.id, now=clock.now) == timedelta()


def test_an_empty_store_says_nothing_of_the_clock(room, caplog):
    check(room, MONDAY_NOON - timedelta(days=300))

    assert caplog.text == ""
