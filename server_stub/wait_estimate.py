"""The wait estimate: how long a party will wait, as an honest range of minutes or not at all. Pure.

While enough services were measured, the wait follows from who is ahead: each unit of work (a
party, or a person where a stage serves each person) takes a counter a measured time, and the
open counters share the work. That is the queue-length estimator, (q + 1) / (c * mu), with what
is under way at the counters in place of the one. Before that, the wait of the last party that
was called stands in (last to enter service, LES), or how long the first in line has waited so
far, whichever is longer. Both, and why the first is the better one where it can be had:
R. Ibrahim and W. Whitt, "Real-Time Delay Estimation Based on Delay History", Manufacturing &
Service Operations Management 11 (2009).

Nobody can know a wait to the minute, so nobody is told one: the range holds four in five waits
by the measured spread, and its ends are then moved outwards to minutes that people say.
`docs/waits.md` has what a simulated day makes of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

from server_stub.queue_rules import MOST_PRIORITY_RUN

ENOUGH_SERVICES = 8
"""So many must be measured before a stage's pace is known; below, the last wait stands in."""

ENDS = (0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 300, 360, 420, 480)
"""Minutes that a range may begin or end with. Beyond the last, no range is honest."""

SHARE_WITHIN = 0.8
"""The share of waits that the range is made for, before its ends are moved outwards."""

UNFORESEEN = 0.15
"""Of the wait: pauses, counters that open and close, what no rate of the past can tell."""

NO_SERVICE = 8
"""What took so many times the usual was no service: somebody forgot to end it.

Nor was what ended before it began: the server's clock was set back meanwhile.
"""


@dataclass(frozen=True, slots=True)
class Service:
    """One party that was served at a stage.

    Attributes:
        minutes: How long it kept a counter.
        units: Persons where each person is served, else 1.

    """

    minutes: float
    units: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a stage works.

    Attributes:
        services: How many services it was measured on.
        minutes: For one unit at one counter, on average.
        variation: The standard deviation of one unit's minutes, in their mean.
        residual: Minutes that a service found under way still takes, on average.

    """

    services: int
    minutes: float
    variation: float
    residual: float


@dataclass(frozen=True, slots=True)
class Queue:
    """A stage as one party finds it.

    Attributes:
        ahead: Units that wait and are called before the party.
        counters: How many are open.
        taken: How many of those have a party now.
        overtaking: The share of work that lately went to parties with priority. As long as no
            more come than are served, so much goes to some that come later and are called
            before the party; 0 for one that has priority itself.
        last_wait: Minutes that the last party waited that was called in its turn, or that the
            first in line has waited so far, whichever is longer; None where nobody knows.

    """

    ahead: int
    counters: int
    taken: int
    overtaking: float = 0.0
    last_wait: float | None = None


@dataclass(frozen=True, slots=True)
class WaitRange:
    """From and to how many minutes a party will wait."""

    minutes_from: int
    minutes_to: int


@dataclass(frozen=True, slots=True)
class Expected:
    """A wait as it is expected: its mean and its standard deviation, in minutes."""

    mean: float
    deviation: float


def called_before(*, priority: int, others: int, run: int) -> int:
    """Return how many parties are called before one without priority, of those that wait now.

    Args:
        priority: How many wait that have priority.
        others: How many without are before it.
        run: How many of the stage's last calls were priority, one behind the other.

    """
    return others + min(priority, max(MOST_PRIORITY_RUN * (others + 1) - run, 0))


def called_before_priority(*, priority: int, others: int, run: int) -> int:
    """Return how many parties are called before one with priority, of those that wait now.

    Args:
        priority: How many with priority are before it.
        others: How many wait without.
        run: As in `called_before`.

    """
    return priority + min(others, (priority + run) // MOST_PRIORITY_RUN)


def pace_of(measured: Sequence[Service]) -> Pace | None:
    """Return the pace of a stage, or None where too few services were measured."""
    possible = [one for one in measured if one.minutes >= 0]
    usual = median([one.minutes / one.units for one in possible] or [0.0])
    services = [one for one in possible if one.minutes <= NO_SERVICE * usual * one.units]
    if len(services) < ENOUGH_SERVICES:
        return None
    units = sum(service.units for service in services)
    minutes = sum(service.minutes for service in services) / units
    if minutes <= 0:
        return None  # clicked through, all of them: nobody was served
    # A party of n takes n units' time; its variance is n units' variance.
    variance = sum(
        (service.minutes - service.units * minutes) ** 2 / service.units for service in services
    ) / (len(services) - 1)
    # Long services are the likelier to be found under way (the inspection paradox).
    squares = sum(service.minutes**2 for service in services)
    return Pace(
        services=len(services),
        minutes=minutes,
        variation=math.sqrt(variance) / minutes,
        residual=squares / (2 * sum(service.minutes for service in services)),
    )


def estimate(queue: Queue, pace: Pace | None) -> WaitRange | None:
    """Return the range of minutes that a party will wait, or None without a basis for any."""
    if not queue.counters:
        return None
    if not queue.ahead and queue.taken < queue.counters:
        return WaitRange(ENDS[0], ENDS[1])
    expected = expect(queue, pace)
    return range_of(expected) if expected else None


def expect(queue: Queue, pace: Pace | None) -> Expected | None:
    """Return the wait as it is expected where a party must wait; None without a basis."""
    if pace:
        return _from_queue(queue, pace)
    if queue.last_wait is None or queue.last_wait <= 0 or not queue.ahead:
        return None  # who had not to wait, or whom nobody is ahead of, tells nothing of a queue
    # That the past wait was so long says as little of the next one as of any sum of as many
    # services: those that were ahead then, and those that are ahead now.
    share = math.sqrt(2 / (queue.ahead + 1) + UNFORESEEN**2)
    return Expected(queue.last_wait, queue.last_wait * share)


def _from_queue(queue: Queue, pace: Pace) -> Expected:
    a_unit = pace.minutes / queue.counters
    under_way = pace.residual * min(queue.taken, queue.counters) / queue.counters**2
    mean = queue.ahead * a_unit + under_way
    mean /= 1 - min(queue.overtaking, MOST_PRIORITY_RUN / (MOST_PRIORITY_RUN + 1))
    # How far on the service under way is, nobody knows. Counters that work beside each other let
    # go of parties at random at first, and only after some rounds as regularly as each does.
    regular = pace.variation**2
    units = queue.ahead + 1
    by_chance = min(units, 2 * (queue.counters - 1)) * max(1 - regular, 0.0)
    variance = a_unit**2 * (units * regular + by_chance) + under_way**2
    variance += mean**2 * (regular / pace.services + UNFORESEEN**2)
    return Expected(mean, math.sqrt(variance))


def range_of(expected: Expected) -> WaitRange | None:
    """Return the range that holds the share of waits it is made for; None beyond all honesty."""
    if expected.mean <= 0:
        return WaitRange(ENDS[0], ENDS[1])
    # Waits are skewed: many a little shorter, some much longer. A lognormal has that shape.
    spread = math.sqrt(math.log1p((expected.deviation / expected.mean) ** 2))
    middle = math.log(expected.mean) - spread**2 / 2
    reach = NormalDist().inv_cdf((1 + SHARE_WITHIN) / 2) * spread
    low, high = math.exp(middle - reach), math.exp(middle + reach)
    if high > ENDS[-1]:
        return None
    start = max(end for end in ENDS if end <= low)
    return WaitRange(start, min(end for end in ENDS if end >= high and end > start))
