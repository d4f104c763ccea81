"""The page of kiosks: which are enrolled and how they are, and what is done with an enrolment."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from server_stub import enrolment_codes, enrolment_requests, fleet_kiosks
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.admin_pages.answering import (
    Form,
    address_of_server,
    admin,
    back_to,
    carry_out,
    form_of,
    show,
    site_of,
)
from server_stub.admin_words import TABS, refused
from server_stub.enrolment_codes import NewCode, OpenCode
from server_stub.enrolment_requests import WaitingRequest
from server_stub.fleet_kiosks import FleetKiosk, KioskState, UnknownKioskError, read_fleet
from server_stub.fleet_letters import free_letters
from server_stub.page_rendering import render
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

LIST, ONE = TABS["kiosks"], "/staff/admin/kiosk"

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page shows of enrolling, all of one moment.

    Attributes:
        requests: The machines that ask.
        codes: The codes that nobody has come with yet.
        letters: Those that a new kiosk can have.

    """

    requests: list[WaitingRequest]
    codes: list[OpenCode]
    letters: list[str]

    @property
    def sign(self) -> str:
        """Changes whenever the page would show something else."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@router.get(LIST)
async def show_kiosks(request: Request) -> Response:
    """Show who asks, all enrolments, and a form for one more."""
    return await _list(request, await admin(request))


@router.get(f"{LIST}/asking")
async def show_asking(request: Request, seen: str = "") -> Response:
    """Show who asks, where that is not what was seen: the page looks every few seconds."""
    session = await admin(request)
    asking = await _asking(request)
    if asking.sign == seen:
        return Response(status_code=204)
    return HTMLResponse(
        render("admin_kiosk_asking.html", session.language, asking=asking, site=site_of(request))
    )


@router.post(LIST)
async def make_code(request: Request) -> Response:
    """Make a code for a new kiosk, and show it: once, for it is kept nowhere."""
    session, form = await admin(request), await form_of(request)
    change = partial(enrolment_codes.make_code, name=form.text("name"))
    try:
        made = await carry_out(request, session, form, change)
    except AdministrationError as error:
        said = refused(error, catalogue(session.language))
        return await _list(request, session, form=form, said=said)
    return await _code(request, session, made)


@router.post(f"{LIST}/approve")
async def approve(request: Request) -> Response:
    """Let a machine that asks be a kiosk."""
    form = await form_of(request)
    change = partial(enrolment_requests.approve, letter=form.text("letter") or None)
    return await _answer(request, form, change, done="kiosk-enrolled")


@router.post(f"{LIST}/refuse")
async def refuse(request: Request) -> Response:
    """Tell a machine that asks that it is no kiosk."""
    form = await form_of(request)
    return await _answer(request, form, enrolment_requests.refuse, done="enrolment-refused")


@router.get(ONE)
async def show_kiosk(request: Request, enrolment: UUID) -> Response:
    """Show one enrolment, and all that can be done with it."""
    return await _one(request, await admin(request), enrolment)


@router.post(f"{ONE}/series")
async def make_code_for_new_series(request: Request) -> Response:
    """Make a code for another machine or disk of a kiosk in use, and show it once."""
    session, form = await admin(request), await form_of(request)
    enrolment = form.id("enrolment")
    change = partial(enrolment_codes.make_code_in_place_of, enrolment=enrolment)
    try:
        made = await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _one(request, session, enrolment, error=error)
    return await _code(request, session, made)


@router.post(f"{ONE}/name")
async def name(request: Request) -> Response:
    """Let staff read something else than the kiosk's name."""
    form = await form_of(request)
    change = partial(fleet_kiosks.name_kiosk, label=form.text("label"))
    return await _change(request, form, change, done="kiosk-named")


@router.post(f"{ONE}/retire")
async def retire(request: Request) -> Response:
    """Let a kiosk give out no numbers any more; what it has is still taken."""
    return await _change(request, await form_of(request), fleet_kiosks.retire, done="kiosk-retired")


@router.post(f"{ONE}/revoke")
async def revoke(request: Request) -> Response:
    """Take nothing of a kiosk any more."""
    return await _change(request, await form_of(request), fleet_kiosks.revoke, done="kiosk-revoked")


async def _change(
    request: Request, form: Form, change: Callable[..., object], *, done: str
) -> Response:
    session, enrolment = await admin(request), form.id("enrolment")

    def of_kiosk(act: AdminAct) -> object:
        return change(act, enrolment)

    try:
        await carry_out(request, session, form, of_kiosk)
    except AdministrationError as error:
        return await _one(request, session, enrolment, error=error)
    return back_to(ONE, done=done, enrolment=f"{enrolment}")


async def _answer(
    request: Request, form: Form, answer: Callable[..., object], *, done: str
) -> Response:
    """Answer a machine that asks, and go back to the list."""
    session, enrolment = await admin(request), form.id("enrolment")

    def of_request(act: AdminAct) -> object:
        return answer(act, enrolment)

    try:
        await carry_out(request, session, form, of_request)
    except AdministrationError as error:
        said = refused(error, catalogue(session.language))
        return await _list(request, session, said=said)
    return back_to(LIST, done=done)


async def _fleet(request: Request) -> list[FleetKiosk]:
    return await look_at(request, partial(read_fleet, site=site_of(request).id))


async def _asking(request: Request) -> Asking:
    site, now = site_of(request).id, request.app.state.settings.clock()

    def read(connection: Connection) -> Asking:
        return Asking(
            enrolment_requests.read_waiting(connection, site, now=now),
            enrolment_codes.read_open(connection, site, now=now),
            free_letters(connection, site, now=now),
        )

    return await look_at(request, read)


async def _list(
    request: Request,
    session: StaffSession,
    *,
    form: Form | None = None,
    said: Notice | None = None,
) -> Response:
    fleet = await _fleet(request)
    return show(
        request,
        session,
        "admin_kiosks.html",
        tab="kiosks",
        said=said,
        asking=await _asking(request),
        in_use=[kiosk for kiosk in fleet if kiosk.state is KioskState.IN_USE],
        now=request.app.state.settings.clock(),
        former=[kiosk for kiosk in fleet if kiosk.state is not KioskState.IN_USE],
        name=form.text("name") if form else "",
    )


async def _one(
    request: Request,
    session: StaffSession,
    enrolment: UUID,
    *,
    error: AdministrationError | None = None,
) -> Response:
    texts = catalogue(session.language)
    said = refused(error, texts) if error else None
    kiosk = next((k for k in await _fleet(request) if k.enrolment == enrolment), None)
    if kiosk is None:
        return await _list(request, session, said=said or refused(UnknownKioskError(), texts))
    return show(
        request,
        session,
        "admin_kiosk.html",
        tab="kiosks",
        said=said,
        kiosk=kiosk,
        now=request.app.state.settings.clock(),
        letters=(await _asking(request)).letters,
    )


async def _code(request: Request, session: StaffSession, made: NewCode) -> Response:
    return show(
        request,
        session,
        "admin_kiosk_code.html",
        tab="kiosks",
        made=made,
        address=address_of_server(request),
        asking=await _asking(request),
    )
