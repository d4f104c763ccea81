"""The situation report: one page for the crisis staff, to be read on a screen or printed on A4."""

from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from server_stub.arrival import service_day
from server_stub.figures_period import Days
from server_stub.figures_view import days_in_words
from server_stub.hall_board import HallBoard
from server_stub.hall_rules import Level
from server_stub.page_rendering import render
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.situation import rows_of, stages_so_far
from server_stub.staff_door import StaffRoute, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.waiting_room import WaitingRoom

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

KIOSKS_NAMED = 6
"""More would not fit on the page; of the others it is said how many they are."""

ONE_WEEK = timedelta(weeks=1)


@router.get("/staff/report")
async def show_report(request: Request, since: str = "") -> Response:
    """Show how things stand: the reported figures, the hall, waits, kiosks in trouble."""
    session = await require(request, Right.LEAD)
    room: WaitingRoom = request.app.state.room
    board: HallBoard = request.app.state.hall
    language = session.language
    now = request.app.state.settings.clock()
    today = service_day(now, room.site.time_zone)
    said, status = None, 200
    try:
        began = min(date.fromisoformat(since), today) if since else None
    except ValueError:
        _ = catalogue(language).gettext
        said, status = Notice("trouble", _("This day could not be read. Choose it again.")), 422
        began = None
    all_days = await room.report(first=began or date.min, last=today, language=language)
    began = began or min(all_days.period.days, default=today)
    day = await room.report(first=today, last=today, language=language)
    week_before = today - ONE_WEEK
    beside = await room.report(first=week_before, last=week_before, language=language)
    stored = (await room.snapshot()).event_number
    hall = await board.view(after=stored)
    in_trouble = [kiosk for kiosk in hall.kiosks if kiosk.level in {Level.URGENT, Level.SOON}]
    html = await run_in_threadpool(
        render,
        "report.html",
        language,
        shell=shell_of(request, session, here="report"),
        said=said,
        today=today,
        began=began,
        day_in_words=days_in_words(Days(today, today), language=language),
        beside_in_words=days_in_words(Days(week_before, week_before), language=language),
        began_in_words=days_in_words(Days(began, began), language=language),
        rows=rows_of(day, beside, all_days),
        so_far=stages_so_far(day),
        view=hall,
        in_trouble=in_trouble[:KIOSKS_NAMED],
        more_in_trouble=len(in_trouble[KIOSKS_NAMED:]),
        now=now,
        site=room.site,
        program=_program_version(),
    )
    return HTMLResponse(html, status)


def _program_version() -> str:
    try:
        return version("ankunft")
    except PackageNotFoundError:  # runs from a folder, not installed
        return ""
