"""The door of the staff API: who asks, and what their role lets them see and do."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server_stub import staff_login, staff_sessions
from server_stub.kiosk_api import Room
from server_stub.origin import SAFE_METHODS
from server_stub.rights import Right
from server_stub.staff_api.refusals import (
    MayNotError,
    NotLoggedInError,
    NotNowError,
    StaffRefusedError,
    UnreadableError,
)
from server_stub.staff_sessions import StaffSession
from server_stub.writer import TryAgainError

T = TypeVar("T")


class StaffApiRoute(APIRoute):
    """A route of the staff API: whatever is not done is answered with a `StaffRefusal`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint, with the answers to its failures around it."""
        inside = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inside(request)
            except StaffRefusedError as error:
                return error.response()
            except RequestValidationError as error:
                return UnreadableError.of(error.errors(), inside=1).response()
            except TryAgainError as error:
                return NotNowError(str(error)).response()

        return handler


_bearer = HTTPBearer(
    scheme_name="session token",
    auto_error=False,
    description="The token of a session, from `POST /staff/v1/sessions`.",
)
_cookie = APIKeyCookie(
    name=staff_login.COOKIE,
    scheme_name="session cookie",
    auto_error=False,
    description="The cookie of the staff pages. A browser must send what changes something from "
    "a page of this very server: anything else is refused with 403.",
)


async def session_token(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> str | None:
    """Return the token that the request bears, in its header or else in its cookie."""
    return bearer.credentials if bearer else cookie


Token = Annotated[str | None, Depends(session_token)]


async def read(request: Request, query: Callable[[Connection], T]) -> T:
    """Return what a query finds, beside the event loop."""
    engine = request.app.state.engine

    def run() -> T:
        with engine.connect() as connection:
            return query(connection)

    return await run_in_threadpool(run)


async def anyone(request: Request, room: Room, token: Token) -> StaffSession:
    """Return who is logged in, or raise NotLoggedInError; the body has come as a whole then."""
    session = await _session(request, room.site.id, token)
    changes = request.method not in SAFE_METHODS
    if session and changes and await staff_login.comes_slowly(request.body()):
        session = await _session(request, room.site.id, token)
    if session is None:
        raise NotLoggedInError("log in first: POST name and password to /staff/v1/sessions")
    return session


async def _session(request: Request, site: str, token: str | None) -> StaffSession | None:
    if not token:
        return None
    now = request.app.state.settings.clock()
    return await read(request, partial(staff_sessions.session_of, site=site, token=token, now=now))


Anyone = Annotated[StaffSession, Depends(anyone)]
"""Whoever is logged in, helpers too."""


async def answerer(session: Anyone) -> StaffSession:
    """Return who is logged in where they may go to help calls, or raise MayNotError."""
    return _who_may(session, Right.ANSWER_HELP, "ask somebody of the staff")


Answerer = Annotated[StaffSession, Depends(answerer)]
"""Whoever may go to help calls: helpers too."""


async def caller(session: Anyone) -> StaffSession:
    """Return who is logged in where they may call numbers, or raise MayNotError."""
    return _who_may(session, Right.CALL, "ask somebody who works at a counter")


Caller = Annotated[StaffSession, Depends(caller)]
"""Whoever may call numbers, and so see all of a visit."""


async def lead(session: Caller) -> StaffSession:
    """Return who is logged in where they lead, or raise MayNotError."""
    return _who_may(session, Right.LEAD, "ask the shift lead")


Lead = Annotated[StaffSession, Depends(lead)]
"""Whoever leads: closes days, corrects what was recorded, reads figures."""


def _who_may(session: StaffSession, right: Right, next_step: str) -> StaffSession:
    if not session.may(right):
        raise MayNotError(f"a {session.role} may not: {next_step}")
    return session
