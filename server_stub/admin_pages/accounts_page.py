"""The page of accounts: who may log in, and what an administrator changes of that."""

import asyncio
from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from server_stub import accounts
from server_stub.accounts import Account, new_password, read_accounts
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
from server_stub.admin_words import TABS, refused, roles
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.passwords import hash_password
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

LIST, ONE = TABS["accounts"], "/staff/admin/account"

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(LIST)
async def show_accounts(request: Request) -> Response:
    """Show who may log in, and a form for one more."""
    return await _list(request, await admin(request))


@router.post(LIST)
async def make(request: Request) -> Response:
    """Make an account, and show its password: once, for nobody keeps it."""
    session, form = await admin(request), await form_of(request)
    name, password = form.text("name"), new_password()
    try:
        accounts.check_name(name)
        change = partial(
            accounts.make_account,
            name=name,
            role=form.text("role"),
            password_hash=await _hashed(request, password),
        )
        await carry_out(request, session, form, change)
    except AdministrationError as error:
        said = refused(error, catalogue(session.language))
        return await _list(request, session, form=form, said=said)
    return _card(request, session, name, password=password, is_new=True)


@router.get(ONE)
async def show_account(request: Request, name: str = "") -> Response:
    """Show one account, and all that can be changed of it."""
    return await _one(request, await admin(request), name)


@router.post(f"{ONE}/password")
async def give_password(request: Request) -> Response:
    """Give an account another password, and show it once."""
    session, form = await admin(request), await form_of(request)
    name, password = form.text("name"), new_password()
    change = partial(
        accounts.change_password,
        name=name,
        password_hash=await _hashed(request, password),
        keep=session.id_sha256,
    )
    try:
        await carry_out(request, session, form, change)
    except AdministrationError as error:
        return await _one(request, session, name, error=error)
    return _card(request, session, name, password=password, is_new=False)


@router.post(f"{ONE}/role")
async def change_role(request: Request) -> Response:
    """Let someone do other things."""
    form = await form_of(request)
    change = partial(accounts.change_role, role=form.text("role"))
    return await _change(request, form, change, done="account-role")


@router.post(f"{ONE}/sessions")
async def end_sessions(request: Request) -> Response:
    """Log someone out everywhere; oneself everywhere else."""
    session = await admin(request)
    change = partial(accounts.end_sessions, keep=session.id_sha256)
    return await _change(request, await form_of(request), change, done="account-sessions-ended")


@router.post(f"{ONE}/disable")
async def disable(request: Request) -> Response:
    """Shut someone out."""
    return await _change(request, await form_of(request), accounts.disable, done="account-disabled")


@router.post(f"{ONE}/enable")
async def enable(request: Request) -> Response:
    """Let someone in again."""
    return await _change(request, await form_of(request), accounts.enable, done="account-enabled")


async def _change(
    request: Request, form: Form, change: Callable[..., object], *, done: str
) -> Response:
    session, name = await admin(request), form.text("name")

    def of_account(act: AdminAct) -> object:
        return change(act, name)

    try:
        await carry_out(request, session, form, of_account)
    except AdministrationError as error:
        return await _one(request, session, name, error=error)
    return back_to(ONE, done=done, name=name)


async def _hashed(request: Request, password: str) -> str:
    """Return the hash, computed beside the event loop: it takes a tenth of a second."""
    cost = request.app.state.settings.password_cost
    return await asyncio.to_thread(hash_password, password, cost)


async def _accounts(request: Request) -> list[Account]:
    site, now = site_of(request).id, request.app.state.settings.clock()
    return await look_at(request, partial(read_accounts, site=site, now=now))


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
        "admin_accounts.html",
        tab="accounts",
        said=said,
        accounts=await _accounts(request),
        roles=roles(catalogue(session.language)),
        name=form.text("name") if form else "",
        role=form.text("role") if form else "counter",
    )


async def _one(
    request: Request,
    session: StaffSession,
    name: str,
    *,
    error: AdministrationError | None = None,
) -> Response:
    said = refused(error, catalogue(session.language)) if error else None
    account = next((a for a in await _accounts(request) if a.name == name), None)
    if account is None:
        unknown = refused(accounts.UnknownAccountError(name), catalogue(session.language))
        return await _list(request, session, said=said or unknown)
    return show(
        request,
        session,
        "admin_account.html",
        tab="accounts",
        said=said,
        account=account,
        own=account.name == session.staff,
        roles=roles(catalogue(session.language)),
    )


def _card(
    request: Request, session: StaffSession, name: str, *, password: str, is_new: bool
) -> Response:
    return show(
        request,
        session,
        "admin_account_card.html",
        tab="accounts",
        name=name,
        password=password,
        is_new=is_new,
        address=f"{address_of_server(request)}/staff",
        path=f"{ONE}",
    )
