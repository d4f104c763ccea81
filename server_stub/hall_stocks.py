"""Stocks as the hall shows them: the last count of each, and what was achieved since."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from kiosk.contract.site import Figure, Site
from server_stub import tables


@dataclass(frozen=True, slots=True)
class StockNow:
    """A stock.

    Attributes:
        figure: As the site file has it.
        persons: How many there are now: the last count, and outcomes since; None where nobody
            has counted yet.
        counted: How many the last count was; None before the first.
        at: When that was.
        staff: Who counted.

    """

    figure: Figure
    persons: int | None = None
    counted: int | None = None
    at: datetime | None = None
    staff: str = ""


def read_stocks(connection: Connection, site: Site) -> list[StockNow]:
    """Return the stocks of the site file, in its order."""
    return [_read(connection, site, figure) for figure in site.figures if figure.stock]


def _read(connection: Connection, site: Site, figure: Figure) -> StockNow:
    last = connection.execute(
        LAST_COUNT, {"of_site": site.id, "of_figure": figure.id}
    ).one_or_none()
    if last is None:
        return StockNow(figure)
    since = {"of_site": site.id, "of_day": last.service_day, "since": last.at}
    achieved = {row.outcome: row.persons for row in connection.execute(ACHIEVED, since)}
    change = sum(
        outcome.counts * achieved.get(outcome.id, 0)
        for outcome in site.outcomes
        if outcome.figure == figure.id
    )
    return StockNow(figure, last.persons + change, last.persons, last.at, last.staff)


_count, _outcome = tables.stock_count.c, tables.outcome.c
LAST_COUNT = (
    select(_count.persons, _count.at, _count.staff, _count.service_day)
    .where(_count.site == bindparam("of_site"), _count.figure == bindparam("of_figure"))
    .order_by(_count.at.desc(), _count.id.desc())
    .limit(1)
)
ACHIEVED = (
    select(_outcome.outcome, func.sum(_outcome.persons).label("persons"))
    .where(
        _outcome.site == bindparam("of_site"),
        _outcome.service_day >= bindparam("of_day"),
        _outcome.at > bindparam("since"),
    )
    .group_by(_outcome.outcome)
)
