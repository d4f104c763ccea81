"""The page of retention: what is kept of parties and staff, for how long and why."""

from datetime import timedelta
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from server_stub import retention_periods
from server_stub.admin_act import AdministrationError
from server_stub.admin_pages.answering import (
    Form,
    admin,
    back_to,
    carry_out,
    form_of,
    show,
    site_of,
)
from server_stub.admin_words import TABS, kept, refused
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.retention_periods import (
    STILL_ANSWERED,
    Kind,
    Period,
    read_periods,
    shortest_promise,
)
from server_stub.site_versions import in_force_since
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

HERE = TABS["retention"]
HOURS_OF_A_DAY = 24
LONGEST_NUMBER = 6
"""Digits; none of the periods has more than four."""

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(HERE)
async def show_retention(request: Request) -> Response:
    """Show the periods, and what they are for."""
    return await _page(request, await admin(request))


@router.post(HERE)
async def set_period(request: Request) -> Response:
    """Keep a kind of data for another time."""
    session, form = await admin(request), await form_of(request)
    kind = form.text("kind")
    try:
        change = partial(retention_periods.set_period, kind=kind, hours=_hours(form, kind))
        await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _page(request, session, said=refused(error, catalogue(session.language)))
    return back_to(HERE, done="retention-set")


def _hours(form: Form, kind: str) -> int:
    """Return what was entered in hours; the audit log is told in days."""
    entered = form.text("length")
    unit = HOURS_OF_A_DAY if kind == Kind.AUDIT else 1
    # What is no number is no period either, and is answered like one out of bounds.
    is_number = entered.isascii() and entered.isdecimal() and len(entered) <= LONGEST_NUMBER
    return int(entered) * unit if is_number else -1


async def _page(request: Request, session: StaffSession, *, said: Notice | None = None) -> Response:
    site, now = site_of(request), request.app.state.settings.clock()

    def read(connection: Connection) -> tuple[dict[Kind, Period], timedelta | None]:
        sites = in_force_since(connection, site, now - STILL_ANSWERED)
        return read_periods(connection, site.id), shortest_promise(sites)

    periods, promise = await look_at(request, read)
    return show(
        request,
        session,
        "admin_retention.html",
        tab="retention",
        said=said,
        kept=kept(catalogue(session.language)),
        promise=promise,
        periods={
            kind: (period, HOURS_OF_A_DAY if kind is Kind.AUDIT else 1)
            for kind, period in periods.items()
        },
    )
