"""The streams of the staff pages: each follows its page's channel while it may."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from server_stub.live import event_stream
from server_stub.page_texts import LANGUAGES
from server_stub.rights import Right
from server_stub.staff_door import StaffRoute, require, still_may

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

PAGES: dict[str, Right] = {
    "incoming": Right.SEE_VISITS,
    "incoming-helper": Right.SEE_LIST,
    "counter": Right.CALL,
    "hall": Right.LEAD,
}
"""Who may follow what. The hub's channel is the page's name and the language: ``hall/de``."""


def channel(page: str, language: str) -> str:
    """Return the name of a page's channel in a language."""
    return f"{page}/{language}"


@router.get("/staff/live/{page}")
async def follow(page: str, request: Request, language: str, after: int, edition: str) -> Response:
    """Send what changes from event number `after` on, for as long as the session is good."""
    right = PAGES.get(page)
    if right is None:
        return PlainTextResponse("no page has this stream\n", 404)
    await require(request, right)
    return event_stream(
        request,
        channel=channel(page, language if language in LANGUAGES else "en"),
        after=after,
        edition=edition,
        may_watch=partial(still_may, request, right),
    )
