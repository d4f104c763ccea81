"""The ticket page: a phone follows the number of its slip, on a listener with nothing else.

The token in the address is all that a holder needs, and all that is told is what slip and wall
tell. Tokens that nobody knows, whether not delivered yet, over or made up, get one and the same
answer.
"""

import base64
import hashlib
from functools import cache

from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kiosk.contract.site import Site
from server_stub import ticket_rendering
from server_stub.failures import LastResort
from server_stub.local_time import clock_time
from server_stub.page_headers import HEADERS, PageHeaders
from server_stub.page_texts import preferred_language
from server_stub.ticket_reading import BusyError, Ticket, TicketReader
from server_stub.ticket_texts import LANGUAGES
from server_stub.ticket_view import TicketView, is_over, view_of

SECONDS_WHEN_BUSY = 15

NOT_NOW = (BusyError, DBAPIError, PoolTimeoutError)
"""Why tickets cannot be read for some seconds."""


@cache
def headers() -> dict[str, str]:
    """Return the headers of every answer: this style and this script run, and nothing else."""
    policy = (
        f"default-src 'none'; script-src {_source(ticket_rendering.script())}; "
        f"style-src {_source(ticket_rendering.style())}; img-src data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HEADERS | {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",  # the address is the ticket
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def create_ticket_app(server: FastAPI) -> Starlette:
    """Return the app of the ticket listener; it lives as long as the server that it belongs to."""
    app = Starlette(
        routes=[Route("/t/{token}", show_ticket), Route("/t/{token}/now", show_part)],
        middleware=[Middleware(PageHeaders, headers()), Middleware(LastResort)],
    )
    app.state = server.state
    return app


async def show_ticket(request: Request) -> Response:
    """Show a ticket, or that nobody knows it."""
    room, settings = request.app.state.room, request.app.state.settings
    site: Site = room.site
    wanted = _wanted_language(request)
    time = clock_time(settings.clock(), site.time_zone)
    try:
        ticket = await _ticket(request)
    except NOT_NOW:
        html = ticket_rendering.busy_page(site, language=wanted, time=time)
        return HTMLResponse(html, 503, headers={"Retry-After": str(SECONDS_WHEN_BUSY)})
    if ticket is None:
        return HTMLResponse(ticket_rendering.unknown_page(site, language=wanted, time=time))
    view, language = _view(ticket, site, otherwise=wanted)
    return HTMLResponse(ticket_rendering.known_page(view, site, language=language, time=time))


async def show_part(request: Request) -> Response:
    """Send what may have changed on an open page; 304 where nothing has."""
    site: Site = request.app.state.room.site
    wanted = _wanted_language(request)
    try:
        ticket = await _ticket(request)
    except NOT_NOW:
        return Response(status_code=503, headers={"Retry-After": str(SECONDS_WHEN_BUSY)})
    if ticket is None:
        html = ticket_rendering.unknown_part(site, language=wanted)
    else:
        view, language = _view(ticket, site, otherwise=wanted)
        html = ticket_rendering.known_part(view, site, language=language)
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return HTMLResponse(html, headers={"ETag": tag})


async def _ticket(request: Request) -> Ticket | None:
    """Return the ticket of the address; None where nobody knows it, or no longer."""
    state = request.app.state
    reader: TicketReader = state.tickets
    ticket = await reader.read(request.path_params["token"])
    if ticket is None or is_over(ticket.visit, now=state.settings.clock()):
        return None
    return ticket


def _view(ticket: Ticket, site: Site, *, otherwise: str) -> tuple[TicketView, str]:
    """Return what is shown, and the party's language where there are texts in it."""
    known = ticket.visit.language in LANGUAGES
    language = ticket.visit.language if known and ticket.visit.language else otherwise
    return view_of(ticket.visit, site, printed=ticket.printed, wait=ticket.wait), language


def _wanted_language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"), LANGUAGES)
