"""What parties are told of their waits on simulated days, and how well it holds."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean

from server_stub.wait_estimate import (
    Expected,
    Pace,
    Queue,
    called_before,
    called_before_priority,
    estimate,
    expect,
    pace_of,
)
from server_stub.waits import IDLE, IDLE_BEFORE_PARTIES, LAST_SERVICES, LAST_WAIT_HOLDS
from tests.server_stub.simulated_day import Minutes, Party, Stage, Told, Waited, simulate

QUEUE, LAST, MEAN = "queue ahead", "last wait", "mean of another day"

OTHER_DAY = 1000
"""The day whose mean is the third way: the same place, other parties."""


def waits_told(persons: int, days: Iterable[int], *, staffing: float) -> list[Waited]:
    """Return every wait of some days, each told in all three ways."""
    other = simulate(persons, seed=OTHER_DAY, tell=lambda *_: (), staffing=staffing)
    of_stage: dict[str, list[Minutes]] = defaultdict(list)
    for wait in other:
        of_stage[wait.stage].append(wait.minutes)
    tell = told_by({stage: fmean(waits) for stage, waits in of_stage.items()})
    return [
        wait for day in days for wait in simulate(persons, seed=day, tell=tell, staffing=staffing)
    ]


def told_by(means: dict[str, Minutes]) -> Callable[[Stage, Party, Minutes], tuple[Told, ...]]:
    """Return what tells a wait in three ways, the last of them by the mean of each stage."""

    def tell(stage: Stage, party: Party, now: Minutes) -> tuple[Told, ...]:
        queue = queue_before(stage, party, now)
        pace = pace_of([gone.service for gone in stage.gone[-LAST_SERVICES:]])
        mean = means.get(stage.name)
        return (
            Told(QUEUE, _minutes(queue, pace), estimate(queue, pace)),
            Told(LAST, _minutes(queue, None), estimate(queue, None)),
            Told(MEAN, mean),
        )

    return tell


def queue_before(stage: Stage, party: Party, now: Minutes) -> Queue:
    """Return what a server would know of the queue that a party finds."""
    waiting = {"priority": len(stage.first), "others": len(stage.normal)}
    if party.priority:
        before = called_before_priority(**waiting, run=stage.priority_run) - len(stage.first)
        ahead = [*stage.first, *list(stage.normal)[:before]]
    else:
        before = called_before(**waiting, run=stage.priority_run) - len(stage.normal)
        ahead = [*stage.normal, *list(stage.first)[:before]]
    last = stage.gone[-LAST_SERVICES:]
    of_priority = sum(one.service.units for one in last if one.party.priority)
    idle = IDLE_BEFORE_PARTIES if stage.first or stage.normal else IDLE
    lately = {c for c, when in stage.let_go.items() if now - when <= idle.total_seconds() / 60}
    return Queue(
        ahead=sum(stage.units(one) for one in ahead),
        counters=len({*stage.taken, *lately}),
        taken=len(stage.taken),
        overtaking=of_priority / sum(one.service.units for one in last)
        if last and not party.priority
        else 0.0,
        last_wait=_last_wait(stage, now),
    )


def _last_wait(stage: Stage, now: Minutes) -> Minutes | None:
    so_far = now - stage.normal[0].here_since if stage.normal else 0.0
    if stage.last_wait is None or now - stage.last_wait[0] > LAST_WAIT_HOLDS.total_seconds() / 60:
        return so_far or None
    return max(stage.last_wait[1], so_far)


def _minutes(queue: Queue, pace: Pace | None) -> Minutes | None:
    if not queue.counters:
        return None
    if not queue.ahead and queue.taken < queue.counters:
        return 0.0
    expected: Expected | None = expect(queue, pace)
    return expected.mean if expected else None


@dataclass(frozen=True, slots=True)
class Score:
    """How well one way of telling did.

    Attributes:
        told: The share of all waits for which it said anything.
        error: Root of the mean square error in minutes, of those that every way told.
        within: The share of real waits in their range.
        below: The share of real waits that were shorter than their range.
        width: Minutes from one end of the range to the other, on average.

    """

    told: float
    error: float
    within: float
    below: float
    width: float


def score(waits: list[Waited], way: str) -> Score:
    """Return how well a way of telling did on some waits."""
    common = [wait for wait in waits if all(t.minutes is not None for t in wait.told)]
    squares = [(_told(wait, way).minutes - wait.minutes) ** 2 for wait in common]
    ranges = [(told.range, w.minutes) for w in waits if (told := _told(w, way)).range]
    within = [r.minutes_from <= minutes <= r.minutes_to for r, minutes in ranges]
    return Score(
        told=len([w for w in waits if _told(w, way).minutes is not None]) / len(waits),
        error=math.sqrt(fmean(squares)),
        within=fmean(within) if ranges else math.nan,
        below=fmean(m < r.minutes_from for r, m in ranges) if ranges else math.nan,
        width=fmean(r.minutes_to - r.minutes_from for r, _ in ranges) if ranges else math.nan,
    )


def _told(wait: Waited, way: str) -> Told:
    return next(told for told in wait.told if told.way == way)
