"""The hall: the page by which a shift lead decides where people are needed.

Its live part is the board's; the page asks for it when the stream tells that something changed.
"""

from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server_stub import staff_notices
from server_stub.hall_board import HallBoard
from server_stub.help_calls import UnknownHelpCallError
from server_stub.last_queue import read_last_queue
from server_stub.page_rendering import part, render
from server_stub.page_store import room_of
from server_stub.page_texts import catalogue
from server_stub.queue_sheet import as_page
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

HALL = "/staff/hall"


@router.get(HALL)
async def show_hall(request: Request) -> Response:
    """Show the hall at a glance."""
    return await _page(request, await require(request, Right.LEAD))


@router.get(f"{HALL}/now")
async def show_now(request: Request) -> Response:
    """Send the live part, as it is for all who look at it in this language."""
    session = await require(request, Right.LEAD)
    state = request.app.state
    html = await _board(request).html(session.language, after=state.hub.number)
    return HTMLResponse(html)


@router.post(f"{HALL}/help")
async def answer_help(request: Request) -> Response:
    """Note that the shift lead goes to a help call; whoever was first goes.

    Only a lead's: an answer may be the whole hall. Others answer on the incoming page.
    """
    session = await require(request, Right.LEAD)
    texts, room = catalogue(session.language), room_of(request)
    try:
        help_call = UUID(str((await request.form()).get("help_call", "")))
        call = await room.acknowledge_help(help_call=help_call, staff=session.staff)
    except (UnknownHelpCallError, ValueError):
        return await _said(request, session, staff_notices.help_gone(texts), status=404)
    except TryAgainError:
        return await _said(request, session, staff_notices.try_again(texts), status=503)
    if not by_htmx(request):
        return RedirectResponse(HALL, 303)
    return await _said(request, session, staff_notices.help_answered(call, session.staff, texts))


@router.get(f"{HALL}/queue")
async def get_queue(request: Request) -> Response:
    """Send the queue as a file to print, one that needs no server to be read."""
    session = await require(request, Right.LEAD)
    site, now = room_of(request).site, request.app.state.settings.clock()

    def sheet() -> str:
        with request.app.state.engine.connect() as connection:
            queue = read_last_queue(connection, site, as_of=now)
        return as_page(queue, session.language)

    local = now.astimezone(ZoneInfo(site.time_zone))
    # As a file and not as a page: its style is in it, which no page of this server may have.
    kept = {"Content-Disposition": f'attachment; filename="queue-{local:%Y-%m-%d-%H%M}.html"'}
    return HTMLResponse(await run_in_threadpool(sheet), headers=kept)


async def _said(
    request: Request, session: StaffSession, notice: Notice, *, status: int = 200
) -> Response:
    """Answer with a notice: alone for htmx, else in the page."""
    if by_htmx(request):
        return HTMLResponse(part("notices.html", session.language, "notice")(notice), status)
    return await _page(request, session, said=notice, status=status)


async def _page(
    request: Request, session: StaffSession, *, said: Notice | None = None, status: int = 200
) -> Response:
    # What is stored when the page is asked for is in it, whatever the streams have heard.
    stored = (await room_of(request).snapshot()).event_number
    html = await _board(request).html(session.language, after=stored)
    page = render(
        "hall.html",
        session.language,
        shell=shell_of(request, session, here="hall"),
        event_number=stored,
        now=html,
        said=said,
    )
    return HTMLResponse(page, status)


def _board(request: Request) -> HallBoard:
    board: HallBoard = request.app.state.hall
    return board
