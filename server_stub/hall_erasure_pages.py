"""The page of erasure: a lead deletes what is kept of a party that asks for it.

First it shows which visit has the number, what goes and what stays; then, by a press of its own
and a tick, it is erased.
"""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from server_stub import erasure, hall_notices, staff_notices
from server_stub.actions import Press
from server_stub.erasure import Erased
from server_stub.page_rendering import part, render
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.visit import StepError
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

HERE = "/staff/hall/erase"


@router.get(HERE)
async def show_erasure(request: Request, number: str = "") -> Response:
    """Show the form; with a number, the visits that have it."""
    session = await require(request, Right.LEAD)
    return await _page(request, session, number=erasure.as_printed(number))


@router.post(HERE)
async def erase(request: Request) -> Response:
    """Erase the visit that was shown."""
    session = await require(request, Right.LEAD)
    room, texts = room_of(request), catalogue(session.language)
    form = await request.form()
    number, notice, status = erasure.as_printed(str(form.get("number", ""))), None, 200
    try:
        if not form.get("sure"):
            raise hall_notices.NotSureError("nobody has said that the party asks for it")
        press = Press(
            _id(form.get("action")),
            staff=session.staff,
            role=session.role,
            visit=_id(form.get("visit")),
        )
        done: Erased = await room.erase(press)
        notice, number = hall_notices.erased(done, texts), ""
    except StepError as error:
        notice, status = (
            hall_notices.refused(error, room.site, texts=texts, language=session.language),
            409,
        )
    except TryAgainError:
        notice, status = staff_notices.try_again(texts), 503
    return await _page(request, session, number=number, said=notice, status=status)


def _id(sent: object) -> UUID:
    try:
        return UUID(str(sent))
    except ValueError:
        raise hall_notices.FormError("this is no form of the present page") from None


async def _page(
    request: Request,
    session: StaffSession,
    *,
    number: str,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    site = room_of(request).site
    look = partial(erasure.find, site=site.id, number=number)
    shown = {
        "site": site,
        "number": number,
        "found": await look_at(request, look) if number else None,
    }
    if by_htmx(request):
        notice = part("notices.html", session.language, "notice")(said)
        changed = part("hall_erasure_parts.html", session.language, "fragment")(**shown)
        return HTMLResponse(notice + changed, status)
    shell = shell_of(request, session, here="hall")
    html = render("hall_erasure.html", session.language, shell=shell, said=said, **shown)
    return HTMLResponse(html, status)
