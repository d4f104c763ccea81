"""The daily figures: each day rolled up into one row, so that a year is read from 365 of them."""

from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.figures import DayFigures, PeriodFigures, Stock, sum_of
from server_stub.figures_json import from_json, stocks_from_json, to_json
from server_stub.figures_of_day import figures_of_day
from server_stub.rows_of_day import anything_on, read_happenings, signs_of_change

MAY_CHANGE = timedelta(days=3)
"""A day that is not older is counted anew where its rows have changed after it was rolled up: by
a check-in that came late, or by what was done with a party that was carried over."""

ONE_DAY = timedelta(days=1)


def read_day(connection: Connection, site: Site, day: date) -> DayFigures:
    """Return the figures of a service day, counted from its rows."""
    return figures_of_day(day, read_happenings(connection, site, day), site=site)


def roll_up(connection: Connection, site: Site, day: date, *, at: datetime) -> None:
    """Write down the figures of a service day, once more where its rows have changed.

    To be done when a day is closed, and again before its rows are deleted. Afterwards it changes
    nothing: the figures of a day outlive its rows.
    """
    t = tables.daily_figures.c
    here = (t.site == site.id, t.day == day)
    rolled = _rolled(connection, site.id, first=day, last=day)
    if rolled and not _has_changed(connection, site, day):
        return
    told = to_json(read_day(connection, site, day))
    told["signs"] = signs_of_change(connection, site, day)
    values = {"figures": told, "made_at": at}
    if rolled:
        connection.execute(update(tables.daily_figures).where(*here).values(**values))
    else:
        connection.execute(tables.daily_figures.insert().values(site=site.id, day=day, **values))


def next_to_roll_up(connection: Connection, site: Site, *, today: date) -> date | None:
    """Return the earliest past day whose figures are to be written down; None where none is.

    One at a time, so that whoever waits for the writer meanwhile does not wait long.
    """
    first, last = _first_day(connection, site.id), today - ONE_DAY
    if first is None:
        return None
    rolled = _rolled(connection, site.id, first=first, last=last)
    due = (
        day
        for day in _days(first, last)
        if _is_due(connection, site, day, rolled=rolled, today=today)
    )
    return next(due, None)


def read_period(
    connection: Connection, site: Site, *, first: date, last: date, today: date
) -> PeriodFigures:
    """Return the figures of a period: past days as they were rolled up, today as of now.

    Args:
        connection: In a transaction of its own, so that all is of one moment.
        site: The site in force.
        first: The first day.
        last: The last day; days to come have no figures.
        today: The present service day.

    """
    t = tables.daily_figures.c
    rows = connection.execute(
        select(t.day, t.figures).where(t.site == site.id, t.day >= first, t.day <= last)
    )
    rolled = {row.day: row.figures for row in rows}
    began = _first_day(connection, site.id)
    days: list[DayFigures] = []
    for day in _days(max(first, began or today), min(last, today)):
        if _is_due(connection, site, day, rolled=rolled, today=today):
            days.append(read_day(connection, site, day))
        elif day in rolled:
            days.append(from_json(rolled[day]))
    before = _stocks_before(connection, site, first=first, today=today)
    return sum_of(days, first=first, last=last, stocks_before=before)


def _is_due(
    connection: Connection, site: Site, day: date, *, rolled: Container[date], today: date
) -> bool:
    """Tell whether a day must be counted from its rows."""
    if day not in rolled:
        return anything_on(connection, site.id, day)
    return day >= today - MAY_CHANGE and _has_changed(connection, site, day)


def _has_changed(connection: Connection, site: Site, day: date) -> bool:
    """Tell whether the rows of a day are others than when it was rolled up, and still there."""
    t = tables.daily_figures.c
    then: Mapping[str, Any] = connection.execute(
        select(t.figures["signs"]).where(t.site == site.id, t.day == day)
    ).scalar_one()
    now = signs_of_change(connection, site, day)
    # Visits are only ever deleted for their age: then the rows no longer tell all.
    return now != then and now["visits"] >= int(then["visits"])


def _stocks_before(
    connection: Connection, site: Site, *, first: date, today: date
) -> dict[str, Stock]:
    """Return the stocks at the beginning of a day: from the last count of each on."""
    since = _earliest_last_count(connection, site.id, before=first)
    if since is None:
        return {}
    t = tables.daily_figures.c
    rows = connection.execute(
        select(t.day, t.figures["stocks"]).where(t.site == site.id, t.day >= since, t.day < first)
    )
    rolled: dict[date, Mapping[str, Any]] = dict(tuple(row) for row in rows)
    stocks: dict[str, Stock] = {}
    for day in _days(since, min(first - ONE_DAY, today)):
        if _is_due(connection, site, day, rolled=rolled, today=today):
            of_day = read_day(connection, site, day).tally.stocks
        else:
            of_day = stocks_from_json(rolled.get(day, {}))
        for name, stock in of_day.items():
            stocks[name] = stocks.get(name, Stock()).then(stock)
    return stocks


def _earliest_last_count(connection: Connection, site: str, *, before: date) -> date | None:
    """Return the earliest of the days on which each stock was counted last before a day."""
    t = tables.stock_count.c
    last = (
        select(func.max(t.service_day).label("day"))
        .where(t.site == site, t.service_day < before)
        .group_by(t.figure)
        .subquery()
    )
    earliest: date | None = connection.execute(select(func.min(last.c.day))).scalar_one()
    return earliest


def _first_day(connection: Connection, site: str) -> date | None:
    """Return the first day of which anything may be known; None where nothing is."""
    days = (
        (tables.daily_figures.c.site, tables.daily_figures.c.day),
        (tables.visit.c.site, tables.visit.c.service_day),
        (tables.kiosk_day.c.site, tables.kiosk_day.c.day),
        (tables.stock_count.c.site, tables.stock_count.c.service_day),
    )
    # Each by itself: an index tells the least of one table at once.
    first = [
        connection.execute(select(func.min(day)).where(its_site == site)).scalar_one()
        for its_site, day in days
    ]
    return min((day for day in first if day is not None), default=None)


def _rolled(connection: Connection, site: str, *, first: date, last: date) -> set[date]:
    """Return the days of a period that are rolled up."""
    t = tables.daily_figures.c
    days = connection.execute(
        select(t.day).where(t.site == site, t.day >= first, t.day <= last)
    ).scalars()
    return set(days)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
