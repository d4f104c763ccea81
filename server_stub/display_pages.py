"""The call display: the wall that shows which number goes to which counter."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from kiosk.contract.site import Site, Stage
from server_stub import tables
from server_stub.device_tokens import token_sha256
from server_stub.live import Render, event_stream
from server_stub.page_rendering import render
from server_stub.page_texts import DEFAULT_LANGUAGE, catalogue
from server_stub.snapshot import Snapshot

router = APIRouter(include_in_schema=False)

COOKIE = "ankunft-display"
PATH = "/display"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep any cookie; each start of the display renews it."""

CHANNEL = "display"
CALLS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Call:
    """One call on the wall.

    Attributes:
        key: Different for every call, so that a number that is called again is shown anew.
        number: The party's number.
        counter: Where it goes.
        stage: The stage of that counter, whose landmark stands at the door.

    """

    key: str
    number: str
    counter: str
    stage: Stage | None


def calls_of(snapshot: Snapshot, site: Site) -> list[Call]:
    """Return the latest calls, newest first."""
    stages = {counter.id: site.stage(counter.stage) for counter in site.counters}
    return [
        Call(
            key=f"{visit.id}-{visit.called_at.timestamp():.6f}".replace(".", "-"),
            number=visit.number,
            counter=visit.counter,
            stage=stages.get(visit.counter),
        )
        for visit in snapshot.calls[:CALLS_SHOWN]
        if visit.counter and visit.called_at
    ]


def display_channels(site: Callable[[], Site]) -> dict[str, Render]:
    """Return the hub's channel of the call display."""
    return {CHANNEL: partial(_changes, site)}


def _changes(
    site: Callable[[], Site],
    now: Snapshot,
    touched: frozenset[UUID],
    before: Snapshot | None,
) -> str:
    """Render the board where a call was made since `before`."""
    del touched
    here = site()
    calls = calls_of(now, here)
    if before is not None and calls == calls_of(before, here):
        return ""
    return render("display_changes.html", DEFAULT_LANGUAGE, calls=calls, site=here)


@router.get("/display/enter")
async def enter(request: Request, token: str = "") -> Response:
    """Make this browser a call display: the address that `add-display` prints."""
    if not await _is_display(request, token):
        return _not_set_up(request)
    return _with_cookie(request, RedirectResponse("/display", 303), token)


@router.get("/display")
async def show_display(request: Request) -> Response:
    """Show the latest calls."""
    token = request.cookies.get(COOKIE, "")
    if not await _is_display(request, token):
        return _not_set_up(request)
    room = request.app.state.room
    snapshot = await room.snapshot()
    html = render(
        "display.html",
        DEFAULT_LANGUAGE,
        site=room.site,
        event_number=snapshot.event_number,
        calls=calls_of(snapshot, room.site),
    )
    return _with_cookie(request, HTMLResponse(html), token)


@router.get("/display/live")
async def follow(request: Request, after: int, edition: str) -> Response:
    """Send the board from event number `after` on, whenever it changes."""
    token = request.cookies.get(COOKIE, "")
    if not await _is_display(request, token):
        return PlainTextResponse("this display is not set up\n", 401)
    return event_stream(
        request,
        channel=CHANNEL,
        after=after,
        edition=edition,
        may_watch=partial(_is_display, request, token),
    )


async def _is_display(request: Request, token: str) -> bool:
    state, t = request.app.state, tables.display.c
    known = select(t.name).where(
        t.site == state.room.site.id, t.token_sha256 == token_sha256(token)
    )

    def read() -> bool:
        connection: Connection
        with state.engine.connect() as connection:
            return connection.execute(known).first() is not None

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
