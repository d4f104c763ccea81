"""The forecast of a stage: how many will wait in an hour, and how many desks that takes. Pure.

Both go by the last hour: as many come as came, and the counters that are open serve at the pace
that was measured. The forecast leaves out the busiest quarter of that hour: a train comes once.
That is a hint for staffing and no promise; what a party is told comes from `wait_estimate`.

How many come in an hour, where n came in t hours, is a Poisson number whose rate is known only
from n (Jeffreys' prior): (n + 1/2) / t on average, with 1 + 1 / t times the variance of a known
rate.
What the counters can do has the spread of the measured services. The queue is then a random walk
with these two that is never below nobody: reflected Brownian motion, of which J. M. Harrison,
"Brownian Motion and Stochastic Flow Systems" (1985), has the distribution after any time. It
comes to the plain sum in a rush, and close to Erlang's queue where counters have time to spare.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

from server_stub import erlang
from server_stub.wait_estimate import ENDS, SHARE_WITHIN, UNFORESEEN, Pace, WaitRange

LEAST_HOURS = 0.25
"""A rate is told of no shorter time: the first quarter of an hour counts as one."""

QUARTER = 0.25
"""Of an hour."""

_TAIL = (1 - SHARE_WITHIN) / 2
_NORMAL = NormalDist()
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the last hour of a stage was like, in parties.

    Attributes:
        waiting: How many wait now.
        came: How many came within `hours`.
        busiest: How many of those came in the busiest quarter of an hour; None where that is
            not known.
        served: How many were sent on or finished within `hours`.
        hours: The time that was looked at: 1, or less soon after the day has begun.
        counters: How many are open now.
        pace: Of one party, where enough services were measured; else None.

    """

    waiting: int
    came: int
    served: int
    counters: int
    hours: float = 1.0
    busiest: int | None = None
    pace: Pace | None = None

    @property
    def is_quiet(self) -> bool:
        """Nobody came, nobody was served and nobody waits."""
        return not (self.waiting or self.came or self.served)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A stage in an hour.

    Attributes:
        parties_from: At least so many wait then, and
        parties_to: at most so many, four times in five.
        wait: Of a party that comes then; None where it cannot be told.

    """

    parties_from: int
    parties_to: int
    wait: WaitRange | None


@dataclass(frozen=True, slots=True)
class Desks:
    """The desks that the next hour needs.

    Attributes:
        for_comers: At so many, four in five of those who come wait no longer than the target
            (Erlang C); 0 where nobody comes.
        for_queue: At so many, whoever waits now and whoever comes is served within the hour;
            0 where nobody waits.

    """

    for_comers: int
    for_queue: int

    @property
    def needed(self) -> int:
        """How many it takes for both."""
        return max(self.for_comers, self.for_queue)


def forecast(traffic: Traffic) -> Forecast | None:
    """Return the stage as it will be in an hour; None where there is nothing to go by."""
    if traffic.is_quiet:
        return None
    come, spread = _comers(traffic)
    served, variance = _capacity(traffic)
    variance += spread
    queue = partial(
        queue_exceeds, waiting=traffic.waiting, drift=come - served, deviation=math.sqrt(variance)
    )
    low, high = max(_first_below(queue, 1 - _TAIL) - 1, 0), _first_below(queue, _TAIL)
    return Forecast(low, high, _wait(traffic, low, high))


def queue_exceeds(parties: float, *, waiting: int, drift: float, deviation: float) -> float:
    """Return the probability that more than so many parties wait in an hour.

    Args:
        parties: Not below 0.
        waiting: How many do now.
        drift: How many more come in the hour than can be served; below 0 where fewer do.
        deviation: The standard deviation of that, above 0.

    """
    summed = _NORMAL.cdf((waiting + drift - parties) / deviation)
    exponent = 2 * drift * parties / deviation**2
    held = _NORMAL.cdf((-waiting - drift - parties) / deviation)  # that it was empty meanwhile
    return summed + (math.exp(min(exponent, _LARGEST_EXPONENT)) * held if held else 0.0)


def _first_below(exceeds: Callable[[float], float], share: float) -> int:
    """Return the fewest parties that are exceeded with no more than this probability."""
    low, high = -1, 1
    while exceeds(high) > share:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if exceeds(middle) > share else (low, middle)
    return high


def desks(traffic: Traffic, *, target: float) -> Desks | None:
    """Return how many desks the next hour needs; None where no pace is known.

    Args:
        traffic: The last hour.
        target: Minutes that a party should wait at most, as a rule.

    """
    if traffic.pace is None:
        return None
    rate, minutes = traffic.came / traffic.hours, traffic.pace.minutes
    if (rate + traffic.waiting) * minutes / 60 >= erlang.MOST_DESKS:
        return None  # no site is so large: what was measured is wrong
    comers = erlang.desks_needed(rate / 60, minutes, target=target) if rate else 0
    queue = math.ceil(traffic.waiting and (traffic.waiting + rate) * minutes / 60)
    return Desks(for_comers=comers, for_queue=queue)


def _comers(traffic: Traffic) -> tuple[float, float]:
    """Return how many come in an hour, and the variance of that."""
    came, hours = traffic.came, traffic.hours
    if traffic.busiest is not None and hours - QUARTER >= LEAST_HOURS:
        came, hours = came - traffic.busiest, hours - QUARTER
    come = (came + 0.5) / hours
    return come, come * (1 + 1 / hours)


def _capacity(traffic: Traffic) -> tuple[float, float]:
    """Return how many parties can be served in an hour, and the variance of that."""
    if not traffic.counters:
        return 0.0, 0.0
    if traffic.pace is None:
        return traffic.served / traffic.hours, traffic.served / traffic.hours**2
    served = traffic.counters * 60 / traffic.pace.minutes
    regular = traffic.pace.variation**2
    return served, served * regular + served**2 * regular / traffic.pace.services


def _wait(traffic: Traffic, low: int, high: int) -> WaitRange | None:
    """Return the wait behind so many parties; None where nobody serves them, or it is too long."""
    if traffic.pace is None or not traffic.counters:
        return None
    each = traffic.pace.minutes / traffic.counters
    shortest, longest = low * each * (1 - UNFORESEEN), (high + 1) * each * (1 + UNFORESEEN)
    if longest > ENDS[-1]:
        return None
    start = max(end for end in ENDS if end <= shortest)
    return WaitRange(start, min(end for end in ENDS if end >= longest and end > start))
