"""The view of the hall: what the shift lead's page shows of it, the most urgent first. Pure."""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.contract.site import Site, Stage
from server_stub.arrival import LONGEST, good_until
from server_stub.hall_alarms import URGENCY, Alarm, Report, alarms, worst
from server_stub.hall_forecast import Desks, Forecast, desks, forecast
from server_stub.hall_reading import Hall
from server_stub.hall_rules import (
    Advice,
    Level,
    Missing,
    Need,
    PartyHere,
    advise,
    is_open,
    level,
    longest_first,
    missing,
)
from server_stub.hall_sparkline import Sparkline, sparkline
from server_stub.hall_stages import HOUR, StageHere

LONGEST_SHOWN = 8
MISSING_SHOWN = 12
EARLIER_SHOWN = 12

SHORTEST_LINE = 16
"""Quarters of an hour that arrivals are drawn of at least."""

QUARTERS = 4
"""Of an hour."""

FULL = 0.9
"""Of the most persons: from here on it is said that the hall is nearly full."""


MOST_TIMES = 2
"""A stage that needs more than so many times its counters is not caught up within an hour."""


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage, with what follows from how it stands."""

    here: StageHere
    advice: Advice
    level: Level
    forecast: Forecast | None
    desks: Desks | None
    is_open: bool

    @property
    def stage(self) -> Stage:
        """The stage, as the site file has it."""
        return self.here.stage

    @property
    def work(self) -> timedelta | None:
        """How long the open counters have to do with those who wait; None where nobody knows."""
        pace, counters = self.here.traffic.pace, len(self.here.open_counters)
        if pace is None or not counters:
            return None
        return timedelta(minutes=self.here.waiting * pace.minutes / counters)

    @property
    def is_out_of_reach(self) -> bool:
        """Whether its queue takes more desks than anybody could put there for the hour."""
        most = MOST_TIMES * len(self.here.counters)
        return self.desks is not None and self.desks.for_queue > most


@dataclass(frozen=True, slots=True)
class MissingParty:
    """A party that was sent on and may never have come, and why that is thought."""

    party: PartyHere
    why: Missing
    stage: Stage | None


@dataclass(frozen=True, slots=True)
class EarlierParty:
    """A party from an earlier day, and until when it may come."""

    party: PartyHere
    until: datetime


@dataclass(frozen=True, slots=True)
class KioskView:
    """A kiosk, what is wrong with it, and how soon somebody should go there."""

    report: Report
    alarms: tuple[Alarm, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class HallView:
    """The page's live part.

    Attributes:
        hall: What was read.
        site: The site.
        stages: In the order of the site file.
        needed: Those that need somebody, the most urgent first.
        spare: Those that have more counters than they need, the most first.
        waiting: How many parties wait, at all stages.
        waiting_persons: How many those are.
        longest: Who waits the longest, first.
        missing: Who was sent on and may never have come; the longest ago first.
        earlier: Who is from an earlier day; who has to leave first is first.
        kiosks: The most urgent first.
        fullness: Persons in the hall of the most that may be there; None without a limit.

    """

    hall: Hall
    site: Site
    stages: tuple[StageView, ...]
    needed: tuple[StageView, ...]
    spare: tuple[StageView, ...]
    waiting: int
    waiting_persons: int
    longest: tuple[PartyHere, ...]
    missing: tuple[MissingParty, ...]
    earlier: tuple[EarlierParty, ...]
    kiosks: tuple[KioskView, ...]
    fullness: float | None

    @property
    def arrivals_from(self) -> datetime:
        """From when on arrivals are drawn: the hour in which the first party came."""
        return self.hall.day_began + self._first_hour() * HOUR

    @property
    def arrivals_line(self) -> Sparkline:
        """The arrivals of the day."""
        return sparkline(self.hall.arrivals[self._first_hour() * QUARTERS :])

    @property
    def stage_lines(self) -> dict[str, Sparkline]:
        """How many came to each stage, to be compared by eye."""
        lines = {one.stage.id: one.here.rates.by_quarter for one in self.stages}
        most = max((max(counts) for counts in lines.values()), default=0)
        return {name: sparkline(counts, most=most) for name, counts in lines.items()}

    def _first_hour(self) -> int:
        first = next((place for place, count in enumerate(self.hall.arrivals) if count), None)
        last = len(self.hall.arrivals) - 1
        return min(last if first is None else first, max(last - SHORTEST_LINE, 0)) // QUARTERS

    @property
    def overdue(self) -> int:
        """How many parties may not come any more, and will be ended within a minute."""
        return sum(earlier.until <= self.hall.at for earlier in self.earlier)

    @property
    def occupancy(self) -> Level:
        """How soon somebody should look at how full the hall is."""
        if self.fullness is None or self.fullness < FULL:
            return Level.FINE
        return Level.SOON if self.fullness < 1 else Level.URGENT


def view_of(hall: Hall, site: Site) -> HallView:
    """Return what the page shows."""
    stages = tuple(_stage_view(here, site, at=hall.at) for here in hall.stages)
    return HallView(
        hall=hall,
        site=site,
        stages=stages,
        needed=tuple(_needed(stages)),
        spare=tuple(_spare(stages)),
        waiting=sum(here.waiting for here in hall.stages),
        waiting_persons=sum(here.persons for here in hall.stages),
        longest=tuple(longest_first(hall.parties, most=LONGEST_SHOWN)),
        missing=tuple(_missing(hall, site)),
        earlier=tuple(_earlier(hall, site)),
        kiosks=tuple(_kiosks(hall, site)),
        fullness=hall.inside / site.most_persons if site.most_persons else None,
    )


def _stage_view(here: StageHere, site: Site, *, at: datetime) -> StageView:
    traffic, target = here.traffic, here.stage.target_minutes
    needed = desks(traffic, target=target)
    opened = is_open(site, here.stage, at=at)
    advice = advise(
        waiting=here.waiting,
        open_counters=len(here.open_counters),
        counters=len(here.counters),
        desks=needed,
        is_open=opened,
    )
    return StageView(
        here=here,
        advice=advice,
        level=level(
            advice,
            longest=at - here.first.since if here.first else None,
            target=timedelta(minutes=target),
            is_quiet=traffic.is_quiet,
        ),
        forecast=forecast(traffic),
        desks=needed,
        is_open=opened,
    )


def _needed(stages: Iterable[StageView]) -> list[StageView]:
    """Return who needs somebody; first where counters are closed that could be opened."""
    order = [Need.OPEN_ONE, Need.MORE, Need.ALL_OPEN]
    short = [view for view in stages if view.advice.need in order]
    return sorted(short, key=lambda view: (order.index(view.advice.need), URGENCY[view.level]))


def _spare(stages: Iterable[StageView]) -> list[StageView]:
    spare = [view for view in stages if view.advice.need is Need.SPARE]
    return sorted(spare, key=lambda view: -view.advice.counters)


def _missing(hall: Hall, site: Site) -> Iterator[MissingParty]:
    calling = {here.stage.id: here.open_counters for here in hall.stages}
    for party in sorted(hall.parties, key=lambda party: (party.since, party.number)):
        why = missing(party, open_counters=calling.get(party.stage, ()), at=hall.at)
        if why:
            yield MissingParty(party, why, site.stage(party.stage))


def _earlier(hall: Hall, site: Site) -> list[EarlierParty]:
    found = []
    for party in hall.parties:
        if party.service_day >= hall.day.day:
            continue
        until = good_until(party.service_day, site.time_zone, carried_over=party.carried_over)
        if party.appointment_at:
            until = max(until, party.appointment_at + LONGEST)
        found.append(EarlierParty(party, until))
    return sorted(found, key=lambda earlier: (earlier.until, earlier.party.number))


def _kiosks(hall: Hall, site: Site) -> list[KioskView]:
    usual = _usual_program(hall.kiosks)
    found = []
    for report in hall.kiosks:
        wrong = alarms(report, at=hall.at, site_version=site.version, program=usual)
        found.append(KioskView(report, wrong, worst(wrong)))
    return sorted(found, key=lambda view: (URGENCY[view.level], view.report.name))


def _usual_program(kiosks: Sequence[Report]) -> str:
    """Return the version that most kiosks run; of two that are run by as many, the later."""
    tally = Tally(report.program_version for report in kiosks if report.at)
    return max(tally, key=lambda version: (tally[version], version), default="")
