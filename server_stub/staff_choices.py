"""What a member of staff chooses for themselves: in which language and look the pages come."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server_stub import staff_sessions
from server_stub.page_texts import LANGUAGES
from server_stub.staff_door import StaffRoute
from server_stub.staff_login import require_staff, within_staff, write_session

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.post("/staff/language")
async def choose_language(request: Request) -> Response:
    """Note the language, and show the page that it was chosen on."""
    session = await require_staff(request)
    form = await request.form()
    language = _field(form, "language")
    if language in LANGUAGES:
        choose = partial(staff_sessions.choose_language, session=session, language=language)
        await write_session(request, choose)
    return RedirectResponse(within_staff(_field(form, "back")), 303)


@router.post("/staff/look")
async def choose_look(request: Request) -> Response:
    """Note whether the pages are light, dark, or as the browser; show the page it was chosen on."""
    session = await require_staff(request)
    form = await request.form()
    look = _field(form, "look")
    if look in staff_sessions.LOOKS:
        choose = partial(staff_sessions.choose_look, session=session, look=look)
        await write_session(request, choose)
    return RedirectResponse(within_staff(_field(form, "back")), 303)


def _field(form: FormData, name: str) -> str:
    return str(form.get(name, ""))
