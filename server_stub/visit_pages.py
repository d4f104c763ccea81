"""The page of one visit: a check-in in full, as whoever opens it may see it.

With htmx it stands beside the list; without script it is a page. Every opening is noted in the
audit log before anything is shown.
"""

from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from server_stub import audit, staff_notices
from server_stub.audit_trail import VISIT_OPENED
from server_stub.needs import pictograms
from server_stub.opened_answers import OpenedAnswers, open_answers
from server_stub.page_rendering import part, render
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import MayNotError, StaffRoute, by_htmx, require, shell_of
from server_stub.staff_fragments import opens_to_helpers
from server_stub.staff_login import write_session
from server_stub.staff_sessions import StaffSession
from server_stub.visit_in_full import VisitInFull, read_body, read_in_full

T = TypeVar("T")

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit, and what its reader gets of the answers."""

    full: VisitInFull
    answers: OpenedAnswers


@router.get("/staff/visits/{visit_id}")
async def show_visit(visit_id: UUID, request: Request) -> Response:
    """Show a visit in full; a helper gets what the site file lets helpers read, if anything."""
    session = await require(request, Right.SEE_LIST)
    if not session.may(Right.SEE_VISITS) and not opens_to_helpers(request.app.state.room.site):
        raise MayNotError(session)
    opened = await _open(request, session, visit_id)
    if opened is None:
        return _not_here(request, session)
    await write_session(
        request,
        partial(
            audit.note,
            staff=session.staff,
            act=VISIT_OPENED,
            about=str(visit_id),
            detail=" ".join(opened.answers.entered) or None,  # the questions, not the answers
            now=request.app.state.settings.clock(),
        ),
    )
    site = request.app.state.room.site
    what = {
        "site": site,
        "full": opened.full,
        "answers": opened.answers,
        "all_of_it": session.may(Right.SEE_VISITS),
        "icons": pictograms(site),
    }
    if by_htmx(request):
        return HTMLResponse(part("visit_parts.html", session.language, "panel")(**what))
    shell = shell_of(request, session, here="incoming")
    return HTMLResponse(render("visit.html", session.language, shell=shell, **what))


@router.get("/staff/visits/{visit_id}/progress")
async def show_progress(visit_id: UUID, request: Request) -> Response:
    """Show how the visit stands now, to a panel that shows the rest of it already."""
    session = await require(request, Right.SEE_VISITS)
    site = request.app.state.room.site
    full = await look_at(request, partial(read_in_full, site=site.id, visit=visit_id))
    if full is None:
        return _not_here(request, session)
    progress = part("visit_parts.html", session.language, "progress")
    return HTMLResponse(progress(full, site, pictograms(site)))


async def _open(request: Request, session: StaffSession, visit_id: UUID) -> Opened | None:
    state = request.app.state
    site = state.room.site

    def read(connection: Connection) -> Opened | None:
        full = read_in_full(connection, site.id, visit=visit_id)
        if full is None:
            return None
        answers = open_answers(
            read_body(connection, site.id, visit=visit_id),
            site,
            keys=state.keys,
            role=session.role,
            arrived_at=full.visit.arrived_at,
            now=state.settings.clock(),
        )
        return Opened(full, answers)

    return await look_at(request, read)


def _not_here(request: Request, session: StaffSession) -> Response:
    notice = staff_notices.visit_gone(catalogue(session.language))
    if by_htmx(request):
        return HTMLResponse(part("notices.html", session.language, "notice")(notice), 404)
    shell = shell_of(request, session, here="incoming")
    html = render("may_not.html", session.language, shell=shell, notice=notice)
    return HTMLResponse(html, 404)
