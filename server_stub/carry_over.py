"""Carrying over: open visits go on another day, called first, until 48 hours are over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, exists, or_, select, true

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.actions import Action, Press
from server_stub.arrival import LONGEST, service_day
from server_stub.changes import store_changes
from server_stub.snapshot import VisitRow, read_visits
from server_stub.visit import Step, VisitState

BY_ITSELF = ""
"""Stands where the name of a member of staff would: the server did it."""


def overdue(
    connection: Connection, site: Site, *, at: datetime, among: Sequence[UUID] | None = None
) -> list[UUID]:
    """Return the visits whose party will not come any more, all or `among` some.

    They wait or are parked, and 48 hours ago they were carried over, or their day was over and
    nobody had closed it. A party with an appointment has 48 hours from that. What the server has
    ended once, and staff have taken back, is theirs.
    """
    t, action = tables.visit.c, tables.staff_action.c
    ended_before = exists().where(
        action.site == site.id,
        action.visit == t.id,
        action.staff == BY_ITSELF,
        action.step == Step.LEAVE.value,
    )
    limit = at - LONGEST
    first_kept = service_day(limit, site.time_zone)
    return list(
        connection.execute(
            select(t.id)
            .where(
                t.site == site.id,
                tables.visit_is_open,
                t.state.in_([VisitState.WAITING.value, VisitState.PARKED.value]),
                or_(
                    t.carried_over <= limit,
                    t.carried_over.is_(None) & (t.service_day < first_kept),
                ),
                or_(t.appointment_at.is_(None), t.appointment_at <= limit),
                ~ended_before,
                true() if among is None else t.id.in_(among),
            )
            .order_by(t.waits_from, t.arrival_order, t.id)
        ).scalars()
    )


def end_overdue(connection: Connection, site: Site, *, visits: Sequence[UUID], at: datetime) -> int:
    """End those of the visits that are overdue; return how many."""
    t = tables.visit.c
    order = (t.waits_from, t.arrival_order, t.id)
    due = t.id.in_(overdue(connection, site, at=at, among=visits))
    changes = [
        _by_itself(connection, site, visit, at=at).whole(
            visit, visit.progress.after(Step.LEAVE, at=at)
        )
        for visit in read_visits(connection, site.id, due, order_by=order)
    ]
    store_changes(connection, site.id, changes)
    return len(changes)


def _by_itself(connection: Connection, site: Site, visit: VisitRow, *, at: datetime) -> Action:
    """Return the action by which the server ends a visit."""
    action = uuid5(visit.id, f"overdue {visit.version}")
    press = Press(action, staff=BY_ITSELF, role="lead")
    return Action(connection, site, press, step=Step.LEAVE, at=at)
