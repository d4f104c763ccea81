"""One visit in full: how it went, stage by stage, and who did what with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from server_stub import tables
from server_stub.snapshot import VisitRow, read_visit


@dataclass(frozen=True, slots=True)
class Passed:
    """A stage that the party has passed, or is at.

    Attributes:
        stage: Which.
        since: When it came there.
        called_at: When it was first called; None where it was not yet, or never.
        ended_at: When it went on; None at its present stage.
        counter: Who served it there, if anyone.

    """

    stage: str
    since: datetime
    called_at: datetime | None
    ended_at: datetime | None
    counter: str | None


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a stage achieved for how many persons; below 0 where it was corrected."""

    stage: str
    outcome: str
    persons: int


@dataclass(frozen=True, slots=True)
class Done:
    """Something that somebody did with the visit; nobody where `staff` is empty: the server."""

    at: datetime
    staff: str
    step: str
    counter: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class VisitInFull:
    """All that is stored of one visit, but for what the party answered.

    Attributes:
        visit: As the list shows it.
        passed: The stages that it was at, in order; the last one is its present one.
        achieved: Outcomes, summed up.
        done: What was done with it, the last first.
        copies: How many slips were printed; None where nothing was heard of its slip.
        others: Numbers of the visits that it was split from or went on with.

    """

    visit: VisitRow
    passed: tuple[Passed, ...]
    achieved: tuple[Achieved, ...]
    done: tuple[Done, ...]
    copies: int | None
    others: Mapping[UUID, str]


def read_in_full(connection: Connection, site: str, *, visit: UUID) -> VisitInFull | None:
    """Return a visit with its history; None where there is none, or none any more."""
    row = read_visit(connection, site, visit=visit)
    if row is None:
        return None
    return VisitInFull(
        visit=row,
        passed=tuple(_passed(connection, site, row)),
        achieved=tuple(_achieved(connection, site, row.id)),
        done=tuple(_done(connection, site, row.id)),
        copies=_copies(connection, site, row.id),
        # A part of what was erased names itself.
        others=_numbers(connection, site, {row.split_from, row.merged_into} - {row.id}),
    )


def read_body(connection: Connection, site: str, *, visit: UUID) -> bytes | None:
    """Return a visit's check-in as it was received, sealed; None where it is gone or never was."""
    t = tables.check_in_body.c
    body: bytes | None = connection.execute(
        select(t.body).where(t.site == site, t.id == visit)
    ).scalar_one_or_none()
    return body


def _passed(connection: Connection, site: str, visit: VisitRow) -> list[Passed]:
    t = tables.passage.c
    columns = (t.stage, t.waited_from, t.first_called_at, t.ended_at, t.counter)
    rows = connection.execute(
        select(*columns).where(t.site == site, t.visit == visit.id).order_by(t.ended_at)
    )
    passed = [Passed(*row) for row in rows]
    if visit.is_open:
        counter = visit.counter if visit.first_called_at else None
        now = Passed(visit.stage, visit.stage_since, visit.first_called_at, None, counter)
        passed.append(now)
    return passed


def _achieved(connection: Connection, site: str, visit: UUID) -> list[Achieved]:
    t = tables.outcome.c
    rows = connection.execute(
        select(t.stage, t.outcome, t.persons)
        .where(t.site == site, t.visit == visit)
        .order_by(t.at, t.ordinal)
    )
    sums: dict[tuple[str, str], int] = {}
    for stage, outcome, persons in rows:
        sums[stage, outcome] = sums.get((stage, outcome), 0) + persons
    return [Achieved(*key, persons) for key, persons in sums.items() if persons]


def _done(connection: Connection, site: str, visit: UUID) -> list[Done]:
    t = tables.staff_action.c
    rows = connection.execute(
        select(t.at, t.staff, t.step, t.counter, t.undone)
        .where(t.site == site, t.visit == visit)
        .order_by(t.version.desc(), t.at.desc())
    )
    return [Done(*row) for row in rows]


def _copies(connection: Connection, site: str, visit: UUID) -> int | None:
    t = tables.slip_outcome.c
    copies: int | None = connection.execute(
        select(t.copies).where(t.site == site, t.id == visit)
    ).scalar_one_or_none()
    return copies


def _numbers(connection: Connection, site: str, visits: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = [visit for visit in visits if visit is not None]
    if not wanted:
        return {}
    t = tables.visit.c
    rows = connection.execute(select(t.id, t.number).where(t.site == site, t.id.in_(wanted)))
    return {row.id: row.number for row in rows}
