"""The visit: a party's way through its route. Pure rules, no store and no clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum


class VisitState(StrEnum):
    """Where a visit stands at its present stage."""

    WAITING = "waiting"
    CALLED = "called"
    FINISHED = "finished"


class CallingClass(IntEnum):
    """Who is called before whom: the lowest first, but see `queue_rules` for the exceptions."""

    PRIORITY = 0
    CARRIED_OVER = 1
    OTHERS = 2


class Step(StrEnum):
    """What a counter does with a visit."""

    CALL = "call"
    RECALL = "recall"
    FORWARD = "forward"
    FINISH = "finish"


# Every legal step and where it leads. What is not listed is illegal.
NEXT: dict[tuple[VisitState, Step], VisitState] = {
    (VisitState.WAITING, Step.CALL): VisitState.CALLED,
    (VisitState.CALLED, Step.RECALL): VisitState.CALLED,
    (VisitState.CALLED, Step.FORWARD): VisitState.WAITING,
    (VisitState.CALLED, Step.FINISH): VisitState.FINISHED,
}


class StepError(Exception):
    """A step is not taken, and nothing has changed."""


class IllegalStepError(StepError):
    """The visit's state does not allow the step.

    Attributes:
        number: The party's number.
        state: Where its visit stands.
        step: What was tried.

    """

    def __init__(self, number: str, state: VisitState, step: Step, *, reason: str = "") -> None:
        self.number = number
        self.state = state
        self.step = step
        super().__init__(f"{number} is {state}: cannot {step} it{reason and f' ({reason})'}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a visit is: all of it that steps change.

    Attributes:
        number: The party's number, for messages only; no step changes it.
        route: The stages in order; no step changes it.
        stage: Where the party is now.
        state: Where it stands there.
        counter: The counter that called last, if any.
        calls: How often it was called at this stage.
        called_at: When it was called last, at any stage.
        version: Grows by one with every step, so that two who act at once notice.

    """

    number: str
    route: tuple[str, ...]
    stage: str
    state: VisitState
    counter: str | None
    calls: int
    called_at: datetime | None
    version: int

    @property
    def next_stage(self) -> str | None:
        """The stage after the present one; None at the end of the route."""
        later = self.route[self.route.index(self.stage) + 1 :]
        return later[0] if later else None

    def after(self, step: Step, *, counter: str, at: datetime) -> "Progress":
        """Return the progress after `step`, or raise IllegalStepError.

        Args:
            step: What is done.
            counter: The counter that does it.
            at: When.

        """
        try:
            state = NEXT[self.state, step]
        except KeyError:
            raise IllegalStepError(self.number, self.state, step) from None
        done = replace(self, state=state, version=self.version + 1)
        if step is Step.FORWARD:
            return replace(done, stage=self._stage_to_forward_to(), calls=0)
        if step is Step.FINISH:
            return done
        return replace(done, counter=counter, calls=self.calls + 1, called_at=at)

    def _stage_to_forward_to(self) -> str:
        if self.next_stage is None:
            reason = f"{self.stage} is the last stage of its route"
            raise IllegalStepError(self.number, self.state, Step.FORWARD, reason=reason)
        return self.next_stage
