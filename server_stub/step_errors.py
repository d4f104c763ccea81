"""The step errors: why a press is not taken, one class for each thing that staff can do then."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from server_stub.hindrances import Reason
from server_stub.visit import Step, StepError


class StaleActionError(StepError):
    """Someone else was faster: the visit is not as the page showed it.

    Attributes:
        number: The party's number.
        staff: Who took the last step; "" where the server did by itself.
        step: Which step it was.
        counter: At which counter; None where at none.
        at: When.

    """

    def __init__(
        self, number: str, *, staff: str, step: Step, counter: str | None, at: datetime
    ) -> None:
        self.number = number
        self.staff = staff
        self.step = step
        self.counter = counter
        self.at = at
        where = f" at counter {counter}" if counter else ""
        super().__init__(f"{number} has changed: {step} by {staff or 'the server'}{where}")


class CounterBusyError(StepError):
    """The counter has a party that it has neither sent on nor finished.

    Attributes:
        counter: The counter.
        number: The party's number.

    """

    def __init__(self, counter: str, number: str) -> None:
        self.counter = counter
        self.number = number
        super().__init__(f"counter {counter} still has {number}: send it on or finish it first")


class OtherCounterError(StepError):
    """The party is another counter's.

    Attributes:
        number: The party's number.
        counter: The counter that has called it.

    """

    def __init__(self, number: str, counter: str) -> None:
        self.number = number
        self.counter = counter
        super().__init__(f"{number} was called by counter {counter}: it is for that counter to do")


class OtherStageError(StepError):
    """The party is not at the counter's stage.

    Attributes:
        number: The party's number.
        stage: Where it is.

    """

    def __init__(self, number: str, stage: str) -> None:
        self.number = number
        self.stage = stage
        super().__init__(f"{number} is at {stage}: call it at a counter there")


class FarAppointmentError(StepError):
    """An appointment is on no day on which the party's number is good.

    Attributes:
        number: The party's number.
        began: When the number began to be good.
        ends: When it ends to be.

    """

    def __init__(self, number: str, *, began: datetime, ends: datetime, zone: str) -> None:
        self.number = number
        self.began = began
        self.ends = ends
        here = ZoneInfo(zone)
        since, until = (f"{at.astimezone(here):%Y-%m-%d %H:%M}" for at in (began, ends))
        super().__init__(
            f"{number} is good from {since} to {until}: look at the appointment's date; for a "
            "later one the party checks in anew on that day"
        )


class NotOfThisSiteError(StepError):
    """A stage, an outcome or a figure is not the site's, or not the stage's.

    Attributes:
        name: What was asked for.
        reason: What is wrong with it.

    """

    def __init__(self, name: str, reason: Reason) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: {reason}")


class LeadNeededError(StepError):
    """Only a lead may do that.

    Attributes:
        step: What it is.

    """

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(f"{step} is for a lead to do: ask the shift lead")


class DayClosedError(StepError):
    """The service day is closed, and its figures stand.

    Attributes:
        day: The service day.

    """

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(f"{day.isoformat()} is closed: a lead opens it again first")


class NoLetterError(StepError):
    """No number is free for staff to issue.

    Attributes:
        reason: Why.

    """

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


class EmptyPartyError(StepError):
    """A number is asked for nobody."""


class UnknownVisitError(StepError):
    """There is no such visit."""


class UnknownCounterError(StepError):
    """The site has no such counter."""


class ActionReusedError(StepError):
    """The action's id belongs to another action; reload the page."""


class NothingChosenError(StepError):
    """A form says nothing that could be done: no outcome, no time, no change."""
