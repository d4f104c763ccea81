"""What the counter page reads beside the snapshot: the last step, and what was achieved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, select

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
    asked = {"of_site": site, "of_counter": counter, "since": now - LOOKED_BACK}
    return _still_last(connection, site, connection.execute(LAST_AT, asked).one_or_none())


def last_step_of(connection: Connection, site: str, *, visit: VisitRow) -> LastStep | None:
    """Return what was done with a visit last, where it can be taken back."""
    asked = {"of_site": site, "of_visit": visit.id, "of_version": visit.version}
    return _still_last(connection, site, connection.execute(LAST_OF, asked).one_or_none())


def noted_of(connection: Connection, site: str, *, visit: UUID) -> dict[str, int]:
    """Return what was achieved for a party: outcome to persons, in the order of noting."""
    rows = connection.execute(NOTED, {"of_site": site, "of_visit": visit})
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


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
_step, _outcome = tables.staff_action.c, tables.outcome.c
_STEPS = select(_step.visit, _step.version, _step.step, _step.at, _step.staff, _step.counter).where(
    _step.site == bindparam("of_site")
)
LAST_AT = (
    _STEPS.where(
        _step.at >= bindparam("since"),
        _step.counter == bindparam("of_counter"),
        _step.visit.is_not(None),
        _step.part_of.is_(None),
    )
    .order_by(_step.at.desc(), _step.version.desc())
    .limit(1)
)
LAST_OF = _STEPS.where(
    _step.visit == bindparam("of_visit"), _step.version == bindparam("of_version")
)
NOTED = (
    select(_outcome.outcome, func.sum(_outcome.persons).label("persons"))
    .where(_outcome.site == bindparam("of_site"), _outcome.visit == bindparam("of_visit"))
    .group_by(_outcome.outcome)
    .order_by(func.min(_outcome.at), _outcome.outcome)
)
