"""The rows of a day: what the store knows of a service day, as the figures are counted from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, exists, func, not_, or_, select, true, union
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.arrival import beginning_of
from server_stub.figures import KioskCounts
from server_stub.figures_of_day import (
    FINISHED,
    LEFT,
    Achieved,
    Arrival,
    Happenings,
    Passage,
    StockCount,
)
from server_stub.visit import BY_HAND, Step, VisitState

_COUNTED = (
    (tables.erased_figures.c.site, tables.erased_figures.c.day),
    (tables.visit.c.site, tables.visit.c.service_day),
    (tables.passage.c.site, tables.passage.c.service_day),
    (tables.outcome.c.site, tables.outcome.c.service_day),
    (tables.stock_count.c.site, tables.stock_count.c.service_day),
    (tables.kiosk_day.c.site, tables.kiosk_day.c.day),
)
"""The site and the service day of each row that is counted."""


def read_happenings(connection: Connection, site: Site, day: date) -> Happenings:
    """Return all that the figures of a service day are counted from."""
    return replace(
        happenings_of(connection, site, day, visits=None),
        stock_counts=read_stock_counts(connection, site, day),
        kiosks=_kiosks(connection, site, day),
        help_calls=_help_calls(connection, site, day),
    )


def happenings_of(
    connection: Connection, site: Site, day: date, *, visits: Sequence[UUID] | None
) -> Happenings:
    """Return what some visits add to a service day, or all of them where `visits` is None."""
    return Happenings(
        arrivals=_arrivals(connection, site, day, _among(tables.visit.c.id, visits)),
        passages=_passages(connection, site, day, _among(tables.passage.c.visit, visits)),
        achieved=_achieved(connection, site, day, _among(tables.outcome.c.visit, visits)),
        no_shows=_no_shows(connection, site, day, _among(tables.staff_action.c.visit, visits)),
    )


def _among(column: ColumnElement[Any], visits: Sequence[UUID] | None) -> ColumnElement[bool]:
    return true() if visits is None else column.in_(visits)


def anything_on(connection: Connection, site: str, day: date) -> bool:
    """Tell whether the store has anything of a service day that is counted."""
    found = or_(*(exists().where(its_site == site, its == day) for its_site, its in _COUNTED))
    return bool(connection.execute(select(found)).scalar_one())


def days_with_anything(connection: Connection, site: str, *, first: date, last: date) -> set[date]:
    """Return the service days of a period of which the store has anything that is counted."""
    found = union(
        *(
            select(its.label("day")).where(its_site == site, its >= first, its <= last).distinct()
            for its_site, its in _COUNTED
        )
    )
    return set(connection.execute(found).scalars())


def signs_of_change(connection: Connection, site: Site, day: date) -> dict[str, int]:
    """Return numbers of which one changes with whatever happens on a service day.

    Cheap beside counting the figures: so a day is counted anew only where it is worth it.
    """
    visit, passage, outcome = tables.visit.c, tables.passage.c, tables.outcome.c
    stock_count, kiosk_day = tables.stock_count.c, tables.kiosk_day.c
    erased = tables.erased_figures.c
    gone = select(func.coalesce(func.sum(erased.visits), 0)).where(
        erased.site == site.id, erased.day == day
    )
    here = select(func.count()).where(visit.site == site.id, visit.service_day == day)
    action = tables.staff_action.c
    touched = union(
        select(visit.id).where(visit.site == site.id, visit.service_day == day),
        select(passage.visit).where(passage.site == site.id, passage.service_day == day),
        select(outcome.visit).where(outcome.site == site.id, outcome.service_day == day),
        select(action.visit).where(
            action.site == site.id, tables.action_is_no_show, *_on(action.at, site, day)
        ),
    )
    queries = {
        "visits": select(here.scalar_subquery() + gone.scalar_subquery()),
        # Whatever is done with a visit adds to its version, and who was carried over is counted
        # on both days.
        "versions": select(func.coalesce(func.sum(visit.version), 0)).where(
            visit.site == site.id, visit.id.in_(touched)
        ),
        "passages": select(func.count()).where(passage.site == site.id, passage.service_day == day),
        "outcomes": select(func.count()).where(outcome.site == site.id, outcome.service_day == day),
        "stock_counts": select(func.count()).where(
            stock_count.site == site.id, stock_count.service_day == day
        ),
        "kiosks": select(
            func.coalesce(
                func.sum(kiosk_day.check_ins + kiosk_day.abandoned + kiosk_day.help_calls), 0
            )
        ).where(kiosk_day.site == site.id, kiosk_day.day == day),
        "help_calls": select(func.count()).where(*_help_calls_on(site, day)),
    }
    row = connection.execute(
        select(*(query.scalar_subquery().label(name) for name, query in queries.items()))
    ).one()
    return {name: int(getattr(row, name)) for name in queries}


def _arrivals(
    connection: Connection, site: Site, day: date, those: ColumnElement[bool]
) -> list[Arrival]:
    t = tables.visit.c
    rows = connection.execute(
        select(
            t.arrived_at,
            t.adults,
            t.children,
            t.language,
            t.priority,
            t.by_hand,
            _was_carried_over(site, day),
            t.split_from.is_not(None),
            t.state == VisitState.MERGED.value,
        ).where(t.site == site.id, t.service_day == day, those)
    )
    return [Arrival(*row) for row in rows]


def _was_carried_over(site: Site, day: date) -> ColumnElement[bool]:
    """Return whether a visit of a day was still waiting when that day was closed.

    What a party has of another one that went on with it is from an earlier day. A check-in that
    comes late is carried over like the rest of its day; but not its party, if that was served.
    """
    visit, passage = tables.visit.c, tables.passage.c
    served = exists().where(
        passage.site == visit.site,
        passage.visit == visit.id,
        passage.ended_by == Step.SERVED_BY_HAND.value,
    )
    return and_(
        visit.carried_over.is_not(None),
        visit.carried_over >= beginning_of(day, site.time_zone),
        not_(and_(visit.marked == BY_HAND, served)),
    )


def _passages(
    connection: Connection, site: Site, day: date, those: ColumnElement[bool]
) -> list[Passage]:
    t, visit = tables.passage.c, tables.visit.c
    # Only what began on an earlier day can have gone over a night: the rest joins nothing.
    carried = and_(
        visit.site == t.site,
        visit.id == t.visit,
        t.waited_from < beginning_of(day, site.time_zone),
        visit.carried_over.is_not(None),
        or_(t.ended_by != Step.SERVED_BY_HAND.value, visit.marked != BY_HAND),
    )
    action = tables.staff_action.c
    # Only who was sent on has somewhere to go: the rest joins nothing.
    sent_on = t.ended_by == Step.FORWARD.value
    ended = and_(action.site == t.site, action.id == t.id, sent_on)
    rows = connection.execute(
        select(
            t.visit,
            t.stage,
            t.persons,
            t.waited_from,
            t.first_called_at,
            t.served_at,
            t.ended_at,
            t.ended_by,
            visit.id.is_not(None),
            action.after["stage"].as_string(),
            _was_led_back(),
        )
        .select_from(
            tables.passage.outerjoin(tables.visit, carried).outerjoin(tables.staff_action, ended)
        )
        .where(t.site == site.id, t.service_day == day, those)
    )
    return [Passage(*row) for row in rows]


def _was_led_back() -> ColumnElement[bool]:
    """Return whether the visit of a passage that ended it goes on after all, or ended later."""
    t, visit = tables.passage.c, aliased(tables.visit).c
    goes_on = or_(visit.ended_at.is_(None), visit.ended_at > t.ended_at)
    return and_(
        t.ended_by.in_([*FINISHED, LEFT]),
        exists().where(visit.site == t.site, visit.id == t.visit, goes_on),
    )


def _achieved(
    connection: Connection, site: Site, day: date, those: ColumnElement[bool]
) -> list[Achieved]:
    t = tables.outcome.c
    rows = connection.execute(
        select(t.outcome, t.persons, t.at).where(t.site == site.id, t.service_day == day, those)
    )
    return [Achieved(*row) for row in rows]


def read_stock_counts(connection: Connection, site: Site, day: date) -> list[StockCount]:
    """Return how many persons leads have counted on a service day."""
    t = tables.stock_count.c
    rows = connection.execute(
        select(t.figure, t.persons, t.at, t.id).where(t.site == site.id, t.service_day == day)
    )
    return [StockCount(row.figure, row.persons, row.at, order=str(row.id)) for row in rows]


def _no_shows(
    connection: Connection, site: Site, day: date, those: ColumnElement[bool]
) -> list[str]:
    t = tables.staff_action.c
    rows = connection.execute(
        select(t.before["stage"].as_string().label("stage")).where(
            t.site == site.id,
            tables.action_is_no_show,
            t.undone.is_(False),
            *_on(t.at, site, day),
            those,
        )
    )
    # Of a visit that was erased it does not tell where; that is counted with the visit.
    return [row.stage for row in rows if row.stage is not None]


def _kiosks(connection: Connection, site: Site, day: date) -> list[KioskCounts]:
    t = tables.kiosk_day.c
    rows = connection.execute(
        select(t.check_ins, t.abandoned, t.help_calls).where(t.site == site.id, t.day == day)
    )
    return [KioskCounts(*row) for row in rows]


def _help_calls(connection: Connection, site: Site, day: date) -> list[str]:
    kind = tables.help_call.c.kind
    return list(connection.execute(select(kind).where(*_help_calls_on(site, day))).scalars())


def _help_calls_on(site: Site, day: date) -> tuple[ColumnElement[bool], ...]:
    t = tables.help_call.c
    return (t.site == site.id, *_on(t.called_at, site, day))


def _on(moment: ColumnElement[object], site: Site, day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a moment is of a service day."""
    began = beginning_of(day, site.time_zone)
    ended = beginning_of(day + timedelta(days=1), site.time_zone)
    return (moment >= began, moment < ended)
