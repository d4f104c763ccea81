"""The figures: what the city reports of a day, and how days add up to any period. Pure.

Everything here adds up exactly: counts by adding, waits minute by minute, a stock from its last
count on. So a period is the sum of its days, however it is cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import TypeVar

from server_stub.durations import NO_DURATIONS, Durations, together

T = TypeVar("T")

HOURS = 24


class FiguresError(ValueError):
    """Figures cannot be added up."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many parties, and so many persons in them."""

    parties: int = 0
    persons: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.parties + other.parties, self.persons + other.persons)


@dataclass(frozen=True, slots=True)
class Stock:
    """How many persons are there now.

    Attributes:
        counted: What a lead has counted last; None where nobody has.
        since: What outcomes have added since, or taken away; since ever where nobody counted.

    """

    counted: int | None = None
    since: int = 0

    @property
    def persons(self) -> int | None:
        """How many are there; None, "not recorded", where nobody has ever counted them."""
        return None if self.counted is None else self.counted + self.since

    def then(self, later: "Stock") -> "Stock":
        """Return the stock after a later time, of which `later` tells."""
        if later.counted is not None:
            return later
        return Stock(self.counted, self.since + later.since)


@dataclass(frozen=True, slots=True)
class StageFigures:
    """What happened at one stage.

    Attributes:
        served: Sent on from there, or finished.
        left: Went away while they were there.
        no_shows: Parties put back after three calls; one may come back, and count again.
        waits: From coming to the stage to the first call there, by the hour of coming: that of
            the wall clock. Who left without a call is in none.
        overnight: Parties that were called after a night at home, and are in no wait.
        services: From when serving began to when the party was sent on or finished.
        onward: Of `served`, by the stage that they were sent on to, and "" for those who had
            finished. Fewer than `served` where nobody wrote that down yet.

    """

    served: Count = Count()
    left: Count = Count()
    no_shows: int = 0
    waits: Mapping[int, Durations] = field(default_factory=dict)
    overnight: int = 0
    services: Durations = NO_DURATIONS
    onward: Mapping[str, Count] = field(default_factory=dict)

    @property
    def all_waits(self) -> Durations:
        """The waits of all hours."""
        return together(self.waits.values())


@dataclass(frozen=True, slots=True)
class KioskCounts:
    """What kiosks say of themselves, whether the server has heard of each or not.

    Attributes:
        check_ins: Numbers given out.
        abandoned: Dialogues that were begun and left.
        help_calls: Calls for a person.

    """

    check_ins: int = 0
    abandoned: int = 0
    help_calls: int = 0

    def __add__(self, other: "KioskCounts") -> "KioskCounts":
        return KioskCounts(
            self.check_ins + other.check_ins,
            self.abandoned + other.abandoned,
            self.help_calls + other.help_calls,
        )


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """Counts that could reveal someone where they are small: told only through `disclosure`.

    Each names all that could have occurred on the day, with 0 where it did not: what a table
    tells must not depend on the site file of a later time.

    Attributes:
        languages: Parties by the language that they chose; "" where it could not be read.
        priority: Parties that staff gave priority ("yes"), and the others ("no").
        help_calls: Calls for help by their kind.

    """

    languages: Mapping[str, int] = field(default_factory=dict)
    priority: Mapping[str, int] = field(default_factory=dict)
    help_calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything that adds up.

    Attributes:
        visits: Parties that came, whoever gave them their number, and the persons in them.
            A party that was split came once; one that was merged came, and its persons are
            counted with the party that they went on with.
        adults: The persons of 18 years and more among them.
        size_unknown: Parties whose size could not be read, with no person counted.
        by_hand: Those of `visits` whose number staff have issued.
        carried_over: Parties still waiting when their day was closed.
        finished: Visits that came to their end.
        left: Visits that ended by going away.
        arrivals: Those of `visits` by the hour of the wall clock at which they came, 0 to 23.
        outcomes: Persons, by outcome of the site file, corrections taken off.
        sums: Persons, by figure of the site file that outcomes add up to.
        stocks: By figure of the site file that is a stock.
        stages: By stage.
        kiosks: What kiosks say of themselves.
        help_calls: Calls for a person that reached the server.

    """

    visits: Count = Count()
    adults: int = 0
    size_unknown: int = 0
    by_hand: Count = Count()
    carried_over: Count = Count()
    finished: Count = Count()
    left: Count = Count()
    arrivals: tuple[Count, ...] = (Count(),) * HOURS
    outcomes: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    stages: Mapping[str, StageFigures] = field(default_factory=dict)
    kiosks: KioskCounts = KioskCounts()
    help_calls: int = 0

    @property
    def children(self) -> int:
        """The persons under 18 years among the visits."""
        return self.visits.persons - self.adults


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one service day."""

    day: date
    tally: Tally
    breakdowns: Breakdowns


@dataclass(frozen=True, slots=True)
class BusiestHour:
    """The hour in which most parties came."""

    day: date
    hour: int
    arrived: Count


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The figures of a period.

    Attributes:
        first: The first day asked for.
        last: The last day asked for; a stock is that of its end.
        days: The service days of it that anything is known of.
        tally: Their sum.
        busiest: None where nobody came.
        months: Sums by calendar month, as (year, month), of the days that are known.
        by_day: Who came on each of `days`.

    """

    first: date
    last: date
    days: tuple[date, ...]
    tally: Tally
    busiest: BusiestHour | None
    months: Mapping[tuple[int, int], Breakdowns]
    by_day: Mapping[date, Count] = field(default_factory=dict)


def sum_of(
    days: Iterable[DayFigures],
    *,
    first: date,
    last: date,
    stocks_before: Mapping[str, Stock] | None = None,
) -> PeriodFigures:
    """Return the figures of a period.

    Args:
        days: Its days, in any order, each at most once.
        first: The first day of the period.
        last: Its last day.
        stocks_before: The stocks at its beginning, where they are known.

    Raises:
        FiguresError: A day is there twice, or is none of the period.

    """
    ordered = sorted(days, key=lambda figures: figures.day)
    known = tuple(figures.day for figures in ordered)
    if len(set(known)) != len(known) or not all(first <= day <= last for day in known):
        raise FiguresError(f"{first} to {last}: a day is there twice, or is none of them")
    before = Tally(stocks=stocks_before or {})
    months: dict[tuple[int, int], list[Breakdowns]] = {}
    for figures in ordered:
        months.setdefault((figures.day.year, figures.day.month), []).append(figures.breakdowns)
    return PeriodFigures(
        first=first,
        last=last,
        days=known,
        tally=_tallies([before, *(figures.tally for figures in ordered)]),
        busiest=_busiest(ordered),
        months={month: added_breakdowns(parts) for month, parts in months.items()},
        by_day={figures.day: figures.tally.visits for figures in ordered},
    )


def counted_apart(parts: Sequence[DayFigures]) -> DayFigures:
    """Return the figures of a day of which parts, at least one, were counted apart."""
    return DayFigures(
        parts[0].day,
        _tallies([part.tally for part in parts]),
        added_breakdowns([part.breakdowns for part in parts]),
    )


def _busiest(days: Sequence[DayFigures]) -> BusiestHour | None:
    """Return the hour with most parties; the first of several."""
    hours = (
        BusiestHour(figures.day, hour, arrived)
        for figures in days
        for hour, arrived in enumerate(figures.tally.arrivals)
        if arrived.parties
    )
    return max(hours, key=lambda busy: busy.arrived.parties, default=None)


def _tallies(parts: Sequence[Tally]) -> Tally:
    """Return the sum, in order of time, of at least one tally."""
    stages = _by_name([part.stages for part in parts])
    stocks = _by_name([part.stocks for part in parts])
    return Tally(
        visits=_counts(part.visits for part in parts),
        adults=sum(part.adults for part in parts),
        size_unknown=sum(part.size_unknown for part in parts),
        by_hand=_counts(part.by_hand for part in parts),
        carried_over=_counts(part.carried_over for part in parts),
        finished=_counts(part.finished for part in parts),
        left=_counts(part.left for part in parts),
        arrivals=tuple(map(_counts, zip(*(part.arrivals for part in parts), strict=True))),
        outcomes=added([part.outcomes for part in parts]),
        sums=added([part.sums for part in parts]),
        stocks={name: reduce(Stock.then, each) for name, each in stocks.items()},
        stages={name: _stages(each) for name, each in stages.items()},
        kiosks=sum((part.kiosks for part in parts), KioskCounts()),
        help_calls=sum(part.help_calls for part in parts),
    )


def _stages(parts: Sequence[StageFigures]) -> StageFigures:
    hours = sorted({hour for part in parts for hour in part.waits})
    return StageFigures(
        served=_counts(part.served for part in parts),
        left=_counts(part.left for part in parts),
        no_shows=sum(part.no_shows for part in parts),
        waits={
            hour: together(part.waits[hour] for part in parts if hour in part.waits)
            for hour in hours
        },
        overnight=sum(part.overnight for part in parts),
        services=together(part.services for part in parts),
        onward={
            stage: _counts(counts)
            for stage, counts in _by_name([part.onward for part in parts]).items()
        },
    )


def added_breakdowns(parts: Sequence[Breakdowns]) -> Breakdowns:
    """Return the sum of breakdowns."""
    return Breakdowns(
        languages=added([part.languages for part in parts]),
        priority=added([part.priority for part in parts]),
        help_calls=added([part.help_calls for part in parts]),
    )


def added(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of counts by name, by name."""
    return {name: sum(each) for name, each in _by_name(parts).items()}


def _by_name(parts: Iterable[Mapping[str, T]]) -> dict[str, list[T]]:
    """Return for each name what the parts have under it, in their order."""
    named: dict[str, list[T]] = {}
    for part in parts:
        for name, each in part.items():
            named.setdefault(name, []).append(each)
    return dict(sorted(named.items()))


def _counts(parts: Iterable[Count]) -> Count:
    return sum(parts, Count())
