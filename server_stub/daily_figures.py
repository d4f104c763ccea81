"""The daily figures: each day rolled up into one row, so that a year is read from 365 of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, func, select, update

from kiosk.contract.site import Site
from server_stub import day_book, erased_figures, tables
from server_stub.arrival import beginning_of
from server_stub.figures import DayFigures, PeriodFigures, Stock, counted_apart, sum_of
from server_stub.figures_json import from_json, stocks_from_json, to_json
from server_stub.figures_of_day import figures_of_day
from server_stub.rows_of_day import (
    anything_on,
    days_with_anything,
    happenings_of,
    read_happenings,
    signs_of_change,
)
from server_stub.service_days import DayState
from server_stub.site_versions import remembering

MAY_CHANGE = timedelta(days=3)
"""A day that is not older is counted anew where its rows have changed after it was rolled up: by
a check-in that came late, or by what was done with a party that was carried over. Not after the
first of its visits was deleted: then it is settled, and only who comes late is added."""

ONE_DAY = timedelta(days=1)

SETTLED = 2**53
"""In place of how many visits there were: so many there will never be, and nothing is recounted."""


def read_day(connection: Connection, site: Site, day: date) -> DayFigures:
    """Return the figures of a service day, counted from its rows.

    What was achieved or counted under an older site file adds up as it did then.
    """
    happened = read_happenings(connection, site, day)
    known = remembering(
        connection,
        site,
        outcomes={done.outcome for done in happened.achieved},
        figures={count.figure for count in happened.stock_counts},
    )
    figures = figures_of_day(day, happened, site=known)
    erased = erased_figures.read(connection, site, day)
    return counted_apart([figures, erased]) if erased else figures


def knowing(connection: Connection, site: Site, period: PeriodFigures) -> Site:
    """Return a site that also has the names of what a period has achieved under older files."""
    tally = period.tally
    return remembering(
        connection, site, outcomes=tally.outcomes, figures={*tally.sums, *tally.stocks}
    )


def roll_up(connection: Connection, site: Site, day: date, *, at: datetime) -> None:
    """Write down the figures of a service day, once more where its rows have changed.

    To be done before the rows of a day are deleted. Afterwards it changes nothing: the figures of
    a day outlive its rows.
    """
    rolled = _rolled(connection, site.id, first=day, last=day)
    if not rolled or _has_changed(connection, site, day):
        write_down(connection, site, day, counted=count(connection, site, day), at=at)


def count(connection: Connection, site: Site, day: date) -> dict[str, Any]:
    """Return the figures of a service day as they are written down, with the signs of its rows.

    It takes half a second for a day of 14,000 visits, so it is done beside the writer, in a
    transaction that sees one moment. What happens between it and the writing down differs from
    the signs, and the day is counted anew.
    """
    told = to_json(read_day(connection, site, day))
    told["signs"] = signs_of_change(connection, site, day)
    return told


def write_down(
    connection: Connection, site: Site, day: date, *, counted: Mapping[str, Any], at: datetime
) -> None:
    """Store what `count` has returned, in place of what was there."""
    t = tables.daily_figures.c
    here = (t.site == site.id, t.day == day)
    values = {"figures": counted, "made_at": at}
    known = connection.execute(update(tables.daily_figures).where(*here).values(**values))
    if not known.rowcount:
        connection.execute(tables.daily_figures.insert().values(site=site.id, day=day, **values))


def settle(connection: Connection, site: Site, day: date, *, at: datetime) -> bool:
    """Let the figures of a day stand for good, before rows of it are deleted for their age.

    They are counted once more where rows have changed since: after a server was away for days.

    Returns:
        Whether they stand. False where the day was never rolled up, which is soon done.

    """
    t = tables.daily_figures.c
    figures = connection.execute(
        select(t.figures).where(t.site == site.id, t.day == day)
    ).scalar_one_or_none()
    if figures is None:
        return not anything_on(connection, site.id, day)
    if int(figures["signs"]["visits"]) == SETTLED:
        return True
    if _has_changed(connection, site, day):
        figures = count(connection, site, day)
    told = {**figures, "signs": {**figures["signs"], "visits": SETTLED}}
    write_down(connection, site, day, counted=told, at=at)
    erased_figures.forget(connection, site.id, day)
    return True


def add_late(connection: Connection, site: Site, *, visits: Sequence[UUID], at: datetime) -> None:
    """Count visits that have just come late on those of their days that stand for good.

    On all other days they are counted with the rest.
    """
    t = tables.visit.c
    came = connection.execute(
        select(t.service_day, t.id).where(t.site == site.id, t.id.in_(visits))
    ).all()
    for day in sorted({row.service_day for row in came}):
        if is_settled(connection, site.id, day):
            of_day = [row.id for row in came if row.service_day == day]
            _add_to_settled(connection, site, day, visits=of_day, at=at)


def _add_to_settled(
    connection: Connection, site: Site, day: date, *, visits: Sequence[UUID], at: datetime
) -> None:
    t = tables.daily_figures.c
    before = connection.execute(
        select(t.figures).where(t.site == site.id, t.day == day)
    ).scalar_one()
    happened = happenings_of(connection, site, day, visits=visits)
    more = figures_of_day(day, happened, site=site)
    more = replace(more, tally=replace(more.tally, stocks={}))  # whoever comes changes no stock
    told = to_json(counted_apart([from_json(before), more]))
    write_down(connection, site, day, counted={**told, "signs": before["signs"]}, at=at)


def is_settled(connection: Connection, site: str, day: date) -> bool:
    """Tell whether the figures of a day stand for good."""
    t = tables.daily_figures.c
    signs = connection.execute(
        select(t.figures["signs"]).where(t.site == site, t.day == day)
    ).scalar_one_or_none()
    return signs is not None and int(signs["visits"]) == SETTLED


def next_to_roll_up(connection: Connection, site: Site, *, today: date) -> date | None:
    """Return a day whose figures are to be written down; None where there is none.

    A closed one without figures comes first; else the earliest that is past, or closed today. One
    at a time, so that whoever waits meanwhile does not wait long.
    """
    if closed := _closed_without_figures(connection, site.id):
        return closed
    first, last = date.min, _last_day(connection, site.id, today=today)
    rolled = _rolled(connection, site.id, first=first, last=last)
    return next(_due(connection, site, first, last, rolled=rolled, today=today), None)


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
    due = set(_due(connection, site, first, min(last, today), rolled=rolled, today=today))
    days = [
        read_day(connection, site, day) if day in due else from_json(rolled[day])
        for day in sorted(due | rolled.keys())
        if day <= today
    ]
    before = _stocks_before(connection, site, first=first, today=today)
    return sum_of(days, first=first, last=last, stocks_before=before)


def _due(
    connection: Connection,
    site: Site,
    first: date,
    last: date,
    *,
    rolled: Collection[date],
    today: date,
) -> Iterator[date]:
    """Find the days of a period that must be counted from their rows, the earliest first.

    Args:
        connection: In a transaction of its own.
        site: The site in force.
        first: The first day.
        last: The last day.
        rolled: The days of the period that are rolled up.
        today: The present service day.

    """
    new = days_with_anything(connection, site.id, first=first, last=last).difference(rolled)
    watched = _watched(connection, site, today=today).intersection(rolled)
    for day in sorted(new | watched):
        if first <= day <= last and (day in new or _has_changed(connection, site, day)):
            yield day


def _watched(connection: Connection, site: Site, *, today: date) -> set[date]:
    """Return the days that may have changed since they were rolled up.

    The last ones, and however old those that were closed meanwhile: that settles open visits.
    """
    since = today - MAY_CHANGE
    t = tables.service_day.c
    closed = connection.execute(
        select(t.day).where(
            t.site == site.id,
            t.state == DayState.CLOSED.value,
            t.changed_at >= beginning_of(since, site.time_zone),
        )
    ).scalars()
    return {*_days(since, today), *closed}


def _closed_without_figures(connection: Connection, site: str) -> date | None:
    """Return the latest closed day whose figures nobody has written down."""
    day, figures = tables.service_day.c, tables.daily_figures.c
    made = exists().where(figures.site == day.site, figures.day == day.day)
    latest: date | None = connection.execute(
        select(func.max(day.day)).where(day.site == site, day.state == DayState.CLOSED.value, ~made)
    ).scalar_one()
    return latest


def _last_day(connection: Connection, site: str, *, today: date) -> date:
    """Return the last day that is over: today where it is closed."""
    closed = day_book.read_day(connection, site, today).state is DayState.CLOSED
    return today if closed else today - ONE_DAY


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
    last = min(first - ONE_DAY, today)
    due = set(_due(connection, site, since, last, rolled=rolled, today=today))
    stocks: dict[str, Stock] = {}
    for day in sorted(due | rolled.keys()):
        if day > last:
            break
        if day in due:
            of_day = read_day(connection, site, day).tally.stocks
        else:
            of_day = stocks_from_json(rolled[day])
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


def _rolled(connection: Connection, site: str, *, first: date, last: date) -> set[date]:
    """Return the days of a period that are rolled up."""
    t = tables.daily_figures.c
    days = connection.execute(
        select(t.day).where(t.site == site, t.day >= first, t.day <= last)
    ).scalars()
    return set(days)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
