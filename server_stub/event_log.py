"""The event log: a row per change, numbered per site without a gap, that live pages follow.

The number comes from the site's row in the same transaction as the change. A sequence of the
database would not do: it is not taken back with a transaction, and numbers become visible in
another order than they were given, so a page that follows by number would miss some.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from server_stub import tables
from server_stub.bulk_insert import insert_all
from server_stub.direct_sql import DirectStatement


class EventKind(StrEnum):
    """What changed."""

    CHECK_IN = "check-in"
    CALL = "call"
    PASSED_OVER = "passed-over"
    RECALL = "recall"
    NO_SHOW = "no-show"
    SERVE = "serve"
    PARK = "park"
    READMIT = "readmit"
    OUTCOME = "outcome"
    FORWARD = "forward"
    FINISH = "finish"
    LEAVE = "leave"
    REROUTE = "reroute"
    SPLIT = "split"
    MERGE = "merge"
    PRIORITY = "priority"
    APPOINTMENT = "appointment"
    CORRECT = "correct"
    UNDO = "undo"
    BY_HAND = "by-hand"
    SERVED_BY_HAND = "served-by-hand"
    CARRY_OVER = "carry-over"
    MOVE = "move"
    ERASE = "erase"
    DAY = "day"
    STOCK = "stock"
    HELP_CALL = "help-call"
    HELP_ACKNOWLEDGED = "help-acknowledged"
    SLIP = "slip"
    KIOSK = "kiosk"
    ALARM = "alarm"
    SITE = "site"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change.

    Attributes:
        number: Counts the site's changes.
        kind: What changed.
        about: The id of the visit, help call or enrolment that changed.
        detail: Of an alarm: which one.
        at: When it was stored.

    """

    number: int
    kind: EventKind
    about: UUID | None
    detail: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One change that has no number yet; the rest is as in `EventRow`."""

    kind: EventKind
    about: UUID | None
    at: datetime
    detail: str | None = None


NEXT_NUMBER = DirectStatement(
    select(tables.site.c.next_event).where(tables.site.c.id == bindparam("of_site"))
)
"""The number of the next event; nobody takes it while who asks holds the site's row."""

TAKE_NUMBERS = DirectStatement(
    update(tables.site)
    .where(tables.site.c.id == bindparam("of_site"))
    .values(next_event=tables.site.c.next_event + bindparam("count"))
    .returning(tables.site.c.next_event)
)


def append(  # the columns of one event
    connection: Connection,
    site: str,
    *,
    kind: EventKind,
    about: UUID | None,
    at: datetime,
    detail: str | None = None,
) -> None:
    """Append an event to the site's log, in the connection's transaction."""
    append_all(connection, site, [NewEvent(kind, about, at, detail)])


def append_all(
    connection: Connection, site: str, events: Sequence[NewEvent], *, first: int | None = None
) -> None:
    """Append events to the site's log in this order, in the connection's transaction.

    Who holds the site's row and has asked for `NEXT_NUMBER` gives it as `first`: then nothing
    need be awaited from the database.
    """
    taken = TAKE_NUMBERS.ask(connection, {"of_site": site, "count": len(events)})
    if first is None:
        ((after,),) = taken.rows()
        first = after - len(events)
    rows = [
        {
            "site": site,
            "number": number,
            "kind": event.kind.value,
            "about": event.about,
            "detail": event.detail,
            "at": event.at,
        }
        for number, event in enumerate(events, first)
    ]
    insert_all(connection, tables.event, rows)


def events_after(
    connection: Connection, site: str, number: int, *, limit: int
) -> list[EventRow] | None:
    """Return the events after `number` in order, at most `limit`.

    None where what came after it is not here any more, or the number was never given: whoever
    follows must load everything anew.
    """
    t = tables.event.c
    next_event = connection.execute(
        select(tables.site.c.next_event).where(tables.site.c.id == site)
    ).scalar_one()
    oldest = connection.execute(select(func.min(t.number)).where(t.site == site)).scalar_one()
    if not (oldest or next_event) - 1 <= number < next_event:
        return None
    rows = connection.execute(
        select(t.number, t.kind, t.about, t.detail, t.at)
        .where(t.site == site, t.number > number)
        .order_by(t.number)
        .limit(limit)
    )
    return [
        EventRow(
            number=row.number,
            kind=EventKind(row.kind),
            about=row.about,
            detail=row.detail,
            at=row.at,
        )
        for row in rows
    ]
