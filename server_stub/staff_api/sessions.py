"""Sessions of the staff API: logging in for a token, who is logged in, logging out."""

import math
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, ConfigDict, Field, SecretStr, StringConstraints, TypeAdapter
from starlette.responses import Response

from kiosk.contract.messages import Message, Name
from server_stub import staff_sessions
from server_stub.page_texts import DEFAULT_LANGUAGE
from server_stub.staff_api import paths
from server_stub.staff_api.bodies import read_body
from server_stub.staff_api.documenting import NOON, body_of, model_schema, refused, said
from server_stub.staff_api.door import Anyone, StaffApiRoute, Token
from server_stub.staff_api.refusals import TooManyAttemptsError, WrongPasswordError
from server_stub.staff_login import LONGEST_NAME, LONGEST_PASSWORD, begin_session, write_session
from server_stub.staff_login import WrongPasswordError as NobodysPasswordError
from server_stub.staff_sessions import SESSION_LENGTH, TooManyFailuresError

router = APIRouter(route_class=StaffApiRoute, tags=["sessions"])


class LogIn(Message):
    """Who wants to work."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    password: SecretStr = Field(min_length=1, max_length=LONGEST_PASSWORD)


class Session(Message):
    """Someone who is logged in."""

    staff: str
    role: str = Field(description="helper, counter, lead or admin: decides what is shown and done.")
    counter: Name | None = Field(description="Chosen on the staff page; null where none is.")


class NewSession(Message):
    """A session that has just begun. Its token is shown this once, and only its hash is stored."""

    token: str = Field(description="Send it with every request: `Authorization: Bearer …`.")
    until: AwareDatetime = Field(description="When the session ends by itself.")


SOMEBODY = Session(staff="anna", role="counter", counter="1")


@router.post(
    paths.SESSIONS,
    status_code=201,
    openapi_extra=body_of(
        model_schema(LogIn), {"somebody": {"name": "anna", "password": "Hafen-9-Lampe"}}
    )
    | {"security": []},
    responses={
        201: said(
            "Logged in.",
            NewSession,
            begun=NewSession(token="q0vFbC1XfO2m3nKpLr4sTu5vWx6yZ7aB8cD9eF0gH1I", until=NOON),  # noqa: S106  # a picture of one
        ),
        **refused(401, 403, 413, 422, 429),
    },
)
async def post_session(request: Request) -> Response:
    """Log in: a token for 12 hours.

    Five wrong passwords for one name from one address, and nothing is checked for a quarter of
    an hour.
    """
    who = await read_body(request, TypeAdapter(LogIn))
    now = request.app.state.settings.clock()
    try:
        begun = await begin_session(
            request,
            name=who.name.strip(),
            password=who.password.get_secret_value(),
            language=DEFAULT_LANGUAGE,
        )
    except TooManyFailuresError as error:
        raise TooManyAttemptsError(math.ceil((error.until - now).total_seconds())) from None
    except NobodysPasswordError:
        raise WrongPasswordError("name or password is wrong") from None
    answer = NewSession(token=begun.token, until=now + SESSION_LENGTH)
    return Response(answer.to_bytes(), 201, media_type="application/json")


@router.get(
    paths.THIS_SESSION,
    responses={200: said("Who is logged in.", Session, somebody=SOMEBODY), **refused(401)},
)
async def get_this_session(session: Anyone) -> Response:
    """Return who is logged in."""
    who = Session(staff=session.staff, role=session.role, counter=session.counter)
    return Response(who.to_bytes(), media_type="application/json")


@router.delete(
    paths.THIS_SESSION,
    status_code=204,
    responses={
        204: {"description": "Logged out: the token opens nothing any more."},
        **refused(401, 403),
    },
)
async def delete_this_session(request: Request, _session: Anyone, token: Token) -> Response:
    """Log out."""
    await write_session(request, partial(staff_sessions.log_out, token=token or ""))
    return Response(status_code=204)
