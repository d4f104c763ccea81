"""Changes: visits as a step leaves them, stored with all that is written down of it.

One statement for each table, however many visits a step changes: a day is closed with thousands
that are still open, and nobody can be called while the writer is at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from server_stub import event_log, tables
from server_stub.bulk_insert import insert_all
from server_stub.event_log import NewEvent
from server_stub.progress import Progress
from server_stub.snapshot import VisitRow
from server_stub.step_errors import StaleActionError, UnknownVisitError
from server_stub.visit import Step, StepError


@dataclass(frozen=True, slots=True)
class Change:
    """What a step makes of one visit.

    Attributes:
        visit: As it was read.
        after: As the step leaves it.
        action: The row of the action, whose id is the change's.
        passage: The row of the time that the party has spent at its stage; None where it stays.
        event: What pages are told.

    """

    visit: VisitRow
    after: Progress
    action: Mapping[str, Any]
    passage: Mapping[str, Any] | None
    event: NewEvent


def store_changes(connection: Connection, site: str, changes: Sequence[Change]) -> None:
    """Store changes of different visits, and tell of them in this order.

    Raises:
        StepError: A visit is not as it was read; then the caller's transaction must not be kept.

    """
    if not changes:
        return
    values = [_new_values(site, change) for change in changes]
    changed = connection.execute(UPDATE_VISIT, values if len(values) > 1 else values[0])
    if changed.rowcount != len(changes):
        raise _first_stale(connection, site, changes)
    passages = [change.passage for change in changes if change.passage]
    insert(connection, tables.passage, passages)
    insert(connection, tables.staff_action, [change.action for change in changes])
    event_log.append_all(connection, site, [change.event for change in changes])


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if len(rows) == 1:  # on PostgreSQL one trip there and back, where COPY takes two
        connection.execute(INSERT[table], rows[0])
    else:
        insert_all(connection, table, rows)


def columns(progress: Progress) -> dict[str, Any]:
    """Return the columns of a visit that steps change."""
    changed = {name: getattr(progress, name) for name in _CHANGED}
    return changed | {
        "route": list(progress.route),
        "state": progress.state.value,
        "calling_class": progress.calling_class.value,
    }


def stale(connection: Connection, site: str, visit: VisitRow) -> StepError:
    """Return who has changed a visit since it was read, as the error to raise."""
    t = tables.staff_action.c
    last = connection.execute(
        select(t.staff, t.step, t.counter, t.at)
        .where(t.site == site, t.visit == visit.id)
        .order_by(t.version.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        number = visit.number
        return UnknownVisitError(f"{number} is not as the page showed it: reload the page")
    return StaleActionError(
        visit.number, staff=last.staff, step=Step(last.step), counter=last.counter, at=last.at
    )


def _new_values(site: str, change: Change) -> dict[str, Any]:
    new = {f"new_{name}": value for name, value in columns(change.after).items()}
    key = {"of_site": site, "of_visit": change.visit.id, "seen": change.visit.version}
    return key | new


def _first_stale(connection: Connection, site: str, changes: Sequence[Change]) -> StepError:
    """Return the error for the first visit of which another step has made the same version."""
    for change in changes:
        key = {"of_site": site, "of_visit": change.visit.id, "of_version": change.after.version}
        if connection.execute(STEP_TO, key).first():
            return stale(connection, site, change.visit)
    return stale(connection, site, changes[0].visit)  # named twice, so found once


_CHANGED = tuple(
    name for name in Progress.__dataclass_fields__ if name not in ("number", "route", "state")
)
# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
UPDATE_VISIT = (
    update(tables.visit)
    .where(
        tables.visit.c.site == bindparam("of_site"),
        tables.visit.c.id == bindparam("of_visit"),
        tables.visit.c.version == bindparam("seen"),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in (*_CHANGED, "route", "state", "calling_class")}
    )
)
STEP_TO = select(tables.staff_action.c.id).where(
    tables.staff_action.c.site == bindparam("of_site"),
    tables.staff_action.c.visit == bindparam("of_visit"),
    tables.staff_action.c.version == bindparam("of_version"),
)
INSERT = {table: table.insert() for table in (tables.passage, tables.staff_action)}
