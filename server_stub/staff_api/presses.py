"""What the staff API can be told to do: one body for each step, told apart by `step`."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    JsonValue,
    TypeAdapter,
)

from kiosk.contract.messages import Language, Name
from server_stub.staff_api import day_presses
from server_stub.staff_api.bodies import Body

MOST_PERSONS = 99
MOST_STAGES = 12
MOST_OUTCOMES = 20

NO_OTHER_NAMES: dict[str, JsonValue] = {"additionalProperties": False}
"""What pydantic forgets to say of a table whose keys are names."""

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _written_moment(said: Any) -> Any:  # noqa: ANN401  # anything may arrive here
    if said is not None and not (isinstance(said, str) and RFC_3339.fullmatch(said)):
        raise ValueError("a moment is written 2026-11-23T11:00:00Z")  # pydantic would count seconds
    return said


def _written_whole(said: Any) -> Any:  # noqa: ANN401  # as above
    if isinstance(said, (bool, str)):
        raise ValueError("a number is written without quotes")  # noqa: TRY004  # pydantic's way
    return said


WHOLE = BeforeValidator(_written_whole)
"""Whole numbers as JSON Schema has them: 3 and 3.0, but neither "3" nor true."""

Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_moment)]
Persons = Annotated[int, Field(strict=False, ge=0, le=MOST_PERSONS), WHOLE]
SomePersons = Annotated[int, Field(strict=False, ge=1, le=MOST_PERSONS), WHOLE]
MoreOrFewer = Annotated[int, Field(strict=False, ge=-MOST_PERSONS, le=MOST_PERSONS), WHOLE]
Counted = Annotated[int, Field(strict=False, ge=0, lt=2**31), WHOLE]
Version = Annotated[int, Field(strict=False, ge=1, lt=2**31), WHOLE]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$", description="128 random bits.")]
Stages = Annotated[tuple[Name, ...], Field(max_length=MOST_STAGES)]


class AtCounter(Body):
    """A press at a counter."""

    counter: Name


class WithVisit(Body):
    """A press beside a visit.

    A counter acts on the party that it has called. Whoever leads may act on any, with no counter.
    """

    counter: Name | None = Field(
        default=None, description="Where it is pressed; null for who works at no counter."
    )
    visit: UUID
    seen: Version = Field(description="The visit's version as it was shown to who acts.")


class CallNext(AtCounter):
    """Call the party that is next at the counter's stage."""

    step: Literal["call-next"]


class Call(AtCounter):
    """Call a chosen party, waiting or parked at the counter's stage."""

    step: Literal["call"]
    visit: UUID
    seen: Version


class Plain(WithVisit):
    """A step that says nothing more.

    `recall` calls again; `no-show` parks a party that did not come after three calls; `serve`
    notes that it came; `park` puts it back; `readmit` lets it wait again near the front;
    `forward` sends it on to the next stage of its route; `finish` ends the visit; `leave` notes
    that it has gone; `undo` takes back the last step.
    """

    step: Literal[
        "recall", "no-show", "serve", "park", "readmit", "forward", "finish", "leave", "undo"
    ]


class Outcome(WithVisit):
    """Note what the stage has achieved, and for how many persons."""

    step: Literal["outcome"]
    outcomes: dict[Name, SomePersons] = Field(
        min_length=1,
        max_length=MOST_OUTCOMES,
        description="Outcome of the site file to persons.",
        json_schema_extra=NO_OTHER_NAMES,
    )


class Reroute(WithVisit):
    """Let the party pass these stages after its present one: others are skipped."""

    step: Literal["reroute"]
    later: Stages


class Split(WithVisit):
    """Let some of the party go on by themselves, under a new number."""

    step: Literal["split"]
    adults: Persons
    children: Persons
    ticket_token: Token


class Merge(WithVisit):
    """Let the party go on with another one, and give up its number."""

    step: Literal["merge"]
    into: UUID
    into_seen: Version


class Priority(WithVisit):
    """Let the party be called before others, or not any more."""

    step: Literal["priority"]
    priority: bool


class Appointment(WithVisit):
    """Confirm the party's appointment, from whose time it waits; null takes it away."""

    step: Literal["appointment"]
    appointment_at: Moment | None


class Correct(WithVisit):
    """Set right what is stored of the visit; what is not named stays. For leads."""

    step: Literal["correct"]
    route: Stages | None = Field(default=None, min_length=1)
    stage: Name | None = Field(default=None, description="Where it waits again.")
    adults: Persons | None = None
    children: Persons | None = None
    outcomes: dict[Name, MoreOrFewer] = Field(
        default={},
        max_length=MOST_OUTCOMES,
        description="Persons to add; below 0 to take away.",
        json_schema_extra=NO_OTHER_NAMES,
    )


class ByHand(Body):
    """Give a number to a party that came to no kiosk; its visit has the id of the action."""

    step: Literal["by-hand"]
    counter: Name | None = None
    route: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_STAGES)]
    adults: Persons
    children: Persons
    language: Language | None = None
    priority: bool = False
    ticket_token: Token


class Stock(Body):
    """Note how many persons a lead has counted, such as those who are housed now. For leads."""

    step: Literal["stock"]
    counter: None = None
    figure: Name
    persons: Counted


StaffAction = Annotated[
    CallNext
    | Call
    | Plain
    | Outcome
    | Reroute
    | Split
    | Merge
    | Priority
    | Appointment
    | Correct
    | ByHand
    | Stock
    | day_presses.StopNumbers
    | day_presses.OpenDayAgain
    | day_presses.CloseDay
    | day_presses.ServedByHand
    | day_presses.TakeBackServedByHand,
    Field(discriminator="step"),
]

BODIES: tuple[type[Body], ...] = (
    *(CallNext, Call, Plain, Outcome, Reroute, Split, Merge),
    *(Priority, Appointment, Correct, ByHand, Stock),
    *day_presses.BODIES,
)

STAFF_ACTION: TypeAdapter[StaffAction] = TypeAdapter(StaffAction)

VISIT = {"visit": "01a20000-0000-7000-8000-000000000001", "seen": 2}
EXAMPLES: dict[str, dict[str, Any]] = {
    "call the next": {"step": "call-next", "counter": "1"},
    "call a chosen number": {"step": "call", "counter": "1", **VISIT},
    "send on": {"step": "forward", "counter": "1", **VISIT},
    "take back the last step": {"step": "undo", "counter": "1", **VISIT},
    "three permits issued": {
        "step": "outcome",
        "counter": "1",
        "outcomes": {"permit-issued": 3},
        **VISIT,
    },
    "only housing is left": {"step": "reroute", "counter": "1", "later": ["housing"], **VISIT},
    "one adult goes on alone": {
        "step": "split",
        "counter": "1",
        "adults": 1,
        "children": 0,
        "ticket_token": "AAAAAAAAAAAAAAAAAAAAAA",
        **VISIT,
    },
    "two go on as one": {
        "step": "merge",
        "counter": None,
        "into": "01a20000-0000-7000-8000-000000000002",
        "into_seen": 1,
        **VISIT,
    },
    "before others": {"step": "priority", "counter": "1", "priority": True, **VISIT},
    "has an appointment": {
        "step": "appointment",
        "counter": "1",
        "appointment_at": "2026-11-23T11:30:00Z",
        **VISIT,
    },
    "one permit too many": {"step": "correct", "outcomes": {"permit-issued": -1}, **VISIT},
    "a number by hand": {
        "step": "by-hand",
        "counter": "1",
        "route": ["information", "housing"],
        "adults": 2,
        "children": 1,
        "language": "uk",
        "ticket_token": "AAAAAAAAAAAAAAAAAAAAAA",
    },
    "persons housed now": {"step": "stock", "figure": "housed", "persons": 412},
    **day_presses.EXAMPLES,
}
"""One body of each kind, for the OpenAPI document."""


def schema() -> dict[str, Any]:
    """Return the schema of a body: one of all, told apart by `step`."""
    reference = "#/components/schemas/{model}"
    own = STAFF_ACTION.json_schema(ref_template=reference)
    own.pop("$defs")
    return own
