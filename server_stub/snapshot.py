"""The snapshot: one consistent view of the site, with the number of the event that it includes."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import attrgetter
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

from server_stub import tables
from server_stub.help_call_rows import HelpCallRow, read_help_calls
from server_stub.kiosk_rows import KioskRow, read_kiosks
from server_stub.progress import Progress
from server_stub.visit import AT_COUNTER, VisitState

_called_order = attrgetter("called_at", "version", "arrived_at", "arrival_order", "id")


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
class Snapshot:
    """The site at one moment.

    A day has thousands of visits, and a press is about one of them: who is asked often looks at
    `here`, or up by id, and does not walk through `visits`.

    Attributes:
        event_number: The last event that it includes; follow from here.
        service_day: The present one.
        day_began: When it did.
        visits: Of this service day, and older ones that are open; last arrived first.
        by_id: The same ones.
        here: Those of them that are open, in no order.
        help_calls: Of this service day, and older ones that nobody has answered; newest first.
        kiosks: The enrolled ones, by name.
        calls: Those that were called on this service day and are at their counters or on the way
            there, the last called first.
        priority_runs: Stage to how many of its last calls were priority, one behind the other.

    """

    event_number: int
    service_day: date
    day_began: datetime
    visits: tuple[VisitRow, ...]
    by_id: Mapping[UUID, VisitRow]
    here: Mapping[UUID, VisitRow]
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
        service_day=service_day,
        day_began=day_began,
        visits=tuple(visits),
        by_id={visit.id: visit for visit in visits},
        here={visit.id: visit for visit in visits if visit.is_open},
        help_calls=read_help_calls(connection, site, since=day_began),
        kiosks=read_kiosks(connection, site),
        calls=_called(visits, since=day_began),
        priority_runs=_priority_runs(connection, site),
    )


def read_snapshot_after(
    connection: Connection,
    site: str,
    before: Snapshot,
    *,
    touched: frozenset[UUID],
    day_began: datetime,
) -> Snapshot:
    """Return what `read_snapshot` does for the same day, but read only the visits touched since.

    What the day has seen costs no more than to copy what points to it.

    Args:
        connection: As there.
        site: As there.
        before: The snapshot to go on from.
        touched: What the events since then are about.
        day_began: As there.

    """
    day = before.service_day
    changed = _still_shown(connection, site, among=touched, service_day=day)
    by_id = _moved_on(before.by_id, changed, touched=touched)
    return Snapshot(
        event_number=_event_number(connection, site),
        service_day=day,
        day_began=day_began,
        visits=_in_their_places(before, changed, touched=touched),
        by_id=by_id,
        here=_moved_on(before.here, (v for v in changed if v.is_open), touched=touched),
        help_calls=read_help_calls(connection, site, since=day_began),
        kiosks=read_kiosks(connection, site),
        calls=_called_after(before.calls, by_id, touched=touched, since=day_began),
        priority_runs=_priority_runs(connection, site),
    )


def newest_first(visit: VisitRow) -> tuple[float, int, int]:
    """Return what visits are sorted by: the last arrived is the first."""
    return -visit.arrived_at.timestamp(), -visit.arrival_order, -visit.id.int


def rank_of(visit: VisitRow, snapshot: Snapshot) -> int:
    """Return a visit's place in the order of arrival; 1 is who came first."""
    return len(snapshot.visits) - _index_of(visit, snapshot.visits)


def _index_of(visit: VisitRow, visits: Sequence[VisitRow]) -> int:
    return bisect_left(visits, newest_first(visit), key=newest_first)


def _moved_on(
    before: Mapping[UUID, VisitRow], changed: Iterable[VisitRow], *, touched: frozenset[UUID]
) -> dict[UUID, VisitRow]:
    """Return a mapping with those that were touched as they are now, or without them."""
    after = dict(before)
    for gone in after.keys() & touched:
        del after[gone]
    after.update((visit.id, visit) for visit in changed)
    return after


def _in_their_places(
    before: Snapshot, changed: Iterable[VisitRow], *, touched: frozenset[UUID]
) -> tuple[VisitRow, ...]:
    """Return the visits in their order, with those that were touched as they are now."""
    visits = list(before.visits)
    for gone in before.by_id.keys() & touched:
        del visits[_index_of(before.by_id[gone], visits)]
    for visit in changed:
        insort(visits, visit, key=newest_first)
    return tuple(visits)


def _event_number(connection: Connection, site: str) -> int:
    number: int = connection.execute(EVENT_NUMBER, {"of_site": site}).scalar_one()
    return number


def _priority_runs(connection: Connection, site: str) -> dict[str, int]:
    rows = connection.execute(PRIORITY_RUNS, {"of_site": site})
    return {row.stage: row.priority_run for row in rows}


def _called(visits: Iterable[VisitRow], *, since: datetime) -> tuple[VisitRow, ...]:
    """Return those whose call stands; a counter has one at most, so there are never many."""
    called = (v for v in visits if v.state in AT_COUNTER and v.called_at and v.called_at >= since)
    return tuple(sorted(called, key=_called_order, reverse=True))


def _called_after(
    before: tuple[VisitRow, ...],
    by_id: Mapping[UUID, VisitRow],
    *,
    touched: frozenset[UUID],
    since: datetime,
) -> tuple[VisitRow, ...]:
    """Return the same of `by_id`, from those of the snapshot before: others are touched."""
    known = {visit.id for visit in before} | touched
    calls = _called((by_id[one] for one in by_id.keys() & known), since=since)
    return before if calls == before else calls


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


def _visits_of_day(connection: Connection, site: str, *, service_day: date) -> list[VisitRow]:
    t = tables.visit.c
    here = select(t.id).where(t.site == site)
    # A union and not "or": each half has an index, and the history is never read through.
    shown = union(here.where(t.service_day == service_day), here.where(tables.visit_is_open))
    order = (t.arrived_at.desc(), t.arrival_order.desc(), t.id.desc())  # as `newest_first` has it
    return read_visits(connection, site, t.id.in_(shown), order_by=order)


def _still_shown(
    connection: Connection, site: str, *, among: frozenset[UUID], service_day: date
) -> list[VisitRow]:
    """Return those of the visits that `_visits_of_day` returns, in no order."""
    asked = {"of_site": site, "among": list(among), "of_day": service_day}
    return [_visit_row(row) for row in connection.execute(STILL_SHOWN, asked)]


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
_OF_SITE = bindparam("of_site", type_=tables.visit.c.site.type)

ONE_VISIT = _select_visits(_OF_SITE).where(tables.visit.c.id == bindparam("of_visit"))

STILL_SHOWN = _select_visits(_OF_SITE).where(
    tables.visit.c.id.in_(bindparam("among", expanding=True)),
    or_(tables.visit.c.service_day == bindparam("of_day"), tables.visit_is_open),
)

EVENT_NUMBER = select(tables.site.c.next_event - 1).where(tables.site.c.id == _OF_SITE)

PRIORITY_RUNS = select(tables.stage_calls.c.stage, tables.stage_calls.c.priority_run).where(
    tables.stage_calls.c.site == _OF_SITE
)


def _visit_row(row: Row[*tuple[Any, ...]]) -> VisitRow:
    values = list(row)
    values[_ROUTE], values[_STATE] = tuple(values[_ROUTE]), VisitState(values[_STATE])
    return VisitRow(*values)
