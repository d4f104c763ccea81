"""Answering at the pages of administration: who may, a change made once, and what is said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kiosk.contract.site import Site
from server_stub.admin_act import AdminAct
from server_stub.admin_words import TABS, said_of
from server_stub.page_rendering import render
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.staff_door import by_htmx, require, shell_of
from server_stub.staff_login import write_session
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Form:
    """What a form sent: texts, some of them several times, and the id of its button.

    Attributes:
        press: The id of the button; None where the form has none of ours.

    """

    values: Mapping[str, tuple[str, ...]]
    press: UUID | None

    def text(self, name: str) -> str:
        """Return what was entered, without blanks around it; "" where nothing was."""
        return self.values.get(name, ("",))[-1].strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return all that was ticked."""
        return self.values.get(name, ())

    def id(self, name: str) -> UUID:
        """Return an id; one that nothing has where none was sent."""
        try:
            return UUID(self.text(name))
        except ValueError:
            return UUID(int=0)


async def admin(request: Request) -> StaffSession:
    """Return who administers; raise as `require` where they may not."""
    return await require(request, Right.ADMINISTER)


async def form_of(request: Request) -> Form:
    """Return what was sent."""
    sent: dict[str, tuple[str, ...]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            sent[name] = (*sent.get(name, ()), value)
    try:
        press = UUID(sent.get("action", ("",))[-1])
    except ValueError:
        press = None
    return Form(sent, press)


def site_of(request: Request) -> Site:
    """Return the site in force."""
    site: Site = request.app.state.room.site
    return site


async def carry_out(
    request: Request, session: StaffSession, form: Form, change: Callable[[AdminAct], T]
) -> T:
    """Make a change durably, once, and return what it returned.

    Raises:
        AdministrationError: It cannot be made; nothing has changed.

    """
    now = request.app.state.settings.clock()

    def command(connection: Connection, site: str) -> T:
        act = AdminAct(connection, site, by=session.staff, now=now, press=form.press)
        act.require_new()
        return change(act)

    return await write_session(request, command)


def show(
    request: Request,
    session: StaffSession,
    template: str,
    *,
    tab: str,
    said: Notice | None = None,
    **what: object,
) -> Response:
    """Answer with a page of administration; one that says something is in trouble says so.

    Args:
        request: To be answered.
        session: Who administers.
        template: Of the page.
        tab: Which of `TABS` it is, or belongs to.
        said: What it says on top; by default what its address says was done.
        **what: What the template needs.

    """
    texts = catalogue(session.language)
    said = said or said_of(request.query_params.get("done", ""), texts)
    html = render(
        template,
        session.language,
        shell=shell_of(request, session, here="admin"),
        tabs=TABS,
        tab=tab,
        said=said,
        **what,
    )
    answer = HTMLResponse(html, 409 if said and said.kind == "trouble" else 200)
    if by_htmx(request) and request.method == "GET":
        # What a press has led to is what is loaded again: a renamed display has another address.
        answer.headers["HX-Replace-Url"] = f"{request.url.path}?{request.url.query}"
    return answer


def back_to(address: str, *, done: str, **query: str) -> Response:
    """Send the browser to a page that says what was done."""
    return RedirectResponse(f"{address}?{urlencode({**query, 'done': done})}", 303)


def address_of_server(request: Request) -> str:
    """Return how this browser reaches the server, without a slash at the end."""
    return str(request.base_url).rstrip("/")
