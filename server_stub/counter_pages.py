"""The counter page: a clerk calls, serves and sends on, and sees who is next before the call.

Every button is a form that works without script: then the whole page answers. With htmx only the
parts that changed answer, and the stream brings what others do.
"""

from functools import partial
from gettext import NullTranslations
from uuid import UUID

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server_stub import staff_notices, staff_sessions
from server_stub.counter_forms import action_of, asked_by
from server_stub.counter_fragments import rendered_counter, shown_desk
from server_stub.counter_reading import last_step_at, last_step_of, noted_of
from server_stub.counter_slips import slip_of
from server_stub.counter_view import (
    Counters,
    Desk,
    counters_of,
    found_by,
    party_of,
)
from server_stub.page_rendering import part, render
from server_stub.page_texts import catalogue
from server_stub.parties import Parties
from server_stub.rights import Right
from server_stub.snapshot import Snapshot, VisitRow, read_visit
from server_stub.staff_api.action_answers import Came
from server_stub.staff_api.door import read
from server_stub.staff_api.taking import press_of, take
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_login import write_session
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.step_errors import UnknownCounterError
from server_stub.step_notices import StepNotices
from server_stub.visit import StepError
from server_stub.waiting_room import WaitingRoom
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

PARTS = "counter_parts.html"


@router.get("/staff/counter")
async def show_counter(request: Request, number: str = "") -> Response:
    """Show the chosen counter, or all to choose from."""
    return await _page(request, await require(request, Right.CALL), wanted=number)


@router.post("/staff/counter/at")
async def choose_counter(request: Request) -> Response:
    """Note at which counter the member of staff works; an empty one for none."""
    session = await require(request, Right.CALL)
    counter = str((await request.form()).get("counter", ""))
    if counter and _room(request).site.counter(counter) is None:
        error = UnknownCounterError("the site has no such counter")
        return await _page(request, session, said=_words(request, session).refused(error))
    choose = partial(staff_sessions.choose_counter, session=session, counter=counter or None)
    await write_session(request, choose)
    return RedirectResponse("/staff/counter", 303)


@router.get("/staff/counter/last")
async def show_last(request: Request, counter: str = "") -> Response:
    """Return why the counter's party was called, what was noted for it, and the last step."""
    session = await require(request, Right.CALL)
    view = counters_of(await _room(request).snapshot(), _room(request).site)
    desk = view.desks.get(counter)
    return HTMLResponse(await _last(request, session, desk) if desk else "")


@router.get("/staff/counter/found")
async def find_number(request: Request, number: str = "") -> Response:
    """Return the parties whose number it is, with what can be done with them."""
    session = await require(request, Right.CALL)
    snapshot = await _room(request).snapshot()
    desk = counters_of(snapshot, _room(request).site).desks.get(session.counter or "")
    return HTMLResponse(await _found(request, session, snapshot, desk, number) if desk else "")


@router.get("/staff/counter/by-hand")
async def show_by_hand(request: Request) -> Response:
    """Show the form for a party that cannot use a kiosk."""
    return await _by_hand_page(request, await require(request, Right.CALL))


@router.get("/staff/counter/slip/{visit}")
async def show_slip(visit: UUID, request: Request) -> Response:
    """Show a number's slip again, to be printed in the party's language."""
    session = await require(request, Right.CALL)
    known = next((v for v in (await _room(request).snapshot()).visits if v.id == visit), None)
    if known is None:
        gone = staff_notices.visit_gone(_texts(session))
        return await _page(request, session, said=gone, status=404)
    return await _page(request, session, slip=_slip(request, session, known))


@router.get("/staff/counter/correct/{visit}")
async def show_correction(visit: UUID, request: Request) -> Response:
    """Show what is stored of a party, to be set right by who leads."""
    return await _correction_page(request, await require(request, Right.LEAD), visit)


@router.post("/staff/counter/{step}")
async def press(step: str, request: Request) -> Response:
    """Do what a button of the page says, once however often it is sent."""
    session = await require(request, Right.CALL)
    room = _room(request)
    zone = room.site.time_zone
    form = await request.form()
    try:
        asked = asked_by(step, form, zone=zone, now=request.app.state.settings.clock())
        came = await take(room, press_of(action_of(form), asked, session), asked)
    except StepError as error:
        return await _refused(request, session, step, error)
    except TryAgainError:
        # Only the notice: the button keeps its id, so that pressing it again is safe.
        said = staff_notices.try_again(catalogue(session.language))
        return HTMLResponse(part("notices.html", session.language, "notice")(said), 503)
    token = str(form.get("ticket_token", ""))
    return await _answered(request, session, step, came, token=token)


# --- answers --------------------------------------------------------------------------------------


async def _answered(
    request: Request, session: StaffSession, step: str, came: Came, *, token: str
) -> Response:
    """Answer a press that was taken; a new number comes with its slip."""
    words = _words(request, session)
    slip = Markup()
    if isinstance(came, Parties):
        said = words.came_to_two(step, came)
        new = came.other if step == "split" else None
    elif isinstance(came, VisitRow) or came is not None:
        said = words.came(step, came)  # type: ignore[arg-type]  # the page has no lead's steps
        new = came if isinstance(came, VisitRow) and step == "by-hand" else None
    else:
        raise TypeError(f"{step} is no step of this page")
    if new:
        slip = _slip(request, session, new, token=token)
    if by_htmx(request):
        corrected = came if isinstance(came, VisitRow) and step == "correct" else None
        return await _fragments(request, session, said, slip=slip, corrected=corrected)
    if step == "by-hand":
        return await _by_hand_page(request, session, said=said, slip=slip)
    if isinstance(came, VisitRow) and step == "correct":
        return await _correction_page(request, session, came.id, said=said)
    if slip:
        return await _page(request, session, said=said, slip=slip)
    return RedirectResponse("/staff/counter", 303)


async def _refused(
    request: Request, session: StaffSession, step: str, error: StepError
) -> Response:
    """Answer a press that was not taken: with the present state, and what to do."""
    said = _words(request, session).refused(error)
    if by_htmx(request):
        return await _fragments(request, session, said, status=409)
    if step == "by-hand":
        return await _by_hand_page(request, session, said=said, status=409)
    if step == "correct" and (visit := _visit_of(await request.form())):
        return await _correction_page(request, session, visit, said=said, status=409)
    return await _page(request, session, said=said, status=409)


async def _by_hand_page(
    request: Request,
    session: StaffSession,
    *,
    said: Notice | None = None,
    slip: Markup = Markup(),  # noqa: B008  # it never changes
    status: int = 200,
) -> Response:
    html = await run_in_threadpool(
        render,
        "counter_by_hand.html",
        session.language,
        shell=shell_of(request, session, here="counter"),
        at=session.counter,
        said=said,
        slip=slip,
    )
    return HTMLResponse(html, status)


async def _fragments(
    request: Request,
    session: StaffSession,
    notice: Notice,
    *,
    slip: Markup = Markup(),  # noqa: B008  # it never changes
    corrected: VisitRow | None = None,
    status: int = 200,
) -> Response:
    """Answer htmx: the notice, and the counter as it now is."""
    room, language = _room(request), session.language
    html = str(part("notices.html", language, "notice")(notice))
    view = counters_of(await room.snapshot(), room.site)
    if desk := view.desks.get(session.counter or ""):
        html += rendered_counter(view, desk.counter.id, room.site, language)
        html += _replaced("#last", await _last(request, session, desk))
        if status < 400:
            html += _replaced("#found", "")
    if slip:
        html += _replaced("#slip", slip)
        html += _replaced("#by-hand", part(PARTS, language, "by_hand")(room.site, session.counter))
    if corrected:
        html += _replaced("#correct", await _corrected(request, session, corrected))
    return HTMLResponse(html, status)


def _replaced(target: str, html: str) -> str:
    return f'<hx-partial hx-target="{target}" hx-swap="innerHTML">{html}</hx-partial>'


async def _correction_page(
    request: Request,
    session: StaffSession,
    visit: UUID,
    *,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    room = _room(request)
    known = await read(request, partial(read_visit, site=room.site.id, visit=visit))
    if known is None:
        gone = staff_notices.visit_gone(_texts(session))
        return await _page(request, session, said=gone, status=404)
    html = await run_in_threadpool(
        render,
        "counter_correct.html",
        session.language,
        shell=shell_of(request, session, here="counter"),
        number=known.number,
        form=await _corrected(request, session, known),
        said=said,
    )
    return HTMLResponse(html, status)


async def _corrected(request: Request, session: StaffSession, visit: VisitRow) -> Markup:
    """Return the form of a correction: what is stored, to be set right."""
    site = _room(request).site
    noted = await read(request, partial(noted_of, site=site.id, visit=visit.id))
    return part(PARTS, session.language, "corrected")(party_of(visit, site), noted, site)


def _visit_of(form: FormData) -> UUID | None:
    try:
        return UUID(str(form.get("visit")))
    except ValueError:
        return None


async def _page(
    request: Request,
    session: StaffSession,
    *,
    wanted: str = "",
    said: Notice | None = None,
    slip: Markup = Markup(),  # noqa: B008  # it never changes
    status: int = 200,
) -> Response:
    """Answer with the whole page."""
    room, language = _room(request), session.language
    snapshot = await room.snapshot()
    view: Counters = await run_in_threadpool(counters_of, snapshot, room.site)
    desk = view.desks.get(session.counter or "")
    html = await run_in_threadpool(
        render,
        "counter.html",
        language,
        shell=shell_of(request, session, here="counter"),
        view=view,
        shown=shown_desk(desk, room.site, language) if desk else None,
        last=await _last(request, session, desk) if desk else "",
        found=await _found(request, session, snapshot, desk, wanted) if desk else "",
        wanted=wanted,
        slip=slip,
        said=said,
        leads=session.may(Right.LEAD),
        keys=_keys(catalogue(language)),
        now=request.app.state.settings.clock(),
    )
    return HTMLResponse(html, status)


async def _last(request: Request, session: StaffSession, desk: Desk) -> Markup:
    """Return why the party was called, what was noted for it, and the step that can be undone."""
    room, words = _room(request), _words(request, session)
    why, noted = "", {}
    if desk.party:
        called = await room.last_call(desk.party)
        why = words.reasons(called.why) if called else ""
        noted = await read(request, partial(noted_of, site=room.site.id, visit=desk.party.id))
    now = request.app.state.settings.clock()
    last = await read(
        request, partial(last_step_at, site=room.site.id, counter=desk.counter.id, now=now)
    )
    names = {outcome.id: outcome.name[session.language] for outcome in room.site.outcomes}
    return part(PARTS, session.language, "last")(
        why,
        [(names.get(name, name), persons) for name, persons in noted.items()],
        last,
        words.last_step(last.step, last.visit) if last else "",
        desk.counter,
    )


async def _found(
    request: Request, session: StaffSession, snapshot: Snapshot, desk: Desk, wanted: str
) -> Markup:
    """Return the parties of a number, with the last step of each that this clerk may take back."""
    site, words = _room(request).site, _words(request, session)
    visits = found_by(wanted, snapshot)
    taken_back = {}
    for visit in visits:
        last = await read(request, partial(last_step_of, site=site.id, visit=visit))
        if last and (session.may(Right.LEAD) or last.counter == desk.counter.id):
            taken_back[visit.id] = words.last_step(last.step, visit)
    return part(PARTS, session.language, "found")(
        [party_of(visit, site) for visit in visits],
        desk,
        wanted.strip()[:8].upper(),
        site,
        taken_back,
    )


def _slip(request: Request, session: StaffSession, visit: VisitRow, *, token: str = "") -> Markup:
    site = _room(request).site
    slip = slip_of(visit, site, now=request.app.state.settings.clock(), token=token)
    return part("slip_parts.html", session.language, "shown")(slip)


def _room(request: Request) -> WaitingRoom:
    room: WaitingRoom = request.app.state.room
    return room


def _texts(session: StaffSession) -> NullTranslations:
    return catalogue(session.language)


def _words(request: Request, session: StaffSession) -> StepNotices:
    return StepNotices(_room(request).site, _texts(session), session.language)


def _keys(texts: NullTranslations) -> list[tuple[tuple[str, ...], str]]:
    """Return the keys of the page, and what each does."""
    _ = texts.gettext
    return [
        (("N",), _("Call next")),
        (("S",), _("Is here")),
        (("R",), _("Call again")),
        (("A",), _("Did not come, after three calls")),
        (("F",), _("Send on")),
        (("E",), _("Finish")),
        (("P",), _("Put back for now")),
        (("O",), _("Note the outcomes that are filled in")),
        (("U",), _("Take back your last step")),
        (("M",), _("More")),
        (("0", "…", "9"), _("Find a number: type its digits")),
        (("T",), _("Ticket by hand")),
        (("?",), _("These keys")),
        (("Esc",), _("Close")),
    ]
