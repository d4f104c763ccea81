"""What the OpenAPI document says of each route: bodies and answers, every one with an example."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from kiosk.contract.messages import Message
from server_stub.staff_api.refusals import FieldTrouble, LastStep, StaffCode, StaffRefusal

Answers = dict[int | str, dict[str, Any]]

Example = Message | dict[str, Any]

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
VISIT = UUID("01a20000-0000-7000-8000-000000000001")
ACTION = UUID("01a20000-0000-7000-8000-00000000000a")

REFUSALS: dict[int, tuple[str, dict[str, StaffRefusal]]] = {
    401: (
        "Nobody is logged in, or the session is over: log in.",
        {
            "not logged in": StaffRefusal(
                code=StaffCode.NOT_LOGGED_IN,
                message="log in first: POST name and password to /staff/v1/sessions",
            )
        },
    ),
    403: (
        "The role does not allow it; or a browser sent it from a page of another server.",
        {"no right": StaffRefusal(code=StaffCode.MAY_NOT, message="only a lead may: ask one")},
    ),
    404: (
        "There is no such thing at this site.",
        {"unknown": StaffRefusal(code=StaffCode.UNKNOWN, message="there is no such visit")},
    ),
    409: (
        "Not done, nothing has changed: `stale` says who was faster, `not-possible` what would be.",
        {
            "stale": StaffRefusal(
                code=StaffCode.STALE,
                message="D214 has changed: call by anna at counter 1",
                last_step=LastStep(staff="anna", step="call", counter="1", at=NOON),
                visit=VISIT,
            ),
            "not possible": StaffRefusal(
                code=StaffCode.NOT_POSSIBLE,
                message="D214 is waiting: cannot recall it",
                reason="illegal-step",
                state="waiting",
                steps=("call", "leave"),
                visit=VISIT,
            ),
            "action reused": StaffRefusal(
                code=StaffCode.ACTION_REUSED,
                message="this id belongs to another action: take a new one",
            ),
        },
    ),
    410: (
        "What came after that event is not kept any more, or it never was: load everything anew.",
        {"pruned": StaffRefusal(code=StaffCode.PRUNED, message="load everything anew")},
    ),
    413: (
        "The body is larger than 64 KiB.",
        {
            "too large": StaffRefusal(
                code=StaffCode.TOO_LARGE,
                message="the body is too large: at most 65536 bytes are taken",
            )
        },
    ),
    422: (
        "It cannot be read: `fields` names what is wrong, never a value.",
        {
            "unreadable": StaffRefusal(
                code=StaffCode.UNREADABLE,
                message="cannot be read: counter (missing)",
                fields=(FieldTrouble(field="counter", needs="missing"),),
            )
        },
    ),
    429: (
        "Too many wrong passwords: wait as long as `Retry-After` says.",
        {
            "too many": StaffRefusal(
                code=StaffCode.TOO_MANY,
                message="too many wrong passwords: try again in 840 seconds",
            )
        },
    ),
    503: (
        "The database is away. Whether a change is stored nobody knows: send it again, it is safe.",
        {
            "try again": StaffRefusal(
                code=StaffCode.TRY_AGAIN, message="the change may not be stored: try again"
            )
        },
    ),
}


def body_of(schema: Mapping[str, Any], examples: Mapping[str, Example]) -> dict[str, Any]:
    """Return what a route says of its body, for `openapi_extra`."""
    content = {"schema": schema, "examples": _shown(examples)}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def model_schema(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference to a model's schema in the document."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def said(description: str, model: Any, **examples: Example) -> dict[str, Any]:  # noqa: ANN401  # a type, or one of several
    """Return what a route says of an answer that is no refusal."""
    return {
        "model": model,
        "description": description,
        "content": {"application/json": {"examples": _shown(examples)}},
    }


def refused(*statuses: int) -> Answers:
    """Return what a route says of its refusals; that the database is away, any of them may say."""
    answers: Answers = {}
    for status in (*statuses, 503):
        description, examples = REFUSALS[status]
        content: dict[str, Any] = {"application/json": {"examples": _shown(examples)}}
        answers[status] = {"model": StaffRefusal, "description": description, "content": content}
    if 403 in answers:
        answers[403]["content"]["text/plain"] = {"schema": {"type": "string"}}
    return answers


def _shown(examples: Mapping[str, Example]) -> dict[str, dict[str, Any]]:
    return {
        name.replace("_", " "): {
            "value": said.model_dump(mode="json", by_alias=True)
            if isinstance(said, Message)
            else said
        }
        for name, said in examples.items()
    }
