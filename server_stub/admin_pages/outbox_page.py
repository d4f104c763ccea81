"""The page of outboxes: what a kiosk could not deliver comes as a file, and is admitted."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.admin_pages.answering import admin, form_of, show, site_of
from server_stub.admin_words import refused
from server_stub.incoming_files import IncomingFiles
from server_stub.outbox_admission import (
    FileGoneError,
    Findings,
    Sender,
    UnreadableOutboxError,
    Ways,
    admit_outbox,
    look_through,
    read_outbox,
    sender_of,
)
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.staff_door import StaffRoute
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

HERE = "/staff/admin/outbox"

T = TypeVar("T")

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(HERE)
async def show_form(request: Request) -> Response:
    """Show where a file is sent."""
    return _page(request, await admin(request))


@router.post(HERE)
async def look(request: Request) -> Response:
    """Take a file, and show what its admission would come to; nothing is admitted yet."""
    session = await admin(request)
    async with request.form() as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.size:
            return _refuse(request, session, UnreadableOutboxError())
        name = await run_in_threadpool(_incoming(request).keep, sent.file)
    return await _look_at_file(request, session, name)


async def _look_at_file(request: Request, session: StaffSession, name: UUID) -> Response:
    site, keys = site_of(request), request.app.state.keys

    def read(connection: Connection) -> tuple[Sender, Findings]:
        with _incoming(request).open(name) as file:
            outbox = read_outbox(file)
            sender = sender_of(connection, site.id, outbox)
            return sender, look_through(connection, outbox, sender, site=site, keys=keys)

    try:
        sender, found = await look_at(request, read)
    except AdministrationError as error:
        await run_in_threadpool(_incoming(request).drop, name)
        return _refuse(request, session, error)
    return _page(request, session, sender=sender, found=found, name=name)


@router.post(f"{HERE}/admit")
async def admit(request: Request) -> Response:
    """Admit what of a file is not here yet."""
    session, form = await admin(request), await form_of(request)
    name = form.id("file")
    at: datetime = request.app.state.settings.clock()

    def act(connection: Connection) -> AdminAct:
        return AdminAct(connection, site_of(request).id, by=session.staff, now=at, press=form.press)

    def write(command: Callable[[Connection], T]) -> T:
        done: T = request.app.state.writer.submit(command).result()
        return done

    ways = Ways(act, room_of(request).site_inside, request.app.state.keys, write)

    def run(file: BinaryIO) -> tuple[Sender, Findings]:
        outbox = read_outbox(file)
        with request.app.state.engine.connect() as connection:
            sender = sender_of(connection, site_of(request).id, outbox)
        return sender, admit_outbox(outbox, sender, ways)

    def work() -> tuple[Sender, Findings]:
        with _incoming(request).open(name) as file:
            return run(file)

    try:
        sender, found = await asyncio.to_thread(work)
    except FileNotFoundError:
        return _refuse(request, session, FileGoneError())
    except AdministrationError as error:
        return _refuse(request, session, error)
    await run_in_threadpool(_incoming(request).drop, name)
    return _page(request, session, sender=sender, found=found)


def _refuse(request: Request, session: StaffSession, error: AdministrationError) -> Response:
    return _page(request, session, said=refused(error, catalogue(session.language)))


def _incoming(request: Request) -> IncomingFiles:
    return IncomingFiles(request.app.state.settings.incoming)


def _page(
    request: Request,
    session: StaffSession,
    *,
    said: Notice | None = None,
    sender: Sender | None = None,
    found: Findings | None = None,
    name: UUID | None = None,
) -> Response:
    """Answer with the page: a form, what an admission would come to, or what it came to."""
    return show(
        request,
        session,
        "admin_outbox.html",
        tab="kiosks",
        said=said,
        sender=sender,
        found=found,
        name=name,
    )
