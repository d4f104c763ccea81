"""Passing on: from the call to the end, what a counter does with its party, and where it goes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.actions import Action, Press
from server_stub.hindrances import Hindrance, Reason
from server_stub.queue_rules import CALLING_ORDER
from server_stub.snapshot import VisitRow
from server_stub.step_errors import NotOfThisSiteError
from server_stub.visit import Step

PLACES_BEFORE_READMITTED = 2
"""How many parties of its class are called before one that is let in again, at most."""


def take_plain(
    connection: Connection, site: Site, *, press: Press, step: Step, at: datetime
) -> VisitRow:
    """Take a step that says nothing more than that it is taken.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        press: Who pressed the button.
        step: What it says: recall, no-show, serve, park, forward, finish or leave.
        at: When it reached the server.

    Raises:
        StepError: It is not taken; which of them says why.

    """
    action = Action(connection, site, press, step=step, at=at)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    counter = press.counter or visit.counter
    return action.take(visit, visit.progress.after(step, at=at, counter=counter))


def readmit(connection: Connection, site: Site, *, press: Press, at: datetime) -> VisitRow:
    """Let a parked party wait again, with at most two of its class before it."""
    action = Action(connection, site, press, step=Step.READMIT, at=at)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    place = _near_the_front(action, visit)
    return action.take(visit, visit.progress.readmitted(waits_from=place))


def note_outcomes(
    connection: Connection,
    site: Site,
    *,
    press: Press,
    outcomes: Mapping[str, int],
    at: datetime,
) -> VisitRow:
    """Note what the stage has achieved for how many persons of the party.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        press: Who pressed the button.
        outcomes: Outcome to persons, 1 or more each.
        at: When it reached the server.

    Raises:
        StepError: It is not noted; NotOfThisSiteError where the stage has no such outcome.

    """
    asked = {"outcomes": dict(outcomes)}
    action = Action(connection, site, press, step=Step.OUTCOME, at=at, asked=asked)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    if not outcomes or min(outcomes.values()) < 1:
        raise NotOfThisSiteError("outcome", Reason(Hindrance.NO_OUTCOME))
    for name in outcomes:
        _require_outcome(site, name, stage=visit.stage)
    after = action.take(visit, visit.progress.with_outcome(at=at))
    store_outcomes(
        action, visit, [(name, visit.stage, n, action.service_day) for name, n in outcomes.items()]
    )
    return after


def store_outcomes(
    action: Action, visit: VisitRow, outcomes: Sequence[tuple[str, str, int, date]]
) -> None:
    """Store outcomes of an action: name, stage, persons, and the day on which they count."""
    rows: list[dict[str, Any]] = [
        {
            "site": action.site.id,
            "id": action.press.action,
            "ordinal": ordinal,
            "visit": visit.id,
            "stage": stage,
            "outcome": name,
            "persons": persons,
            "service_day": day,
            "at": action.at,
            "staff": action.press.staff,
        }
        for ordinal, (name, stage, persons, day) in enumerate(outcomes)
    ]
    if rows:
        action.connection.execute(tables.outcome.insert(), rows)


def reroute(
    connection: Connection, site: Site, *, press: Press, later: tuple[str, ...], at: datetime
) -> VisitRow:
    """Let a party pass these stages after its present one: added ones, and without skipped ones."""
    asked = {"later": list(later)}
    action = Action(connection, site, press, step=Step.REROUTE, at=at, asked=asked)
    if done := action.done_before():
        return action.visit_after(done)
    require_stages(site, later)
    visit = action.subject()
    return action.take(visit, visit.progress.rerouted(later))


def require_stages(site: Site, stages: Sequence[str]) -> None:
    """Raise NotOfThisSiteError for a stage that the site does not have."""
    for stage in stages:
        if site.stage(stage) is None:
            raise NotOfThisSiteError(stage, Reason(Hindrance.NO_SUCH_STAGE))


def _require_outcome(site: Site, name: str, *, stage: str) -> None:
    if not any(known.id == name and known.stage == stage for known in site.outcomes):
        raise NotOfThisSiteError(name, Reason(Hindrance.NOT_ITS_OUTCOME, stage=stage))


def _near_the_front(action: Action, visit: VisitRow) -> datetime:
    """Return from when a party must wait so that at most two of its class are before it."""
    t = tables.visit.c
    third = action.connection.execute(
        select(t.waits_from)
        .where(
            t.site == action.site.id,
            t.stage == visit.stage,
            tables.visit_is_waiting,
            t.calling_class == visit.calling_class.value,
        )
        .order_by(*(t[name] for name in CALLING_ORDER))
        .offset(PLACES_BEFORE_READMITTED)
        .limit(1)
    ).scalar_one_or_none()
    return third - timedelta(microseconds=1) if third else action.at
