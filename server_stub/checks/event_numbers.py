"""Checks of the event log: live pages lose nothing only while its numbers have no gap."""

from collections.abc import Iterator

from sqlalchemy import func, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look
from server_stub.event_log import EventKind

RELOAD = "nothing is lost but live pages may be stale: reload them, and report it"


def gaps(look: Look) -> Iterator[Finding]:
    """Yield where event numbers do not follow one another."""
    t = tables.event.c
    before = func.lag(t.number).over(order_by=t.number).label("before")
    numbers = select(t.number, before).where(t.site == look.site.id).subquery()
    broken = (
        select(numbers.c.number, numbers.c.before)
        .where(numbers.c.number != numbers.c.before + 1)
        .order_by(numbers.c.number)
    )
    for number, previous in look.connection.execute(broken):
        yield Finding(
            f"event {number}", f"follows event {previous}: {number - previous - 1} missing", RELOAD
        )


def beyond_next(look: Look) -> Iterator[Finding]:
    """Yield a log that does not end right before the number that is given next."""
    t = tables.event.c
    last = look.connection.execute(
        select(func.max(t.number)).where(t.site == look.site.id)
    ).scalar_one()
    next_event = look.connection.execute(
        select(tables.site.c.next_event).where(tables.site.c.id == look.site.id)
    ).scalar_one()
    if last is not None and last != next_event - 1:
        yield Finding(
            f"site {look.site.id}",
            f"its last event is {last}, the next would be {next_event}",
            "no change can be stored where the next number is taken: restore a backup"
            if last >= next_event
            else RELOAD,
        )


def unknown_kinds(look: Look) -> Iterator[Finding]:
    """Yield events that this program has no word for."""
    t = tables.event.c
    unknown = select(t.number, t.kind).where(
        t.site == look.site.id, t.kind.not_in([kind.value for kind in EventKind])
    )
    for number, kind in look.connection.execute(unknown):
        yield Finding(
            f"event {number}", f"is of the unknown kind {kind}", "update the program, then migrate"
        )


CHECKS = (
    Check("event-numbers", "event numbers have no gap", gaps),
    Check("next-event", "the next event's number follows the last one", beyond_next),
    Check("event-kinds", "every event is of a kind that pages know", unknown_kinds),
)
