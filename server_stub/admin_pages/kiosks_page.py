"""The page of kiosks: which are enrolled and how they are, and what is done with an enrolment."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from kiosk.contract.sealing import SiteKey
from server_stub import fleet_kiosks
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
from server_stub.fleet_kiosks import (
    FleetKiosk,
    KioskState,
    NewEnrolment,
    UnknownKioskError,
    check_server_address,
    read_fleet,
)
from server_stub.fleet_letters import free_letters
from server_stub.kiosk_settings_file import kiosk_settings
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

LIST, ONE = TABS["kiosks"], "/staff/admin/kiosk"

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(LIST)
async def show_kiosks(request: Request) -> Response:
    """Show all enrolments, and a form for one more."""
    return await _list(request, await admin(request))


@router.post(LIST)
async def enrol(request: Request) -> Response:
    """Enrol a kiosk, and show its settings file: once, for its token is kept nowhere."""
    session, form = await admin(request), await form_of(request)
    try:
        address = check_server_address(form.text("address"))
        change = partial(
            fleet_kiosks.enrol, name=form.text("name"), letter=form.text("letter") or None
        )
        made = await carry_out(request, session, form, change)
    except AdministrationError as error:
        said = refused(error, catalogue(session.language))
        return await _list(request, session, form=form, said=said)
    return _file(request, session, made, address=address)


@router.get(ONE)
async def show_kiosk(request: Request, enrolment: UUID) -> Response:
    """Show one enrolment, and all that can be done with it."""
    return await _one(request, await admin(request), enrolment)


@router.post(f"{ONE}/series")
async def give_new_series(request: Request) -> Response:
    """Retire an enrolment, and show the settings file of the one in its place."""
    session, form = await admin(request), await form_of(request)
    enrolment = form.id("enrolment")
    change = partial(
        fleet_kiosks.give_new_series, enrolment=enrolment, letter=form.text("letter") or None
    )
    try:
        address = check_server_address(form.text("address"))
        made = await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _one(request, session, enrolment, error=error)
    return _file(request, session, made, address=address)


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


async def _fleet(request: Request) -> list[FleetKiosk]:
    return await look_at(request, partial(read_fleet, site=site_of(request).id))


async def _letters(request: Request) -> list[str]:
    now = request.app.state.settings.clock()
    return await look_at(request, partial(free_letters, site=site_of(request).id, now=now))


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
        in_use=[kiosk for kiosk in fleet if kiosk.state is KioskState.IN_USE],
        now=request.app.state.settings.clock(),
        former=[kiosk for kiosk in fleet if kiosk.state is not KioskState.IN_USE],
        letters=await _letters(request),
        name=form.text("name") if form else "",
        letter=form.text("letter") if form else "",
        address=form.text("address") if form else address_of_server(request),
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
        letters=await _letters(request),
        address=address_of_server(request),
    )


def _file(request: Request, session: StaffSession, made: NewEnrolment, *, address: str) -> Response:
    answer = request.app.state.room.site_answer()
    key = SiteKey.from_text(answer.key_id, answer.public_key)
    return show(
        request,
        session,
        "admin_kiosk_file.html",
        tab="kiosks",
        made=made,
        path=ONE,
        text=kiosk_settings(made, site=site_of(request), key=key, server_url=address),
    )
