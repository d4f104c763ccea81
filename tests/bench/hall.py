"""What the hall foretells, measured on simulated days: the table of `docs/hall.md`.

``python -m tests.bench.hall``; no part of ``make bench``, for it measures no machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from server_stub.hall_forecast import Forecast, Traffic, forecast
from server_stub.wait_estimate import Service, pace_of
from server_stub.waits import IDLE, IDLE_BEFORE_PARTIES, LAST_SERVICES
from tests.server_stub.simulated_day import Minutes, Simulation, Stage, make_day

DAYS = {360: range(1, 21), 2500: range(1, 6)}
"""Persons a day, and the seeds of its days."""

STAFFING = {0.8: "too few", 1.0: "just enough", 1.3: "plenty"}
"""Counters for each that the busiest hour keeps busy."""

HOUR = 60
LOOKS = range(9 * HOUR, 21 * HOUR + 1, 30)
"""When somebody looks at the hall, in minutes of the day."""

BUSY = 5
"""Parties. Where so many wait, the forecast is worth more."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """A stage at one moment: how many waited then, what was foretold, and what it came to."""

    waited: int
    told: Forecast
    came_to: int

    @property
    def holds(self) -> bool:
        """Whether it came to what was foretold."""
        return self.told.parties_from <= self.came_to <= self.told.parties_to

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.told.parties_from + self.told.parties_to) / 2


def foretold(persons: int, seeds: Iterable[int], *, staffing: float) -> list[Foretold]:
    """Return all that was foretold on some days, with what it came to."""
    found: list[Foretold] = []
    for seed in seeds:
        day = make_day(persons, seed=seed, tell=lambda *_: (), staffing=staffing)
        for moment in LOOKS:
            day.at(moment, partial(_look, day, found))
        day.pass_by()
    return found


def _look(day: Simulation, found: list[Foretold], now: Minutes) -> None:
    for stage in day.stages.values():
        told = forecast(_traffic(stage, now))
        if told:
            day.at(now + HOUR, partial(_compare, stage, _waiting(stage), told, found))


def _compare(
    stage: Stage, waited: int, told: Forecast, found: list[Foretold], now: Minutes
) -> None:
    del now
    found.append(Foretold(waited, told, _waiting(stage)))


def _waiting(stage: Stage) -> int:
    return len(stage.normal) + len(stage.first)


def _traffic(stage: Stage, now: Minutes) -> Traffic:
    """Return what a server would know of a stage."""
    here = [*stage.normal, *stage.first, *(party for party, _ in stage.taken.values())]
    came = [gone.came for gone in stage.gone] + [party.here_since for party in here]
    ages = [(now - moment) // 15 for moment in came]
    quarters = [ages.count(quarter) for quarter in range(4)]
    idle = (IDLE_BEFORE_PARTIES if _waiting(stage) else IDLE).total_seconds() / 60
    lately = {counter for counter, moment in stage.let_go.items() if now - moment <= idle}
    return Traffic(
        waiting=_waiting(stage),
        came=sum(quarters),
        busiest=max(quarters),
        served=sum(now - gone.ended < HOUR for gone in stage.gone),
        counters=len(lately | set(stage.taken)),
        pace=pace_of([Service(one.service.minutes, 1) for one in stage.gone[-LAST_SERVICES:]]),
    )


def main() -> None:
    """Print the table."""
    print("| persons a day | counters | looks | in range | fewer | more | width | error / as now |")
    print("|---|---|---|---|---|---|---|---|")
    for persons, days in DAYS.items():
        for staffing, counters in STAFFING.items():
            looks = foretold(persons, days, staffing=staffing)
            busy = [one for one in looks if one.waited >= BUSY]
            for some, which in ((looks, "all"), (busy, f"{BUSY} or more wait")):
                print(f"| {persons} | {counters} | {which}: {len(some)} | {_row(some)} |")


def _row(looks: list[Foretold]) -> str:
    share = partial(_share, looks)
    width = fmean(one.told.parties_to - one.told.parties_from for one in looks)
    error = fmean(abs(one.middle - one.came_to) for one in looks)
    as_now = fmean(abs(one.waited - one.came_to) for one in looks)
    return (
        f"{share([one.holds for one in looks]):.0%} "
        f"| {share([one.came_to < one.told.parties_from for one in looks]):.0%} "
        f"| {share([one.came_to > one.told.parties_to for one in looks]):.0%} "
        f"| {width:.0f} | **{error:.1f}** / {as_now:.1f}"
    )


def _share(looks: list[Foretold], which: list[bool]) -> float:
    return sum(which) / len(looks)


if __name__ == "__main__":
    main()
