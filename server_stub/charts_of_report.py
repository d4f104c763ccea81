"""The charts of a report: each made of the report's lines alone. Pure.

So they tell what the report tells and no more: what is withheld there is withheld here.
"""

from collections.abc import Iterator, Mapping, Sequence

from server_stub.charts import (
    NOTHING,
    Cell,
    Chart,
    Column,
    Key,
    Kind,
    day_in_words,
    key_of,
    number_in_words,
    told,
)
from server_stub.figures_report import FINISHED, Line, Report, in_order_of_the_day
from server_stub.page_texts import catalogue

SECTIONS: dict[str, tuple[str, ...]] = {
    "arrivals": ("arrivals",),
    "days": ("days",),
    "wait-half": ("waits",),
    "wait-most": ("waits",),
    "times": ("waits", "services"),
    "flow": ("flow",),
    "lost": ("stages", "kiosks"),
    "languages": ("languages",),
}
"""The charts, and the sections of the report that each is made of."""

COME, GONE = "(came)", "(left)"
"""Ends of ways; no stage has such a name."""


def charts_of(report: Report, *, beside: Report, hour_now: int | None) -> list[Chart]:
    """Return the charts of a report, in the order in which a page shows them.

    Args:
        report: The figures.
        beside: Those of the days that are compared with.
        hour_now: The hour of the wall clock where the report is of today alone, else None.

    """
    draw = _Draw(report, beside, hour_now)
    charts = (
        draw.days(),
        draw.arrivals(),
        draw.languages(),
        draw.heat("wait-half", "median"),
        draw.heat("wait-most", "nine-of-ten"),
        draw.times(),
        draw.lost(),
        draw.flow(),
    )
    return [chart for chart in charts if chart.rows]


class _Draw:
    """Makes the tables, in the report's language."""

    def __init__(self, report: Report, beside: Report, hour_now: int | None) -> None:
        self._report = report
        self._texts = catalogue(report.language)
        self._lines = {key_of(line): line for line in report.lines}
        self._beside = {key_of(line): line for line in beside.lines}
        self._beside_days = beside.period
        self._hour_now = hour_now
        self._stages = {stage.id: stage.name[report.language] for stage in report.site.stages}

    def arrivals(self) -> Chart:
        """Who came in which hour."""
        _ = self._texts.gettext
        hours = {
            line.subject.hour
            for line in (*self._lines.values(), *self._beside.values())
            if line.subject.section == "arrivals" and line.subject.hour is not None
        }
        beside = []
        if self._beside_days.days:
            days = _("Parties, %(days)s") % {"days": self._days_beside()}
            beside = [Column(days, "line")]
        rows = []
        for hour in _from_first_to_last(hours):
            now = [self._count("arrivals", hour=hour, unit=u) for u in ("parties", "persons")]
            if self._is_to_come(hour):
                now = [Cell(NOTHING), Cell(NOTHING)]
            then = self._count("arrivals", hour=hour, unit="parties", beside=True)
            rows.append((Cell(_hour(hour)), *now, *([then] if beside else [])))
        return Chart(
            name="arrivals",
            kind=Kind.BARS,
            title=_("Arrivals by hour"),
            says=_("Who came in which hour, beside the days before."),
            heading=_("Hour"),
            columns=(
                Column(_("Parties")),
                Column(_("Persons")),
                *beside,
            ),
            rows=tuple(rows),
        )

    def days(self) -> Chart:
        """Who came on which day."""
        _ = self._texts.gettext
        days = sorted(
            {line.subject.day for line in self._of("days") if line.subject.day is not None}
        )
        return Chart(
            name="days",
            kind=Kind.BARS,
            title=_("Visits by day"),
            says=_("Who came on which day."),
            heading=_("Day"),
            columns=(Column(_("Parties")), Column(_("Persons"))),
            rows=tuple(
                (
                    Cell(day_in_words(day, language=self._report.language)),
                    *(
                        self._cell(("days", "visits", None, None, day, "count", unit))
                        for unit in ("parties", "persons")
                    ),
                )
                for day in days
            ),
        )

    def heat(self, name: str, measure: str) -> Chart:
        """Return the waits by stage and hour, of which `measure` is told."""
        _ = self._texts.gettext
        hours = _from_first_to_last(
            {line.subject.hour for line in self._of("waits") if line.subject.hour is not None}
        )
        stages = dict.fromkeys(line.subject.stage or "" for line in self._of("waits"))
        titles = {
            "median": (
                _("Wait: half of them at most"),
                _(
                    "Minutes within which half of those were called who came in the hour. "
                    "Who is still there counts later. Empty: nobody yet, or fewer than five."
                ),
            ),
            "nine-of-ten": (
                _("Wait: nine of ten at most"),
                _(
                    "Minutes within which nine of ten were called who came in the hour. "
                    "Who is still there counts later. Empty: nobody yet, or fewer than five."
                ),
            ),
        }
        title, says = titles[measure]
        return Chart(
            name=name,
            kind=Kind.HEAT,
            title=title,
            says=says,
            unit=_("minutes"),
            heading=_("Stage"),
            columns=tuple(Column(_hour(hour)) for hour in hours),
            rows=tuple(
                (
                    Cell(self._stages.get(stage, stage)),
                    *(
                        self._cell(("waits", "wait", stage, hour, None, measure, "minutes"))
                        for hour in hours
                    ),
                )
                for stage in stages
            ),
        )

    def times(self) -> Chart:
        """How long parties waited and were served at each stage."""
        _ = self._texts.gettext
        stages = dict.fromkeys(line.subject.stage or "" for line in self._of("waits"))
        asked = (("waits", "wait", "median"), ("waits", "wait", "nine-of-ten"))
        served = ("services", "service", "median")
        return Chart(
            name="times",
            kind=Kind.ROWS,
            title=_("Waits and time at the counter"),
            says=_("Minutes at each stage, in the whole period."),
            unit=_("minutes"),
            heading=_("Stage"),
            columns=(
                Column(_("Wait: half at most")),
                Column(_("Wait: nine of ten at most")),
                Column(_("At the counter: half at most")),
            ),
            rows=tuple(
                (
                    Cell(self._stages.get(stage, stage)),
                    *(
                        self._cell((section, figure, stage, None, None, measure, "minutes"))
                        for section, figure, measure in (*asked, served)
                    ),
                )
                for stage in stages
            ),
        )

    def flow(self) -> Chart:
        """Which ways parties went."""
        _ = self._texts.gettext
        return Chart(
            name="flow",
            kind=Kind.FLOW,
            title=_("Ways through the stages"),
            says=_("Parties that have left a stage, and where they went. Who waits is in none."),
            heading=_("Went from"),
            columns=(
                Column(_("Went to"), ""),
                Column(_("Parties"), unit=_("parties")),
                Column(_("Persons"), "", unit=_("persons")),
            ),
            rows=tuple(self._ways()) if self._ways_are_known() else (),
        )

    def lost(self) -> Chart:
        """Where parties were lost on their way."""
        _ = self._texts.gettext
        stages = dict.fromkeys(line.subject.stage or "" for line in self._of("stages"))
        abandoned = ("kiosks", "abandoned", None, None, None, "count", "check-ins")
        nothing = Cell(NOTHING)
        at_kiosks = (Cell(_("Kiosks")), self._cell(abandoned), nothing, nothing)
        at_stages = [
            (
                Cell(self._stages.get(stage, stage)),
                nothing,
                *(
                    self._cell(("stages", figure, stage, None, None, "count", "parties"))
                    for figure in ("no-shows", "left")
                ),
            )
            for stage in stages
        ]
        return Chart(
            name="lost",
            kind=Kind.ROWS,
            title=_("Lost on the way"),
            says=_("Check-ins begun and left; parties that did not come when called, or left."),
            heading=_("Where"),
            columns=(
                Column(_("Begun and left")),
                Column(_("Put back after three calls")),
                Column(_("Left before the end")),
            ),
            rows=(at_kiosks, *at_stages),
        )

    def languages(self) -> Chart:
        """Which languages parties chose."""
        _ = self._texts.gettext
        lines = sorted(self._of("languages"), key=lambda line: -(line.value or 0))
        shares = any(line.unit == "percent" for line in lines)
        says = (
            _("Shares in steps of five per cent; counts are told by whole months.")
            if shares
            else _("By whole months. A count below five is withheld.")
        )
        return Chart(
            name="languages",
            kind=Kind.ROWS,
            title=_("Languages"),
            says=says,
            unit=_("per cent") if shares else _("parties"),
            heading=_("Language"),
            columns=(Column(_("Share of the parties") if shares else _("Parties")),),
            rows=tuple(
                (
                    Cell(line.subject.label),
                    Cell(self._told(line), line.value),
                )
                for line in lines
            ),
        )

    # --- what they are made of ---

    def _told(self, line: Line) -> str:
        return told(line, language=self._report.language)

    def _number(self, number: int) -> str:
        return number_in_words(number, language=self._report.language)

    def _of(self, section: str) -> Iterator[Line]:
        return (line for line in self._report.lines if line.subject.section == section)

    def _cell(self, key: Key, *, beside: bool = False) -> Cell:
        line = (self._beside if beside else self._lines).get(key)
        return Cell(self._told(line), line.value) if line else Cell(NOTHING)

    def _count(self, section: str, *, hour: int, unit: str, beside: bool = False) -> Cell:
        """Return how many came in an hour; an hour without a line is one in which nobody did."""
        found = self._cell((section, section, None, hour, None, "count", unit), beside=beside)
        return Cell("0", 0) if found.value is None else found

    def _is_to_come(self, hour: int) -> bool:
        """Tell whether an hour of today has not begun."""
        if self._hour_now is None or self._hour_now == hour:
            return False
        return in_order_of_the_day([self._hour_now, hour])[0] == self._hour_now

    def _days_beside(self) -> str:
        days, language = self._beside_days, self._report.language
        first = day_in_words(days.first, language=language)
        if days.first == days.last:
            return first
        return f"{first} {NOTHING} {day_in_words(days.last, language=language)}"

    def _ways_are_known(self) -> bool:
        """Tell whether of all who were served it is known where they went."""
        served = sum(
            line.value or 0
            for line in self._of("stages")
            if line.subject.figure == "served" and line.unit == "parties"
        )
        return served == sum(line.value or 0 for line in self._of("flow") if line.unit == "parties")

    def _ways(self) -> Iterator[tuple[Cell, ...]]:
        """Yield from where to where how many went, in parties and persons."""
        _ = self._texts.gettext
        went: dict[tuple[str, str], list[int]] = {}
        for line in (*self._of("flow"), *self._of("stages")):
            if way := _way(line):
                counts = went.setdefault(way, [0, 0])
                counts[line.unit == "persons"] += line.value or 0
        names = {COME: _("Arrived"), FINISHED: _("Finished"), GONE: _("Left")}
        for stage in dict.fromkeys(self._stages | {way[0]: "" for way in went}):
            came = [
                sum(counts[n] for way, counts in went.items() if way[0] == stage)
                - sum(counts[n] for way, counts in went.items() if way[1] == stage)
                for n in (0, 1)
            ]
            if came[0] > 0:
                yield self._row(names, (COME, stage), [came[0], max(came[1], 0)])
        for way, counts in went.items():
            if counts[0]:
                yield self._row(names, way, counts)

    def _row(
        self, names: Mapping[str, str], way: tuple[str, str], counts: Sequence[int]
    ) -> tuple[Cell, ...]:
        places = (Cell(names.get(n) or self._stages.get(n, n), name=n) for n in way)
        return (
            *places,
            *(Cell(self._number(count), count) for count in counts),
        )


def _way(line: Line) -> tuple[str, str] | None:
    """Return from where to where the parties of a line went; None where it does not tell."""
    subject = line.subject
    if subject.section == "flow":
        return subject.stage or "", subject.figure
    return (subject.stage or "", GONE) if subject.figure == "left" else None


def _from_first_to_last(hours: set[int]) -> list[int]:
    """Return all hours of a service day from the first of some to the last."""
    ordered = in_order_of_the_day(hours)
    if not ordered:
        return []
    all_day = in_order_of_the_day(range(24))
    return all_day[all_day.index(ordered[0]) : all_day.index(ordered[-1]) + 1]


def _hour(hour: int) -> str:
    return f"{hour:02}:00"
