"""What the staff API answers: visits, stages, kiosks, as those may see them who ask."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from kiosk.contract.messages import HelpState, Message
from server_stub.visit import NEXT, Step, VisitState


class Answer(Message):
    """What all answers share: they can be read off a row or a dataclass."""

    model_config = ConfigDict(from_attributes=True)


class VisitForHelper(Answer):
    """What a helper in the hall may see of a visit: enough to find and bring a party."""

    number: str
    language: str | None = Field(description="Null where the check-in could not be read.")
    adults: int
    children: int
    priority: bool


class VisitAnswer(VisitForHelper):
    """A visit, as those see it who may call numbers."""

    id: UUID
    kiosk: str = Field(description="Where it checked in; desk where staff issued the number.")
    route: tuple[str, ...] = Field(description="Stages in order.")
    stage: str = Field(description="Where it is, or was last.")
    state: VisitState
    version: int = Field(description="Send it as `seen` with whatever you do.")
    steps: tuple[Step, ...] = Field(
        description="What its state allows; the rules may forbid one of them all the same."
    )
    counter: str | None = Field(description="That called last, at any stage.")
    calls: int = Field(description="At this stage.")
    called_at: AwareDatetime | None = Field(description="Last, at any stage.")
    arrived_at: AwareDatetime
    service_day: date
    stage_since: AwareDatetime
    waits_from: AwareDatetime = Field(description="Orders those who wait within their class.")
    first_called_at: AwareDatetime | None = Field(description="At this stage.")
    serving_since: AwareDatetime | None = Field(description="At this stage.")
    ended_at: AwareDatetime | None
    priority_proposed: bool = Field(description="By the kiosk; staff set or clear `priority`.")
    appointment_at: AwareDatetime | None = Field(description="Confirmed by staff.")
    carried_over: AwareDatetime | None = Field(description="When, from an earlier service day.")
    passed_over: int = Field(description="How often another went before for its language, here.")
    inside: bool = Field(description="Was called and is still here: counts in the hall.")
    merged_into: UUID | None
    split_from: UUID | None
    by_hand: bool
    marked: str = Field(description="What staff should know of it: unreadable, late, …; or empty.")
    slip: str | None = Field(description="What became of its slip; null where that is not known.")


def visit_answer(row: Any) -> VisitAnswer:  # noqa: ANN401  # a row, or what a use case returned
    """Return a visit as those see it who may call numbers."""
    values = {name: getattr(row, name) for name in VisitAnswer.model_fields if name != "steps"}
    state = VisitState(values["state"])
    steps = tuple(step for (before, step) in NEXT if before is state)
    return VisitAnswer.model_validate(values | {"steps": steps, "route": tuple(values["route"])})


def visit_for_helper(row: Any) -> VisitForHelper:  # noqa: ANN401  # as above
    """Return a visit as a helper in the hall sees it."""
    return VisitForHelper.model_validate(row)


class ActionAnswer(Answer):
    """Something that was done with a visit."""

    id: UUID
    step: str
    staff: str = Field(description="Empty where the server did it by itself.")
    at: AwareDatetime
    counter: str | None
    version: int | None = Field(description="Of the visit after it.")
    state: str | None = Field(description="Of the visit after it.")
    stage: str | None = Field(description="Of the visit after it.")
    undone: bool


class CounterAnswer(Answer):
    """A counter and the party that it has, if any."""

    id: str
    number: str | None = Field(description="That it has called or serves; null where none.")
    visit: UUID | None = Field(description="Null for a helper.")
    state: VisitState | None
    since: AwareDatetime | None = Field(description="When it was called last; null for a helper.")


class WaitAnswer(Answer):
    """What a party would wait that came to a stage now, without priority. Never one minute."""

    parties_ahead: int = Field(description="Of those that wait now.")
    persons_ahead: int
    minutes_from: int | None = Field(description="Null where nothing is known to tell it by.")
    minutes_to: int | None


class PauseAnswer(Answer):
    """Why nobody is called: the next party would not fit."""

    stage: str | None = Field(description="Where it would not; null for the hall.")
    persons: int = Field(description="How many are there.")
    most: int = Field(description="How many may be.")
    number: str = Field(description="The party that waits for room.")
    party: int = Field(description="How many belong to it.")


class StageAnswer(Answer):
    """A stage at this moment."""

    id: str
    name: dict[str, str]
    door: str
    landmark: str
    waiting: int = Field(description="Parties.")
    persons_waiting: int
    called: int = Field(description="Parties.")
    serving: int = Field(description="Parties.")
    parked: int = Field(description="Parties.")
    persons_at_counters: int
    most_persons: int | None = Field(description="The site file's limit at its counters.")
    wait: WaitAnswer
    calls_pause: PauseAnswer | None = Field(
        description="Null while the next party fits, or nobody waits. A counter that speaks the "
        "language of another party may call that one all the same."
    )
    counters: tuple[CounterAnswer, ...]


class KioskAnswer(Answer):
    """An enrolled kiosk and its last report; what it reports is null before the first."""

    name: str
    letter: str
    highest_sequence: int
    reported_at: AwareDatetime | None
    printer: str | None
    clock_trusted: bool | None
    outbox_depth: int | None
    program_version: str | None
    sound: str | None
    troubles: tuple[str, ...]


class HelpCallAnswer(Answer):
    """A help call; never joined to a visit."""

    model_config = ConfigDict(from_attributes=True, title="StaffHelpCall")

    id: UUID
    kiosk: str
    kind: str
    language: str | None
    state: HelpState
    called_at: AwareDatetime
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None


class EventAnswer(Answer):
    """One change at the site. Load what `about` names; the event itself says no more."""

    number: int
    kind: str
    about: UUID | None
    detail: str | None
    at: AwareDatetime


class EventPage(Answer):
    """Some events, and the number to go on from."""

    items: tuple[EventAnswer, ...]
    last: int = Field(description="Ask with it as `after` for what comes next.")


class DayAnswer(Answer):
    """A service day."""

    day: date
    state: str = Field(description="open, closing or closed.")
    changed_at: AwareDatetime | None = Field(description="Null where it was never changed.")
    changed_by: str | None


class RangeAnswer(Answer):
    """Numbers of a kiosk that were served by hand."""

    id: UUID = Field(description="Of the action that marked them: it is taken back by this.")
    kiosk: str
    first: str = Field(description="The first number.")
    last: str = Field(description="The last number, which is in it.")
    numbers: int = Field(description="How many they are.")
    at: AwareDatetime
    staff: str
