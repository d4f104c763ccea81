"""The days before a busy day, as the store keeps them for years: their figures, and no visit."""

import heapq
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.figures import KioskCounts
from server_stub.figures_json import to_json
from server_stub.figures_of_day import (
    Achieved,
    Happenings,
    Passage,
    StockCount,
    figures_of_day,
)
from server_stub.figures_of_day import Arrival as Came
from server_stub.service_days import DayState
from tests.day.plan import DAY_BEGINS, Arrival, arrivals, minutes_of_service
from tests.day.world import GIVEN_PRIORITY, HOUSED, PERMITTED, TRANSFERRED, WALK
from tests.stand.busy_hours import PACE

OPENS, CLOSES = 8 * 60 - DAY_BEGINS, 18 * 60 - DAY_BEGINS
"""Minutes of the service day between which parties come."""

WEEKEND = 0.6
"""Of the parties of a working day, who come on a Saturday or a Sunday."""

MOVES_OUT = 0.57
"""For each person who is housed."""

NOT_THERE, GIVES_UP, HELP = 0.05, 0.015, 0.02
"""Of the parties: who do not come when called, who go away, who call a person."""


def put_days_before(  # what a year of days is made of
    connection: Connection,
    site: Site,
    *,
    first: date,
    last: date,
    persons: int,
    chance: random.Random,
) -> None:
    """Store the figures of closed days, each with about so many persons on a working day."""
    zone = ZoneInfo(site.time_zone)
    counters = {
        stage.id: sum(counter.stage == stage.id for counter in site.counters)
        for stage in site.stages
    }
    counted = {"figure": "housed", "persons": 1040, "at": _moment(first, OPENS, zone)}
    connection.execute(
        tables.stock_count.insert().values(
            site=site.id, id=uuid4(), service_day=first, staff="lena", **counted
        )
    )
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        level = chance.uniform(0.8, 1.1) * (WEEKEND if day.weekday() >= 5 else 1)
        happened = a_day_before(day, round(persons * level), counters, chance=chance, site=site)
        if day == first:
            happened = replace(happened, stock_counts=[StockCount(**counted)])
        figures = to_json(figures_of_day(day, happened, site=site))
        # As after the visits were deleted: there are fewer than when the day was counted.
        figures["signs"] = {"visits": len(happened.arrivals)}
        closed_at = _moment(day, 20 * 60 - DAY_BEGINS, zone)
        connection.execute(
            tables.daily_figures.insert().values(
                site=site.id, day=day, figures=figures, made_at=closed_at
            )
        )
        if day < last:  # the last one is closed by a lead
            connection.execute(
                tables.service_day.insert().values(
                    site=site.id,
                    day=day,
                    state=DayState.CLOSED.value,
                    changed_at=closed_at,
                    changed_by="lena",
                )
            )


def a_day_before(
    day: date, persons: int, counters: Mapping[str, int], *, chance: random.Random, site: Site
) -> Happenings:
    """Return what happened on a day: parties pass their stages, first come, first served."""
    planned = [a for a in arrivals(persons, chance) if OPENS <= a.minute < CLOSES]
    passing = _Passing(day, ZoneInfo(site.time_zone), planned, chance)
    for stage in site.stages:
        passing.pass_stage(stage.id, counters=counters[stage.id])
    passing.move_out()
    helped = round(len(planned) * HELP)
    return Happenings(
        arrivals=[
            Came(
                passing.moment(party.minute),
                party.adults,
                party.children,
                party.language,
                priority=party.proposed and chance.random() < GIVEN_PRIORITY,
                by_hand=party.kiosk is None,
            )
            for party in planned
        ],
        passages=passing.passages,
        achieved=passing.achieved,
        no_shows=passing.no_shows,
        kiosks=[
            KioskCounts(
                sum(party.kiosk is not None for party in planned),
                round(len(planned) * chance.uniform(0.07, 0.13)),
                helped,
            )
        ],
        help_calls=chance.choices(("person", "doctor"), (5, 1), k=helped),
    )


@dataclass
class _Passing:
    """The parties of a day on their way through its stages."""

    day: date
    zone: ZoneInfo
    planned: list[Arrival]
    chance: random.Random
    passages: list[Passage] = field(default_factory=list)
    achieved: list[Achieved] = field(default_factory=list)
    no_shows: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let everybody come to the first stage."""
        self._here = {index: party.minute for index, party in enumerate(self.planned)}
        self._visits = [uuid4() for _ in self.planned]

    def moment(self, minute: float) -> datetime:
        """Return a minute of the day as a moment."""
        return _moment(self.day, minute, self.zone)

    def pass_stage(self, stage: str, *, counters: int) -> None:
        """Let all parties that go there pass a stage with so many counters."""
        free = [float(OPENS)] * counters
        coming = [index for index in self._here if stage in self.planned[index].route]
        for index in sorted(coming, key=lambda index: self._here[index]):
            if self.chance.random() < GIVES_UP:
                self._give_up(index, stage)
            else:
                self._serve(index, stage, free)

    def move_out(self) -> None:
        """Let some go who were housed before, late in the day."""
        housed = sum(done.persons for done in self.achieved if done.outcome == "housed")
        at = self.moment(CLOSES)
        self.achieved.append(Achieved("moved-out", round(housed * MOVES_OUT), at))

    def _give_up(self, index: int, stage: str) -> None:
        came = self._here.pop(index)
        gone = came + self.chance.uniform(5, 60)
        self._passed(index, stage, came, None, None, gone, left=True)

    def _serve(self, index: int, stage: str, free: list[float]) -> None:
        party, came = self.planned[index], self._here[index]
        called = max(came, heapq.heappop(free))
        served = called + self.chance.uniform(*WALK)
        if self.chance.random() < NOT_THERE:
            self.no_shows.append(stage)
            served += self.chance.uniform(10, 30)
        minutes = minutes_of_service(stage, party.persons, self.chance)
        gone = served + minutes * PACE.get(stage, 1)
        heapq.heappush(free, gone)
        self._here[index] = gone
        onward = next(iter(party.route[party.route.index(stage) + 1 :]), None)
        self._passed(index, stage, came, called, served, gone, onward=onward)
        for outcome, persons in _outcomes(stage, party, self.chance):
            self.achieved.append(Achieved(outcome, persons, self.moment(gone)))

    def _passed(
        self,
        index: int,
        stage: str,
        *moments: float | None,
        onward: str | None = None,
        left: bool = False,
    ) -> None:
        """Write a line into the day's book: came, called, served, gone."""
        came, called, served, gone = (
            None if minute is None else self.moment(minute) for minute in moments
        )
        assert came
        assert gone
        self.passages.append(
            Passage(
                self._visits[index],
                stage,
                self.planned[index].persons,
                waited_from=came,
                first_called_at=called,
                served_at=served,
                ended_at=gone,
                ended_by="leave" if left else "forward" if onward else "finish",
                onward=onward,
            )
        )


def _outcomes(stage: str, party: Arrival, chance: random.Random) -> Iterator[tuple[str, int]]:
    if stage == "registration":
        yield "biometrics-taken", party.persons
        if chance.random() < PERMITTED:
            yield "permit-issued", party.persons
    elif stage == "housing" and chance.random() < HOUSED:
        yield "housed", party.persons
    elif stage == "onward-travel" and chance.random() < TRANSFERRED:
        yield "transferred", party.persons


def _moment(day: date, minute: float, zone: ZoneInfo) -> datetime:
    """Return a minute of a service day as a moment."""
    began = datetime.combine(day, time(DAY_BEGINS // 60), zone)
    return (began.astimezone(UTC) + timedelta(minutes=minute)).replace(microsecond=0)
