"""A chart: a table that a page shows as it is, and that its script draws. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_date
from babel.numbers import format_decimal

from server_stub.figures_report import Line
from server_stub.local_time import DAYS
from server_stub.page_texts import catalogue


class Kind(StrEnum):
    """How a table is drawn."""

    BARS = "bars"  # a bar for each row, or several side by side; upright
    ROWS = "rows"  # the same, lying: names may be long
    HEAT = "heat"  # a field for each cell
    FLOW = "flow"  # a ribbon for each row, from its first to its second column


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a table.

    Attributes:
        text: As people read it.
        value: As it is drawn; None where there is nothing to draw.
        name: Of a place in a flow, the same in every language; else "".

    """

    text: str
    value: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, after the first one.

    Attributes:
        title: Its heading.
        drawn: "bar", "line", or "" where it is only read.
        unit: What is counted, in words, where it is not that of the chart.

    """

    title: str
    drawn: str = "bar"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A table that can be drawn.

    Attributes:
        name: Which chart it is.
        kind: How it is drawn.
        title: What it shows.
        says: How it is read, in one sentence.
        unit: What is counted, in words.
        heading: Of its first column.
        columns: The others.
        rows: Each begins with what the row is of.

    """

    name: str
    kind: Kind
    title: str
    says: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to draw."""
        return any(cell.value for row in self.rows for cell in row[1:])


NOTHING = "\N{EN DASH}"
"""In a field of which there is nothing to tell."""

Key = tuple[str, str, str | None, int | None, date | None, str, str]


def key_of(line: Line) -> Key:
    """Return what tells a line of a report from the others."""
    s = line.subject
    return (s.section, s.figure, s.stage, s.hour, s.day, line.measure, line.unit)


def told(line: Line, *, language: str) -> str:
    """Return what a line tells, in as few words as a table has room for."""
    _ = catalogue(language).gettext
    if line.value is None:
        match line.note:
            case "not-recorded":
                return _("not recorded")
            case "too-few":
                return _("fewer than 5")
            case "withheld":
                return _("withheld")
        return NOTHING
    number = number_in_words(line.value, language=language)
    if line.unit == "percent":
        number = f"{number} %"
    if line.note == "at-least":
        return _("at least %(number)s") % {"number": number}
    return _("about %(number)s") % {"number": number} if line.note == "about" else number


def number_in_words(number: int, *, language: str) -> str:
    """Return a number with its thousands parted, as the reader's language does."""
    return str(format_decimal(number, locale=language))


def day_in_words(day: date, *, language: str) -> str:
    """Return ``"Di. 17.11."``."""
    return format_date(day, DAYS[language], locale=language)
