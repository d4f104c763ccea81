"""The incoming page: the list of check-ins as they come in, and help calls.

Every button is a form that works without script: then the whole page answers. With htmx only
what has changed answers, and the stream brings the rest.
"""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server_stub import staff_notices
from server_stub.help_calls import UnknownHelpCallError
from server_stub.incoming_filter import FINISHED, IncomingFilter, filter_of, tongues_of
from server_stub.needs import pictograms
from server_stub.page_rendering import part, render
from server_stub.page_store import room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_fragments import (
    counts_of,
    opens_to_helpers,
    ranks_of,
    silent_of,
)
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.writer import TryAgainError

EVERYONE = IncomingFilter()


router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get("/staff")
async def show_staff_page(  # what the page can be filtered by
    request: Request, show: str = "", language: str = "", need: str = "", find: str = ""
) -> Response:
    """Show who is here, newest first, as the filter wants it."""
    session = await require(request, Right.SEE_LIST)
    wanted = filter_of(room_of(request).site, show=show, language=language, need=need, find=find)
    return await _page(request, session, wanted=wanted)


@router.post("/staff/help")
async def answer_help(request: Request) -> Response:
    """Note that the member of staff goes to a help call; whoever was first goes."""
    session = await require(request, Right.ANSWER_HELP)
    texts = catalogue(session.language)
    try:
        help_call = UUID(str((await request.form()).get("help_call", "")))
        call = await room_of(request).acknowledge_help(help_call=help_call, staff=session.staff)
    except (UnknownHelpCallError, ValueError):
        return await _refused(request, session, staff_notices.help_gone(texts), status=404)
    except TryAgainError:
        return await _refused(request, session, staff_notices.try_again(texts), status=503)
    return await _answered(
        request, session, staff_notices.help_answered(call, session.staff, texts)
    )


async def _answered(request: Request, session: StaffSession, notice: Notice) -> Response:
    """Answer a press that was taken."""
    if by_htmx(request):
        return _fragment(session, notice)
    return RedirectResponse("/staff", 303)


async def _refused(
    request: Request, session: StaffSession, notice: Notice, *, status: int
) -> Response:
    """Answer a press that was not taken: with the present state, and what to do."""
    if by_htmx(request):
        return _fragment(session, notice, status=status)
    return await _page(request, session, said=notice, status=status)


def _fragment(session: StaffSession, notice: Notice, *, status: int = 200) -> Response:
    """Answer htmx: the notice; the stream brings the rest."""
    return HTMLResponse(part("notices.html", session.language, "notice")(notice), status)


async def _page(
    request: Request,
    session: StaffSession,
    *,
    wanted: IncomingFilter = EVERYONE,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    """Answer with the whole page."""
    room = room_of(request)
    snapshot = await room.snapshot()
    all_of_it = session.may(Right.SEE_VISITS)
    if not all_of_it:  # nor may a filter tell what the list does not
        wanted = IncomingFilter(language=wanted.language, find=wanted.find)
    finished = wanted.show == FINISHED
    visits = [visit for visit in snapshot.visits if visit.is_open != finished]
    html = await run_in_threadpool(  # long lists take a while
        render,
        "staff.html",
        session.language,
        shell=shell_of(request, session, here="incoming"),
        site=room.site,
        event_number=snapshot.event_number,
        all_of_it=all_of_it,
        wanted=wanted,
        visits=visits,
        ranks={} if all_of_it else ranks_of(visits, snapshot),
        opens=opens_to_helpers(room.site),
        icons=pictograms(room.site),
        tongues=tongues_of(room.site, language=session.language),
        help_calls=snapshot.help_calls,
        kiosks=snapshot.kiosks,
        silent=silent_of(snapshot.kiosks),
        counts=counts_of(snapshot, room.site),
        said=said,
    )
    return HTMLResponse(html, status)
