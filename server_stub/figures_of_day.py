"""The figures of a day, counted from what happened on it, in whatever order it is told. Pure."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kiosk.contract.messages import HelpKind
from kiosk.contract.site import Site
from server_stub.durations import Durations
from server_stub.figures import (
    HOURS,
    Breakdowns,
    Count,
    DayFigures,
    KioskCounts,
    StageFigures,
    Stock,
    Tally,
)
from server_stub.visit import Step

SERVED = frozenset({Step.FORWARD.value, Step.FINISH.value})
"""The steps that end a party's time at a stage with what it came for."""

FINISHED = frozenset({Step.FINISH.value, Step.SERVED_BY_HAND.value})
"""The steps that end a visit with what the party came for."""

PRIORITY = ("no", "yes")
HELP_KINDS = tuple(kind.value for kind in HelpKind)

LEFT = Step.LEAVE.value
"""The step that ends a visit because the party goes away."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit of the day.

    Attributes:
        at: When the party came.
        adults: Of 18 years and more.
        children: Under 18.
        language: None where its answers could not be read.
        priority: Staff gave it priority.
        by_hand: Staff issued its number; of a part, when the party was split.
        carried_over: It was still waiting when its day was closed.
        split: It is a part of a party that came as one.
        merged: It went on with another party, and its persons are counted there.

    """

    at: datetime
    adults: int
    children: int
    language: str | None
    priority: bool = False
    by_hand: bool = False
    carried_over: bool = False
    split: bool = False
    merged: bool = False

    @property
    def count(self) -> Count:
        """What it adds to a count of visits."""
        return Count(
            parties=0 if self.split else 1,
            persons=0 if self.merged else self.adults + self.children,
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """A party's time at one stage, which ended on the day.

    Attributes:
        visit: Whose.
        stage: Where.
        persons: How many they were then.
        waited_from: When they came to the stage.
        first_called_at: When they were called there first, if ever.
        served_at: When serving began, if ever.
        ended_at: When they went on.
        ended_by: The step that they went on by.
        overnight: The party was sent home in between, and came back on another day.
        onward: The stage that it was sent on to, where it was, and somebody wrote it down.
        led_back: It ended the visit, but a lead has led the party back: perhaps it ends on another
            day, and counts as finished or gone there alone.

    """

    visit: Hashable
    stage: str
    persons: int
    waited_from: datetime
    first_called_at: datetime | None
    served_at: datetime | None
    ended_at: datetime
    ended_by: str
    overnight: bool = False
    onward: str | None = None
    led_back: bool = False

    @property
    def count(self) -> Count:
        """What it adds to a count of parties."""
        return Count(1, self.persons)


@dataclass(frozen=True, slots=True)
class Achieved:
    """An outcome for so many persons, or below 0 a correction of one."""

    outcome: str
    persons: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StockCount:
    """How many persons a lead has counted; of two at one instant the higher `order` holds."""

    figure: str
    persons: int
    at: datetime
    order: str = ""


@dataclass(frozen=True, slots=True)
class Happenings:
    """All that the figures of one service day are counted from.

    Attributes:
        arrivals: The visits that began on it.
        passages: What ended on it.
        achieved: Outcomes of the day.
        stock_counts: Counts of the day.
        no_shows: Where parties were put back after three calls, one for each time.
        kiosks: What each kiosk counted on the day.
        help_calls: The kinds of the calls for a person, one for each call.

    """

    arrivals: Sequence[Arrival] = ()
    passages: Sequence[Passage] = ()
    achieved: Sequence[Achieved] = ()
    stock_counts: Sequence[StockCount] = ()
    no_shows: Sequence[str] = ()
    kiosks: Sequence[KioskCounts] = ()
    help_calls: Sequence[str] = ()


def figures_of_day(day: date, happened: Happenings, *, site: Site) -> DayFigures:
    """Return the figures of a service day.

    Args:
        day: The service day.
        happened: What happened on it.
        site: Whose outcomes add up to figures, and whose wall clock tells the hours. An outcome
            that it does not know is counted as an outcome and adds up to nothing.

    """
    zone = ZoneInfo(site.time_zone)
    arrivals = happened.arrivals
    last = _last_of_each(p for p in happened.passages if not p.led_back)
    sums, stocks = _figures_of_site(happened, site)
    came = [visit for visit in arrivals if not visit.split]
    tally = Tally(
        visits=_total(visit.count for visit in arrivals),
        adults=sum(visit.adults for visit in arrivals if not visit.merged),
        size_unknown=sum(1 for visit in came if not visit.adults + visit.children),
        by_hand=_total(visit.count for visit in came if visit.by_hand),
        carried_over=_total(Count(1, v.count.persons) for v in arrivals if v.carried_over),
        finished=_total(p.count for p in last if p.ended_by in FINISHED),
        left=_total(p.count for p in last if p.ended_by == LEFT),
        arrivals=_by_hour(arrivals, zone),
        outcomes=_by_name((done.outcome, done.persons) for done in happened.achieved),
        sums=sums,
        stocks=stocks,
        stages=_stages(happened, zone),
        kiosks=sum(happened.kiosks, KioskCounts()),
        help_calls=len(happened.help_calls),
    )
    breakdowns = Breakdowns(
        languages=_by_name(((v.language or "", 1) for v in came), names=_languages(site)),
        priority=_by_name((("yes" if v.priority else "no", 1) for v in came), names=PRIORITY),
        help_calls=_by_name(((kind, 1) for kind in happened.help_calls), names=HELP_KINDS),
    )
    return DayFigures(day, tally, breakdowns)


def _last_of_each(passages: Iterable[Passage]) -> Iterable[Passage]:
    """Return the last passage of each visit: one that a lead has led back may end twice."""
    last: dict[Hashable, Passage] = {}
    for passage in passages:
        before = last.get(passage.visit)
        if before is None or _how_late(before) < _how_late(passage):
            last[passage.visit] = passage
    return last.values()


def _how_late(passage: Passage) -> tuple[datetime, bool, str]:
    ends = passage.ended_by in FINISHED or passage.ended_by == LEFT
    return passage.ended_at, ends, passage.ended_by


def _by_hour(arrivals: Iterable[Arrival], zone: ZoneInfo) -> tuple[Count, ...]:
    hours: list[list[Count]] = [[] for _ in range(HOURS)]
    for visit in arrivals:
        hours[visit.at.astimezone(zone).hour].append(visit.count)
    return tuple(map(_total, hours))


def _figures_of_site(happened: Happenings, site: Site) -> tuple[dict[str, int], dict[str, Stock]]:
    """Return what outcomes add up to: sums, and stocks as the day changed them."""
    outcomes = {outcome.id: outcome for outcome in site.outcomes}
    known = [done for done in happened.achieved if done.outcome in outcomes]
    sums: dict[str, int] = {figure.id: 0 for figure in site.figures if not figure.stock}
    stocks: dict[str, Stock] = {}
    for figure in site.figures:
        changes = [
            (done.at, done.persons * outcomes[done.outcome].counts)
            for done in known
            if outcomes[done.outcome].figure == figure.id
        ]
        if figure.stock:
            counts = [count for count in happened.stock_counts if count.figure == figure.id]
            stocks[figure.id] = _stock(counts, changes)
        else:
            sums[figure.id] = sum(persons for _, persons in changes)
    return sums, stocks


def _stock(counts: Sequence[StockCount], changes: Iterable[tuple[datetime, int]]) -> Stock:
    """Return what a day made of a stock: the last count, and what changed after it."""
    last = max(counts, key=lambda count: (count.at, count.order), default=None)
    if last is None:
        return Stock(None, sum(persons for _, persons in changes))
    return Stock(last.persons, sum(persons for at, persons in changes if at > last.at))


def _stages(happened: Happenings, zone: ZoneInfo) -> dict[str, StageFigures]:
    by_stage: dict[str, list[Passage]] = defaultdict(list)
    for passage in happened.passages:
        by_stage[passage.stage].append(passage)
    no_shows = Counter(happened.no_shows)
    return {
        stage: _stage(by_stage[stage], zone, no_shows=no_shows[stage])
        for stage in sorted({*by_stage, *no_shows})
    }


def _stage(passages: Sequence[Passage], zone: ZoneInfo, *, no_shows: int) -> StageFigures:
    waits: dict[int, list[float]] = defaultdict(list)
    services: list[float] = []
    overnight = 0
    for passage in passages:
        if passage.overnight:
            overnight += 1
        elif passage.first_called_at:
            waited = passage.first_called_at - passage.waited_from
            waits[passage.waited_from.astimezone(zone).hour].append(waited.total_seconds())
        if passage.served_at and passage.ended_by in SERVED:
            services.append((passage.ended_at - passage.served_at).total_seconds())
    return StageFigures(
        served=_total(p.count for p in passages if p.ended_by in SERVED),
        left=_total(p.count for p in passages if p.ended_by == LEFT),
        no_shows=no_shows,
        waits={hour: Durations.of(seconds) for hour, seconds in sorted(waits.items())},
        overnight=overnight,
        services=Durations.of(services),
        onward=_onward(passages),
    )


def _onward(passages: Sequence[Passage]) -> dict[str, Count]:
    """Return where those went who were served, by stage; "" is the end."""
    went: dict[str, list[Count]] = defaultdict(list)
    for passage in passages:
        if passage.ended_by == Step.FINISH.value:
            went[""].append(passage.count)
        elif passage.ended_by == Step.FORWARD.value and passage.onward:
            went[passage.onward].append(passage.count)
    return {stage: _total(counts) for stage, counts in sorted(went.items())}


def _total(counts: Iterable[Count]) -> Count:
    parties = persons = 0  # a day may have many thousands: adding Counts takes longer
    for count in counts:
        parties += count.parties
        persons += count.persons
    return Count(parties, persons)


def _languages(site: Site) -> tuple[str, ...]:
    return (*site.languages, *site.audio_languages, "")


def _by_name(counts: Iterable[tuple[str, int]], *, names: Iterable[str] = ()) -> dict[str, int]:
    """Return the sum by name, with 0 for each of `names` that does not occur."""
    total: Counter[str] = Counter(dict.fromkeys(names, 0))
    for name, count in counts:
        total[name] += count
    return dict(sorted(total.items()))
