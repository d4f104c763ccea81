"""The snapshot: one consistent view of the site, with the number of the event that it includes."""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from heapq import nlargest
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    or_,
    select,
    union,
)

from kiosk.contract.messages import HelpState
from server_stub import tables
from server_stub.progress import Progress
from server_stub.visit import VisitState

CALLS_SHOWN = 60
"""How many of the last calls a snapshot holds: some for each hall that has a display."""


@dataclass(frozen=True, slots=True)
class VisitRow(Progress):
    """A visit as pages show it: its progress, and what no step changes.

    `counter` and `called_at` tell of the last call, at any stage.
    """

    id: UUID
    kiosk: str
    language: str | None
    arrived_at: datetime
    arrival_order: int
    service_day: date
    priority_proposed: bool
    marked: str
    split_from: UUID | None
    by_hand: bool
    slip: str | None

    @property
    def progress(self) -> Progress:
        """The part of it that steps change."""
        return Progress(**{name: getattr(self, name) for name in STEPS_CHANGE})

    def at(self, progress: Progress) -> "VisitRow":
        """Return the visit as it is after a step."""
        return replace(self, **{name: getattr(progress, name) for name in STEPS_CHANGE})


STEPS_CHANGE = tuple(field.name for field in fields(Progress))


@dataclass(frozen=True, slots=True)
class HelpCallRow:
    """A help call as pages show it.

    Attributes:
        kiosk: By its name.
        label: What staff call that kiosk; None where its name will do, or it is not asked for.

    """

    id: UUID
    kiosk: str
    kind: str
    language: str | None
    state: HelpState
    called_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    label: str | None = None

    @property
    def place(self) -> str:
        """Where to go."""
        return self.label or self.kiosk


@dataclass(frozen=True, slots=True)
class KioskRow:
    """An enrolled kiosk and its last report; what it reports is None before the first.

    Attributes:
        label: What staff call it; None where its name will do.
        troubles: Names of what staff should look at there, a space between.

    """

    enrolment: UUID
    name: str
    label: str | None
    letter: str
    highest_sequence: int
    reported_at: datetime | None
    printer: str | None
    clock_trusted: bool | None
    outbox_depth: int | None
    program_version: str | None
    sound: str | None
    troubles: str | None

    @property
    def called(self) -> str:
        """What staff call it."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The site at one moment.

    Attributes:
        event_number: The last event that it includes; follow from here.
        visits: Of this service day, and older ones that are open; last arrived first.
        help_calls: Of this service day, and older ones that nobody has answered; newest first.
        kiosks: The enrolled ones, by name.
        calls: The visits that were called last on this service day, at most 60, most recent first.
        priority_runs: Stage to how many of its last calls were priority, one behind the other.

    """

    event_number: int
    visits: tuple[VisitRow, ...]
    help_calls: tuple[HelpCallRow, ...]
    kiosks: tuple[KioskRow, ...]
    calls: tuple[VisitRow, ...]
    priority_runs: Mapping[str, int]


def read_snapshot(
    connection: Connection, site: str, *, service_day: date, day_began: datetime
) -> Snapshot:
    """Return the site as the connection's transaction sees it.

    Args:
        connection: In a transaction of its own, so that all parts are of one moment.
        site: The site's name.
        service_day: The present one.
        day_began: When it began.

    """
    visits = _visits_of_day(connection, site, service_day=service_day)
    return Snapshot(
        event_number=_event_number(connection, site),
        visits=tuple(visits),
        help_calls=_help_calls(connection, site, since=day_began),
        kiosks=read_kiosks(connection, site),
        calls=_last_called(visits, since=day_began),
        priority_runs=_priority_runs(connection, site),
    )


def read_snapshot_after(
    connection: Connection,
    site: str,
    before: Snapshot,
    *,
    touched: frozenset[UUID],
    service_day: date,
    day_began: datetime,
) -> Snapshot:
    """Return the same as `read_snapshot`, but read of the visits only those that were touched.

    Args:
        connection: As there.
        site: As there.
        before: A snapshot of the same service day.
        touched: What the events since then are about.
        service_day: As there.
        day_began: As there.

    """
    changed = _visits_of_day(connection, site, service_day=service_day, among=touched)
    visits = [visit for visit in before.visits if visit.id not in touched]
    for visit in changed:
        insort(visits, visit, key=_newest_first)
    moved = any(visit.called_at for visit in changed)
    calls_stand = not moved and all(visit.id not in touched for visit in before.calls)
    return Snapshot(
        event_number=_event_number(connection, site),
        visits=tuple(visits),
        help_calls=_help_calls(connection, site, since=day_began),
        kiosks=read_kiosks(connection, site),
        calls=before.calls if calls_stand else _last_called(visits, since=day_began),
        priority_runs=_priority_runs(connection, site),
    )


def _event_number(connection: Connection, site: str) -> int:
    number: int = connection.execute(
        select(tables.site.c.next_event - 1).where(tables.site.c.id == site)
    ).scalar_one()
    return number


def _priority_runs(connection: Connection, site: str) -> dict[str, int]:
    rows = connection.execute(PRIORITY_RUNS, {"of_site": site})
    return {row.stage: row.priority_run for row in rows}


def _last_called(visits: Sequence[VisitRow], *, since: datetime) -> tuple[VisitRow, ...]:
    called = [
        (visit.called_at, visit.version, -at)
        for at, visit in enumerate(visits)
        if visit.called_at and visit.called_at >= since
    ]
    return tuple(visits[-at] for _, _, at in nlargest(CALLS_SHOWN, called))


def _newest_first(visit: VisitRow) -> tuple[float, int, int]:
    """Return what visits are sorted by, as `_visits_of_day` has them."""
    return -visit.arrived_at.timestamp(), -visit.arrival_order, -visit.id.int


def read_visit(connection: Connection, site: str, *, visit: UUID) -> VisitRow | None:
    """Return one visit, or None."""
    row = connection.execute(ONE_VISIT, {"of_site": site, "of_visit": visit}).one_or_none()
    return _visit_row(row) if row else None


def read_visits(
    connection: Connection,
    site: str,
    *which: ColumnElement[bool],
    order_by: Sequence[ColumnElement[Any]] = (),
) -> list[VisitRow]:
    """Return the visits for which all of this holds, by one statement."""
    wanted = _select_visits(site).where(*which).order_by(*order_by)
    return [_visit_row(row) for row in connection.execute(wanted)]


def read_help_call(connection: Connection, site: str, *, help_call: UUID) -> HelpCallRow | None:
    """Return one help call, or None."""
    t = tables.help_call.c
    one = _select_help_calls().where(t.site == site, t.id == help_call)
    row = connection.execute(one).one_or_none()
    return _help_call_row(row) if row else None


def _visits_of_day(
    connection: Connection, site: str, *, service_day: date, among: frozenset[UUID] | None = None
) -> list[VisitRow]:
    t = tables.visit.c
    of_day, is_open = t.service_day == service_day, tables.visit_is_open
    if among is None:
        here = select(t.id).where(t.site == site)
        # A union and not "or": each half has an index, and the history is never read through.
        shown: ColumnElement[bool] = t.id.in_(union(here.where(of_day), here.where(is_open)))
    else:
        shown = and_(t.id.in_(among), or_(of_day, is_open))
    newest_first = (t.arrived_at.desc(), t.arrival_order.desc(), t.id.desc())
    return read_visits(connection, site, shown, order_by=newest_first)


_FIELDS = tuple(field.name for field in fields(VisitRow))
_ROUTE, _STATE = _FIELDS.index("route"), _FIELDS.index("state")


def _select_visits(site: str | BindParameter[str]) -> Select[*tuple[Any, ...]]:
    t, slip = tables.visit.c, tables.slip_outcome.c
    with_slip = tables.visit.outerjoin(
        tables.slip_outcome, and_(slip.site == t.site, slip.id == t.id)
    )
    columns = (slip.outcome.label("slip") if name == "slip" else t[name] for name in _FIELDS)
    return select(*columns).select_from(with_slip).where(t.site == site)


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
ONE_VISIT = _select_visits(bindparam("of_site", type_=tables.visit.c.site.type)).where(
    tables.visit.c.id == bindparam("of_visit")
)


PRIORITY_RUNS = select(tables.stage_calls.c.stage, tables.stage_calls.c.priority_run).where(
    tables.stage_calls.c.site == bindparam("of_site")
)


def _visit_row(row: Row[*tuple[Any, ...]]) -> VisitRow:
    values = list(row)
    values[_ROUTE], values[_STATE] = tuple(values[_ROUTE]), VisitState(values[_STATE])
    return VisitRow(*values)


def _help_calls(connection: Connection, site: str, *, since: datetime) -> tuple[HelpCallRow, ...]:
    t = tables.help_call.c
    here = select(t.id).where(t.site == site)
    shown = union(here.where(t.called_at >= since), here.where(tables.help_call_is_open))
    newest_first = (
        _select_help_calls()
        .where(t.site == site, t.id.in_(shown))
        .order_by(t.called_at.desc(), t.id.desc())
    )
    return tuple(_help_call_row(row) for row in connection.execute(newest_first))


def _select_help_calls() -> Select[Any]:
    """Return the query of help calls, each with what staff call its kiosk."""
    t, kiosk = tables.help_call.c, tables.kiosk.c
    in_use = and_(kiosk.site == t.site, kiosk.name == t.kiosk, kiosk.retired_at.is_(None))
    return select(*t, kiosk.label).outerjoin_from(tables.help_call, tables.kiosk, in_use)


def _help_call_row(row: Row[*tuple[Any, ...]]) -> HelpCallRow:
    return HelpCallRow(
        id=row.id,
        kiosk=row.kiosk,
        kind=row.kind,
        language=row.language,
        state=HelpState(row.state),
        called_at=row.called_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        label=row.label,
    )


def read_kiosks(connection: Connection, site: str) -> tuple[KioskRow, ...]:
    """Return the enrolled kiosks by name, with what they reported last."""
    t, report = tables.kiosk.c, tables.kiosk_report.c
    with_report = tables.kiosk.outerjoin(
        tables.kiosk_report, and_(report.site == t.site, report.enrolment == t.enrolment)
    )
    enrolled = (
        select(
            t.enrolment,
            t.name,
            t.label,
            t.letter,
            t.highest_sequence,
            report.at.label("reported_at"),
            report.printer,
            report.clock_trusted,
            report.outbox_depth,
            report.program_version,
            report.sound,
            report.troubles,
        )
        .select_from(with_report)
        .where(t.site == site, t.retired_at.is_(None), t.kind == "kiosk")
        .order_by(t.name)
    )
    return tuple(KioskRow(**row._mapping) for row in connection.execute(enrolled))  # noqa: SLF001  # the documented way to a row's names
