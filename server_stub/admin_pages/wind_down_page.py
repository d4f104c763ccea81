"""The page of winding down: what it does, what speaks against it now, and the record as a draft.

It is done on the machine, while no server runs: who deletes the accounts too cannot do it from a
page that needs one.
"""

from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from server_stub.admin_pages.answering import admin, show, site_of
from server_stub.admin_words import TABS
from server_stub.arrival import service_day
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.staff_door import StaffRoute
from server_stub.wind_down_record import Record, survey
from server_stub.wind_down_sheet import as_page, deleted_words
from server_stub.winding_down import draft

HERE = f"{TABS['retention']}/wind-down"

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(HERE)
async def show_wind_down(request: Request) -> Response:
    """Show what winding down does, and what speaks against it now."""
    session = await admin(request)
    site, settings = site_of(request), request.app.state.settings
    today = service_day(settings.clock(), site.time_zone)
    found = await look_at(request, partial(survey, site=site.id, today=today))
    return show(
        request,
        session,
        "admin_wind_down.html",
        tab="retention",
        found=found,
        words=deleted_words(catalogue(session.language)),
        here=HERE,
    )


@router.get(f"{HERE}/draft")
async def show_draft(request: Request) -> Response:
    """Show the record as it would be now, to be printed."""
    session = await admin(request)
    site, settings = site_of(request), request.app.state.settings

    def read(connection: Connection) -> Record:
        return draft(connection, site, settings=settings, by=session.staff)

    record = await look_at(request, read)
    page = await run_in_threadpool(partial(as_page, record, session.language, is_draft=True))
    name = f"ankunft-{site.id}-wind-down-draft.html"
    return HTMLResponse(page, headers={"Content-Disposition": f'attachment; filename="{name}"'})
