"""The report: the figures of a period, line by line, each with its unit, as they are shown.

One list of lines for all formats, so that none tells more than another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kiosk.contract.messages import HelpKind
from kiosk.contract.site import Site
from server_stub.arrival import DAY_BEGINS
from server_stub.disclosure import Disclosure, disclosed
from server_stub.durations import HALF, NINE_OF_TEN, Durations
from server_stub.figures import HOURS, Count, PeriodFigures, StageFigures
from server_stub.page_texts import catalogue, language_name
from server_stub.suppression import FEWEST

DAY_BEGINS_AT = DAY_BEGINS.hour

FINISHED = "(finished)"
"""Names, of the section "flow", the end of the way; no stage has such a name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is of.

    Attributes:
        section: What it belongs to, like "visits", "waits" or "languages".
        figure: What is told; like the other names here, the same in every language.
        label: What is told, in words.
        stage: The stage that it is of, if any.
        hour: The hour of the wall clock that it is of, if any.
        day: The day that it is of, where it is not of the whole period.

    """

    section: str
    figure: str
    label: str
    stage: str | None = None
    hour: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One figure.

    Attributes:
        subject: What it is of.
        unit: "parties", "persons", "minutes", "check-ins", "calls" or "percent".
        value: None where it is not told; `note` says why.
        measure: "count", "median", "nine-of-ten", "longest" or "share".
        note: Why there is no value, or how to read it: "not-recorded", "too-few", "withheld",
            "at-least", "about"; else "".

    """

    subject: Subject
    unit: str
    value: int | None
    measure: str = "count"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period of one site, as they may be told to anyone."""

    site: Site
    period: PeriodFigures
    language: str
    lines: tuple[Line, ...]


def report(period: PeriodFigures, site: Site, *, today: date, language: str) -> Report:
    """Return a period's figures in one of the languages of the staff pages.

    Args:
        period: The figures.
        site: The site in force; what only an older site file knew is named by its id.
        today: The present service day.
        language: "de" or "en".

    """
    writer = _Writer(site, language=language)
    lines = (
        *writer.visits(period),
        *writer.days(period),
        *writer.arrivals(period),
        *writer.outcomes(period),
        *writer.figures(period),
        *writer.stages(period),
        *writer.kiosks(period),
        *writer.breakdowns(period, today=today),
    )
    return Report(site, period, language, lines)


class _Writer:
    """Puts figures into lines, in one language."""

    def __init__(self, site: Site, *, language: str) -> None:
        self._texts = catalogue(language)
        self._site = site
        self._language = language

    def visits(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell who came, and how their visits ended."""
        _, tally = self._texts.gettext, period.tally
        yield from both(Subject("visits", "visits", _("Visits")), tally.visits)
        adults = Subject("visits", "adults", _("Adults, 18 and over"))
        yield Line(adults, "persons", tally.adults)
        children = Subject("visits", "children", _("Children, under 18"))
        yield Line(children, "persons", tally.children)
        unknown = Subject("visits", "size-unknown", _("Parties whose size is not known"))
        yield Line(unknown, "parties", tally.size_unknown)
        for figure, label, count in (
            ("by-hand", _("Number issued by staff"), tally.by_hand),
            ("finished", _("Visits finished"), tally.finished),
            ("left", _("Left before the end"), tally.left),
            ("carried-over", _("Carried over to another day"), tally.carried_over),
        ):
            yield from both(Subject("visits", figure, label), count)
        if busy := period.busiest:
            label = _("Busiest hour")
            subject = Subject("visits", "busiest-hour", label, hour=busy.hour, day=busy.day)
            yield from both(subject, busy.arrived)

    def days(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell how many came on each day, where the period has more than one."""
        label = self._texts.gettext("Visits of the day")
        if period.first < period.last:
            for day, came in period.by_day.items():
                yield from both(Subject("days", "visits", label, day=day), came)

    def arrivals(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell when they came."""
        label = self._texts.gettext("Arrivals")
        for hour in in_order_of_the_day(range(HOURS)):
            arrived = period.tally.arrivals[hour]
            if arrived != Count():
                yield from both(Subject("arrivals", "arrivals", label, hour=hour), arrived)

    def outcomes(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell what the stages achieved: what the site file knows, then what it knew once."""
        known = {outcome.id: outcome for outcome in self._site.outcomes}
        achieved = period.tally.outcomes
        for name in dict.fromkeys([*known, *achieved]):
            outcome = known.get(name)
            label = outcome.name[self._language] if outcome else name
            stage = outcome.stage if outcome else None
            subject = Subject("outcomes", name, label, stage=stage)
            yield Line(subject, "persons", achieved.get(name, 0))

    def figures(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell what outcomes add up to; a stock is that of the end of the period."""
        at_the_end = self._texts.gettext("number at the end")
        known = {figure.id: figure for figure in self._site.figures}
        sums, stocks = period.tally.sums, period.tally.stocks
        for name in dict.fromkeys([*known, *sums, *stocks]):
            figure = known.get(name)
            label = figure.name[self._language] if figure else name
            if name in stocks or (figure and figure.stock):
                now = stocks[name].persons if name in stocks else None
                note = "not-recorded" if now is None else ""
                subject = Subject("stocks", name, f"{label}: {at_the_end}")
                yield Line(subject, "persons", now, note=note)
            else:
                yield Line(Subject("figures", name, label), "persons", sums.get(name, 0))

    def stages(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell of each stage whom it served and how long they waited."""
        stages = period.tally.stages
        for name in dict.fromkeys([*(stage.id for stage in self._site.stages), *stages]):
            if name in stages:
                yield from self._stage(name, stages[name])

    def kiosks(self, period: PeriodFigures) -> Iterator[Line]:
        """Tell what kiosks say of themselves, and how often someone was called."""
        _, kiosks = self._texts.gettext, period.tally.kiosks
        given = Subject("kiosks", "numbers-given", _("Numbers given out by kiosks"))
        yield Line(given, "check-ins", kiosks.check_ins)
        abandoned = Subject("kiosks", "abandoned", _("Check-ins begun and left"))
        yield Line(abandoned, "check-ins", kiosks.abandoned)
        help_calls = Subject("kiosks", "help-calls", _("Calls for help"))
        yield Line(help_calls, "calls", period.tally.help_calls)

    def breakdowns(self, period: PeriodFigures, *, today: date) -> Iterator[Line]:
        """Tell what may be told of counts that could reveal someone."""
        _ = self._texts.gettext
        asked = (*self._site.languages, *self._site.audio_languages)
        languages = {code: language_name(code, language=self._language) for code in asked}
        languages[""] = _("Language unknown")
        priority = {"yes": _("Priority"), "no": _("No priority")}
        kinds = {
            HelpKind.DOCTOR.value: _("Doctor"),
            HelpKind.PERSON.value: _("A person"),
            HelpKind.CHILD_ALONE.value: _("Child alone"),
        }
        for section, kind, unit, labels in (
            ("languages", "languages", "parties", languages),
            ("priority", "priority", "parties", priority),
            ("help-calls", "help_calls", "calls", kinds),
        ):
            told = disclosed(period, kind, today=today)
            yield from _told(section, told, unit=unit, labels=labels)

    def _stage(self, name: str, figures: StageFigures) -> Iterator[Line]:
        _ = self._texts.gettext
        stage = self._site.stage(name)
        where = stage.name[self._language] if stage else name

        def subject(section: str, figure: str, what: str) -> Subject:
            return Subject(section, figure, f"{where}: {what}", stage=name)

        yield from both(subject("stages", "served", _("served")), figures.served)
        yield from both(subject("stages", "left", _("left before the end")), figures.left)
        no_shows = subject("stages", "no-shows", _("put back after three calls"))
        yield Line(no_shows, "parties", figures.no_shows)
        overnight = subject("stages", "overnight", _("called after a night at home"))
        yield Line(overnight, "parties", figures.overnight)
        wait = subject("waits", "wait", _("wait"))
        yield from durations(wait, figures.all_waits)
        for hour in in_order_of_the_day(figures.waits):
            yield from durations(replace(wait, hour=hour), figures.waits[hour])
        service = subject("services", "service", _("time at the counter"))
        yield from durations(service, figures.services)
        yield from self._onward(name, where, figures)

    def _onward(self, name: str, where: str, figures: StageFigures) -> Iterator[Line]:
        """Tell where those went who were served, in the order of the site file."""
        _ = self._texts.gettext
        known = {stage.id: stage.name[self._language] for stage in self._site.stages}
        for to in [stage for stage in dict.fromkeys([*known, *figures.onward]) if stage]:
            if to in figures.onward:
                there = _("sent on to %(stage)s") % {"stage": known.get(to, to)}
                sent_on = Subject("flow", to, f"{where}: {there}", stage=name)
                yield from both(sent_on, figures.onward[to])
        if "" in figures.onward:
            finished = Subject("flow", FINISHED, f"{where}: {_('finished there')}", stage=name)
            yield from both(finished, figures.onward[""])


def both(subject: Subject, count: Count) -> tuple[Line, Line]:
    """Return a count in parties, and in persons."""
    return Line(subject, "parties", count.parties), Line(subject, "persons", count.persons)


def durations(subject: Subject, times: Durations) -> Iterator[Line]:
    """Yield how many took how long; of fewer than five, how many only.

    What they took would be that of a few people whom somebody may have seen.
    """
    yield Line(subject, "parties", times.number)
    few = times.number < FEWEST
    for measure, minutes in (
        ("median", times.within(HALF)),
        ("nine-of-ten", times.within(NINE_OF_TEN)),
        ("longest", times.longest),
    ):
        told, note = (None, "too-few") if few else (minutes, "")
        yield Line(subject, "minutes", told, measure=measure, note=note)


def _told(
    section: str, told: Disclosure, *, unit: str, labels: Mapping[str, str]
) -> Iterator[Line]:
    for name, cell in told.cells.items():
        subject = Subject(section, name or "unknown", labels.get(name, name))
        partly = "at-least" if cell.withheld_in else ""
        note = "withheld" if cell.count is None else partly
        yield Line(subject, unit, cell.count, note=note)
    for name, share in told.shares.items():
        subject = Subject(section, name or "unknown", labels.get(name, name))
        yield Line(subject, "percent", share, measure="share", note="about")


def in_order_of_the_day(hours: Iterable[int]) -> list[int]:
    """Return hours as a service day passes them: from four in the morning on."""
    return sorted(hours, key=lambda hour: (hour - DAY_BEGINS_AT) % HOURS)
