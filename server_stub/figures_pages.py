"""The figures page: what the city reports of a period, and charts of it, each with its table."""

from dataclasses import replace
from datetime import date
from functools import partial

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from server_stub.arrival import service_day
from server_stub.charts_of_report import SECTIONS
from server_stub.figures_files import as_csv, as_json
from server_stub.figures_period import NAMES, Days, Period, PeriodError, period_of
from server_stub.figures_report import Report
from server_stub.figures_view import view_of
from server_stub.page_rendering import render
from server_stub.page_store import room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

FIGURES = "/staff/figures"


@router.get(FIGURES)
async def show_figures(request: Request) -> Response:
    """Show a period's figures, and charts of them."""
    session = await require(request, Right.LEAD)
    try:
        return await _page(request, session, _asked(request))
    except PeriodError as error:
        today = period_of({}, today=_today(request))
        said = _refusal(error, session.language)
        return await _page(request, session, today, said=said, status=422)


@router.get(f"{FIGURES}.csv")
async def send_csv(request: Request, chart: str = "") -> Response:
    """Send a period's figures, or those of one chart, as a table for spreadsheets."""
    return await _file(request, "csv", chart)


@router.get(f"{FIGURES}.json")
async def send_json(request: Request, chart: str = "") -> Response:
    """Send a period's figures, or those of one chart, for programs."""
    return await _file(request, "json", chart)


FORMATS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}


async def _file(request: Request, kind: str, chart: str) -> Response:
    session = await require(request, Right.LEAD)
    try:
        period = _asked(request)
    except PeriodError as error:
        today = period_of({}, today=_today(request))
        said = _refusal(error, session.language)
        return await _page(request, session, today, said=said, status=422)
    report = await _report(request, session, period.days)
    if chart in SECTIONS:
        lines = (line for line in report.lines if line.subject.section in SECTIONS[chart])
        report = replace(report, lines=tuple(lines))
    write, media_type = FORMATS[kind]
    days, site = period.days, report.site.id
    of = f"-{chart}" if chart in SECTIONS else ""
    name = f"{site}{of}-{days.first}-{days.last}.{kind}"
    return Response(
        await run_in_threadpool(write, report),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _page(
    request: Request,
    session: StaffSession,
    period: Period,
    *,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    report = await _report(request, session, period.days)
    beside = await _report(request, session, period.beside)
    now = request.app.state.settings.clock()
    view = await run_in_threadpool(partial(view_of, report, beside=beside, period=period, now=now))
    html = await run_in_threadpool(
        render,
        "figures.html",
        session.language,
        shell=shell_of(request, session, here="figures"),
        view=view,
        names=NAMES,
        today=_today(request),
        said=said,
    )
    return HTMLResponse(html, status)


def _asked(request: Request) -> Period:
    return period_of(request.query_params, today=_today(request))


def _today(request: Request) -> date:
    room = room_of(request)
    return service_day(request.app.state.settings.clock(), room.site.time_zone)


async def _report(request: Request, session: StaffSession, days: Days) -> Report:
    return await room_of(request).report(
        first=days.first, last=days.last, language=session.language
    )


def _refusal(error: PeriodError, language: str) -> Notice:
    _ = catalogue(language).gettext
    texts = {
        "no-date": _("These days could not be read. Choose them again, like 2026-11-24."),
        "ends-before-it-begins": _("The last day is before the first. Exchange the two."),
    }
    return Notice("trouble", texts[error.reason])
