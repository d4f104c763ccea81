"""The situation: the few figures that a crisis staff is told of a day, on one page. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server_stub.charts import NOTHING, Key, key_of, told
from server_stub.figures_report import Line, Report

IN_PARTIES = ("finished", "left", "by-hand")
"""Of the section "visits", what is told in parties alone: one page has no room for more."""


@dataclass(frozen=True, slots=True)
class SituationRow:
    """One figure of the page.

    Attributes:
        label: What it is.
        unit: In what it is counted: see `figures_report.Line`.
        counts: As people read it: of today, of the same weekday a week before, since a day.
        is_reported: The city reports it.

    """

    label: str
    unit: str
    counts: tuple[str, ...]
    is_reported: bool


@dataclass(frozen=True, slots=True)
class StageSoFar:
    """What a stage has done today, as people read it; waits in minutes."""

    served: str
    half: str
    nine_of_ten: str


def rows_of(today: Report, *others: Report) -> list[SituationRow]:
    """Return the figures that are told: of today, beside those of other days."""
    # Of days of which nothing is known, it is not even known that nobody came.
    beside = [
        {key_of(line): line for line in report.lines if report.period.days} for report in others
    ]
    return [
        SituationRow(
            label=line.subject.label,
            unit=line.unit,
            counts=(
                _told(line, today),
                *(_told(lines.get(key_of(line)), today) for lines in beside),
            ),
            is_reported=line.subject.section != "visits" or line.subject.figure == "visits",
        )
        for line in _lines_told(today.lines)
    ]


def stages_so_far(today: Report) -> dict[str, StageSoFar]:
    """Return by stage what it has done today."""
    lines = {key_of(line): line for line in today.lines}

    def so_far(stage: str) -> StageSoFar:
        def of(section: str, figure: str, measure: str, unit: str) -> str:
            key: Key = (section, figure, stage, None, None, measure, unit)
            return _told(lines.get(key), today)

        return StageSoFar(
            served=of("stages", "served", "count", "parties"),
            half=of("waits", "wait", "median", "minutes"),
            nine_of_ten=of("waits", "wait", "nine-of-ten", "minutes"),
        )

    return {stage.id: so_far(stage.id) for stage in today.site.stages}


def _lines_told(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield who came, the city's figures, and how visits ended."""
    visits = [line for line in lines if line.subject.section == "visits"]
    yield from (line for line in visits if line.subject.figure == "visits")
    yield from (line for line in lines if line.subject.section in {"figures", "stocks"})
    for line in visits:
        if line.subject.figure in IN_PARTIES and line.unit == "parties":
            yield line


def _told(line: Line | None, report: Report) -> str:
    return told(line, language=report.language) if line else NOTHING
