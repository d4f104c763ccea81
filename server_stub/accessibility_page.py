"""The accessibility statement: what is met, what is not, and who wants to hear of it. No login."""

from datetime import date

from babel.dates import format_date
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from kiosk.contract.site import Site
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES, preferred_language

PATH = "/accessibility"

STATED_ON = date(2026, 11, 22)
"""When what it says was last compared with what the pages are. To be done with each change."""

router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show_statement(request: Request, language: str = "") -> Response:
    """Show the statement, in the language asked for or preferred by the browser."""
    if language not in LANGUAGES:
        language = preferred_language(request.headers.get("accept-language"))
    site: Site = request.app.state.room.site
    html = render(
        "accessibility.html",
        language,
        site=site,
        stated_on=format_date(STATED_ON, "long", locale=language),
    )
    return HTMLResponse(html)
