"""What a lead tells the staff API to do with a service day, and with numbers served by hand."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kiosk.contract.messages import Number
from server_stub.staff_api.bodies import Body, Day

MOST_VISITS = 200
"""That one body names; more are meant by `rest`."""

End = Literal["carry-over", "leave"]


class Settled(Body):
    """What becomes of one open visit."""

    visit: UUID
    end: End


class DayPress(Body):
    """A press of a lead that is about no single visit."""

    counter: None = None


class OfDay(DayPress):
    """A press for a service day. For leads."""

    day: Annotated[Day, Field(strict=False)]  # it comes as text


class StopNumbers(OfDay):
    """Let kiosks give out no more numbers until the next service day. For leads."""

    step: Literal["stop-numbers"]


class OpenDayAgain(OfDay):
    """Take back that the present day is closing or closed. For leads."""

    step: Literal["open-day-again"]


class CloseDay(OfDay):
    """Close a day whose numbers were stopped, and settle each visit that is still open. For leads.

    A visit that is carried over keeps its number and is called first for 48 hours.
    """

    step: Literal["close-day"]
    rest: End | None = Field(
        default=None,
        description="What becomes of the open visits that `each` does not name; null where it "
        "must name all of them.",
    )
    each: tuple[Settled, ...] = Field(
        default=(), max_length=MOST_VISITS, description="Of one that is named twice the last."
    )


class ServedByHand(DayPress):
    """Finish a range of a kiosk's numbers that were served during an outage. For leads.

    Check-ins of these numbers that come later are finished too.
    """

    step: Literal["served-by-hand"]
    first: Number
    last: Number = Field(description="Of the same kiosk. It is in the range.")


class TakeBackServedByHand(DayPress):
    """Open again what a range has finished, until one of its days is closed. For leads."""

    step: Literal["take-back-served-by-hand"]
    marked: UUID = Field(description="The id of the action that marked the range.")


BODIES: tuple[type[Body], ...] = (
    *(StopNumbers, OpenDayAgain, CloseDay),
    *(ServedByHand, TakeBackServedByHand),
)

DAY = {"day": "2026-11-23"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "no more numbers today": {"step": "stop-numbers", **DAY},
    "numbers again": {"step": "open-day-again", **DAY},
    "all go on tomorrow": {"step": "close-day", "rest": "carry-over", **DAY},
    "one has left": {
        "step": "close-day",
        "rest": "carry-over",
        "each": [{"visit": "01a20000-0000-7000-8000-000000000001", "end": "leave"}],
        **DAY,
    },
    "served during the outage": {"step": "served-by-hand", "first": "D214", "last": "D260"},
    "a range too many": {
        "step": "take-back-served-by-hand",
        "marked": "01a20000-0000-7000-8000-00000000000a",
    },
}
"""One body of each kind, for the OpenAPI document."""
