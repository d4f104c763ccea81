"""What the counter page reads beside the snapshot: the last step, and what was achieved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from server_stub import tables
from server_stub.snapshot import VisitRow, read_visit
from server_stub.visit import NOT_UNDONE, Step

LOOKED_BACK = timedelta(minutes=60)
"""An older step is nobody's slip of the hand any more; whoever leads may still take it back."""


@dataclass(frozen=True, slots=True)
class LastStep:
    """A step that can still be taken back.

    Attributes:
        visit: The visit, as it is since then.
        step: What was done.
        at: When.
        staff: By whom.
        counter: At which counter; None where at none.

    """

    visit: VisitRow
    step: Step
    at: datetime
    staff: str
    counter: str | None


def last_step_at(
    connection: Connection, site: str, *, counter: str, now: datetime
) -> LastStep | None:
    """Return what a counter did last, where it can be taken back and nothing came after it."""
    t = tables.staff_action.c
    last = connection.execute(
        select(t.visit, t.version, t.step, t.at, t.staff, t.counter)
        .where(
            t.site == site,
            t.at >= now - LOOKED_BACK,
            t.counter == counter,
            t.visit.is_not(None),
            t.part_of.is_(None),
        )
        .order_by(t.at.desc(), t.version.desc())
        .limit(1)
    ).one_or_none()
    return _still_last(connection, site, last)


def last_step_of(connection: Connection, site: str, *, visit: VisitRow) -> LastStep | None:
    """Return what was done with a visit last, where it can be taken back."""
    t = tables.staff_action.c
    last = connection.execute(
        select(t.visit, t.version, t.step, t.at, t.staff, t.counter).where(
            t.site == site, t.visit == visit.id, t.version == visit.version
        )
    ).one_or_none()
    return _still_last(connection, site, last)


def noted_of(connection: Connection, site: str, *, visit: UUID) -> dict[str, int]:
    """Return what was achieved for a party: outcome to persons, in the order of noting."""
    t = tables.outcome.c
    rows = connection.execute(
        select(t.outcome, func.sum(t.persons).label("persons"))
        .where(t.site == site, t.visit == visit)
        .group_by(t.outcome)
        .order_by(func.min(t.at), t.outcome)
    )
    return {row.outcome: int(row.persons) for row in rows if row.persons}


def _still_last(
    connection: Connection, site: str, last: Row[*tuple[Any, ...]] | None
) -> LastStep | None:
    if last is None or Step(last.step) in NOT_UNDONE:
        return None
    visit = read_visit(connection, site, visit=last.visit)
    if visit is None or visit.version != last.version:
        return None
    return LastStep(visit, Step(last.step), last.at, last.staff, last.counter)
