"""The page of call displays: which there are, what they show, and what lets a screen in."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from server_stub import fleet_displays
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
from server_stub.admin_words import TABS, label_of_qr, looks, refused
from server_stub.fleet_displays import (
    FleetDisplay,
    UnknownDisplayError,
    enter_path,
    read_displays,
)
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.qr_picture import qr_svg
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

LIST, ONE = TABS["displays"], "/staff/admin/display"

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(LIST)
async def show_displays(request: Request) -> Response:
    """Show all displays, and a form for one more."""
    return await _list(request, await admin(request))


@router.post(LIST)
async def make(request: Request) -> Response:
    """Make a display, and show its address: once, for its token is kept nowhere."""
    session, form = await admin(request), await form_of(request)
    name = form.text("name")
    change = partial(
        fleet_displays.make_display,
        site=site_of(request),
        name=name,
        stages=form.all("stage"),
        look=form.text("look"),
    )
    try:
        token = await carry_out(request, session, form, change)
    except AdministrationError as error:
        said = refused(error, catalogue(session.language))
        return await _list(request, session, form=form, said=said)
    return _address(request, session, name, token=token)


@router.get(ONE)
async def show_display(request: Request, name: str = "") -> Response:
    """Show one display, and all that can be changed of it."""
    return await _one(request, await admin(request), name)


@router.post(f"{ONE}/address")
async def give_new_address(request: Request) -> Response:
    """Give a display another address, and show it once."""
    session, form = await admin(request), await form_of(request)
    name = form.text("name")
    try:
        token = await carry_out(
            request, session, form, partial(fleet_displays.new_address, name=name)
        )
    except AdministrationError as error:
        return await _one(request, session, name, error=error)
    return _address(request, session, name, token=token)


@router.post(f"{ONE}/set-up")
async def set_up(request: Request) -> Response:
    """Let a display show other calls, or look otherwise."""
    form = await form_of(request)
    change = partial(
        fleet_displays.change_display,
        site=site_of(request),
        name=form.text("name"),
        stages=form.all("stage"),
        look=form.text("look"),
    )
    return await _change(request, form, change, done="display-changed")


@router.post(f"{ONE}/name")
async def rename(request: Request) -> Response:
    """Give a display another name."""
    form = await form_of(request)
    to = form.text("to")
    change = partial(fleet_displays.rename_display, name=form.text("name"), to=to)
    return await _change(request, form, change, done="display-renamed", now_called=to)


@router.post(f"{ONE}/revoke")
async def revoke(request: Request) -> Response:
    """Let a display show nothing any more."""
    session, form = await admin(request), await form_of(request)
    name = form.text("name")
    try:
        await carry_out(request, session, form, partial(fleet_displays.revoke_display, name=name))
    except AdministrationError as error:
        return await _one(request, session, name, error=error)
    return back_to(LIST, done="display-revoked")


async def _change(
    request: Request,
    form: Form,
    change: Callable[[AdminAct], object],
    *,
    done: str,
    now_called: str | None = None,
) -> Response:
    session, name = await admin(request), form.text("name")
    try:
        await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _one(request, session, name, error=error)
    return back_to(ONE, done=done, name=now_called or name)


async def _displays(request: Request) -> list[FleetDisplay]:
    return await look_at(request, partial(read_displays, site=site_of(request).id))


async def _list(
    request: Request,
    session: StaffSession,
    *,
    form: Form | None = None,
    said: Notice | None = None,
) -> Response:
    return show(
        request,
        session,
        "admin_displays.html",
        tab="displays",
        said=said,
        displays=await _displays(request),
        looks=looks(catalogue(session.language)),
        name=form.text("name") if form else "",
        stages=form.all("stage") if form else (),
        look=form.text("look") if form else "auto",
    )


async def _one(
    request: Request,
    session: StaffSession,
    name: str,
    *,
    error: AdministrationError | None = None,
) -> Response:
    texts = catalogue(session.language)
    said = refused(error, texts) if error else None
    display = next((d for d in await _displays(request) if d.name == name), None)
    if display is None:
        unknown = refused(UnknownDisplayError(name), texts)
        return await _list(request, session, said=said or unknown)
    return show(
        request,
        session,
        "admin_display.html",
        tab="displays",
        said=said,
        display=display,
        looks=looks(texts),
    )


def _address(request: Request, session: StaffSession, name: str, *, token: str) -> Response:
    address = address_of_server(request) + enter_path(token)
    label = label_of_qr(catalogue(session.language))
    return show(
        request,
        session,
        "admin_display_address.html",
        tab="displays",
        name=name,
        path=ONE,
        address=address,
        qr=qr_svg(address, label=label),
    )
