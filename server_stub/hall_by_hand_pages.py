"""Served by hand: the page on which a lead says which numbers were served without the server.

First it tells what a range would do; then, by a press of its own, it is marked.
"""

from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from kiosk.contract.series import letter_of
from server_stub import hall_by_hand, hall_notices, staff_notices
from server_stub.actions import Press
from server_stub.hall_by_hand import Preview
from server_stub.page_rendering import part, render
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.served_by_hand import RangeError
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.visit import StepError
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

BY_HAND = "/staff/hall/by-hand"

LONGEST_NUMBER = 8
"""Signs; a number is two letters and three digits at most."""

T = TypeVar("T")


@router.get(BY_HAND)
async def show_by_hand(request: Request, first: str = "", last: str = "") -> Response:
    """Show the form; with two numbers, what marking them would do."""
    session = await require(request, Right.LEAD)
    if not first and not last:
        return await _page(request, session)
    asked = (_as_printed(first), _as_printed(last or first))
    room, texts = room_of(request), catalogue(session.language)
    press = Press(uuid4(), staff=session.staff, role=session.role)
    try:
        _require_numbers(*asked)
        preview = await hall_by_hand.preview(
            request.app.state.writer,
            room.site,
            press=press,
            first=asked[0],
            last=asked[1],
            at=request.app.state.settings.clock(),
        )
    except StepError as error:
        notice = hall_notices.refused(error, room.site, texts=texts, language=session.language)
        return await _page(request, session, asked=asked, said=notice, status=409)
    except TryAgainError:
        notice = staff_notices.try_again(texts)
        return await _page(request, session, asked=asked, said=notice, status=503)
    return await _page(request, session, asked=asked, preview=preview)


@router.post(f"{BY_HAND}/mark")
async def mark(request: Request) -> Response:
    """Mark the range that was previewed."""
    session = await require(request, Right.LEAD)
    room, texts = room_of(request), catalogue(session.language)
    form = await request.form()
    asked = (_as_printed(str(form.get("first", ""))), _as_printed(str(form.get("last", ""))))
    notice, status = None, 200
    try:
        press = Press(_id(form.get("action")), staff=session.staff, role=session.role)
        done = await room.mark_served_by_hand(press, first=asked[0], last=asked[1])
        notice = hall_notices.marked(done, texts)
    except StepError as error:
        notice, status = (
            hall_notices.refused(error, room.site, texts=texts, language=session.language),
            409,
        )
    except TryAgainError:
        notice, status = staff_notices.try_again(texts), 503
    return await _page(request, session, said=notice, status=status)


@router.post(f"{BY_HAND}/take-back")
async def take_back(request: Request) -> Response:
    """Open again what a range has finished."""
    session = await require(request, Right.LEAD)
    room, texts = room_of(request), catalogue(session.language)
    form = await request.form()
    status = 200
    try:
        press = Press(_id(form.get("action")), staff=session.staff, role=session.role)
        done = await room.take_back_served_by_hand(press, marked=_id(form.get("range")))
        notice = hall_notices.taken_back(done, texts)
    except StepError as error:
        notice, status = (
            hall_notices.refused(error, room.site, texts=texts, language=session.language),
            409,
        )
    except TryAgainError:
        notice, status = staff_notices.try_again(texts), 503
    return await _page(request, session, said=notice, status=status)


def _as_printed(number: str) -> str:
    """Return a number as slips have it: staff type it in any case, with a space or without."""
    return "".join(number.split()).upper()


def _require_numbers(*numbers: str) -> None:
    for number in numbers:
        letters = letter_of(number)
        if not letters.isalpha() or letters == number or len(number) > LONGEST_NUMBER:
            raise RangeError(f"{number[:LONGEST_NUMBER]} is no number: numbers look like D214")


def _id(sent: object) -> UUID:
    try:
        return UUID(str(sent))
    except ValueError:
        raise hall_notices.FormError("this is no form of the present page") from None


async def _page(  # what the page may show beside its form
    request: Request,
    session: StaffSession,
    *,
    asked: tuple[str, str] = ("", ""),
    preview: Preview | None = None,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    site = room_of(request).site
    shown = {
        "site": site,
        "asked": asked,
        "preview": preview,
        "ranges": await look_at(request, partial(hall_by_hand.read_marked, site=site)),
        "series": await look_at(request, partial(hall_by_hand.read_series, site=site)),
    }
    if by_htmx(request):
        notice = part("notices.html", session.language, "notice")(said)
        changed = part("hall_by_hand_parts.html", session.language, "fragment")(**shown)
        return HTMLResponse(notice + changed, status)
    shell = shell_of(request, session, here="hall")
    html = render("hall_by_hand.html", session.language, shell=shell, said=said, **shown)
    return HTMLResponse(html, status)
