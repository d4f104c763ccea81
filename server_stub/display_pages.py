"""The call display: the wall that shows which number goes to which counter, and says it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from kiosk.contract.messages import Number
from kiosk.contract.site import Site
from server_stub import tables
from server_stub.call_sounds import CallSounds
from server_stub.call_texts import call_texts, languages_of_call
from server_stub.device_tokens import token_sha256
from server_stub.live import Render, event_stream
from server_stub.page_rendering import render
from server_stub.page_texts import DEFAULT_LANGUAGE, catalogue
from server_stub.snapshot import Snapshot
from server_stub.wall_calls import Call, calls_of

router = APIRouter(include_in_schema=False)

COOKIE = "ankunft-display"
PATH = "/display"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep any cookie; each start of the display renews it."""

CHANNEL = "display"


@dataclass(frozen=True, slots=True)
class Display:
    """A call display that was added.

    Attributes:
        name: Its name.
        stages: Whose calls it shows, a space between; empty for all.
        look: ``"light"``, ``"dark"``, or ``"auto"`` for what its browser is set to.

    """

    name: str
    stages: str
    look: str


def display_channels(site: Callable[[], Site]) -> dict[str, Render]:
    """Return the hub's channel of the call displays: one for all, each picks its own calls."""
    return {CHANNEL: partial(_changes, site)}


def _changes(
    site: Callable[[], Site],
    now: Snapshot,
    touched: frozenset[UUID],
    before: Snapshot | None,
) -> str:
    """Render all calls that stand, where they are others than `before`."""
    del touched
    if before is not None and now.calls is before.calls:
        return ""
    here = site()
    calls = calls_of(now, here)
    if before is not None and calls == calls_of(before, here):
        return ""
    return _calls(calls)


def _calls(calls: list[Call]) -> str:
    return render(
        "display_calls.html",
        DEFAULT_LANGUAGE,
        calls=calls,
        texts=call_texts(),
        languages_of=languages_of_call,
    )


@router.get("/display/enter")
async def enter(request: Request, token: str = "") -> Response:
    """Make this browser a call display: the address that `add-display` prints."""
    if not await _display(request, token):
        return _not_set_up(request)
    return _with_cookie(request, RedirectResponse("/display", 303), token)


@router.get("/display")
async def show_display(request: Request) -> Response:
    """Show the latest calls."""
    token = request.cookies.get(COOKIE, "")
    display = await _display(request, token)
    if not display:
        return _not_set_up(request)
    room = request.app.state.room
    sounds: CallSounds = request.app.state.call_sounds
    snapshot = await room.snapshot()
    html = render(
        "display.html",
        DEFAULT_LANGUAGE,
        site=room.site,
        display=display,
        event_number=snapshot.event_number,
        calls=_calls(calls_of(snapshot, room.site)),
        voice_fault=sounds.fault(),
    )
    return _with_cookie(request, HTMLResponse(html), token)


@router.get("/display/live")
async def follow(request: Request, after: int, edition: str) -> Response:
    """Send the calls from event number `after` on, whenever they change."""
    token = request.cookies.get(COOKIE, "")
    if not await _display(request, token):
        return PlainTextResponse("this display is not set up\n", 401)
    return event_stream(
        request,
        channel=CHANNEL,
        after=after,
        edition=edition,
        may_watch=partial(_may_watch, request, token),
    )


@router.get("/display/sounds/{language}/{number}/{counter}.wav")
async def say(
    request: Request, language: str, number: Annotated[Number, Path()], counter: str
) -> Response:
    """Send what is said when a number is called to a counter; 404 where nothing can be said."""
    if not await _display(request, request.cookies.get(COOKIE, "")):
        return PlainTextResponse("this display is not set up\n", 401)
    site: Site = request.app.state.room.site
    if language not in call_texts() or counter not in {c.id for c in site.counters}:
        return PlainTextResponse("nothing is said of that\n", 404)
    sounds: CallSounds = request.app.state.call_sounds
    wav = await sounds.said(number, counter, language=language)
    if wav is None:
        return PlainTextResponse("the server has no voice\n", 404)
    return Response(wav, media_type="audio/wav")


async def _may_watch(request: Request, token: str) -> bool:
    return await _display(request, token) is not None


async def _display(request: Request, token: str) -> Display | None:
    state, t = request.app.state, tables.display.c
    known = select(t.name, t.stages, t.look).where(
        t.site == state.room.site.id, t.token_sha256 == token_sha256(token)
    )

    def read() -> Display | None:
        connection: Connection
        with state.engine.connect() as connection:
            row = connection.execute(known).first()
        return Display(row.name, row.stages, row.look) if row else None

    return await run_in_threadpool(read)


def _with_cookie(request: Request, answer: Response, token: str) -> Response:
    answer.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_SECONDS,
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def _not_set_up(request: Request) -> Response:
    _ = catalogue(DEFAULT_LANGUAGE).gettext
    html = render(
        "problem.html",
        DEFAULT_LANGUAGE,
        site_name=request.app.state.room.site.name,
        what=_("This display is not set up."),
        next_step=_("Open the address that was printed when the display was added."),
        way="",
        way_name="",
    )
    return HTMLResponse(html, 403)
