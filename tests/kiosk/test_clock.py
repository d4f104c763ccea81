import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.clock import NOT_BEFORE, TOLERANCE, KioskClock, seconds_since_start
from tests.kiosk.arrivals import NINE, StandingClock


def test_the_real_clock_is_aware_and_in_utc() -> None:
    clock = KioskClock()

    assert clock.now().tzinfo is UTC
    assert clock.boot
    assert clock.monotonic() <= clock.monotonic()


def test_a_process_knows_for_how_long_it_runs() -> None:
    told = "from kiosk.clock import seconds_since_start as since; print(since())"
    here = seconds_since_start()
    young = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert 0 < float(young.stdout) < seconds_since_start() - here + 0.02  # a tick of the kernel's


def test_a_clock_is_trusted_until_it_is_known_to_be_wrong(clock: StandingClock) -> None:
    assert clock.trusted


@pytest.mark.parametrize(
    "wall", [datetime(1970, 1, 1, tzinfo=UTC), NOT_BEFORE - timedelta(seconds=1)]
)
def test_a_clock_without_a_battery_is_not_trusted(clock: StandingClock, wall: datetime) -> None:
    clock.wall = wall

    assert not clock.trusted


@pytest.mark.parametrize(
    ("off", "trusted"),
    [
        (timedelta(0), True),
        (TOLERANCE, True),
        (-TOLERANCE, True),
        (TOLERANCE + timedelta(seconds=1), False),
        (-TOLERANCE - timedelta(seconds=1), False),
    ],
)
def test_a_clock_that_differs_from_the_server_is_not_trusted(
    clock: StandingClock,
    off: timedelta,
    trusted: bool,  # noqa: FBT001
) -> None:
    clock.compare(NINE + off)

    assert clock.trusted is trusted


def test_a_clock_that_was_set_right_is_trusted_again(clock: StandingClock) -> None:
    clock.compare(NINE + timedelta(hours=1))
    clock.wall += timedelta(hours=1)
    clock.compare(NINE + timedelta(hours=1))

    assert clock.trusted


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(minutes=6), timedelta(days=800)])
def test_a_clock_that_jumps_while_the_server_is_away_is_not_trusted(
    clock: StandingClock, jump: timedelta
) -> None:
    clock.compare(NINE)
    clock.seconds += 3 * 3600
    clock.wall += timedelta(hours=3)
    assert clock.trusted

    clock.wall += jump
    assert not clock.trusted

    clock.wall -= jump
    assert clock.trusted


def test_age_is_known_within_one_run_of_the_machine(clock: StandingClock) -> None:
    clock.seconds = 160.5

    assert clock.age(boot="boot-1", made=100.0) == 60.5
    assert clock.age(boot="boot-1", made=200.0) == 0.0
    assert clock.age(boot="boot-2", made=100.0) is None


def test_a_machine_without_a_boot_id_knows_no_age(clock: StandingClock) -> None:
    clock.boot = "unknown"

    assert clock.age(boot="unknown", made=0.0) is None
