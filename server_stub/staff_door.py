"""The door of the staff pages: who asks, what they may, what they are told where they may not.

A page module takes `StaffRoute` for its router and asks `require` first. What that raises is
answered in a form that suits who asks: a page, a notice for htmx, a status for a stream.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from kiosk.contract.site import Site
from server_stub import staff_notices
from server_stub.origin import SAFE_METHODS
from server_stub.page_rendering import part, render
from server_stub.page_texts import catalogue, preferred_language
from server_stub.rights import Right
from server_stub.staff_login import LoginNeededError, comes_slowly, require_staff, within_staff
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import LOOKS, StaffSession

PLACES: dict[str, tuple[str, Right]] = {
    "incoming": ("/staff", Right.SEE_LIST),
    "counter": ("/staff/counter", Right.CALL),
    "hall": ("/staff/hall", Right.LEAD),
    "figures": ("/staff/figures", Right.LEAD),
    "report": ("/staff/report", Right.LEAD),
    "admin": ("/staff/admin", Right.ADMINISTER),
}
"""The pages of the navigation: where each is, and who may open it."""

MOST_FILES = 1
"""Sent with a form."""

MOST_FIELDS = 1_400
"""Of a form. More do not fit into `LARGEST_BODY`: at the end of a day it can be said one by one of
some 1,200 parties that they go on tomorrow. What was chosen for none of them is not sent: they go
as all others.
"""


class MayNotError(Exception):
    """Somebody is logged in who lacks the right.

    Attributes:
        session: Whose.

    """

    def __init__(self, session: StaffSession) -> None:
        self.session = session
        super().__init__("the account lacks the right")


class StaffRoute(APIRoute):
    """A route of the staff pages: whoever may not come in is told what to do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint, with the door before it."""
        inside = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inside(request)
            except LoginNeededError as error:
                return _to_login(request, over=error.was_logged_in)
            except MayNotError as error:
                return _may_not(request, error.session)

        return handler


async def require(request: Request, right: Right) -> StaffSession:
    """Return who is logged in, where they have the right; the form has come as a whole then.

    Raises:
        LoginNeededError: Nobody is logged in.
        MayNotError: Their account lacks the right.

    """
    session = await _require_now(request, right)
    if request.method in SAFE_METHODS:
        return session
    form = request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    return await _require_now(request, right) if await comes_slowly(form) else session


async def _require_now(request: Request, right: Right) -> StaffSession:
    session = await require_staff(request)
    if not session.may(right):
        raise MayNotError(session)
    return session


async def still_may(request: Request, right: Right) -> bool:
    """Tell whether who asked may still, for streams that outlive their request."""
    try:
        await require(request, right)
    except (LoginNeededError, MayNotError):
        return False
    return True


def by_htmx(request: Request) -> bool:
    """Return whether htmx asks: it takes fragments, where a browser wants a page."""
    return "hx-request" in request.headers


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every staff page.

    Attributes:
        site: The site.
        session: Who is logged in.
        here: Which of `PLACES` this page is, or belongs to; "" for none.
        places: Name and address of those that they may open, in order.
        looks: What `look` may be.
        back: The page's own address, to come back to from a choice of language or look.

    """

    site: Site
    session: StaffSession
    here: str
    places: tuple[tuple[str, str], ...]
    looks: tuple[str, ...]
    back: str


def shell_of(request: Request, session: StaffSession, *, here: str) -> Shell:
    """Return what `shell.html` needs, as `shell`.

    Args:
        request: For the page.
        session: Who is logged in.
        here: Which of `PLACES` the page is, or belongs to; "" for none.

    """
    places = tuple(
        (name, address) for name, (address, right) in PLACES.items() if session.may(right)
    )
    return Shell(
        site=request.app.state.room.site,
        session=session,
        here=here,
        places=places,
        looks=LOOKS,
        back=_address_of_page(request, here),
    )


def nothing_here(request: Request) -> Response | None:
    """Return the page for an address of staff where nothing is; None for what no browser asks."""
    pages = request.url.path.startswith("/staff/") and not request.url.path.startswith("/staff/v1")
    if not pages or by_htmx(request) or "text/html" not in request.headers.get("accept", ""):
        return None
    language = _language_of_browser(request)
    _ = catalogue(language).gettext
    html = render(
        "problem.html",
        language,
        site_name=request.app.state.room.site.name,
        what=_("There is no page at this address."),
        next_step=_("It may have been mistyped, or what was there is gone."),
        way=PLACES["incoming"][0],
        way_name=_("To the first page"),
    )
    return HTMLResponse(html, 404)


def _address_of_page(request: Request, here: str) -> str:
    """Return where the page can be had again: a POST's answer stands where no page is."""
    if request.method == "GET":
        return within_staff(f"{request.url.path}?{request.url.query}".removesuffix("?"))
    return PLACES.get(here, PLACES["incoming"])[0]


def _to_login(request: Request, *, over: bool) -> Response:
    if _is_stream(request):
        return PlainTextResponse("log in first\n", 401)
    if by_htmx(request):
        return _notice(request, staff_notices.session_over(_texts_of_browser(request)), 401)
    asked = {"reason": "over"} if over else {}
    if request.method == "GET" and request.url.path != PLACES["incoming"][0]:
        asked["back"] = _address_of_page(request, "")
    return RedirectResponse(f"/staff/login?{urlencode(asked)}".removesuffix("?"), 303)


def _may_not(request: Request, session: StaffSession) -> Response:
    if _is_stream(request):
        return PlainTextResponse("your account may not\n", 403)
    notice = staff_notices.may_not(catalogue(session.language))
    if by_htmx(request):
        return _notice(request, notice, 403, language=session.language)
    shell = shell_of(request, session, here="")
    return HTMLResponse(render("may_not.html", session.language, shell=shell, notice=notice), 403)


def _notice(
    request: Request, notice: Notice, status: int, *, language: str | None = None
) -> Response:
    language = language or _language_of_browser(request)
    return HTMLResponse(part("notices.html", language, "notice")(notice), status)


def _texts_of_browser(request: Request) -> Any:  # noqa: ANN401  # gettext's
    return catalogue(_language_of_browser(request))


def _language_of_browser(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"))


def _is_stream(request: Request) -> bool:
    return request.url.path.startswith("/staff/live")
