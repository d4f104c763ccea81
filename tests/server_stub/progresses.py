"""Progresses of visits for tests, and every step driven the same way."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from server_stub.progress import Correction, Progress
from server_stub.visit import Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON

STAGES = ("information", "housing", "registration", "benefits")
OTHER = UUID(int=7)

WAITING = Progress(
    number="D101",
    route=("information", "housing"),
    stage="information",
    state=VisitState.WAITING,
    counter=None,
    calls=0,
    called_at=None,
    version=1,
    priority=False,
    appointment_at=None,
    carried_over=None,
    waits_from=MONDAY_NOON,
    stage_since=MONDAY_NOON,
    first_called_at=None,
    serving_since=None,
    ended_at=None,
    passed_over=0,
    inside=False,
    adults=2,
    children=1,
    merged_into=None,
)


def after(progress: Progress, *steps: Step, at: datetime = MONDAY_NOON) -> Progress:
    """Take steps, one a second; those that say something say something simple."""
    for step in steps:
        at += timedelta(seconds=1)
        progress = taken(progress, step, at=at)
    return progress


SAYING = {
    Step.READMIT: lambda progress, at: progress.readmitted(waits_from=at),
    Step.OUTCOME: lambda progress, at: progress.with_outcome(at=at),
    Step.REROUTE: lambda progress, _: progress.rerouted(("benefits",)),
    Step.PRIORITY: lambda progress, _: progress.prioritised(priority=not progress.priority),
    Step.APPOINTMENT: lambda progress, at: progress.appointed(at, arrived_at=MONDAY_NOON),
    Step.SPLIT: lambda progress, _: progress.split("U101", adults=1, children=0)[0],
    Step.MERGE: lambda progress, at: progress.merged(OTHER, at=at),
    Step.MOVE: lambda progress, at: progress.moved(("housing",), stage="housing", at=at),
    Step.CORRECT: lambda progress, at: progress.corrected(Correction(adults=2), at=at),
}


def taken(progress: Progress, step: Step, *, at: datetime) -> Progress:
    """Take one step of any kind."""
    if step in SAYING:
        return SAYING[step](progress, at)
    return progress.after(step, at=at, counter="1")


def in_state(state: VisitState) -> Progress:
    """Return a visit that may take any step that is legal in a state."""
    called = replace(WAITING, calls=3, called_at=MONDAY_NOON, counter="1", inside=True)
    return replace(WAITING if state is VisitState.WAITING else called, state=state)
