"""The failures: what a client is told when something goes wrong, and what the log is told.

To programs the answer is always a `Refusal`; elsewhere a sentence that a browser shows. Neither
a client nor the log ever gets the values that were at work.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server_stub.refusals import (
    NotNowError,
    RefusedError,
    UnknownError,
    UnreadableError,
    refusal_response,
)
from server_stub.store_failures import reason_of
from server_stub.writer import TryAgainError

log = logging.getLogger(__name__)

SPOKEN_BY_PROGRAMS = ("/v1", "/staff/v1")
"""Where the kiosks' contract and the staff API are; all else is for browsers."""

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

Handler = Callable[[Request, Exception], Awaitable[Response]]


def add_failure_handlers(
    app: FastAPI, *, page: Callable[[Request], Response | None] | None = None
) -> None:
    """Let the app answer every failure that routes raise.

    Args:
        app: Whose routes.
        page: Makes the page for an address where nothing is; None where a sentence will do.

    """
    for error, handler in FAILURE_HANDLERS.items():
        app.add_exception_handler(error, handler)
    if page:
        app.add_exception_handler(HTTPException, partial(_page_or_sentence, page))


async def _page_or_sentence(
    page: Callable[[Request], Response | None], request: Request, error: Exception
) -> Response:
    nothing = isinstance(error, HTTPException) and error.status_code == 404
    return (page(request) if nothing else None) or await _http_error(request, error)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, RefusedError):
        raise TypeError(type(error))
    return refusal_response(error)


async def _try_again(request: Request, error: Exception) -> Response:
    return _answer(request.scope, NotNowError(str(error)))


async def _database_failed(request: Request, error: Exception) -> Response:
    """Answer for what only reads: a database that is away or busy is back soon."""
    log.error("database failed route=%s reason=%s", _route(request.scope), reason_of(error))
    return _answer(request.scope, NotNowError("the database does not answer: try again"))


async def _bad_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    fields = sorted({".".join(str(part) for part in e["loc"]) for e in error.errors()})
    return _answer(request.scope, UnreadableError(f"cannot be read: {', '.join(fields)}"))


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    what = {404: "nothing is at this address", 405: f"no {request.method} at this address"}
    sentence = what.get(error.status_code, "the request cannot be answered")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods_at(request))
    return _answer(request.scope, UnknownError(sentence), status=error.status_code, headers=headers)


def _methods_at(request: Request) -> list[str]:
    """Return the methods that the address knows: Starlette tells those of one route only."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.router.routes
        )
    ]


async def _gone(request: Request, error: Exception) -> Response:
    del error
    log.info("client went away method=%s route=%s", request.method, _route(request.scope))
    return Response(status_code=400)  # nobody reads it


FAILURE_HANDLERS: Mapping[type[Exception], Handler] = {
    RefusedError: _refused,
    TryAgainError: _try_again,
    DBAPIError: _database_failed,
    PoolTimeoutError: _database_failed,
    RequestValidationError: _bad_request,
    HTTPException: _http_error,
    ClientDisconnect: _gone,
}
"""What is answered to each failure."""


class LastResort:
    """Answers 503 for what nobody expected, and logs where it happened."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; an exception ends here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noticing(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noticing)
        except Exception as error:  # noqa: BLE001  # the one place where all of them end
            # Not log.exception: the message of an exception may quote what a visitor entered.
            log.error("request failed %s", _where(scope, error))  # noqa: TRY400
            if not started:
                sorry = NotNowError("the server made a mistake: try again, then tell who runs it")
                await _answer(scope, sorry, status=500)(scope, receive, send)


def _where(scope: Scope, error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    at = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames))
    kind = type(error).__name__
    return f"method={scope['method']} route={_route(scope)} error={kind} at={at!r}"


def _route(scope: Scope) -> str:
    """Return the route's pattern: an address itself may hold a token."""
    return str(getattr(scope.get("route"), "path", "none"))


def _answer(
    scope: Scope,
    error: RefusedError,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    if scope["path"].startswith(SPOKEN_BY_PROGRAMS):
        answer = refusal_response(error, status=status)
    else:
        answer = PlainTextResponse(f"{error}\n", status or error.status)
    answer.headers.update(headers or {})
    return answer
