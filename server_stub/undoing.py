"""Undoing: the last step taken back by whoever took it, and what a lead sets right later."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.actions import LEADS, Action, Press
from server_stub.arrival import service_day
from server_stub.hindrances import Hindrance, Reason
from server_stub.passing_on import require_stages, store_outcomes
from server_stub.progress import Correction, Progress
from server_stub.snapshot import VisitRow
from server_stub.step_errors import NotOfThisSiteError, OtherCounterError
from server_stub.visit import AT_COUNTER, IllegalStepError, Step


@dataclass(frozen=True, slots=True)
class SetRight:
    """What a lead sets right.

    Attributes:
        visit: Route, stage and size.
        outcomes: Outcome to the persons that are added to it, or taken away where below 0.

    """

    visit: Correction = field(default_factory=Correction)
    outcomes: Mapping[str, int] = field(default_factory=dict)


def undo(connection: Connection, site: Site, *, press: Press, at: datetime) -> VisitRow:
    """Take back the last step of a visit, with the outcomes that it noted.

    Raises:
        StepError: It cannot be taken back; which of them says why.

    """
    action = Action(connection, site, press, step=Step.UNDO, at=at)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    last = _last_step(action, visit)
    _require_own(action, visit, last)
    before = Progress.from_json(last.before) if last.before else visit.progress
    after = visit.progress.undone(Step(last.step), before=before)
    if last.step == Step.CORRECT:
        action.require_lead()  # what a lead has set right stays so, or another lead says else
    for day in {service_day(last.at, site.time_zone), *_days_of_outcomes(action, last.id)}:
        action.require_open_day(day)
    _require_there(site, after)
    if after.state in AT_COUNTER:
        action.require_free(str(after.counter), but=visit.id)
    forget(action, [last.id])
    return _take(action, visit, after)


def correct(
    connection: Connection, site: Site, *, press: Press, right: SetRight, at: datetime
) -> VisitRow:
    """Set right what is stored of a visit, in any state, until its day is closed. For leads.

    A party that is led back passes no stage that a new site file has taken away since it ended.
    """
    action = Action(connection, site, press, step=Step.CORRECT, at=at, asked=_asked(right))
    if done := action.done_before():
        return action.visit_after(done)
    action.require_lead()
    visit = action.subject()
    named = (*(right.visit.route or ()), *([right.visit.stage] if right.visit.stage else ()))
    require_stages(site, named)
    corrected = _without_gone(site, visit.progress.corrected(right.visit, at=at))
    rows = [_corrected_outcome(action, visit, name, by) for name, by in right.outcomes.items()]
    for day in {service_day(visit.ended_at or at, site.time_zone), *(row[3] for row in rows)}:
        action.require_open_day(day)
    after = _take(action, visit, corrected)
    store_outcomes(action, visit, rows)
    return after


def carried_over_again(
    visit: VisitRow, after: Progress, *, closed: Container[date], at: datetime
) -> Progress:
    """Return a visit carried over where it is open again and its day was closed meanwhile.

    A day that was forgotten is closed on the next one, and whoever has left by that comes back.

    Args:
        visit: As it was before.
        after: As it is now.
        closed: The service days that are closed, as far as any may be the visit's.
        at: The present moment.

    """
    is_open_again = after.is_open and not visit.is_open
    if is_open_again and after.carried_over is None and visit.service_day in closed:
        return replace(after, carried_over=at)
    return after


def _take(action: Action, visit: VisitRow, after: Progress) -> VisitRow:
    """Store a visit as it is after the action."""
    closed = action.closed_among({visit.service_day})
    return action.take(visit, carried_over_again(visit, after, closed=closed, at=action.at))


def _without_gone(site: Site, corrected: Progress) -> Progress:
    """Return an open visit without the stages to come that the site does not have."""
    gone = {stage for stage in corrected.later if site.stage(stage) is None}
    if not corrected.is_open or not gone:
        return corrected
    return replace(corrected, route=tuple(s for s in corrected.route if s not in gone))


def _last_step(action: Action, visit: VisitRow) -> Row[*tuple[Any, ...]]:
    t = tables.staff_action.c
    last = action.connection.execute(
        select(tables.staff_action).where(
            t.site == action.site.id, t.visit == visit.id, t.version == visit.version
        )
    ).one_or_none()
    if last is None:
        reason = Reason(Hindrance.NOTHING_DONE)
        raise IllegalStepError(visit.number, visit.state, Step.UNDO, reason=reason)
    return last


def _require_own(action: Action, visit: VisitRow, last: Row[*tuple[Any, ...]]) -> None:
    """Raise OtherCounterError where another counter took the step; a lead may take it back."""
    mine = last.counter in (None, action.press.counter) or action.press.role in LEADS
    if not mine:
        raise OtherCounterError(visit.number, str(last.counter))


def _require_there(site: Site, before: Progress) -> None:
    """Raise where the site file has changed meanwhile, and does not have what it was before."""
    if before.is_open:
        require_stages(site, (before.stage, *before.later))
    counter = site.counter(before.counter or "")
    if before.state in AT_COUNTER and (counter is None or counter.stage != before.stage):
        raise NotOfThisSiteError(str(before.counter), Reason(Hindrance.NO_SUCH_COUNTER))


def _days_of_outcomes(action: Action, noted_by: UUID) -> Sequence[date]:
    """Return the days on which the outcomes of a step count: a correction's is the original's."""
    t = tables.outcome.c
    days = select(t.service_day).where(t.site == action.site.id, t.id == noted_by)
    return action.connection.execute(days).scalars().all()


def forget(action: Action, undone: Sequence[UUID]) -> None:
    """Mark steps as undone; the times and the outcomes that they noted are not there any more."""
    site = action.site.id
    t = tables.staff_action.c
    action.connection.execute(
        update(tables.staff_action).where(t.site == site, t.id.in_(undone)).values(undone=True)
    )
    for table in (tables.passage, tables.outcome):
        action.connection.execute(
            table.delete().where(table.c.site == site, table.c.id.in_(undone))
        )


def _corrected_outcome(
    action: Action, visit: VisitRow, name: str, by: int
) -> tuple[str, str, int, date]:
    """Return a correction as `store_outcomes` takes it: it counts on the day of the original."""
    known = next((outcome for outcome in action.site.outcomes if outcome.id == name), None)
    if known is None:
        raise NotOfThisSiteError(name, Reason(Hindrance.NO_SUCH_OUTCOME))
    t = tables.outcome.c
    noted, last = action.connection.execute(
        select(func.coalesce(func.sum(t.persons), 0), func.max(t.service_day)).where(
            t.site == action.site.id, t.visit == visit.id, t.outcome == name
        )
    ).one()
    if noted + by < 0:
        raise NotOfThisSiteError(name, Reason(Hindrance.NO_MORE_NOTED, persons=noted))
    return name, known.stage, by, last or action.service_day


def _asked(right: SetRight) -> dict[str, Any]:
    route = right.visit.route
    return {
        "route": None if route is None else list(route),
        "stage": right.visit.stage,
        "adults": right.visit.adults,
        "children": right.visit.children,
        "outcomes": dict(right.outcomes),
    }
