"""What an action of the staff API came to: the visit after it, and of a call, why."""

from datetime import date
from uuid import UUID

from pydantic import Field

from kiosk.contract.messages import Message
from server_stub.calling import CallAnswer, Called
from server_stub.closing import DayAfter
from server_stub.parties import Parties
from server_stub.queue_rules import CallsPaused, Why
from server_stub.served_by_hand import MarkedRange
from server_stub.service_days import DayState
from server_stub.snapshot import VisitRow
from server_stub.staff_api.answers import VisitAnswer, visit_answer
from server_stub.staff_api.documenting import ACTION, NOON
from server_stub.staff_api.examples import A_VISIT

Came = CallAnswer | VisitRow | Parties | DayAfter | MarkedRange | None
"""What the use cases come to."""


class CalledBeforeAnswer(Message):
    """Whom a party was called before, and why."""

    number: str
    reason: str = Field(description="priority, carried-over, turn, language, inside, …")


class WhyAnswer(Message):
    """Why a party was next."""

    calling_class: str = Field(description="priority, carried-over or others.")
    before: tuple[CalledBeforeAnswer, ...] = Field(
        description="Who waited too; nobody where it was alone, or chosen by its number."
    )


class PausedAnswer(Message):
    """Nobody is called, for the next party would not fit."""

    stage: str | None = Field(description="Where it would not; null for the hall.")
    persons: int = Field(description="How many are there.")
    most: int = Field(description="How many may be.")
    number: str = Field(description="The party that waits for room.")
    party: int = Field(description="How many belong to it.")


class DayAfterAnswer(Message):
    """A service day as a lead's action has left it."""

    day: date
    state: DayState
    carried_over: int = Field(description="Parties that were carried over by the action.")
    left: int = Field(description="Visits that it has ended.")


class MarkedRangeAnswer(Message):
    """A range of numbers that was marked as served by hand, or taken back."""

    id: UUID = Field(description="Of the action that marked it.")
    numbers: int = Field(description="How many it holds.")
    visits: int = Field(description="That were finished, or are open again.")


class Done(Message):
    """What an action came to; the same each time that it is sent."""

    action: UUID
    step: str
    visit: VisitAnswer | None = Field(
        description="As it was right after the action. Null where none was called or changed."
    )
    other: VisitAnswer | None = Field(
        default=None, description="The party that was split off, or that it goes on with."
    )
    why: WhyAnswer | None = Field(default=None, description="Of a call.")
    nobody_waits: bool = Field(default=False, description="Of call-next: nobody to call.")
    paused: PausedAnswer | None = Field(default=None, description="Of a call that must wait.")
    day: DayAfterAnswer | None = Field(default=None, description="Of what a lead does with one.")
    marked: MarkedRangeAnswer | None = Field(default=None, description="Of numbers by hand.")


A_CALL = Done(
    action=ACTION,
    step="call-next",
    visit=A_VISIT,
    why=WhyAnswer(
        calling_class="others",
        before=(CalledBeforeAnswer(number="F105", reason="waits-longer"),),
    ),
)
NOBODY = Done(action=ACTION, step="call-next", visit=None, nobody_waits=True)
A_DAY_CLOSED = Done(
    action=ACTION,
    step="close-day",
    visit=None,
    day=DayAfterAnswer(day=NOON.date(), state=DayState.CLOSED, carried_over=12, left=1),
)
A_PAUSE = Done(
    action=ACTION,
    step="call-next",
    visit=None,
    paused=PausedAnswer(stage="housing", persons=14, most=15, number="D214", party=3),
)


def done_answer(action: UUID, step: str, came: Came) -> Done:
    """Return what an action came to, as the staff API tells it."""
    match came:
        case Called(visit=visit, why=why):
            return Done(action=action, step=step, visit=visit_answer(visit), why=_why(why))
        case CallsPaused():
            paused = PausedAnswer.model_validate(came, from_attributes=True)
            return Done(action=action, step=step, visit=None, paused=paused)
        case VisitRow():
            return Done(action=action, step=step, visit=visit_answer(came))
        case Parties(visit=visit, other=other):
            return Done(
                action=action, step=step, visit=visit_answer(visit), other=visit_answer(other)
            )
        case DayAfter() | MarkedRange() | None:
            return _done_by_a_lead(action, step, came)
        case _:
            return Done(action=action, step=step, visit=None, nobody_waits=True)


def _done_by_a_lead(action: UUID, step: str, came: DayAfter | MarkedRange | None) -> Done:
    done = Done(action=action, step=step, visit=None)
    match came:
        case DayAfter():
            day = DayAfterAnswer.model_validate(came, from_attributes=True)
            return done.model_copy(update={"day": day})
        case MarkedRange():
            marked = MarkedRangeAnswer.model_validate(came, from_attributes=True)
            return done.model_copy(update={"marked": marked})
        case None:
            return done


def _why(why: Why) -> WhyAnswer:
    return WhyAnswer(
        calling_class=why.calling_class.name.lower().replace("_", "-"),
        before=tuple(
            CalledBeforeAnswer(number=other.number, reason=other.reason.value)
            for other in why.before
        ),
    )
