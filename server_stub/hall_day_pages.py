"""The service day's pages: a lead stops numbers, closes the day, opens it again, enters counts.

Every step says what it will do before it is taken, and what it has done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from kiosk.contract.site import Site
from server_stub import closing, day_book, hall_notices, staff_notices
from server_stub.actions import Press
from server_stub.arrival import service_day
from server_stub.closing import DayAfter, Decisions
from server_stub.day_book import DayEntry
from server_stub.hall_stocks import read_stocks
from server_stub.page_rendering import part, render
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.service_days import DayState
from server_stub.snapshot import VisitRow
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.visit import Step, StepError
from server_stub.waiting_room import WaitingRoom
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

DAY = "/staff/hall/day"
STOCK = "/staff/hall/stock"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DayPage:
    """A service day as its page shows it.

    Attributes:
        entry: How far it is.
        today: Which one is the present one.
        visits: Who is still here, in calling order.
        earlier_open: Earlier days that somebody is still here of and that nobody has closed.

    """

    entry: DayEntry
    today: date
    visits: tuple[VisitRow, ...]
    earlier_open: tuple[date, ...]

    @property
    def is_today(self) -> bool:
        """Whether it is the present service day."""
        return self.entry.day == self.today


@router.get(DAY)
async def show_day(request: Request, day: date | None = None) -> Response:
    """Show a service day: how far it is, who is still here, and what a lead can do with it."""
    session = await require(request, Right.LEAD)
    return await _day_page(request, session, day=day)


@router.post(f"{DAY}/stop-numbers")
async def stop_numbers(request: Request) -> Response:
    """Let kiosks give out no more numbers."""

    async def take(room: WaitingRoom, press: Press, form: FormData) -> DayAfter:
        return await room.stop_numbers(press, day=_day_of(form))

    return await _step(request, take)


@router.post(f"{DAY}/open-again")
async def open_again(request: Request) -> Response:
    """Take back that the day is closing or closed."""

    async def take(room: WaitingRoom, press: Press, form: FormData) -> DayAfter:
        return await room.open_day_again(press, day=_day_of(form))

    return await _step(request, take)


@router.post(f"{DAY}/close")
async def close_day(request: Request) -> Response:
    """Close the day, by what was decided for each party and for the rest."""

    async def take(room: WaitingRoom, press: Press, form: FormData) -> DayAfter:
        return await room.close_day(press, day=_day_of(form), decisions=_decisions(form))

    return await _step(request, take)


@router.post(f"{DAY}/close-at-once")
async def close_at_once(request: Request) -> Response:
    """Stop numbers and close the day; whoever is still here goes on tomorrow."""

    async def take(room: WaitingRoom, press: Press, form: FormData) -> DayAfter:
        day = _day_of(form)
        entry = await look_at(request, partial(day_book.read_day, site=room.site.id, day=day))
        if entry.state is DayState.OPEN:
            # An action of its own, and the same one whenever this press is sent again.
            first = uuid5(press.action, "stop-numbers")
            stop = Press(first, staff=press.staff, role=press.role)
            await room.stop_numbers(stop, day=day)
        return await room.close_day(press, day=day, decisions=Decisions(rest=Step.CARRY_OVER))

    return await _step(request, take)


@router.get(STOCK)
async def show_stocks(request: Request) -> Response:
    """Show the stocks, and a form to enter a new count of each."""
    return await _stock_page(request, await require(request, Right.LEAD))


@router.post(STOCK)
async def count_stock(request: Request) -> Response:
    """Note how many persons a lead has counted."""
    session = await require(request, Right.LEAD)
    room, texts = room_of(request), catalogue(session.language)
    form = await request.form()
    try:
        persons = _persons(form)
        figure = str(form.get("figure", ""))
        await room.count_stock(_press(form, session), figure=figure, persons=persons)
    except StepError as error:
        notice = hall_notices.refused(error, room.site, texts=texts, language=session.language)
        return await _stock_page(request, session, said=notice, status=409)
    except TryAgainError:
        return await _stock_page(request, session, said=staff_notices.try_again(texts), status=503)
    notice = hall_notices.counted(persons, texts)
    return await _stock_page(request, session, said=notice)


async def _step(
    request: Request, take: Callable[[WaitingRoom, Press, FormData], Awaitable[DayAfter]]
) -> Response:
    session = await require(request, Right.LEAD)
    room, texts = room_of(request), catalogue(session.language)
    form = await request.form()
    day, status = None, 200
    try:
        day = _day_of(form)
        after = await take(room, _press(form, session), form)
        notice = hall_notices.day_is(after, texts)
    except StepError as error:
        notice, status = (
            hall_notices.refused(error, room.site, texts=texts, language=session.language),
            409,
        )
    except TryAgainError:
        notice, status = staff_notices.try_again(texts), 503
    return await _day_page(request, session, day=day, said=notice, status=status)


def _press(form: FormData, session: StaffSession) -> Press:
    try:
        action = UUID(str(form.get("action", "")))
    except ValueError:
        raise hall_notices.FormError("this is no form of the present page") from None
    return Press(action, staff=session.staff, role=session.role)


def _day_of(form: FormData) -> date:
    try:
        return date.fromisoformat(str(form.get("day", "")))
    except ValueError:
        raise hall_notices.FormError("this is no form of the present page") from None


def _decisions(form: FormData) -> Decisions:
    """Return what a lead has chosen; who is not named goes as all others."""
    try:
        rest = form.get("rest")
        each = {
            UUID(name.removeprefix("visit-")): Step(str(chosen))
            for name, chosen in form.items()
            if name.startswith("visit-")
        }
        return Decisions(rest=Step(str(rest)) if rest else None, each=each)
    except ValueError:
        raise hall_notices.FormError("this is no form of the present page") from None


def _persons(form: FormData) -> int:
    text = str(form.get("persons", "")).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_COUNT):
        raise hall_notices.NotANumberError("how many persons is a number, such as 250")
    return int(text)


LONGEST_COUNT = 7
"""Digits; there are fewer persons in the country."""


async def _day_page(
    request: Request,
    session: StaffSession,
    *,
    day: date | None,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    """Answer with the day: for htmx the notice and the part that has changed, else the page."""
    site, now = room_of(request).site, request.app.state.settings.clock()
    today = service_day(now, site.time_zone)
    page = await look_at(request, partial(_read_day_page, site=site, day=day or today, today=today))
    shown = {"page": page, "site": site}
    if by_htmx(request):
        notice = part("notices.html", session.language, "notice")(said)
        changed = part("hall_day_parts.html", session.language, "fragment")(**shown)
        return HTMLResponse(notice + changed, status)
    shell = shell_of(request, session, here="hall")
    html = await run_in_threadpool(
        partial(render, "hall_day.html", session.language, shell=shell, said=said, **shown)
    )
    return HTMLResponse(html, status)


def _read_day_page(connection: Connection, site: Site, *, day: date, today: date) -> DayPage:
    visits = tuple(closing.open_visits(connection, site, day=day))
    earlier = sorted({visit.service_day for visit in visits if visit.service_day < day})
    return DayPage(
        entry=day_book.read_day(connection, site.id, day),
        today=today,
        visits=visits,
        earlier_open=tuple(
            one
            for one in earlier
            if day_book.read_day(connection, site.id, one).state is not DayState.CLOSED
        ),
    )


async def _stock_page(
    request: Request, session: StaffSession, *, said: Notice | None = None, status: int = 200
) -> Response:
    site = room_of(request).site
    shown = {"stocks": await look_at(request, partial(read_stocks, site=site)), "site": site}
    if by_htmx(request):
        notice = part("notices.html", session.language, "notice")(said)
        changed = part("hall_stock_parts.html", session.language, "fragment")(**shown)
        return HTMLResponse(notice + changed, status)
    shell = shell_of(request, session, here="hall")
    html = render("hall_stock.html", session.language, shell=shell, said=said, **shown)
    return HTMLResponse(html, status)
