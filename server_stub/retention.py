"""Retention: what is older than its period is deleted, and the figures of its day stay.

What is due is looked for beside the writer, and deleted by commands of a bounded number of rows,
so that nobody waits long for them. What stays of a check-in is its id and hash: one that is sent
again years later is still known, and lets nobody wait a second time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, delete, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from kiosk.contract.site import Site
from server_stub import (
    audit,
    daily_figures,
    enrolment_leftovers,
    erased_figures,
    staff_traces,
    tables,
)
from server_stub.arrival import CLOCK_WAS_AHEAD, first_id_of, service_day
from server_stub.enrolment_leftovers import Leftover
from server_stub.retention_periods import STILL_ANSWERED, Kind, promise_of_answers, read_periods
from server_stub.site_versions import in_force_since
from server_stub.staff_traces import Signature

MOST = 500
"""Rows that lead others, or entries of a log, that one command deletes."""

SERVER = ""
"""Who deletes, in the audit log: the server by itself."""

UNTOLD: dict[str, object] = {
    "visit": None,
    "version": 0,  # so that an index tells which notes still say something
    "request": {},
    "before": None,
    "after": None,
    "answer": None,
}
"""What is left of an action beside who took it, when and where."""

v = tables.visit.c


@dataclass(frozen=True, slots=True)
class Due:
    """A kind of rows that may be older than their period.

    Attributes:
        site: The site in force.
        before: What ended, or was written, until then is due.
        now: The present moment.
        find: Returns the query of them, the oldest first.
        remove: Deletes some of what a query found, and returns how many rows it led.

    """

    site: Site
    before: datetime
    now: datetime
    find: "Find"
    remove: "Remove"

    def is_there(self, connection: Connection) -> bool:
        """Tell whether anything is due."""
        return connection.execute(self.find(self).limit(1)).first() is not None

    def delete_some(self, connection: Connection) -> int:
        """Delete at most `MOST` rows and what hangs on them; return how many."""
        rows = connection.execute(self.find(self).limit(MOST)).all()
        return self.remove(connection, self, rows) if rows else 0


Find = Callable[[Due], Select[Any]]
Remove = Callable[[Connection, Due, Sequence[Any]], int]


def what_may_be_due(connection: Connection, site: Site, *, now: datetime) -> list[Due]:
    """Return all that is deleted for its age, with the periods that are in force."""
    periods = read_periods(connection, site.id)
    until_audit = now - periods[Kind.AUDIT].length
    sites = in_force_since(connection, site, now - STILL_ANSWERED)
    promised = now - promise_of_answers(sites)
    kinds = [
        Due(site, now - periods[kind].length, now, find, remove)
        for kind, find, remove in (
            (Kind.ANSWERS, _answers_older_than(promised), _remove_answers),
            (Kind.TICKETS, _tokens, _forget_tokens),
            (Kind.TICKETS, _slips, _remove_slips),
            (Kind.HELP_CALLS, _help_calls, _remove_help_calls),
            (Kind.VISITS, _visits, _remove_visits),
            (Kind.VISITS, _notes, _forget_notes),
            (Kind.VISITS, _events, _remove_events),
            (Kind.VISITS, _erased, _settle_erased),
            (Kind.AUDIT, _entries, _remove_entries),
            (Kind.AUDIT, _actions, _remove_actions),
            (Kind.AUDIT, _accounts, _remove_accounts),
        )
    ]
    return [
        *kinds,
        *(Due(site, until_audit, now, *_of_signature(one)) for one in staff_traces.SIGNATURES),
        Due(site, now, now, _sessions, _remove_sessions),
        Due(site, now, now, _failures, _remove_failures),
        *(Due(site, now, now, *_of_leftover(one)) for one in enrolment_leftovers.LEFTOVERS),
    ]


def _ended_until(due: Due) -> ColumnElement[bool]:
    """Return which visits are over for as long as they are kept.

    Where the end was noted by a clock that was ahead, the age is that of the arrival, or of the
    id, which the kiosk made by its own clock.
    """
    came = (v.arrived_at <= due.before) | (v.id <= first_id_of(due.before))
    return (v.ended_at <= due.before) | ((v.ended_at > due.now + CLOCK_WAS_AHEAD) & came)


def _answers_older_than(promised: datetime) -> Find:
    """Return how those are found whose visits have ended, or who came until then."""

    def find(due: Due) -> Select[Any]:
        t = tables.check_in_body.c
        return (
            select(t.id)
            .join_from(tables.check_in_body, tables.visit, (v.site == t.site) & (v.id == t.id))
            .where(t.site == due.site.id, _ended_until(due) | (v.arrived_at <= promised))
        )

    return find


def _remove_answers(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    t = tables.check_in_body.c
    connection.execute(
        delete(tables.check_in_body).where(t.site == due.site.id, t.id.in_(_ids(rows)))
    )
    return len(rows)


def _tokens(due: Due) -> Select[Any]:
    return select(v.id).where(
        v.site == due.site.id, _ended_until(due), v.ticket_token_sha256.is_not(None)
    )


def _forget_tokens(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    connection.execute(
        update(tables.visit)
        .where(v.site == due.site.id, v.id.in_(_ids(rows)))
        .values(ticket_token_sha256=None)
    )
    return len(rows)


def _slips(due: Due) -> Select[Any]:
    """Those of visits that have ended, and those whose visit never came or is not here any more."""
    t = tables.slip_outcome.c
    its_visit = (v.site == t.site) & (v.id == t.id)
    return (
        select(t.id)
        .join_from(tables.slip_outcome, tables.visit, its_visit, isouter=True)
        .where(
            t.site == due.site.id,
            _ended_until(due) | (v.id.is_(None) & (t.at <= due.before)),
        )
    )


def _remove_slips(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    t = tables.slip_outcome.c
    connection.execute(
        delete(tables.slip_outcome).where(t.site == due.site.id, t.id.in_(_ids(rows)))
    )
    return len(rows)


def _help_calls(due: Due) -> Select[Any]:
    t = tables.help_call.c
    return (
        select(t.id, t.called_at)
        .where(t.site == due.site.id, t.called_at <= due.before)
        .order_by(t.called_at)
    )


def _remove_help_calls(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    days = {service_day(row.called_at, due.site.time_zone) for row in rows}
    if not _settled(connection, due, days):
        return 0
    t = tables.help_call.c
    connection.execute(delete(tables.help_call).where(t.site == due.site.id, t.id.in_(_ids(rows))))
    return len(rows)


def _visits(due: Due) -> Select[Any]:
    return select(v.id).where(v.site == due.site.id, _ended_until(due)).order_by(v.ended_at, v.id)


def _remove_visits(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    """Delete visits with all that tells of them.

    What staff did stays for the audit log, without a word of with whom.
    """
    site, ids = due.site.id, _ids(rows)
    days = days_of(connection, site, ids)
    to_come = _to_come(connection, due, days)
    if not _settled(connection, due, days - to_come):
        return 0
    for day in sorted(to_come):
        erased_figures.add(connection, due.site, day, visits=ids, at=due.now)
    forget_visits(connection, site, ids)
    told = f"{len(ids)}, of {min(days)} to {max(days)}"
    audit.note(
        connection, site, staff=SERVER, act="deleted", about="visits", detail=told, now=due.now
    )
    return len(rows)


def forget_visits(connection: Connection, site: str, ids: Sequence[UUID]) -> None:
    """Delete visits with all that tells of them; what staff did stays, without with whom."""
    for table in (tables.check_in_body, tables.slip_outcome, tables.visit):
        connection.execute(delete(table).where(table.c.site == site, table.c.id.in_(ids)))
    for table in (tables.passage, tables.outcome):
        connection.execute(delete(table).where(table.c.site == site, table.c.visit.in_(ids)))
    action = tables.staff_action.c
    connection.execute(
        update(tables.staff_action).where(action.site == site, action.visit.in_(ids)).values(UNTOLD)
    )


def _notes(due: Due) -> Select[Any]:
    """Actions that changed no visit: they name parties all the same, asked for or answered."""
    t = tables.staff_action.c
    # Not by the index of times, which SQLite would take: it goes through all of ninety days.
    at = func.coalesce(t.at, due.before)
    return select(t.id).where(
        t.site == due.site.id, t.visit.is_(None), t.version.is_(None), at <= due.before
    )


def _forget_notes(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    t = tables.staff_action.c
    connection.execute(
        update(tables.staff_action)
        .where(t.site == due.site.id, t.id.in_(_ids(rows)))
        .values(UNTOLD)
    )
    return len(rows)


def days_of(connection: Connection, site: str, ids: Sequence[UUID]) -> set[date]:
    """Return the service days in whose figures these visits are."""
    passage, outcome = tables.passage.c, tables.outcome.c
    queries = (
        select(v.service_day).where(v.site == site, v.id.in_(ids)),
        select(passage.service_day).where(passage.site == site, passage.visit.in_(ids)),
        select(outcome.service_day).where(outcome.site == site, outcome.visit.in_(ids)),
    )
    return {day for query in queries for day in connection.execute(query.distinct()).scalars()}


def _to_come(connection: Connection, due: Due, days: set[date]) -> set[date]:
    """Return the days that are not over: on those something happened by a clock that was wrong.

    They cannot stand yet, and nothing waits for them: what visits add to them is counted apart.
    """
    today = service_day(due.now, due.site.time_zone)
    ahead = (day for day in days if day >= today)
    return {d for d in ahead if not daily_figures.is_settled(connection, due.site.id, d)}


def _settled(connection: Connection, due: Due, days: set[date]) -> bool:
    """Let the figures of days stand for good; False where one is still to be rolled up."""
    return all(daily_figures.settle(connection, due.site, day, at=due.now) for day in sorted(days))


def _events(due: Due) -> Select[Any]:
    """The oldest events, but never the newest: live pages and snapshots go on from it."""
    t = tables.event.c
    next_event = select(tables.site.c.next_event).where(tables.site.c.id == due.site.id)
    return (
        select(t.number)
        .where(
            t.site == due.site.id,
            t.at <= due.before,
            t.number < next_event.scalar_subquery() - 1,
        )
        .order_by(t.number)
    )


def _remove_events(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    """Delete up to the last of them, so that the numbers that stay have no gap."""
    t = tables.event.c
    connection.execute(
        delete(tables.event).where(t.site == due.site.id, t.number <= rows[-1].number)
    )
    return len(rows)


def _erased(due: Due) -> Select[Any]:
    """What erased visits add to days on which nothing else was left to be deleted.

    Not to days to come, on which a clock that was wrong has put it.
    """
    t = tables.erased_figures.c
    last = service_day(due.before, due.site.time_zone)
    return (
        select(t.day)
        .where(t.site == due.site.id, t.changed_at <= due.before, t.day <= last)
        .order_by(t.changed_at)
    )


def _settle_erased(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    return len(rows) if _settled(connection, due, {row.day for row in rows}) else 0


def _entries(due: Due) -> Select[Any]:
    t = tables.audit.c
    return select(t.id).where(t.site == due.site.id, t.at <= due.before).order_by(t.at)


def _remove_entries(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    t = tables.audit.c
    connection.execute(delete(tables.audit).where(t.site == due.site.id, t.id.in_(_ids(rows))))
    return len(rows)


def _actions(due: Due) -> Select[Any]:
    """What staff did; an action stays with its visit as long as that is here."""
    t = tables.staff_action.c
    return (
        select(t.at)
        .where(t.site == due.site.id, t.at <= due.before, t.visit.is_(None))
        .order_by(t.at)
    )


def _remove_actions(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    """Delete all of the same moments: an action and its parts are of one."""
    t = tables.staff_action.c
    connection.execute(
        delete(tables.staff_action).where(
            t.site == due.site.id, t.at <= rows[-1].at, t.visit.is_(None)
        )
    )
    return len(rows)


def _accounts(due: Due) -> Select[Any]:
    """Those that were shut so long ago that nothing is known any more of what they did."""
    return staff_traces.shut_accounts(due.site.id, due.before)


def _remove_accounts(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    staff_traces.remove_accounts(connection, due.site.id, [row.name for row in rows])
    return len(rows)


def _of_signature(signature: Signature) -> tuple[Find, Remove]:
    """Return how names beside what stays are found, and how they are forgotten."""

    def find(due: Due) -> Select[Any]:
        return signature.older(due.site.id, due.before)

    def remove(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
        signature.forget(connection, due.site.id, up_to=rows[-1][0])
        return len(rows)

    return find, remove


def _of_leftover(leftover: Leftover) -> tuple[Find, Remove]:
    """Return how rows are found that enrolling leaves behind, and how they are deleted."""

    def find(due: Due) -> Select[Any]:
        return leftover.find(due.site.id, due.now)

    def remove(connection: Connection, _due: Due, rows: Sequence[Any]) -> int:
        leftover.remove(connection, rows)
        return len(rows)

    return find, remove


def _sessions(due: Due) -> Select[Any]:
    return staff_traces.over_sessions(due.site.id, due.now)


def _remove_sessions(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    sessions = [row.id_sha256 for row in rows]
    staff_traces.remove_sessions(connection, due.site.id, sessions)
    return len(rows)


def _failures(due: Due) -> Select[Any]:
    return staff_traces.over_failures(due.site.id, due.now)


def _remove_failures(connection: Connection, due: Due, rows: Sequence[Any]) -> int:
    staff_traces.remove_failures(connection, due.site.id, now=due.now)
    return len(rows)


def _ids(rows: Sequence[Any]) -> list[UUID]:
    return [row.id for row in rows]
