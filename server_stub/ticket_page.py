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

COME_AGAIN = {"Retry-After": "15"}
"""Seconds, as the page itself does."""

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
    site, language = _site(request), _wanted_language(request)
    view, status = None, 200
    try:
        ticket = await _ticket(request)
    except NOT_NOW:
        part, status = ticket_rendering.busy_part(site, language=language), 503
    else:
        part, view, language = _part(ticket, site, wanted=language)
    time = clock_time(request.app.state.settings.clock(), site.time_zone)
    html = ticket_rendering.page(part, site, language=language, time=time, view=view)
    return HTMLResponse(html, status, headers=COME_AGAIN if status == 503 else None)


async def show_part(request: Request) -> Response:
    """Send what may have changed on an open page; 304 where nothing has."""
    try:
        ticket = await _ticket(request)
    except NOT_NOW:
        return Response(status_code=503, headers=COME_AGAIN)
    html, _, _ = _part(ticket, _site(request), wanted=_wanted_language(request))
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


def _part(ticket: Ticket | None, site: Site, *, wanted: str) -> tuple[str, TicketView | None, str]:
    """Return what is shown, of which view, and in which language: the party's where known."""
    if ticket is None:
        return ticket_rendering.unknown_part(site, language=wanted), None, wanted
    own = ticket.visit.language
    language = own if own in LANGUAGES else wanted
    view = view_of(ticket.visit, site, printed=ticket.printed, wait=ticket.wait)
    return ticket_rendering.known_part(view, site, language=language), view, language


def _site(request: Request) -> Site:
    site: Site = request.app.state.room.site
    return site


def _wanted_language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"), LANGUAGES)
