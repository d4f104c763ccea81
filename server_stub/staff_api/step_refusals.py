"""Why a step is not taken, as the staff API tells it."""

from uuid import UUID

from server_stub.closing import DayStepError, UndecidedError
from server_stub.served_by_hand import RangeError, UnknownRangeError
from server_stub.staff_api.refusals import (
    LastStep,
    MayNotError,
    NothingThereError,
    StaffCode,
    StaffRefusal,
    StaffRefusedError,
)
from server_stub.step_errors import (
    ActionReusedError,
    CounterBusyError,
    DayClosedError,
    EmptyPartyError,
    FarAppointmentError,
    LeadNeededError,
    NoLetterError,
    NotOfThisSiteError,
    OtherCounterError,
    OtherStageError,
    StaleActionError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.visit import NEXT, IllegalStepError, StepError

REASONS: dict[type[StepError], str] = {
    IllegalStepError: "illegal-step",
    CounterBusyError: "counter-busy",
    OtherCounterError: "other-counter",
    OtherStageError: "other-stage",
    FarAppointmentError: "far-away",
    NotOfThisSiteError: "not-of-this-site",
    EmptyPartyError: "empty-party",
    DayClosedError: "day-closed",
    DayStepError: "day-state",
    RangeError: "no-range",
    UndecidedError: "undecided",
    NoLetterError: "no-letter",
    UnknownCounterError: "unknown-counter",
}
"""What stands in `reason` for each thing that can be in the way."""


class NotTakenError(StaffRefusedError):
    """A step is not taken.

    Attributes:
        refusal: What is told of it.

    """

    status = 409
    code = StaffCode.NOT_POSSIBLE

    def __init__(self, refusal: StaffRefusal) -> None:
        self._refusal = refusal
        super().__init__(refusal.message)

    @property
    def refusal(self) -> StaffRefusal:
        """The body that says so."""
        return self._refusal


def refusal_of(error: StepError, *, visit: UUID | None, is_there: bool) -> StaffRefusedError:
    """Return what the staff API answers to a step that was not taken.

    Args:
        error: Why it was not.
        visit: Which visit it was about, if any.
        is_there: Whether there is such a visit.

    """
    said = str(error)
    match error:
        case LeadNeededError():
            return MayNotError(said)
        case UnknownRangeError() | UnknownVisitError() if not is_there:
            return NothingThereError(said.partition(":")[0])
        case UnknownVisitError() | StaleActionError():
            return _stale(error, visit)
        case ActionReusedError():
            again = "this id belongs to another action: take a new one"
            return NotTakenError(StaffRefusal(code=StaffCode.ACTION_REUSED, message=again))
        case IllegalStepError():
            possible = tuple(step.value for (state, step) in NEXT if state is error.state)
            return _not_possible(error, visit, state=error.state.value, steps=possible)
        case _:
            return _not_possible(error, visit)


def _stale(error: UnknownVisitError | StaleActionError, visit: UUID | None) -> NotTakenError:
    last = None
    if isinstance(error, StaleActionError):
        step = error.step.value
        last = LastStep(staff=error.staff, step=step, counter=error.counter, at=error.at)
    return NotTakenError(
        StaffRefusal(code=StaffCode.STALE, message=str(error), last_step=last, visit=visit)
    )


def _not_possible(
    error: StepError,
    visit: UUID | None,
    *,
    state: str | None = None,
    steps: tuple[str, ...] | None = None,
) -> NotTakenError:
    return NotTakenError(
        StaffRefusal(
            code=StaffCode.NOT_POSSIBLE,
            message=str(error),
            reason=REASONS.get(type(error), "illegal-step"),
            state=state,
            steps=steps,
            visit=visit,
        )
    )
