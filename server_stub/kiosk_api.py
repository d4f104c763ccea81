"""The kiosk API: contract v1 over HTTP, the only door for kiosks.

Bodies are read as bytes and not by FastAPI: the exact bytes are what is hashed and stored, and
nobody's body is parsed before their token is known.
"""

import logging
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    Heartbeat,
    HeartbeatAnswer,
    HelpCall,
    HelpCallAnswer,
    Message,
    Receipt,
    Refusal,
    SlipOutcome,
    SlipReceipt,
)
from kiosk.contract.site import SiteAnswer
from server_stub.arrival import age_in_seconds
from server_stub.device_tokens import Device
from server_stub.refusals import NotEnrolledError, NotYoursError, UnreadableError
from server_stub.waiting_room import WaitingRoom

log = logging.getLogger(__name__)

M = TypeVar("M", HelpCall, SlipOutcome, Heartbeat)

BODIES: tuple[type[BaseModel], ...] = (CheckIn, HelpCall, SlipOutcome, Heartbeat)
"""The messages that kiosks send."""

router = APIRouter(tags=["contract v1"])

Age = Annotated[
    str | None,
    Header(
        alias=paths.AGE_HEADER,
        description="Seconds since the message was made, by the kiosk's monotonic clock.",
    ),
]


Answers = dict[int | str, dict[str, Any]]

SAID = {
    200: "It was stored already: nothing has changed.",
    201: "It is stored, durably.",
    401: "The token is none of an enrolled kiosk, or has expired.",
    403: "It speaks for another kiosk, or brings a number of another series.",
    409: "Another message is stored under this id. Final.",
    413: "The body is too large.",
    422: "It breaks the contract. Final.",
    503: "Nobody knows whether it is stored: try again.",
}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _answers(*good: int, model: type[BaseModel], bad: tuple[int, ...] = ()) -> Answers:
    """Return what a route may answer, for the OpenAPI document."""
    answers: Answers = {}
    for status in good:
        answers[status] = {"model": model, "description": SAID[status]}
    for status in (401, *bad):
        answers[status] = {"model": Refusal, "description": SAID[status]}
    return answers


async def the_room(request: Request) -> WaitingRoom:
    """Return the waiting room of the app that serves the request."""
    room = request.app.state.room
    if not isinstance(room, WaitingRoom):
        raise TypeError("the app has not started")
    return room


Room = Annotated[WaitingRoom, Depends(the_room)]

bearer = HTTPBearer(auto_error=False, description="The token that the kiosk got when enrolled.")
"""Reads the token of a request."""


async def delivering_device(
    room: Room, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Device:
    """Return the kiosk whose token the request bears, or raise NotEnrolledError.

    It may be retired: then it delivers what it made, and may do nothing else.
    """
    return await device_of_token(room, credentials.credentials if credentials else None)


async def device_of_token(room: WaitingRoom, token: str | None) -> Device:
    """Return the kiosk whose token it is, in use or retired.

    Raises:
        NotEnrolledError: It is none of an enrolled kiosk.
        TokenExpiredError: It was.

    """
    device = await room.device(token=token) if token else None
    if device is None:
        raise NotEnrolledError("the token is none of an enrolled kiosk: enrol it again")
    return device


Delivering = Annotated[Device, Depends(delivering_device)]


async def enrolled_device(device: Delivering) -> Device:
    """Return the kiosk whose token the request bears, or raise NotEnrolledError."""
    if device.retired:
        raise NotEnrolledError("this kiosk is retired: it may only deliver what it has made")
    return device


Enrolled = Annotated[Device, Depends(enrolled_device)]


async def exact_body(request: Request) -> bytes:
    """Return the body as it was sent; raise ClientDisconnect where it does not come whole.

    As `Request.body`, without its stream of chunks, which costs more than to read the message.
    """
    pieces = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


Body = Annotated[bytes, Depends(exact_body)]


@router.get(
    paths.SITE,
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": "If-None-Match",
                "description": "The ETag of the site that the kiosk has.",
                "schema": {"type": "string"},
            }
        ]
    },
    responses={
        200: {"model": SiteAnswer, "description": "The site in force and the key to seal to."},
        304: {"description": "The version named in If-None-Match is still in force."},
        401: _answers(model=Refusal)[401],
    },
)
async def get_site(request: Request, room: Room, _device: Enrolled) -> Response:
    """Return the site in force and the key to seal to, with the versions of both as ETag."""
    answer = room.site_answer()
    etag = f'"{answer.version}.{answer.key_id}"'
    known = request.headers.get("If-None-Match", "").split(",")
    if etag in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers={"ETag": etag})
    return _json(answer, 200, headers={"ETag": etag})


@router.put(
    f"{paths.CHECK_INS}/{{check_in_id}}",
    openapi_extra=_body(CheckIn),
    responses=_answers(201, 200, model=Receipt, bad=(403, 409, 413, 422, 503)),
)
async def put_check_in(
    check_in_id: UUID, room: Room, device: Delivering, body: Body, age: Age = None
) -> Response:
    """Admit a party.

    Safe to repeat with the same bytes. Whatever is sealed inside, a readable envelope is
    admitted: only the envelope can be refused.
    """
    admission = await room.admit(body, device=device, age=age_in_seconds(age), path_id=check_in_id)
    return _json(admission.receipt, 201 if admission.first else 200)


@router.put(
    f"{paths.HELP_CALLS}/{{help_call_id}}",
    openapi_extra=_body(HelpCall),
    responses=_answers(201, 200, model=HelpCallAnswer, bad=(403, 413, 422, 503)),
)
async def put_help_call(
    help_call_id: UUID, request: Request, room: Room, device: Enrolled, age: Age = None
) -> Response:
    """Call for help; to repeat it asks whether anyone has answered."""
    help_call = await _read(HelpCall, request, device=device, path_id=help_call_id)
    state, first = await room.call_for_help(help_call, age=age_in_seconds(age))
    if first:
        log.info("help called kiosk=%s kind=%s id=%s", device.name, help_call.kind, help_call.id)
    return _json(HelpCallAnswer(id=help_call.id, state=state), 201 if first else 200)


@router.put(
    f"{paths.SLIPS}/{{check_in_id}}",
    openapi_extra=_body(SlipOutcome),
    responses=_answers(201, 200, model=SlipReceipt, bad=(403, 413, 422, 503)),
)
async def put_slip(check_in_id: UUID, request: Request, room: Room, device: Delivering) -> Response:
    """Store what became of a slip; the highest revision wins, whichever comes last."""
    slip = await _read(SlipOutcome, request, device=device, path_id=check_in_id)
    revision, first = await room.note_slip(slip)
    return _json(SlipReceipt(id=slip.id, revision=revision), 201 if first else 200)


@router.post(
    paths.HEARTBEATS,
    openapi_extra=_body(Heartbeat),
    responses={
        200: {"model": HeartbeatAnswer, "description": "What the kiosk should know."},
        **_answers(model=Refusal, bad=(403, 413, 422, 503)),
    },
)
async def post_heartbeat(request: Request, room: Room, device: Enrolled) -> Response:
    """Take a kiosk's report; answer with waits, and with what the store is missing."""
    heartbeat = await _read(Heartbeat, request, device=device)
    return _json(await room.hear(heartbeat, device=device), 200)


async def _read(
    model: type[M], request: Request, *, device: Device, path_id: UUID | None = None
) -> M:
    """Return the request's message, or raise a RefusedError that names fields, never values."""
    kind = model.__name__
    try:
        message = model.model_validate_json(await request.body())
    except ValidationError as error:
        raise UnreadableError.naming_fields(kind, error) from None
    if path_id is not None and getattr(message, "id", None) != path_id:
        raise UnreadableError(f"{kind}: its id is not the one in the path")
    if message.kiosk != device.name:
        raise NotYoursError(f"{kind}: made by another kiosk than {device.name}, whose token it is")
    return message


def _json(
    message: Message | SiteAnswer, status: int, *, headers: dict[str, str] | None = None
) -> Response:
    return Response(message.to_bytes(), status, headers=headers, media_type="application/json")
