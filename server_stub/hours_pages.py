"""The hours page: when the site and its stages are open, written into the site file by a form."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kiosk.contract.hours import WEEKDAYS
from kiosk.contract.site_file import SiteFileError
from server_stub import site_versions, site_words, staff_notices
from server_stub.admin_words import TABS
from server_stub.hours_editing import (
    NotWrittenError,
    SiteHours,
    closed_from,
    hours_of,
    on_day,
    open_at,
    usual_on,
    written,
)
from server_stub.hours_form import (
    FieldsError,
    HoursForm,
    entered_hours,
    form_as_sent,
    form_of,
)
from server_stub.page_rendering import render
from server_stub.page_store import room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.site_versions import SiteVersion
from server_stub.staff_door import StaffRoute, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.taking_site import SiteNotTakenError, SomebodyFasterError, proposed
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

HERE = "/staff/admin/hours"


@router.get(HERE)
async def show_hours(request: Request, taken: int = 0) -> Response:
    """Show the hours that hold, to be changed."""
    session = await require(request, Right.ADMINISTER)
    newest = await _newest(request)
    texts = catalogue(session.language)
    said = site_words.hours_taken(taken, texts) if taken == newest.number else None
    return await _page(request, session, form_of(hours_of(room_of(request).site)), said=said)


@router.post(HERE)
async def set_hours(request: Request) -> Response:
    """Let other hours hold."""
    session = await require(request, Right.ADMINISTER)
    sent = await _sent(request)
    form = form_as_sent(sent)
    try:
        hours = entered_hours(form, room_of(request).site)
    except FieldsError as error:
        said = site_words.hours_not_understood(catalogue(session.language))
        return await _page(request, session, form, said=said, wrong=error.fields, status=422)
    return await _take(request, session, hours, form, sent)


@router.post(f"{HERE}/today")
async def close_today(request: Request) -> Response:
    """Close earlier today, and today alone."""
    session = await require(request, Right.ADMINISTER)
    sent = await _sent(request)
    hours = hours_of(room_of(request).site)
    form = form_of(hours)
    read = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", sent.get("from", ""))
    if read is None:
        said = site_words.hours_not_understood(catalogue(session.language))
        wrong = {"from": f"{sent.get('from', '')!r}: 16:00"}
        return await _page(request, session, form, said=said, wrong=wrong, status=422)
    day, at = _now(request)[0], int(read[1]) * 60 + int(read[2])
    closed = closed_from(hours, day, at, reason=sent.get("reason", "").strip()[:100])
    return await _take(request, session, closed, form, sent)


@router.post(f"{HERE}/today/usual")
async def open_as_usual(request: Request) -> Response:
    """Let today have the hours of its weekday again."""
    session = await require(request, Right.ADMINISTER)
    sent = await _sent(request)
    hours = hours_of(room_of(request).site)
    usual = usual_on(hours, _now(request)[0])
    return await _take(request, session, usual, form_of(hours), sent)


async def _take(
    request: Request,
    session: StaffSession,
    hours: SiteHours,
    form: HoursForm,
    sent: Mapping[str, str],
) -> Response:
    """Put hours in force as a new version of the site file, and answer."""
    room, texts = room_of(request), catalogue(session.language)
    newest = await _newest(request)
    if hours == hours_of(room.site):
        return await _page(request, session, form, said=site_words.hours_as_before(texts))
    try:
        note = texts.gettext("Opening hours")
        told = {"staff": session.staff, "seen": _number(sent.get("seen", "")), "note": note}
        # Beside the event loop: the file is read some times over, while numbers are called.
        toml = await run_in_threadpool(written, newest.toml, hours)
        proposal = await run_in_threadpool(partial(proposed, toml, source="site.toml", **told))
        made = await room.take_site(proposal)
    except NotWrittenError:
        said, status = site_words.hours_not_written(texts), 422
    except (SiteFileError, SiteNotTakenError) as error:
        said, status = site_words.hours_refused(error, texts), 422
    except SomebodyFasterError as error:
        said, status = site_words.hours_meanwhile(error.version, texts), 409
    except TryAgainError:
        said, status = staff_notices.try_again(texts), 503
    else:
        return RedirectResponse(f"{HERE}?taken={made.number}", 303)
    return await _page(request, session, form, said=said, status=status)


async def _page(
    request: Request,
    session: StaffSession,
    form: HoursForm,
    *,
    said: Notice | None = None,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    room = room_of(request)
    hours, (day, minute) = hours_of(room.site), _now(request)
    html = render(
        "hours.html",
        session.language,
        shell=shell_of(request, session, here="admin"),
        tabs=TABS,
        tab="hours",
        said=said,
        site=room.site,
        form=form,
        wrong=wrong or {},
        weekdays=WEEKDAYS,
        seen=(await _newest(request)).number,
        today=format_date(
            day,
            "EEEE, d. MMMM" if session.language == "de" else "EEEE, d MMMM",
            locale=session.language,
        ),
        spans=on_day(hours, day),
        is_open=open_at(hours, day, minute),
        is_usual=usual_on(hours, day) == hours,
    )
    return HTMLResponse(html, status)


async def _sent(request: Request) -> dict[str, str]:
    """Return the fields that were sent."""
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


async def _newest(request: Request) -> SiteVersion:
    query = partial(site_versions.newest, site=room_of(request).site.id)

    def read() -> SiteVersion:
        with request.app.state.engine.connect() as connection:
            return query(connection)

    return await run_in_threadpool(read)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _now(request: Request) -> tuple[date, int]:
    """Return the day on the wall of the site, and the minute of it."""
    zone = ZoneInfo(room_of(request).site.time_zone)
    now = request.app.state.settings.clock().astimezone(zone)
    return now.date(), now.hour * 60 + now.minute
