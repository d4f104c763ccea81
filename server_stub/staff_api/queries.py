"""The questions that the staff API asks the store, each of them an index range of bounded size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, tuple_, union_all

from server_stub import tables

AnyRow = Row[*tuple[Any, ...]]
Found = Sequence[AnyRow]

OPEN = "open"
"""In place of a state: whatever is not finished, left or merged."""

OPEN_STATES = ("waiting", "called", "serving", "parked")


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """Which visits are wanted.

    Attributes:
        today: The present service day.
        day: Only of this service day; None for today's, and older ones that are open.
        state: Only in this state, or `OPEN`.
        stage: Only at this stage.
        number: Only those that had this number.

    """

    today: date
    day: date | None = None
    state: str | None = None
    stage: str | None = None
    number: str | None = None


QUEUE_ORDER = ("calling_class", "waits_from", "arrival_order", "id")


def _visits(site: str) -> Select[*tuple[Any, ...]]:
    t, slip = tables.visit.c, tables.slip_outcome.c
    with_slip = tables.visit.outerjoin(
        tables.slip_outcome, and_(slip.site == t.site, slip.id == t.id)
    )
    shown = [column for column in t if column.name not in {"site", "ticket_token_sha256"}]
    return select(*shown, slip.outcome.label("slip")).select_from(with_slip).where(t.site == site)


def visit_row(connection: Connection, site: str, *, visit: UUID) -> Row[*tuple[Any, ...]] | None:
    """Return one visit, or None."""
    return connection.execute(_visits(site).where(tables.visit.c.id == visit)).one_or_none()


def visit_rows(
    connection: Connection, site: str, *, wanted: VisitFilter, after: UUID | None, limit: int
) -> Found:
    """Return visits in the order of their ids, at most `limit` of those after one."""
    t = tables.visit.c
    filters = [
        t[name] == value
        for name, value in (
            ("stage", wanted.stage),
            ("number", wanted.number),
            ("state", wanted.state if wanted.state != OPEN else None),
        )
        if value is not None
    ]
    if wanted.state == OPEN:
        filters.append(tables.visit_is_open)
    if after is not None:
        filters.append(t.id > after)
    ids = select(t.id).where(t.site == site, *filters).order_by(t.id).limit(limit)
    # Each half is a range of an index of its own, and no longer than a page.
    of_day = ids.where(t.service_day == (wanted.day or wanted.today))
    halves = [of_day]
    if wanted.day is None:
        halves.append(ids.where(t.service_day != wanted.today, tables.visit_is_open))
    page = union_all(*(select(half.subquery().c.id) for half in halves))
    shown = _visits(site).where(t.id.in_(page)).order_by(t.id).limit(limit)
    return connection.execute(shown).all()


def queue_rows(
    connection: Connection,
    site: str,
    *,
    stage: str,
    after: tuple[int, datetime, int, UUID] | None,
    limit: int,
) -> Found:
    """Return who waits at a stage in the order of calling, at most `limit` after a place."""
    t = tables.visit.c
    order = [t[name] for name in QUEUE_ORDER]
    waiting = _visits(site).where(t.stage == stage, tables.visit_is_waiting)
    if after is not None:
        waiting = waiting.where(tuple_(*order) > tuple_(*after))
    return connection.execute(waiting.order_by(*order).limit(limit)).all()


def action_rows(
    connection: Connection, site: str, *, visit: UUID, after: tuple[int, UUID] | None, limit: int
) -> Found:
    """Return what was done with a visit, in order, at most `limit` after a place."""
    t = tables.staff_action.c
    done = select(tables.staff_action).where(t.site == site, t.visit == visit)
    if after is not None:
        done = done.where(or_(t.version > after[0], and_(t.version == after[0], t.id > after[1])))
    return connection.execute(done.order_by(t.version, t.id).limit(limit)).all()


def stage_counts(connection: Connection, site: str) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """Return by stage, where anyone is: parties by state, persons waiting and at counters."""
    t = tables.visit.c
    persons = t.adults + t.children

    def count(*states: str, of: Any = 1) -> Any:  # noqa: ANN401  # expressions of SQL
        return func.sum(case((t.state.in_(states), of), else_=0))

    rows = connection.execute(
        select(
            t.stage,
            *(count(state).label(state) for state in OPEN_STATES),
            count("waiting", of=persons).label("persons_waiting"),
            count("called", "serving", of=persons).label("persons_at_counters"),
        )
        .where(t.site == site, tables.visit_is_open)
        .group_by(t.stage)
    )
    return {row.stage: row for row in rows}


def at_counters(connection: Connection, site: str) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """Return by counter the visit that it has called or serves."""
    t = tables.visit.c
    rows = connection.execute(
        select(t.counter, t.id, t.number, t.state, t.called_at).where(
            t.site == site, tables.visit_is_at_counter
        )
    )
    return {row.counter: row for row in rows}


def kiosk_rows(connection: Connection, site: str, *, after: str | None, limit: int) -> Found:
    """Return the enrolled kiosks by name, with their last reports."""
    t, report = tables.kiosk.c, tables.kiosk_report.c
    with_report = tables.kiosk.outerjoin(
        tables.kiosk_report, and_(report.site == t.site, report.enrolment == t.enrolment)
    )
    enrolled = (
        select(
            *(t.name, t.letter, t.highest_sequence),
            report.at.label("reported_at"),
            *(report.printer, report.clock_trusted, report.outbox_depth),
            *(report.program_version, report.sound, report.troubles),
        )
        .select_from(with_report)
        .where(t.site == site, t.retired_at.is_(None), t.kind == "kiosk")
    )
    if after is not None:
        enrolled = enrolled.where(t.name > after)
    return connection.execute(enrolled.order_by(t.name).limit(limit)).all()


def help_call_rows(
    connection: Connection,
    site: str,
    *,
    unanswered: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Found:
    """Return help calls, newest first."""
    t = tables.help_call.c
    calls = select(tables.help_call).where(t.site == site)
    if unanswered:
        calls = calls.where(tables.help_call_is_open)
    if after is not None:
        calls = calls.where(
            or_(t.called_at < after[0], and_(t.called_at == after[0], t.id < after[1]))
        )
    return connection.execute(calls.order_by(t.called_at.desc(), t.id.desc()).limit(limit)).all()


def day_rows(connection: Connection, site: str, *, after: date | None, limit: int) -> Found:
    """Return the service days that were ever changed, newest first."""
    t = tables.service_day.c
    days = select(tables.service_day).where(t.site == site)
    if after is not None:
        days = days.where(t.day < after)
    return connection.execute(days.order_by(t.day.desc()).limit(limit)).all()


def open_rows(
    connection: Connection,
    site: str,
    *,
    day: date,
    after: tuple[int, datetime, int, UUID] | None,
    limit: int,
) -> Found:
    """Return the open visits of a service day and of those before it, in the order of calling."""
    t = tables.visit.c
    order = tuple_(*(t[name] for name in QUEUE_ORDER))
    wanted = _visits(site).where(tables.visit_is_open, t.service_day <= day)
    if after:
        wanted = wanted.where(order > after)
    return connection.execute(
        wanted.order_by(*(t[name] for name in QUEUE_ORDER)).limit(limit)
    ).all()


def range_rows(
    connection: Connection, site: str, *, after: tuple[datetime, UUID] | None, limit: int
) -> Found:
    """Return the ranges that were served by hand, newest first, with their kiosks."""
    t, kiosk = tables.served_by_hand.c, tables.kiosk.c
    wanted = (
        select(tables.served_by_hand, kiosk.name, kiosk.letter)
        .join(tables.kiosk, and_(kiosk.site == t.site, kiosk.enrolment == t.enrolment))
        .where(t.site == site)
    )
    if after:
        wanted = wanted.where(tuple_(t.at, t.id) < after)
    return connection.execute(wanted.order_by(t.at.desc(), t.id.desc()).limit(limit)).all()


def last_event(connection: Connection, site: str) -> int:
    """Return the number of the last event; 0 before the first."""
    t = tables.site.c
    following: int = connection.execute(select(t.next_event).where(t.id == site)).scalar_one()
    return following - 1


def knows_action(connection: Connection, site: str, *, action: UUID) -> bool:
    """Tell whether an action was taken before."""
    t = tables.staff_action.c
    found = connection.execute(select(t.id).where(t.site == site, t.id == action))
    return found.one_or_none() is not None


def knows_visit(connection: Connection, site: str, *, visit: UUID) -> bool:
    """Tell whether there is such a visit."""
    t = tables.visit.c
    found = connection.execute(select(t.id).where(t.site == site, t.id == visit))
    return found.one_or_none() is not None
