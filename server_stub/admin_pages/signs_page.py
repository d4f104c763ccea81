"""The page of door signs: a sheet of A4 for each door, to be looked at and printed."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from server_stub.admin_pages.answering import admin, show, site_of
from server_stub.admin_words import TABS
from server_stub.door_signs import signs_of
from server_stub.staff_door import StaffRoute

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get(TABS["signs"])
async def show_signs(request: Request) -> Response:
    """Show the signs of all doors of the site in force."""
    session = await admin(request)
    signs = signs_of(site_of(request))
    return show(request, session, "admin_signs.html", tab="signs", signs=signs)
