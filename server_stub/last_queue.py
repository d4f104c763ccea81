"""The last queue: who waits where, to be read and printed when the server is not there.

It names numbers, languages, sizes and priorities, and nothing that a party answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from kiosk.contract.series import Series
from kiosk.contract.site import Site, Stage
from server_stub import tables
from server_stub.visit import VisitState


@dataclass(frozen=True, slots=True)
class QueuedParty:
    """One open visit, as much of it as anybody may see who finds the paper.

    Attributes:
        number: As printed on its slip.
        language: None where nobody could read it.
        adults: With `children` its size; both 0 where nobody could read it.
        children: See above.
        priority: Set by staff.
        carried_over: It is from an earlier service day.
        since: Since when it is at this stage.
        counter: Which has called it; None while it waits.

    """

    number: str
    language: str | None
    adults: int
    children: int
    priority: bool
    carried_over: bool
    since: datetime
    counter: str | None


@dataclass(frozen=True, slots=True)
class StageQueue:
    """One stage: who waits, who is at a counter, who was put aside; each in calling order."""

    stage: Stage
    waiting: tuple[QueuedParty, ...]
    at_counters: tuple[QueuedParty, ...]
    parked: tuple[QueuedParty, ...]


@dataclass(frozen=True, slots=True)
class LastNumber:
    """The last number of a kiosk that the server knows of; those after it are not on the list."""

    kiosk: str
    number: str


@dataclass(frozen=True, slots=True)
class LastQueue:
    """All who are still here, stage by stage.

    Attributes:
        site: The site in force.
        as_of: When this was so, aware.
        stages: Those where anybody is, in the order of the site file.
        elsewhere: Open visits at stages that the site file no longer has.
        last_numbers: Of each enrolled kiosk that has given out any.

    """

    site: Site
    as_of: datetime
    stages: tuple[StageQueue, ...]
    elsewhere: tuple[QueuedParty, ...]
    last_numbers: tuple[LastNumber, ...]


def read_last_queue(connection: Connection, site: Site, *, as_of: datetime) -> LastQueue:
    """Return who is still here, as the connection's transaction sees it."""
    found: dict[str, dict[str, list[QueuedParty]]] = {}
    for stage, state, party in _open_visits(connection, site.id):
        found.setdefault(stage, {}).setdefault(state, []).append(party)

    def those(stage: str, *states: VisitState) -> tuple[QueuedParty, ...]:
        return tuple(party for state in states for party in found.get(stage, {}).get(state, ()))

    known = {stage.id for stage in site.stages}
    return LastQueue(
        site=site,
        as_of=as_of,
        stages=tuple(
            StageQueue(
                stage=stage,
                waiting=those(stage.id, VisitState.WAITING),
                at_counters=those(stage.id, VisitState.SERVING, VisitState.CALLED),
                parked=those(stage.id, VisitState.PARKED),
            )
            for stage in site.stages
            if stage.id in found
        ),
        elsewhere=tuple(
            party
            for stage, states in found.items()
            if stage not in known
            for parties in states.values()
            for party in parties
        ),
        last_numbers=tuple(_last_numbers(connection, site)),
    )


def _open_visits(connection: Connection, site: str) -> Iterator[tuple[str, str, QueuedParty]]:
    """Yield stage, state and party of every open visit, in the order of calling."""
    t = tables.visit.c
    rows = connection.execute(
        select(
            t.stage,
            t.state,
            t.number,
            t.language,
            t.adults,
            t.children,
            t.priority,
            t.carried_over,
            t.stage_since,
            t.counter,
        )
        .where(t.site == site, tables.visit_is_open)
        .order_by(t.calling_class, t.waits_from, t.arrival_order, t.id)
    )
    at_counter = (VisitState.CALLED, VisitState.SERVING)
    for row in rows:
        party = QueuedParty(
            number=row.number,
            language=row.language,
            adults=row.adults,
            children=row.children,
            priority=row.priority,
            carried_over=row.carried_over is not None,
            since=row.stage_since,
            counter=row.counter if row.state in at_counter else None,
        )
        yield row.stage, row.state, party


def _last_numbers(connection: Connection, site: Site) -> Iterator[LastNumber]:
    t = tables.kiosk.c
    rows = connection.execute(
        select(t.enrolment, t.name, t.letter, t.highest_sequence)
        .where(t.site == site.id, t.retired_at.is_(None), t.highest_sequence > 0)
        .order_by(t.name)
    )
    for row in rows.all():
        known = _number_of(connection, site.id, row.enrolment, row.highest_sequence)
        by_rule = Series(row.letter, site.skip_numbers).number(row.highest_sequence)
        yield LastNumber(row.name, known or by_rule)


def _number_of(connection: Connection, site: str, enrolment: UUID, sequence: int) -> str | None:
    """Return the number of a check-in; None where its visit is no longer kept."""
    ledger, visit = tables.ledger.c, tables.visit.c
    number: str | None = connection.execute(
        select(visit.number)
        .join(tables.ledger, (ledger.site == visit.site) & (ledger.id == visit.id))
        .where(ledger.site == site, ledger.enrolment == enrolment, ledger.sequence == sequence)
    ).scalar_one_or_none()
    return number
