"""Calling: what counters do with visits, each action once however often it is sent."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.event_log import EventKind
from server_stub.queue_rules import CALLING_ORDER
from server_stub.snapshot import VisitRow, read_visit
from server_stub.visit import Progress, Step, StepError, VisitState


class StaleActionError(StepError):
    """Someone else was faster: the visit is not as the page showed it.

    Attributes:
        number: The party's number.
        staff: Who took the last step.
        step: Which step it was.
        counter: At which counter.
        at: When.

    """

    def __init__(self, number: str, *, staff: str, step: Step, counter: str, at: datetime) -> None:
        self.number = number
        self.staff = staff
        self.step = step
        self.counter = counter
        self.at = at
        super().__init__(f"{number} has changed: {step} by {staff} at counter {counter}")


class CounterBusyError(StepError):
    """The counter has called a party that it has neither sent on nor finished.

    Attributes:
        counter: The counter.
        number: The party's number.

    """

    def __init__(self, counter: str, number: str) -> None:
        self.counter = counter
        self.number = number
        super().__init__(f"counter {counter} still has {number}: send it on or finish it first")


class OtherCounterError(StepError):
    """Another counter has called the party.

    Attributes:
        number: The party's number.
        counter: The counter that has called it.

    """

    def __init__(self, number: str, counter: str) -> None:
        self.number = number
        self.counter = counter
        super().__init__(f"{number} was called by counter {counter}: it is for that counter to do")


class UnknownVisitError(StepError):
    """There is no such visit."""


class UnknownCounterError(StepError):
    """The site has no such counter."""


class ActionReusedError(StepError):
    """The action's id belongs to another action; reload the page."""


@dataclass(frozen=True, slots=True)
class Action:
    """Someone has pressed a button.

    Attributes:
        id: Made with the button; the same however often the press is sent.
        staff: Who pressed it.
        counter: At which counter.
        at: When it reached the server.

    """

    id: UUID
    staff: str
    counter: str
    at: datetime


def call_next(connection: Connection, site: Site, action: Action) -> VisitRow | None:
    """Call the party that is first in order at the counter's stage; None where nobody waits."""
    stage = next((c.stage for c in site.counters if c.id == action.counter), None)
    if stage is None:
        raise UnknownCounterError(f"{site.name} has no counter {action.counter}")
    if done := _done_before(connection, site, action, step=Step.CALL):
        return _as_answered(_visit(connection, site, done.visit), done) if done.visit else None
    if busy_with := _called_at(connection, site, action.counter):
        raise CounterBusyError(action.counter, busy_with)
    t = tables.visit.c
    first = connection.execute(
        select(t.id)
        .where(t.site == site.id, t.stage == stage, t.state == VisitState.WAITING.value)
        .order_by(*(t[name] for name in CALLING_ORDER))
        .limit(1)
    ).scalar_one_or_none()
    if first is None:
        _remember(connection, site, action, step=Step.CALL)
        return None
    return _take(connection, site, action, step=Step.CALL, visit=_visit(connection, site, first))


def take_step(  # one button: what, with which visit, by whom
    connection: Connection, site: Site, action: Action, *, step: Step, visit: UUID, seen: int
) -> VisitRow:
    """Recall, forward or finish a visit that the action's counter has called.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        action: Who pressed the button.
        step: What it says.
        visit: The visit that it stands beside.
        seen: The visit's version that the page showed.

    Raises:
        StepError: It is not taken; which of them says why.

    """
    done = _done_before(connection, site, action, step=step)
    if done and done.visit != visit:
        raise ActionReusedError("this button belongs to another visit: reload the page")
    current = _visit(connection, site, visit)
    if done:
        return _as_answered(current, done)
    if current.version != seen:
        raise _stale(connection, site, current)
    if current.state is VisitState.CALLED and current.counter not in (None, action.counter):
        raise OtherCounterError(current.number, str(current.counter))
    return _take(connection, site, action, step=step, visit=current)


def _take(
    connection: Connection, site: Site, action: Action, *, step: Step, visit: VisitRow
) -> VisitRow:
    after = visit.progress.after(step, counter=action.counter, at=action.at)
    t = tables.visit.c
    changed = connection.execute(
        update(tables.visit)
        .where(t.site == site.id, t.id == visit.id, t.version == visit.version)
        .values(**_columns(after))
    )
    if changed.rowcount != 1:
        raise _stale(connection, site, visit)
    _remember(connection, site, action, step=step, visit=visit.id, after=after)
    event_log.append(connection, site.id, kind=EventKind(step.value), about=visit.id, at=action.at)
    return visit.at(after)


def _columns(progress: Progress) -> dict[str, object]:
    return {
        "stage": progress.stage,
        "state": progress.state.value,
        "counter": progress.counter,
        "calls": progress.calls,
        "called_at": progress.called_at,
        "version": progress.version,
    }


def _visit(connection: Connection, site: Site, visit: UUID) -> VisitRow:
    row = read_visit(connection, site.id, visit=visit)
    if row is None:
        raise UnknownVisitError("there is no such visit: reload the page")
    return row


def _called_at(connection: Connection, site: Site, counter: str) -> str | None:
    """Return the number that the counter has called and not yet let go, or None."""
    t = tables.visit.c
    return connection.execute(
        select(t.number).where(
            t.site == site.id, t.counter == counter, t.state == VisitState.CALLED.value
        )
    ).scalar_one_or_none()


def _stale(connection: Connection, site: Site, visit: VisitRow) -> StepError:
    t = tables.staff_action.c
    last = connection.execute(
        select(t.staff, t.step, t.counter, t.at)
        .where(t.site == site.id, t.visit == visit.id)
        .order_by(t.version.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return UnknownVisitError(f"{visit.number} is not as the page showed it: reload the page")
    return StaleActionError(
        visit.number, staff=last.staff, step=Step(last.step), counter=last.counter, at=last.at
    )


def _remember(  # the columns of one action
    connection: Connection,
    site: Site,
    action: Action,
    *,
    step: Step,
    visit: UUID | None = None,
    after: Progress | None = None,
) -> None:
    answered: dict[str, Any] = _columns(after) if after else {}
    if after and after.called_at:
        answered["called_at"] = after.called_at.isoformat()
    connection.execute(
        tables.staff_action.insert().values(
            {
                "request": {},
                "undone": False,
                "after": answered or None,
                "version": after.version if after else None,
            }
            | {
                "site": site.id,
                "id": action.id,
                "step": step.value,
                "staff": action.staff,
                "at": action.at,
                "counter": action.counter,
                "visit": visit,
            }
        )
    )


def _done_before(
    connection: Connection, site: Site, action: Action, *, step: Step
) -> Row[*tuple[Any, ...]] | None:
    """Return what the action came to when it was sent before, or None."""
    t = tables.staff_action.c
    done = connection.execute(
        select(tables.staff_action).where(t.site == site.id, t.id == action.id)
    ).one_or_none()
    if done and (done.step, done.staff, done.counter) != (step, action.staff, action.counter):
        raise ActionReusedError("this button was used for something else: reload the page")
    return done


def _as_answered(visit: VisitRow, done: Row[*tuple[Any, ...]]) -> VisitRow:
    """Return the visit as it was right after the action."""
    after = done.after
    return visit.at(
        replace(
            visit.progress,
            stage=after["stage"],
            state=VisitState(after["state"]),
            counter=after["counter"],
            calls=after["calls"],
            called_at=datetime.fromisoformat(after["called_at"]),
            version=after["version"],
        )
    )
