"""Facts that hold on any simulated day, with room to spare; the figures are in docs/waits.md."""

import random
from functools import partial
from statistics import fmean

import pytest

from server_stub.erlang import mean_wait
from tests.server_stub.simulated_day import Party, Simulation, Stage
from tests.server_stub.waits_of_a_day import LAST, MEAN, QUEUE, score, waits_told

DAYS = {
    360: range(1, 7),
    2500: range(1, 2),
}
JUST_ENOUGH = 1.0


@pytest.fixture(scope="module", params=DAYS)
def waits(request):
    return waits_told(request.param, DAYS[request.param], staffing=JUST_ENOUGH)


def test_most_parties_are_told_a_wait(waits):
    assert score(waits, QUEUE).told > 0.75


def test_the_range_holds_nine_waits_in_ten(waits):
    assert score(waits, QUEUE).within > 0.87


def test_the_range_holds_three_in_four_of_those_that_are_not_short(waits):
    assert score([wait for wait in waits if wait.minutes > 5], QUEUE).within > 0.72


def test_hardly_anybody_is_called_before_the_range_begins(waits):
    """Who is told to come back in an hour must not have been called by then."""
    assert score(waits, QUEUE).below < 0.06


def test_the_queue_ahead_tells_more_than_the_last_wait(waits):
    assert score(waits, QUEUE).error < score(waits, LAST).error


def test_the_queue_ahead_tells_more_than_the_mean_of_another_day(waits):
    assert score(waits, QUEUE).error < 0.75 * score(waits, MEAN).error


class AlwaysOpen(Stage):
    """A stage whose counters know no breaks."""

    def on_duty(self, counter, now):  # noqa: ARG002  # whichever it is, at any time
        return True


@pytest.mark.parametrize(("desks", "load"), [(1, 0.5), (2, 0.8), (8, 0.7)])
def test_the_simulation_itself_waits_as_erlang_says(desks, load):
    """Arrivals and services at random, at one rate: what is known exactly."""
    chance = random.Random(7)  # noqa: S311  # the same days each time
    here = Simulation(
        [AlwaysOpen("here", desks)],
        tell=lambda *_: (),
        served=lambda *_: chance.expovariate(1),
    )
    now = 0.0
    for _ in range(20_000):
        now += chance.expovariate(desks * load)
        here.at(now, partial(here.come, Party(persons=1, route=("here",), priority=False)))
    here.pass_by()

    waited = fmean(wait.minutes for wait in here.waits)
    assert waited == pytest.approx(mean_wait(desks * load, desks=desks), rel=0.1)


def test_the_same_day_is_simulated_the_same_way():
    once, again = (waits_told(360, [3], staffing=JUST_ENOUGH) for _ in range(2))

    assert once == again
