"""The service day: open, closing, closed, and what a lead may do with it. Pure rules."""

from enum import StrEnum


class DayState(StrEnum):
    """How far a service day is. One that nobody has touched is open."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class DayStep(StrEnum):
    """What a lead does with a service day."""

    STOP_NUMBERS = "stop-numbers"
    CLOSE = "close"
    OPEN_AGAIN = "open-again"


# Every legal step and where it leads. What is not listed is illegal.
NEXT: dict[tuple[DayState, DayStep], DayState] = {
    (DayState.OPEN, DayStep.STOP_NUMBERS): DayState.CLOSING,
    (DayState.CLOSING, DayStep.CLOSE): DayState.CLOSED,
    (DayState.CLOSING, DayStep.OPEN_AGAIN): DayState.OPEN,
    (DayState.CLOSED, DayStep.OPEN_AGAIN): DayState.OPEN,
}


class IllegalDayStepError(Exception):
    """The day's state does not allow the step; nothing has changed.

    Attributes:
        state: How far the day is.
        step: What was tried.

    """

    def __init__(self, state: DayState, step: DayStep) -> None:
        self.state = state
        self.step = step
        super().__init__(f"the day is {state}: cannot {step} it")


def after(state: DayState, step: DayStep) -> DayState:
    """Return how far the day is after a step, or raise IllegalDayStepError."""
    try:
        return NEXT[state, step]
    except KeyError:
        raise IllegalDayStepError(state, step) from None
