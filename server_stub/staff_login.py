"""Logging in and out: the door of the staff pages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Annotated, NamedTuple, TypeVar

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server_stub import known_browsers, staff_sessions
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES, catalogue, preferred_language
from server_stub.passwords import PasswordChecker
from server_stub.staff_notices import Notice, session_over, too_many_failures, wrong_password
from server_stub.staff_sessions import StaffSession, TooManyFailuresError

log = logging.getLogger(__name__)

T = TypeVar("T")

router = APIRouter(include_in_schema=False)

COOKIE = "ankunft-staff"
PATH = "/staff"
LONGEST_NAME = 60
LONGEST_PASSWORD = 200
"""Characters; argon2 would take any number, and time for it."""

SLOWLY = 1.0
"""Seconds that a body may take, and nobody asks again who sends it: whoever is shut out within them
was faster, as where the body was here at once."""


class LoginNeededError(Exception):
    """Nobody is logged in.

    Attributes:
        was_logged_in: The browser holds a session that is over, or was ended elsewhere.

    """

    def __init__(self, *, was_logged_in: bool) -> None:
        self.was_logged_in = was_logged_in
        super().__init__("log in first")


class WrongPasswordError(Exception):
    """Nobody has this name and this password; which of them is wrong is not said."""


class Begun(NamedTuple):
    """A session that has just begun.

    Attributes:
        token: Of the session; only its hash is stored.
        password_hash: Against which the password was found right.

    """

    token: str
    password_hash: str


def within_staff(path: str) -> str:
    """Return the path where it leads to a staff page of this server, else the first of them.

    What a browser sends back may have been made by anybody.
    """
    leads_there = path.startswith(("/staff/", "/staff?")) and "//" not in path and "\\" not in path
    return path if leads_there else PATH


async def comes_slowly(body: Awaitable[object]) -> bool:
    """Wait for the body of a request; tell whether its sender may have been shut out meanwhile.

    It may take two minutes. Nearly all are here already, and nobody is asked for twice.
    """
    began = monotonic()
    await body
    return monotonic() - began > SLOWLY


async def require_staff(request: Request) -> StaffSession:
    """Return who is logged in, or raise LoginNeededError."""
    token = request.cookies.get(COOKIE)
    session = await _session(request, token) if token else None
    if session is None:
        raise LoginNeededError(was_logged_in=token is not None)
    return session


async def _session(request: Request, token: str) -> StaffSession | None:
    state = request.app.state

    def read() -> StaffSession | None:
        with state.engine.connect() as connection:
            return staff_sessions.session_of(
                connection, state.room.site.id, token=token, now=state.settings.clock()
            )

    return await run_in_threadpool(read)


@router.get("/staff/login")
async def show_login(
    request: Request, language: str | None = None, reason: str = "", back: str = PATH
) -> Response:
    """Show the form, in the language asked for or preferred by the browser."""
    chosen = language if language in LANGUAGES else _browser_language(request)
    over = session_over(catalogue(chosen)) if reason == "over" else None
    return _form(request, chosen, back=back, trouble=over)


@router.post("/staff/login")
async def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    password: Annotated[str, Form(max_length=LONGEST_PASSWORD)] = "",
    language: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = PATH,
) -> Response:
    """Begin a session and go on to a page; else show the form again, and what is wrong."""
    chosen = language if language in LANGUAGES else _browser_language(request)
    texts, site = catalogue(chosen), request.app.state.room.site
    name = name.strip()
    known = request.cookies.get(known_browsers.COOKIE, "")
    try:
        begun = await begin_session(
            request,
            name=name,
            password=password,
            language=chosen,
            replaces=request.cookies.get(COOKIE),
            known=known,
        )
    except TooManyFailuresError as error:
        trouble = too_many_failures(error, site, texts)
        return _form(request, chosen, name=name, back=back, trouble=trouble, status=429)
    except WrongPasswordError:
        trouble = wrong_password(texts)
        return _form(request, chosen, name=name, back=back, trouble=trouble, status=403)
    answer = RedirectResponse(within_staff(back), 303)
    answer.set_cookie(
        COOKIE,
        begun.token,
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    # This browser counts for itself from now on where somebody mistypes this name's password.
    answer.set_cookie(
        known_browsers.COOKIE,
        known_browsers.remembered(known, name=name, password_hash=begun.password_hash),
        path=known_browsers.PATH,
        max_age=known_browsers.KEPT_SECONDS,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


async def begin_session(  # what a session is made of
    request: Request,
    *,
    name: str,
    password: str,
    language: str,
    replaces: str | None = None,
    known: str = "",
) -> Begun:
    """Log someone in and return the session; the one that it replaces ends.

    Args:
        request: Of whoever wants to log in.
        name: As it was entered.
        password: The same.
        language: In which they want to read the pages.
        replaces: The token of the session that the browser holds.
        known: What the browser keeps of `known_browsers`.

    Raises:
        TooManyFailuresError: This name had its attempts from this address or in this browser.
        WrongPasswordError: Nobody has this name and password; or not any more, for to check a
            password takes a while.

    """
    address = request.client.host if request.client else ""
    clock: Callable[[], datetime] = request.app.state.settings.clock
    now = clock()
    if not name.isprintable():  # nobody's name, and not every database could store it
        raise WrongPasswordError
    password_hash = await _password_hash(request, name)
    browser = known_browsers.known_as(known, name=name, password_hash=password_hash)
    attempt = partial(
        staff_sessions.count_attempt, name=name, address=address, now=now, browser=browser
    )
    await write_session(request, attempt)
    checker: PasswordChecker = request.app.state.passwords
    is_right = await checker.is_right(password, password_hash)
    if password_hash is None or not is_right:
        log.warning("login failed address=%s", address)
        raise WrongPasswordError

    def begin(connection: Connection, site: str) -> str:
        may_begin = staff_sessions.may_begin(
            connection, site, name=name, password_hash=password_hash, since=now, now=clock()
        )
        if not may_begin:
            raise WrongPasswordError
        return staff_sessions.log_in(
            connection,
            site,
            name=name,
            address=address,
            language=language,
            now=now,
            replaces=replaces,
            browser=browser,
        )

    return Begun(await write_session(request, begin), password_hash)


@router.post("/staff/logout")
async def log_out(request: Request) -> Response:
    """End the session and show the form."""
    token = request.cookies.get(COOKIE)
    if token:
        await write_session(request, partial(staff_sessions.log_out, token=token))
    answer = RedirectResponse("/staff/login", 303)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


async def _password_hash(request: Request, name: str) -> str | None:
    """Return the hash of who may log in by this name; None for nobody."""
    state = request.app.state

    def read() -> str | None:
        with state.engine.connect() as connection:
            return staff_sessions.password_hash_of(connection, state.room.site.id, name=name)

    return await run_in_threadpool(read)


async def write_session(request: Request, command: Callable[[Connection, str], T]) -> T:
    """Change the sessions of the site durably, and return what the command returned."""
    state = request.app.state
    site: str = state.room.site.id
    return await asyncio.wrap_future(state.writer.submit(lambda c: command(c, site)))


def _browser_language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"))


def _form(  # what a form holds
    request: Request,
    language: str,
    *,
    name: str = "",
    back: str = PATH,
    trouble: Notice | None = None,
    status: int = 200,
) -> Response:
    site = request.app.state.room.site
    html = render(
        "login.html", language, site=site, name=name, back=within_staff(back), trouble=trouble
    )
    return HTMLResponse(html, status)
