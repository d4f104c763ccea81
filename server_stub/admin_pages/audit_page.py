"""The page of the audit log: who did what and when, to be searched, and as a file."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection, select
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from server_stub import tables
from server_stub.admin_pages.answering import admin, show, site_of
from server_stub.admin_words import TABS, acts
from server_stub.audit_files import COLUMNS, as_csv
from server_stub.audit_trail import Page, Search, read_all, read_page
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, still_may

HERE = TABS["audit"]

LINES_BETWEEN = 1000
"""After so many lines of a file it is asked anew whether who reads it may."""

NOT_ALL = f"not all: the session is over{';' * (len(COLUMNS) - 1)}\r\n".encode()
"""Ends a file whose reader was logged out meanwhile."""

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(HERE)
async def show_audit(  # what can be searched for
    request: Request,
    staff: str = "",
    act: str = "",
    about: str = "",
    day: str = "",
    after: str = "",
) -> Response:
    """Show what was done, the latest first, as far as it is searched for."""
    session = await admin(request)
    site, search = site_of(request), _search(staff, act, about, day)

    def read(connection: Connection) -> tuple[Page, list[str]]:
        page = read_page(
            connection, site.id, search=search, time_zone=site.time_zone, after=after or None
        )
        t = tables.staff.c
        names = select(t.name).where(t.site == site.id).order_by(t.name)
        return page, list(connection.execute(names).scalars())

    page, names = await look_at(request, read)
    asked = {"staff": search.staff, "act": search.act, "about": search.about}
    query = {name: value for name, value in asked.items() if value}
    if search.day:
        query["day"] = search.day.isoformat()
    return show(
        request,
        session,
        "admin_audit.html",
        tab="audit",
        page=page,
        search=search,
        names=names,
        acts=acts(catalogue(session.language)),
        query=urlencode(query),
        earlier=urlencode({**query, "after": page.after}) if page.after else None,
        is_first=not after,
    )


@router.get(f"{HERE}.csv")
async def send_audit(
    request: Request, staff: str = "", act: str = "", about: str = "", day: str = ""
) -> Response:
    """Send what is searched for as a CSV file, all of it; no more to who is logged out."""
    await admin(request)
    engine, site = request.app.state.engine, site_of(request)
    search = _search(staff, act, about, day)
    entries = read_all(engine.connect, site.id, search=search, time_zone=site.time_zone)
    lines = _as_long_as_allowed(request, as_csv(entries, time_zone=site.time_zone))
    name = f"ankunft-{site.id}-audit.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _as_long_as_allowed(request: Request, lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Pass on the lines of a file, which a slow reader takes for as long as they like."""
    sent = 0
    async for line in iterate_in_threadpool(lines):
        if sent and sent % LINES_BETWEEN == 0 and not await still_may(request, Right.ADMINISTER):
            yield NOT_ALL
            return
        yield line
        sent += 1


def _search(staff: str, act: str, about: str, day: str) -> Search:
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        on = None
    # Of what no keyboard types, PostgreSQL refuses one character.
    staff, act, about = (text.replace("\0", "").strip() for text in (staff, act, about))
    return Search(staff=staff, act=act, about=about, day=on)
