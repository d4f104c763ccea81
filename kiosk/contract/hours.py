"""The hours of a site: when it is open, on which days it is not, and what to do until it opens.

Times are those on the wall of the site. What is open past midnight belongs to the day on which
it opens.
"""

import re
import unicodedata
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kiosk.contract.questions import broken
from kiosk.contract.signs import Icon, Part, Place, Text

DAY = 24 * 60
"""Minutes of a day."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ALL_DAY = "24 h"
"""A day without a time at which anything closes."""

MOST_LINES = 4
"""How many things to do instead fit on a screen and on a slip."""

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)( next day)?")


def minutes(span: str) -> tuple[int, int]:
    """Return when a span opens and closes, in minutes since midnight; past 1440 the next day.

    Raises ValueError with what to write instead.
    """
    if span == ALL_DAY:
        return 0, DAY
    read = _SPAN.fullmatch(span)
    if read is None:
        raise ValueError(f'{span!r} are no hours: write them like "08:00-18:00" or "{ALL_DAY}"')
    opens, closes = _minute(span, read[1], read[2]), _minute(span, read[3], read[4])
    if opens == DAY:
        raise ValueError(f'{span!r}: opens at 24:00, which is "00:00" of the next day')
    if read[5]:
        if closes > opens:
            raise ValueError(f"{span!r}: is open for more than 24 hours")
        return opens, closes + DAY
    if closes <= opens:
        raise ValueError(
            f"{span!r}: closes before it opens; what is open past midnight is written "
            f'"{span} next day"'
        )
    return opens, closes


def _minute(span: str, hour: str, minute: str) -> int:
    if int(minute) > 59 or int(hour) * 60 + int(minute) > DAY:
        raise ValueError(f"{span!r}: no clock shows {hour}:{minute}")
    return int(hour) * 60 + int(minute)


def _is_a_span(span: str) -> str:
    minutes(span)
    return span


def _overlap(spans: tuple[str, ...]) -> tuple[str, str] | None:
    """Return two spans of one day of which one opens before the other has closed."""
    ordered = sorted(spans, key=minutes)
    return next(((a, b) for a, b in pairwise(ordered) if minutes(b)[0] < minutes(a)[1]), None)


def _is_a_day(spans: tuple[str, ...]) -> tuple[str, ...]:
    if both := _overlap(spans):
        raise ValueError(f"{both[0]!r} and {both[1]!r} overlap")
    return spans


Span = Annotated[str, AfterValidator(_is_a_span)]
"""Hours of one day: ``"08:00-18:00"``, ``"20:00-02:00 next day"`` or ``"24 h"``."""

DayHours = Annotated[tuple[Span, ...], AfterValidator(_is_a_day)]
"""The spans of one day; none where all of it is closed."""


class Hours(Part):
    """The hours of a week. A day that is not named is like `every_day`, or else closed."""

    every_day: DayHours = Field(default=(), description="Of each day that is not named.")
    mon: DayHours | None = None
    tue: DayHours | None = None
    wed: DayHours | None = None
    thu: DayHours | None = None
    fri: DayHours | None = None
    sat: DayHours | None = None
    sun: DayHours | None = None

    @model_validator(mode="before")
    @classmethod
    def _knows_the_days(cls, table: Any) -> Any:  # noqa: ANN401  # anything may stand in a file
        for day in table if isinstance(table, dict) else ():
            if day not in {"every_day", *WEEKDAYS}:
                there = ", ".join(("every_day", *WEEKDAYS))
                raise broken((day,), f"no day {day!r}; there are: {there}")
        return table

    @model_validator(mode="after")
    def _is_open_sometime_and_once(self) -> Self:
        if not any(self.on(day) for day in range(7)):
            raise broken((), "never open: name hours, or leave them out where it is always open")
        for day, name in enumerate(WEEKDAYS):
            last = max((minutes(span)[1] for span in self.on(day)), default=0)
            for span in self.on((day + 1) % 7):
                if minutes(span)[0] < last - DAY:
                    key = name if getattr(self, name) is not None else "every_day"
                    raise broken((key,), f"{name} is still open when {span!r} of the day after is")
        return self

    def on(self, weekday: int) -> tuple[str, ...]:
        """Return the spans of a weekday, Monday being 0."""
        named: tuple[str, ...] | None = getattr(self, WEEKDAYS[weekday])
        return self.every_day if named is None else named

    def week(self) -> list[tuple[int, int]]:
        """Return when it is open, in minutes since Monday 00:00, in order; what touches is one.

        What is open past the end of Sunday is there as a whole, and again before Monday.
        """
        spans = [
            (day * DAY + opens, day * DAY + closes)
            for day in range(-1, 7)
            for opens, closes in map(minutes, self.on(day % 7))
        ]
        return merged(spans)


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, with those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(closes, found[-1][1]))
        else:
            found.append((opens, closes))
    return found


_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?")


def _as_written(days: Any) -> Any:  # noqa: ANN401  # anything may stand in a file
    """A date of TOML is one day, as the same date in quotes is."""
    return days.isoformat() if isinstance(days, date) else days


def dates(days: str) -> tuple[date, date]:
    """Return the first and the last day of ``"2026-12-24 to 2026-12-26"``, or raise ValueError."""
    read = _DAYS.fullmatch(days)
    try:
        first = date.fromisoformat(read[1]) if read else None
        last = date.fromisoformat(read[2]) if read and read[2] else first
    except ValueError:
        first = last = None
    if first is None or last is None:
        raise ValueError(f'{days!r} are no days: write "2026-12-25" or "2026-12-24 to 2026-12-26"')
    if last < first:
        raise ValueError(f"{days!r}: ends before it begins")
    return first, last


def _are_days(days: str) -> str:
    dates(days)
    return days


Days = Annotated[str, BeforeValidator(_as_written), AfterValidator(_are_days)]
"""One date, or a span of dates: ``"2026-12-24 to 2026-12-26"``."""


class Closure(Part):
    """Days on which the usual hours do not hold."""

    days: Days
    hours: DayHours = Field(default=(), description="On each of these days; none: closed.")
    reason: str = Field(default="", max_length=100, description="For staff; shown to nobody.")


def _is_latin(detail: str) -> str:
    """Return a detail that stands as it is in every language, or raise ValueError."""
    if not detail.isprintable():
        raise ValueError("has a sign in it that cannot be printed")
    for letter in detail:
        if letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN "):
            raise ValueError(f"{letter!r} is no Latin letter, and this is not translated")
    return detail


class Elsewhere(Part):
    """What to do while the site is closed: one line of the closed screen and of its slip."""

    icon: Icon
    text: Text
    detail: Annotated[str, AfterValidator(_is_latin)] = Field(
        default="", max_length=60, description="An address or a line, as it is; Latin letters."
    )
    place: Place | None = Field(default=None, description="Where it is, when it is here.")


def check_closures(closures: tuple[Closure, ...]) -> None:
    """Raise where two closures name the same day."""
    for index, closure in enumerate(closures):
        first, last = dates(closure.days)
        for other in closures[:index]:
            begins, ends = dates(other.days)
            if first <= ends and begins <= last:
                place = ("closures", index, "days")
                raise broken(place, f"{closure.days!r} has a day that {other.days!r} names too")


def check_stage_hours(stage: Hours, site: Hours, *, place: tuple[str | int, ...]) -> None:
    """Raise where a stage is open while its site is not."""
    whole = site.week()
    week = [*whole, *((opens + 7 * DAY, closes + 7 * DAY) for opens, closes in whole)]
    around = merged(week)
    for day, name in enumerate(WEEKDAYS):
        for span in stage.on(day):
            opens, closes = (day * DAY + minute for minute in minutes(span))
            if not any(begins <= opens and closes <= ends for begins, ends in around):
                key = name if getattr(stage, name) is not None else "every_day"
                there = ", ".join(site.on(day)) or "closed"
                raise broken(
                    (*place, key), f"{span!r} on {name}: the site is not open then ({there})"
                )
