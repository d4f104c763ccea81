"""The visit: a party's way through its route. Pure rules, no store and no clock.

What a step does beside the state stands in `progress`.
"""

from enum import IntEnum, StrEnum

from server_stub.hindrances import Hindrance, Reason


class VisitState(StrEnum):
    """Where a visit stands at its present stage."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    LEFT = "left"
    MERGED = "merged"


OPEN = (VisitState.WAITING, VisitState.CALLED, VisitState.SERVING, VisitState.PARKED)
"""The party is somewhere here."""

AT_COUNTER = (VisitState.CALLED, VisitState.SERVING)
"""The party is a counter's, and that counter has no other."""


class CallingClass(IntEnum):
    """Who is called before whom: the lowest first, but see `queue_rules` for the exceptions."""

    PRIORITY = 0
    CARRIED_OVER = 1
    OTHERS = 2


LATE = "late"
"""The mark of a visit whose check-in came when its day was over or closed."""

BY_HAND = "by-hand"
"""The mark of a visit whose check-in came after its number was served by hand."""


class Step(StrEnum):
    """What staff do with a visit."""

    CALL = "call"
    RECALL = "recall"
    NO_SHOW = "no-show"
    SERVE = "serve"
    PARK = "park"
    READMIT = "readmit"
    OUTCOME = "outcome"
    FORWARD = "forward"
    FINISH = "finish"
    LEAVE = "leave"
    REROUTE = "reroute"
    SPLIT = "split"
    MERGE = "merge"
    PRIORITY = "priority"
    APPOINTMENT = "appointment"
    CORRECT = "correct"
    UNDO = "undo"
    BY_HAND = "by-hand"
    SERVED_BY_HAND = "served-by-hand"
    CARRY_OVER = "carry-over"
    MOVE = "move"


# Every legal step and where it leads. What is not listed is illegal. Two steps are not here:
# `by-hand` makes a visit, and `undo` leads back to wherever the last step came from.
NEXT: dict[tuple[VisitState, Step], VisitState] = {
    (VisitState.WAITING, Step.CALL): VisitState.CALLED,
    (VisitState.WAITING, Step.LEAVE): VisitState.LEFT,
    (VisitState.WAITING, Step.MERGE): VisitState.MERGED,
    (VisitState.WAITING, Step.CARRY_OVER): VisitState.WAITING,
    (VisitState.CALLED, Step.RECALL): VisitState.CALLED,
    (VisitState.CALLED, Step.NO_SHOW): VisitState.PARKED,
    (VisitState.CALLED, Step.SERVE): VisitState.SERVING,
    (VisitState.CALLED, Step.OUTCOME): VisitState.SERVING,
    (VisitState.CALLED, Step.FORWARD): VisitState.WAITING,
    (VisitState.CALLED, Step.FINISH): VisitState.FINISHED,
    (VisitState.CALLED, Step.LEAVE): VisitState.LEFT,
    (VisitState.CALLED, Step.CARRY_OVER): VisitState.WAITING,
    (VisitState.SERVING, Step.OUTCOME): VisitState.SERVING,
    (VisitState.SERVING, Step.PARK): VisitState.PARKED,
    (VisitState.SERVING, Step.FORWARD): VisitState.WAITING,
    (VisitState.SERVING, Step.FINISH): VisitState.FINISHED,
    (VisitState.SERVING, Step.LEAVE): VisitState.LEFT,
    (VisitState.SERVING, Step.CARRY_OVER): VisitState.WAITING,
    (VisitState.PARKED, Step.READMIT): VisitState.WAITING,
    (VisitState.PARKED, Step.CALL): VisitState.CALLED,
    (VisitState.PARKED, Step.LEAVE): VisitState.LEFT,
    (VisitState.PARKED, Step.MERGE): VisitState.MERGED,
    (VisitState.PARKED, Step.CARRY_OVER): VisitState.PARKED,
    **{
        (state, step): state
        for state in OPEN
        for step in (Step.REROUTE, Step.SPLIT, Step.PRIORITY, Step.APPOINTMENT)
    },
    # A new site file has taken away its stage, or the counter that it is at.
    (VisitState.WAITING, Step.MOVE): VisitState.WAITING,
    (VisitState.CALLED, Step.MOVE): VisitState.WAITING,
    (VisitState.SERVING, Step.MOVE): VisitState.WAITING,
    (VisitState.PARKED, Step.MOVE): VisitState.PARKED,
    **{(state, Step.SERVED_BY_HAND): VisitState.FINISHED for state in OPEN},
    **{(state, Step.CORRECT): state for state in VisitState},
}

NOT_UNDONE = {
    Step.UNDO: Hindrance.UNDO_UNDONE,
    Step.SPLIT: Hindrance.SPLIT_UNDONE,
    Step.MERGE: Hindrance.MERGE_UNDONE,
    Step.BY_HAND: Hindrance.NUMBER_UNDONE,
    Step.SERVED_BY_HAND: Hindrance.RANGE_UNDONE,
    Step.CARRY_OVER: Hindrance.CARRIED_OVER,
    Step.MOVE: Hindrance.MOVED,
}
"""Steps that `undo` does not take back, and what to do instead."""


class StepError(Exception):
    """A step is not taken, and nothing has changed."""


class IllegalStepError(StepError):
    """The visit's state does not allow the step.

    Attributes:
        number: The party's number.
        state: Where its visit stands.
        step: What was tried.
        reason: What is in the way; None where the state alone says it.

    """

    def __init__(
        self, number: str, state: VisitState, step: Step, *, reason: Reason | None = None
    ) -> None:
        self.number = number
        self.state = state
        self.step = step
        self.reason = reason
        why = f" ({reason})" if reason else ""
        super().__init__(f"{number} is {state}: cannot {step} it{why}")
