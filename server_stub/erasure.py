"""Erasure: all that is kept of one party is deleted now, because it asks for that.

What its rows add to the figures of their days is counted before they go. What stays is what says
nothing of it: the id and hash of its check-in, by which one that its kiosk sends again is known
and lets nobody wait; and that staff did something, without with whom. It cannot be undone.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Text, cast, or_, select, update

from kiosk.contract.site import Site
from server_stub import audit, daily_figures, erased_figures, event_log, tables
from server_stub.actions import LEADS, Action, Press
from server_stub.arrival import service_day
from server_stub.changes import store_changes
from server_stub.event_log import EventKind, NewEvent
from server_stub.retention import days_of, forget_visits
from server_stub.snapshot import VisitRow, read_visits
from server_stub.step_errors import LeadNeededError, UnknownVisitError
from server_stub.visit import Step

ACT = audit.VISIT_ERASED

LONGEST_NUMBER = 8
"""Signs; a number is two letters and three digits at most."""

v = tables.visit.c


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be erased.

    Attributes:
        visit: That has the number.
        others: Visits that went on as this one, or that it went on as: they are the same people,
            and are erased with it.

    """

    visit: VisitRow
    others: tuple[VisitRow, ...]

    @property
    def all(self) -> tuple[VisitRow, ...]:
        """All visits that are erased."""
        return (self.visit, *self.others)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        numbers: Of the visits, the one that was asked for first; none where they were erased
            before, by the same press.
        left: How many of them were still here, and have left by it.

    """

    numbers: tuple[str, ...]
    left: int = 0


def as_printed(number: str) -> str:
    """Return a number as slips have it: people type it in any case, with a space or without."""
    return "".join(number.split()).upper()[:LONGEST_NUMBER]


def find(connection: Connection, site: str, *, number: str) -> list[Found]:
    """Return the visits that have a number, the last arrived first: numbers come again."""
    latest = (v.arrived_at.desc(), v.id)
    visits = read_visits(connection, site, v.number == as_printed(number), order_by=latest)
    return [_with_others(connection, site, visit) for visit in visits]


def erase(connection: Connection, site: Site, *, press: Press, at: datetime) -> Erased:
    """Delete what is kept of the party that the press names. For leads.

    Raises:
        LeadNeededError: Somebody else pressed.
        UnknownVisitError: There is no such visit, or none any more.

    """
    if press.role not in LEADS:
        raise LeadNeededError(ACT)
    if audit.is_noted(connection, site.id, entry=press.action):
        return Erased(())
    found = read_visits(connection, site.id, v.id == press.visit)
    if not found:
        raise UnknownVisitError("there is no such visit, or not any more: look for the number")
    group = _with_others(connection, site.id, found[0]).all
    here = [one for one in group if one.is_open]
    _let_leave(connection, site, here, press=press, at=at)
    ids = [one.id for one in group]
    for day in sorted({*days_of(connection, site.id, ids), *_days_absent(connection, site, ids)}):
        if not daily_figures.is_settled(connection, site.id, day):
            erased_figures.add(connection, site, day, visits=ids, at=at)
    forget_visits(connection, site.id, ids)
    _forget_links(connection, site.id, group)
    for number, one in enumerate(ids):
        entry = uuid5(press.action, str(number)) if number else press.action
        audit.note(
            connection, site.id, staff=press.staff, act=ACT, about=str(one), now=at, entry=entry
        )
    event_log.append_all(connection, site.id, [NewEvent(EventKind.ERASE, one, at) for one in ids])
    return Erased(tuple(one.number for one in group), left=len(here))


def _with_others(connection: Connection, site: str, visit: VisitRow) -> Found:
    """Return a visit with those that went on together with it."""
    known = {visit.id: visit}
    new = [visit]
    while new:
        into = [one.merged_into for one in new if one.merged_into]
        mine = [one.id for one in new]
        near = read_visits(connection, site, or_(v.id.in_(into), v.merged_into.in_(mine)))
        new = [one for one in near if one.id not in known]
        known |= {one.id: one for one in new}
    return Found(visit, tuple(one for one in known.values() if one.id != visit.id))


def _let_leave(
    connection: Connection, site: Site, visits: Sequence[VisitRow], *, press: Press, at: datetime
) -> None:
    """Let visits end that are still open: counters are free, and figures say that they left."""
    changes = []
    for visit in visits:
        left = uuid5(press.action, f"left {visit.id}")
        pressed = Press(left, staff=press.staff, role=press.role)
        action = Action(connection, site, pressed, step=Step.LEAVE, at=at)
        changes.append(action.whole(visit, visit.progress.after(Step.LEAVE, at=at)))
    store_changes(connection, site.id, changes)


def _days_absent(connection: Connection, site: Site, ids: Sequence[UUID]) -> Iterable[Any]:
    """Return the days on which they were called and did not come, which figures count too."""
    t = tables.staff_action.c
    moments = connection.execute(
        select(t.at).where(t.site == site.id, t.visit.in_(ids), tables.action_is_no_show)
    ).scalars()
    return {service_day(moment, site.time_zone) for moment in moments}


def _forget_links(connection: Connection, site: str, group: Sequence[VisitRow]) -> None:
    """Delete what leads from other rows to visits that are gone."""
    ids = [visit.id for visit in group]
    t = tables.event.c
    connection.execute(
        update(tables.event).where(t.site == site, t.about.in_(ids)).values(about=None)
    )
    # A part stays a part, which figures count otherwise; of what, nobody knows any more.
    connection.execute(
        update(tables.visit)
        .where(v.site == site, v.split_from.in_(ids))
        .values(split_from=tables.visit.c.id)
    )
    _forget_names(connection, site, group)


def _forget_names(connection: Connection, site: str, group: Sequence[VisitRow]) -> None:
    """Put a dash where what was asked or answered of other visits names one of these.

    A number comes again: where a row is about another visit that has it, it is that one's.
    """
    ids, numbers = [str(visit.id) for visit in group], [visit.number for visit in group]
    since = min(visit.arrived_at for visit in group) - timedelta(days=1)
    t = tables.staff_action.c
    written = (t.request, t.before, t.after, t.answer)
    named = [
        cast(column, Text).contains(f'"{name}"') for column in written for name in (*ids, *numbers)
    ]
    rows = connection.execute(
        select(t.id, t.visit, *written).where(t.site == site, t.at >= since, or_(*named))
    ).all()
    namesakes = connection.execute(
        select(v.id, v.number).where(v.site == site, v.number.in_(numbers))
    ).all()
    for row in rows:
        about = {str(row.id), str(row.visit), row.request.get("into")}
        theirs = {one.number for one in namesakes if str(one.id) in about}
        forgotten = [*ids, *(number for number in numbers if number not in theirs)]
        values = {
            column.name: _without(getattr(row, column.name), forgotten)
            for column in written
            if getattr(row, column.name) is not None
        }
        if str(row.id) in ids:  # a part that was split off has the id of the press
            values["answer"] = _how_many(values["answer"])
        connection.execute(
            update(tables.staff_action).where(t.site == site, t.id == row.id).values(values)
        )


def _how_many(split: dict[str, Any]) -> dict[str, Any]:
    """Return what a split was answered, with nothing of the part but how many persons it was."""
    part = split["split_off"]
    return {"split_off": {"adults": part["adults"], "children": part["children"]}}


def _without(told: object, names: Iterable[str]) -> Any:  # noqa: ANN401  # any JSON
    text = json.dumps(told)
    for name in names:
        text = text.replace(f'"{name}"', f'"{audit.FORGOTTEN}"')
    return json.loads(text)
