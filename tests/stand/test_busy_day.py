"""The busy day is one that could have been: nothing in its store contradicts anything else."""

import sqlite3

import pytest

from tests.stand.busy_day import busy_day


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return busy_day(tmp_path_factory.mktemp("busy") / "day")


@pytest.mark.slow
def test_nothing_is_wrong_with_the_store_of_the_busy_day(day):
    assert "nothing is wrong" in day.server.command("check")


@pytest.mark.slow
def test_the_busy_day_has_parties_in_every_open_state_and_at_every_stage(day):
    with sqlite3.connect(day.server.data / "ankunft.db") as store:
        here = store.execute(
            "SELECT state, stage, count(*) FROM visit"
            " WHERE state NOT IN ('finished', 'left', 'merged') GROUP BY state, stage"
        ).fetchall()
    store.close()
    assert {state for state, _, _ in here} == {"waiting", "called", "serving", "parked"}
    assert {stage for _, stage, _ in here} == {
        *("information", "housing", "registration", "benefits", "onward-travel")
    }
    assert 100 < sum(count for _, _, count in here) < 250
