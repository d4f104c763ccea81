"""The page of keys: what kiosks seal to, a new key, and the end of an old one."""

import socket
from functools import partial

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kiosk.contract.sealing import SiteKey
from server_stub import site_keys
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.admin_pages.answering import (
    admin,
    back_to,
    carry_out,
    form_of,
    show,
    site_of,
)
from server_stub.admin_words import TABS, no_key_made, refused
from server_stub.key_overview import key_overview
from server_stub.keys import KeyFileError, Keyring, make_key
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.site_keys import NotSureError
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

HERE = TABS["keys"]

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(HERE)
async def show_keys(request: Request) -> Response:
    """Show the keys, and who still needs which."""
    return await _page(request, await admin(request))


@router.post(HERE)
async def make(request: Request) -> Response:
    """Make a key: in force at once where this server is the only one, else prepared."""
    session, form = await admin(request), await form_of(request)
    texts = catalogue(session.language)
    settings = request.app.state.settings
    try:
        # Before the writer, which does no I/O of its own: its commands may be run again.
        key = await run_in_threadpool(make_key, settings.keys, now=settings.clock())
    except KeyFileError as error:
        return await _page(request, session, said=no_key_made(error, texts))
    several = _several_servers(request)
    try:
        await carry_out(request, session, form, partial(_take, key=key, several=several))
    except AdministrationError as error:
        await run_in_threadpool(_keys(request).forget, [key.key_id])
        return await _page(request, session, said=refused(error, texts))
    await run_in_threadpool(room_of(request).look_at_site)
    return back_to(HERE, done="key-made" if several else "key-in-force")


def _take(act: AdminAct, *, key: SiteKey, several: bool) -> None:
    change = site_keys.prepare if several else site_keys.rotate
    change(act, key)


@router.post(f"{HERE}/take")
async def take(request: Request) -> Response:
    """Let kiosks seal to a prepared key from now on."""
    session, form = await admin(request), await form_of(request)
    try:
        change = partial(site_keys.put_in_force, key_id=form.text("key"))
        await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _page(request, session, said=refused(error, catalogue(session.language)))
    await run_in_threadpool(room_of(request).look_at_site)
    return back_to(HERE, done="key-in-force")


@router.post(f"{HERE}/destroy")
async def destroy(request: Request) -> Response:
    """Destroy a key that no kiosk needs any more."""
    session, form = await admin(request), await form_of(request)
    key_id = form.text("key")
    try:
        if form.text("sure") != "yes":
            raise NotSureError
        await carry_out(request, session, form, partial(site_keys.destroy, key_id=key_id))
    except AdministrationError as error:
        return await _page(request, session, said=refused(error, catalogue(session.language)))
    await run_in_threadpool(_keys(request).forget, [key_id])
    return back_to(HERE, done="key-destroyed")


def _keys(request: Request) -> Keyring:
    keys: Keyring = request.app.state.keys
    return keys


def _several_servers(request: Request) -> bool:
    """Tell whether other machines may serve the same store, which need the key's file first."""
    return str(request.app.state.engine.dialect.name) == "postgresql"


async def _page(request: Request, session: StaffSession, *, said: Notice | None = None) -> Response:
    look = partial(key_overview, site=site_of(request).id, keys=_keys(request))
    return show(
        request,
        session,
        "admin_keys.html",
        tab="keys",
        said=said,
        keys=await look_at(request, look),
        several=_several_servers(request),
        folder=request.app.state.settings.keys.absolute(),
        machine=socket.gethostname(),
    )
