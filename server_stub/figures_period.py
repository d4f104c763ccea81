"""The period of the figures page: which days it tells of, and which stand beside them. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)

NAMES = ("today", "week", "last-week", "month", "last-month")
"""The periods that have a name; any other is told by its first and last day."""


class PeriodError(ValueError):
    """What was asked for is no period.

    Attributes:
        reason: "no-date" or "ends-before-it-begins".

    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Days:
    """Some service days, one after the other."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a page tells of.

    Attributes:
        name: One of `NAMES`; "" where the days were chosen.
        days: The days.
        beside: Days to compare them with: the same weekdays of a week before, or the same days
            of the month before.
        is_running: It ends today, which is not over; `beside` is over.

    """

    name: str
    days: Days
    beside: Days
    is_running: bool


def period_of(asked: Mapping[str, str], *, today: date) -> Period:
    """Return the period that a page's address asks for: today, where it asks for none.

    Args:
        asked: "period", one of `NAMES`; or "from" and "to", dates like ``2026-11-24``.
        today: The present service day; later ones are not told of.

    Raises:
        PeriodError: It asks for something else.

    """
    first, last = asked.get("from", ""), asked.get("to", "")
    if first or last:
        return _chosen(_date(first or last), _date(last or first), today=today)
    name = asked.get("period") or "today"
    if name not in NAMES:
        raise PeriodError("no-date")
    return _named(name, today=today)


def _chosen(first: date, last: date, *, today: date) -> Period:
    if first > last:
        raise PeriodError("ends-before-it-begins")
    last = min(last, today)
    first = min(first, last)
    weeks = -(-((last - first).days + 1) // 7)
    return _period("", first, last, back=weeks * ONE_WEEK, today=today)


def _named(name: str, *, today: date) -> Period:
    monday = today - today.weekday() * ONE_DAY
    match name:
        case "week":
            return _period(name, monday, today, back=ONE_WEEK, today=today)
        case "last-week":
            return _period(name, monday - ONE_WEEK, monday - ONE_DAY, back=ONE_WEEK, today=today)
        case "month":
            before = _month_before(today)
            last = before + (min(today.day, _length(before)) - 1) * ONE_DAY
            days = Days(today.replace(day=1), today)
            return Period(name, days, Days(before, last), is_running=True)
        case "last-month":
            first = _month_before(today)
            before = _month_before(first)
            return Period(name, _whole(first), _whole(before), is_running=False)
        case _:
            return _period(name, today, today, back=ONE_WEEK, today=today)


def _period(name: str, first: date, last: date, *, back: timedelta, today: date) -> Period:
    beside = Days(_earlier(first, back), _earlier(last, back))
    return Period(name, Days(first, last), beside, is_running=last == today)


def _earlier(day: date, by: timedelta) -> date:
    return day - by if day - date.min > by else date.min


def _month_before(day: date) -> date:
    return (day.replace(day=1) - ONE_DAY).replace(day=1)


def _whole(first: date) -> Days:
    return Days(first, first + (_length(first) - 1) * ONE_DAY)


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PeriodError("no-date") from None
