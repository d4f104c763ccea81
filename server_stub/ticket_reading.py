"""Reading tickets: whose token it is, and how long its party waits, a few at a time.

Anyone on the internet may ask. So at most `AT_ONCE` questions are before the database, whatever
comes, and those who check in and call always find it free; a wait, which is the dear part, is
worked out once in some seconds for each party.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, select

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.device_tokens import token_sha256
from server_stub.settings import Clock
from server_stub.snapshot import VisitRow, read_visit
from server_stub.visit import VisitState
from server_stub.waits import Wait, wait_of

AT_ONCE = 2
"""Questions before the database at one time."""

MOST_IN_LINE = 200
"""Questions that wait for their turn; whoever comes after them is told to come again."""

MOST_MERGERS = 10
"""How often a party may have been merged into another, and that one into the next."""

WAIT_HOLDS = timedelta(seconds=5)
MOST_WAITS = 5_000
"""Waits that are remembered; each is a few hundred bytes."""


class BusyError(Exception):
    """Too many are asking: come again in some seconds."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token opens.

    Attributes:
        printed: The number on its slip.
        visit: The visit as it is now; where it was merged, the one that it goes on as.
        wait: Until the visit's call; None where it waits for none.

    """

    printed: str
    visit: VisitRow
    wait: Wait | None


VISIT_OF_TOKEN = (
    select(tables.visit.c.id)
    .where(
        tables.visit.c.site == bindparam("site"),
        tables.visit.c.ticket_token_sha256 == bindparam("token_sha256"),
    )
    .order_by(tables.visit.c.arrived_at.desc())
    .limit(1)
)


def visit_of(connection: Connection, site: str, *, token: str) -> tuple[str, VisitRow] | None:
    """Return the number that is printed on a token's slip, and the visit that it goes on as."""
    found = connection.execute(
        VISIT_OF_TOKEN, {"site": site, "token_sha256": token_sha256(token)}
    ).scalar_one_or_none()
    visit = read_visit(connection, site, visit=found) if found else None
    if visit is None:
        return None
    printed = visit.number
    for _ in range(MOST_MERGERS):
        if visit.merged_into is None or visit.state is not VisitState.MERGED:
            break
        visit = read_visit(connection, site, visit=visit.merged_into) or visit
    return printed, visit


class TicketReader:
    """Reads the tickets of a site, a few at a time.

    Args:
        engine: Of the store.
        site: Tells the site in force.
        clock: Tells the present moment.

    """

    def __init__(self, engine: Engine, *, site: Callable[[], Site], clock: Clock) -> None:
        self._engine = engine
        self._site = site
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._in_line = 0
        self._waits: dict[UUID, tuple[datetime, int, Wait | None]] = {}

    async def read(self, token: str) -> Ticket | None:
        """Return the ticket of a token; None where nobody knows it.

        Raises:
            BusyError: Too many are asking.

        """
        if self._in_line >= MOST_IN_LINE:
            raise BusyError
        self._in_line += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(self._read, token)
        finally:
            self._in_line -= 1

    def _read(self, token: str) -> Ticket | None:
        site = self._site()
        with self._engine.connect() as connection:
            found = visit_of(connection, site.id, token=token)
            if found is None:
                return None
            printed, visit = found
            wait = self._wait(connection, site, visit) if visit.is_open else None
            return Ticket(printed, visit, wait)

    def _wait(self, connection: Connection, site: Site, visit: VisitRow) -> Wait | None:
        if visit.state is not VisitState.WAITING:
            return None
        now = self._clock()
        known = self._waits.get(visit.id)
        if known and known[1] == visit.version and abs(now - known[0]) <= WAIT_HOLDS:
            return known[2]
        wait = wait_of(connection, site, visit=visit.id, at=now)
        if len(self._waits) >= MOST_WAITS:
            self._waits.clear()
        self._waits[visit.id] = (now, visit.version, wait)
        return wait
