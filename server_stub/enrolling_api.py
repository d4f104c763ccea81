"""The enrolling API: the doors of contract v1 that need no token, by which kiosks get theirs."""

import logging
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, select
from starlette.responses import Response

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    Challenge,
    ChallengeRequest,
    Enrolled,
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentState,
    TokenAnswer,
    TokenRequest,
    fingerprint,
)
from kiosk.contract.messages import Message, Refusal
from server_stub import enrolment_requests, enrolment_tokens, tables
from server_stub.enrolment_requests import KEY_OF_ANOTHER, Asked
from server_stub.enrolment_rules import ANSWERED, TOKEN_LASTS, Verdict
from server_stub.kiosk_api import exact_body
from server_stub.page_store import look_at, room_of
from server_stub.refusals import (
    CodeLapsedError,
    CodeUnknownError,
    CodeUsedError,
    KeyUsedError,
    RefusedError,
    UnreadableError,
)

log = logging.getLogger(__name__)

M = TypeVar("M", EnrolmentRequest, ChallengeRequest, TokenRequest)

BODIES: tuple[type[BaseModel], ...] = (EnrolmentRequest, ChallengeRequest, TokenRequest)
"""The messages that kiosks send here."""

router = APIRouter(tags=["contract v1"])

REFUSALS: dict[str, tuple[type[RefusedError], str]] = {
    Verdict.UNKNOWN: (
        CodeUnknownError,
        "there is no such code: look again, or have a new one made",
    ),
    Verdict.LAPSED: (CodeLapsedError, "the code has lapsed: have a new one made"),
    Verdict.USED: (CodeUsedError, "another machine has used this code: have a new one made"),
    KEY_OF_ANOTHER: (KeyUsedError, "another enrolment has this key: make a new key"),
}
"""Why a kiosk may not ask, and what to do."""

SAID = {
    401: "The kiosk is unknown, or is revoked, or another key has signed. Final.",
    403: "The code, the key or what was signed is not, or no longer, good.",
    413: "The body is too large.",
    422: "It breaks the contract. Final.",
    429: "Too many came from there of late: Retry-After says for how many seconds.",
    503: "Nobody knows whether it is stored: try again.",
}


def _of(model: type[Message], answer: type[Message], good: str, *bad: int) -> dict[str, Any]:
    """Return what the OpenAPI document says of a door."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    answers: dict[int | str, dict[str, Any]] = {200: {"model": answer, "description": good}}
    for status in (*bad, 413, 422, 429, 503):
        answers[status] = {"model": Refusal, "description": SAID[status]}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"openapi_extra": {"requestBody": body}, "responses": answers}


Body = Annotated[bytes, Depends(exact_body)]


@router.post(
    paths.ENROLMENTS,
    **_of(EnrolmentRequest, EnrolmentAnswer, "How far the request is. Ask again until then.", 403),
)
async def post_enrolment(request: Request, body: Body) -> Response:
    """Ask to become a kiosk, with a code; to repeat it asks whether anyone has answered."""
    message = _read(EnrolmentRequest, body)
    site, now = room_of(request).site.id, request.app.state.settings.clock()
    asked = await look_at(
        request, partial(enrolment_requests.look_up, site=site, request=message, now=now)
    )
    if asked.verdict not in ANSWERED:
        asked = await request.app.state.writer.ask(
            partial(
                enrolment_requests.ask,
                site=site,
                request=message,
                address=_address(request),
                now=now,
            )
        )
        log.info("enrolment asked verdict=%s", asked.verdict)
    return _json(await _answer(request, message, asked))


async def _answer(request: Request, message: EnrolmentRequest, asked: Asked) -> EnrolmentAnswer:
    if asked.enrolment is None:
        refusal, why = REFUSALS[asked.verdict]
        raise refusal(why)
    return EnrolmentAnswer(
        state=EnrolmentState(asked.verdict),
        enrolment=asked.enrolment,
        fingerprint=fingerprint(message.public_key),
        enrolled=await _enrolled(request, asked) if asked.verdict is Verdict.APPROVED else None,
    )


async def _enrolled(request: Request, asked: Asked) -> Enrolled:
    room = room_of(request)
    answer = room.site_answer()

    def read(connection: Connection) -> Any:  # noqa: ANN401  # a row
        k, s = tables.kiosk.c, tables.site.c
        return connection.execute(
            select(k.name, k.letter, k.highest_sequence, s.store_id)
            .join_from(tables.kiosk, tables.site, s.id == k.site)
            .where(k.site == answer.site.id, k.enrolment == asked.enrolment)
        ).one()

    row = await look_at(request, read)
    return Enrolled(
        name=row.name,
        letter=row.letter,
        skip_numbers=answer.site.skip_numbers,
        site=answer.site.id,
        key_id=answer.key_id,
        public_key=answer.public_key,
        store_id=row.store_id,
        highest_sequence=row.highest_sequence,
    )


@router.post(
    paths.CHALLENGES,
    **_of(ChallengeRequest, Challenge, "Sign it within a minute. Whoever asks gets one."),
)
async def post_challenge(request: Request, body: Body) -> Response:
    """Get something to sign for a token."""
    message = _read(ChallengeRequest, body)
    nonce = enrolment_tokens.new_nonce()
    await request.app.state.writer.ask(
        partial(
            enrolment_tokens.give_nonce,
            site=room_of(request).site.id,
            enrolment=message.enrolment,
            nonce=nonce,
            address=_address(request),
            now=request.app.state.settings.clock(),
        )
    )
    return _json(Challenge(nonce=nonce))


@router.post(
    paths.TOKENS, **_of(TokenRequest, TokenAnswer, "Good from now on, for so long.", 401, 403)
)
async def post_token(request: Request, body: Body) -> Response:
    """Get a token for a signed challenge; those that the kiosk has stay as good as they are."""
    message = _read(TokenRequest, body)
    site, now = room_of(request).site.id, request.app.state.settings.clock()
    of = {"site": site, "request": message, "now": now}
    await look_at(request, partial(enrolment_tokens.check_signature, **of))
    token = await request.app.state.writer.ask(partial(enrolment_tokens.give_token, **of))
    log.info("token given enrolment=%s", message.enrolment)
    return _json(TokenAnswer(token=token, seconds=int(TOKEN_LASTS.total_seconds())))


def _read(model: type[M], body: bytes) -> M:
    """Return the message, or raise an UnreadableError that names fields, never values."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableError.naming_fields(model.__name__, error) from None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _json(message: Message) -> Response:
    return Response(
        message.to_bytes(), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )
