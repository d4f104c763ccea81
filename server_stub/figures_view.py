"""The view of the figures page: what is told of a period, beside the days before. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server_stub.charts import NOTHING, Chart, day_in_words, key_of, number_in_words, told
from server_stub.charts_of_report import charts_of
from server_stub.figures import HOURS
from server_stub.figures_period import Days, Period
from server_stub.figures_report import Line, Report, in_order_of_the_day
from server_stub.page_texts import catalogue

SHOWN_AT_ONCE = ("figures", "visits", "kiosks")
"""Groups that stand open on the page; of the others the charts tell first."""


@dataclass(frozen=True, slots=True)
class Told:
    """One figure, as people read it.

    Attributes:
        label: What it is.
        unit: In what it is counted, in words.
        now: Of the period.
        then: Of the days beside it.

    """

    label: str
    unit: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together; `name` is not shown, `title` is."""

    name: str
    title: str
    rows: tuple[Told, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is shown at once."""
        return self.name in SHOWN_AT_ONCE


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The page.

    Attributes:
        period: Which days.
        words: The days, in words.
        words_beside: Those beside them.
        headline: The figures that the city reports.
        until: Who came up to the last full hour, in parties, where the period is today alone.
        groups: All figures but those that only charts tell.
        charts: With their tables.

    """

    period: Period
    words: str
    words_beside: str
    headline: tuple[Told, ...]
    until: Told | None
    groups: tuple[Group, ...]
    charts: tuple[Chart, ...]


def view_of(report: Report, *, beside: Report, period: Period, now: datetime) -> FiguresView:
    """Return what the page shows.

    Args:
        report: The figures of the period.
        beside: Those of the days beside it.
        period: Which days these are.
        now: The present moment.

    """
    writer = _Writer(report, beside)
    is_today = period.is_running and period.days.first == period.days.last
    hour = now.astimezone(ZoneInfo(report.site.time_zone)).hour if is_today else None
    language = report.language
    return FiguresView(
        period=period,
        words=days_in_words(period.days, language=language),
        words_beside=days_in_words(period.beside, language=language),
        headline=tuple(writer.headline()),
        until=writer.until(hour) if hour is not None else None,
        groups=tuple(writer.groups()),
        charts=tuple(charts_of(report, beside=beside, hour_now=hour)),
    )


def days_in_words(days: Days, *, language: str) -> str:
    """Return ``"Di. 24.11.2026"``, or the first and the last day."""
    last = f"{day_in_words(days.last, language=language)}{_year(days.last, language)}"
    if days.first == days.last:
        return last
    first = day_in_words(days.first, language=language)
    if days.first.year != days.last.year:
        first += _year(days.first, language)
    return f"{first} {NOTHING} {last}"


def _year(day: date, language: str) -> str:
    return f"{day.year}" if language == "de" else f" {day.year}"


class _Writer:
    """Puts the lines of two reports beside one another."""

    def __init__(self, report: Report, beside: Report) -> None:
        self._report = report
        self._texts = catalogue(report.language)
        # Of days before all days nothing is known, not even that nobody came.
        lines = beside.lines if beside.period.days else ()
        self._beside = {key_of(line): line for line in lines}
        _ = self._texts.gettext
        self._units = {
            "parties": _("parties"),
            "persons": _("persons"),
            "minutes": _("minutes"),
            "check-ins": _("check-ins"),
            "calls": _("calls"),
            "percent": _("per cent"),
        }

    def headline(self) -> Iterator[Told]:
        """Tell who came, and what the city reports."""
        for line in self._report.lines:
            subject = line.subject
            came = (subject.section, subject.figure) == ("visits", "visits")
            if came or subject.section in {"figures", "stocks"}:
                yield self._told(line)

    def until(self, hour: int) -> Told:
        """Tell how many parties came before the present hour, on both days."""
        hours = in_order_of_the_day(range(HOURS))
        over = frozenset(hours[: hours.index(hour)])
        now = sum(_arrived(line, over) for line in self._report.lines)
        then = sum(_arrived(line, over) for line in self._beside.values())
        label = self._texts.gettext("Visits until %(time)s") % {"time": f"{hour:02}:00"}
        language = self._report.language
        now_words, then_words = (number_in_words(n, language=language) for n in (now, then))
        return Told(label, self._units["parties"], now_words, then_words)

    def groups(self) -> Iterator[Group]:
        """Tell everything that is not of an hour or a day."""
        _ = self._texts.gettext
        for name, title, sections in (
            ("figures", _("Reported figures"), ("figures", "stocks")),
            ("visits", _("Visits"), ("visits",)),
            ("kiosks", _("Kiosks and calls for help"), ("kiosks", "help-calls")),
            ("outcomes", _("What the stages achieved"), ("outcomes",)),
            ("stages", _("Stages"), ("stages",)),
            ("priority", _("Priority"), ("priority",)),
        ):
            lines = [line for line in self._report.lines if line.subject.section in sections]
            if lines:
                yield Group(name, title, tuple(self._told(line) for line in lines))

    def _told(self, line: Line) -> Told:
        beside, language = self._beside.get(key_of(line)), self._report.language
        label = line.subject.label
        if line.subject.figure == "busiest-hour":
            label += f": {self._when(line)}"
            beside = None  # another hour of another day
        return Told(
            label=label,
            unit=self._units[line.unit],
            now=told(line, language=language),
            then=told(beside, language=language) if beside else NOTHING,
        )

    def _when(self, line: Line) -> str:
        subject = line.subject
        if subject.day is None or subject.hour is None:
            return NOTHING
        day = day_in_words(subject.day, language=self._report.language)
        return f"{day} {subject.hour:02}:00"


def _arrived(line: Line, hours: frozenset[int]) -> int:
    """Return the parties of a line that tells who came in one of some hours; else 0."""
    subject = line.subject
    if subject.section != "arrivals" or line.unit != "parties" or subject.hour not in hours:
        return 0
    return line.value or 0
