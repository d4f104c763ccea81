"""Erased figures: what visits that were erased add to the figures of their day, as counts alone.

A party may have everything that is known of it deleted, and still was here: the city reports how
many came. So what its rows add to a day is counted before they go, into one row for all that are
erased of that day, and that becomes a part of the day's figures when these stand for good.
The same is done with visits that go for their age and have something on a day that is not over,
by a clock that was wrong.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.figures import DayFigures, Stock, counted_apart
from server_stub.figures_json import from_json, to_json
from server_stub.figures_of_day import StockCount, figures_of_day
from server_stub.rows_of_day import happenings_of, read_stock_counts
from server_stub.site_versions import remembering


def add(
    connection: Connection, site: Site, day: date, *, visits: Sequence[UUID], at: datetime
) -> None:
    """Count what visits add to a day, while their rows are still there."""
    counts = read_stock_counts(connection, site, day)
    happened = replace(happenings_of(connection, site, day, visits=visits), stock_counts=counts)
    known = remembering(
        connection,
        site,
        outcomes={done.outcome for done in happened.achieved},
        figures={count.figure for count in counts},
    )
    counted = _without_counts(figures_of_day(day, happened, site=known))
    before = read(connection, site, day)
    parties = len(happened.arrivals) + (_visits(connection, site, day) if before else 0)
    values = {
        "visits": parties,
        "figures": to_json(counted_apart([before, counted] if before else [counted])),
        "changed_at": at,
    }
    t = tables.erased_figures.c
    here = update(tables.erased_figures).where(t.site == site.id, t.day == day).values(values)
    if not connection.execute(here).rowcount:
        connection.execute(tables.erased_figures.insert().values(site=site.id, day=day, **values))


def read(connection: Connection, site: Site, day: date) -> DayFigures | None:
    """Return what erased visits add to a day; None where none was erased."""
    t = tables.erased_figures.c
    row = connection.execute(
        select(t.figures, t.changed_at).where(t.site == site.id, t.day == day)
    ).one_or_none()
    if row is None:
        return None
    counts = read_stock_counts(connection, site, day)
    return _before_later_counts(from_json(row.figures), counts, until=row.changed_at)


def forget(connection: Connection, site: str, day: date) -> None:
    """Delete what was counted apart: the day's figures, which hold it, stand for good."""
    t = tables.erased_figures.c
    connection.execute(delete(tables.erased_figures).where(t.site == site, t.day == day))


def _visits(connection: Connection, site: Site, day: date) -> int:
    t = tables.erased_figures.c
    number: int = connection.execute(
        select(t.visits).where(t.site == site.id, t.day == day)
    ).scalar_one()
    return number


def _without_counts(figures: DayFigures) -> DayFigures:
    """Return the figures with what outcomes add to stocks: who counted is not a visit's."""
    stocks = {name: Stock(None, stock.since) for name, stock in figures.tally.stocks.items()}
    return replace(figures, tally=replace(figures.tally, stocks=stocks))


def _before_later_counts(
    figures: DayFigures, counts: Sequence[StockCount], *, until: datetime
) -> DayFigures:
    """Return the figures without what a later count of a stock has counted too."""
    later = {count.figure for count in counts if count.at > until}
    stocks = {
        name: Stock() if name in later else stock for name, stock in figures.tally.stocks.items()
    }
    return replace(figures, tally=replace(figures.tally, stocks=stocks))
