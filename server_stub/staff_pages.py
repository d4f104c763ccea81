"""The incoming page: the list of check-ins as they come in, and help calls.

Every button is a form that works without script: then the whole page answers. With htmx only
what has changed answers, and the stream brings the rest.
"""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kiosk.contract.site import Site
from server_stub import staff_notices, staff_sessions
from server_stub.actions import Press
from server_stub.calling import CallAnswer, Called, NobodyWaits
from server_stub.help_calls import UnknownHelpCallError
from server_stub.incoming_filter import FINISHED, IncomingFilter, filter_of, tongues_of
from server_stub.needs import pictograms
from server_stub.page_rendering import part, render
from server_stub.page_texts import catalogue
from server_stub.queue_rules import CallsPaused
from server_stub.rights import Right
from server_stub.snapshot import VisitRow
from server_stub.staff_door import StaffRoute, by_htmx, require, shell_of
from server_stub.staff_fragments import (
    counts_of,
    desks_of,
    opens_to_helpers,
    ranks_of,
    rendered_desk,
)
from server_stub.staff_login import write_session
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.step_errors import UnknownCounterError
from server_stub.visit import Step, StepError
from server_stub.waiting_room import WaitingRoom
from server_stub.writer import TryAgainError

EVERYONE = IncomingFilter()


class ButtonError(StepError):
    """The button sent something that no button of ours sends, or one of an older version."""


router = APIRouter(include_in_schema=False, route_class=StaffRoute)


def press_of(form: FormData, session: StaffSession) -> Press:
    """Return what a button sends, or raise StepError."""
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    if not sent.get("counter"):
        raise UnknownCounterError("no counter is chosen")
    try:
        return Press(
            action=UUID(sent["action"]),
            staff=session.staff,
            role=session.role,
            counter=sent["counter"],
            visit=UUID(sent["visit"]) if "visit" in sent else None,
            seen=int(sent["seen"]) if "seen" in sent else None,
        )
    except (KeyError, ValueError):
        raise ButtonError("this is no button of the present page") from None


@router.get("/staff")
async def show_staff_page(  # what the page can be filtered by
    request: Request, show: str = "", language: str = "", need: str = "", find: str = ""
) -> Response:
    """Show who is here, newest first, as the filter wants it."""
    session = await require(request, Right.SEE_LIST)
    wanted = filter_of(_room(request).site, show=show, language=language, need=need, find=find)
    return await _page(request, session, wanted=wanted)


@router.post("/staff/counter")
async def choose_counter(request: Request) -> Response:
    """Note at which counter the member of staff works; an empty one for none."""
    session = await require(request, Right.CALL)
    counter = str((await request.form()).get("counter", ""))
    if counter and all(counter != known.id for known in _room(request).site.counters):
        error = UnknownCounterError("the site has no such counter")
        return await _refused(request, session, _refusal(request, session, error), status=422)
    choose = partial(staff_sessions.choose_counter, session=session, counter=counter or None)
    await write_session(request, choose)
    return RedirectResponse("/staff", 303)


@router.post("/staff/call-next")
async def call_next(request: Request) -> Response:
    """Call the party that is first in order at the counter's stage."""
    return await _press(request, Step.CALL)


@router.post("/staff/recall")
async def recall(request: Request) -> Response:
    """Call the party again that the counter has called."""
    return await _press(request, Step.RECALL)


@router.post("/staff/forward")
async def forward(request: Request) -> Response:
    """Send the party on to the next stage of its route."""
    return await _press(request, Step.FORWARD)


@router.post("/staff/finish")
async def finish(request: Request) -> Response:
    """End the party's visit."""
    return await _press(request, Step.FINISH)


@router.post("/staff/help")
async def answer_help(request: Request) -> Response:
    """Note that the member of staff goes to a help call; whoever was first goes."""
    session = await require(request, Right.ANSWER_HELP)
    texts = catalogue(session.language)
    try:
        help_call = UUID(str((await request.form()).get("help_call", "")))
        call = await _room(request).acknowledge_help(help_call=help_call, staff=session.staff)
    except (UnknownHelpCallError, ValueError):
        return await _refused(request, session, staff_notices.help_gone(texts), status=404)
    except TryAgainError:
        return await _refused(request, session, staff_notices.try_again(texts), status=503)
    return await _answered(
        request, session, staff_notices.help_answered(call, session.staff, texts)
    )


async def _press(request: Request, step: Step) -> Response:
    session = await require(request, Right.CALL)
    texts, site = catalogue(session.language), _room(request).site
    try:
        press = press_of(await request.form(), session)
        answer = await _take(_room(request), step, press)
    except StepError as error:
        return await _refused(request, session, _refusal(request, session, error), status=409)
    except TryAgainError:
        # Only the notice: the button keeps its id, so that pressing it again is safe.
        said = part("notices.html", session.language, "notice")(staff_notices.try_again(texts))
        return HTMLResponse(said, 503)
    notice = _said_of(answer, step, session, site=site)
    took = not isinstance(answer, NobodyWaits | CallsPaused)
    return await _answered(request, session, notice, counter=press.counter if took else None)


def _said_of(
    answer: CallAnswer | VisitRow, step: Step, session: StaffSession, *, site: Site
) -> Notice:
    texts = catalogue(session.language)
    match answer:
        case NobodyWaits():
            return staff_notices.nobody_waits(texts)
        case CallsPaused():
            return staff_notices.paused(answer, site, texts=texts, language=session.language)
        case Called():
            return staff_notices.called(answer, texts)
        case _:
            return staff_notices.done(step, answer, site, texts=texts, language=session.language)


async def _take(room: WaitingRoom, step: Step, press: Press) -> CallAnswer | VisitRow:
    if step is Step.CALL:
        return await room.call_next(press)
    steps = {Step.RECALL: room.recall, Step.FORWARD: room.forward, Step.FINISH: room.finish}
    return await steps[step](press)


def _room(request: Request) -> WaitingRoom:
    room: WaitingRoom = request.app.state.room
    return room


def _refusal(request: Request, session: StaffSession, error: StepError) -> Notice:
    return staff_notices.refused(error, _room(request).site, catalogue(session.language))


async def _answered(
    request: Request, session: StaffSession, notice: Notice, *, counter: str | None = None
) -> Response:
    """Answer a press that was taken."""
    if by_htmx(request):
        return await _fragments(request, session, notice, counter=counter)
    return RedirectResponse("/staff", 303)


async def _refused(
    request: Request, session: StaffSession, notice: Notice, *, status: int
) -> Response:
    """Answer a press that was not taken: with the present state, and what to do."""
    if by_htmx(request):
        return await _fragments(request, session, notice, status=status)
    return await _page(request, session, said=notice, status=status)


async def _fragments(
    request: Request,
    session: StaffSession,
    notice: Notice,
    *,
    counter: str | None = None,
    status: int = 200,
) -> Response:
    """Answer htmx: the notice, and the desk as it now is."""
    room = _room(request)
    html = str(part("notices.html", session.language, "notice")(notice))
    desk = desks_of(await room.snapshot(), room.site).get(counter or session.counter or "")
    if desk:
        html += rendered_desk(desk, room.site, session.language)
    return HTMLResponse(html, status)


async def _page(
    request: Request,
    session: StaffSession,
    *,
    wanted: IncomingFilter = EVERYONE,
    said: Notice | None = None,
    status: int = 200,
) -> Response:
    """Answer with the whole page."""
    room = _room(request)
    snapshot = await room.snapshot()
    desk = desks_of(snapshot, room.site).get(session.counter or "")
    # Without script this page is the answer to the call, and says what the notice would.
    if said is None and desk and desk.called and (call := await room.last_call(desk.called)):
        said = staff_notices.called(call, catalogue(session.language))
    all_of_it = session.may(Right.SEE_VISITS)
    if not all_of_it:  # nor may a filter tell what the list does not
        wanted = IncomingFilter(language=wanted.language, find=wanted.find)
    finished = wanted.show == FINISHED
    html = await run_in_threadpool(  # long lists take a while
        render,
        "staff.html",
        session.language,
        shell=shell_of(request, session, here="incoming"),
        site=room.site,
        event_number=snapshot.event_number,
        all_of_it=all_of_it,
        may_call=session.may(Right.CALL),
        wanted=wanted,
        visits=[visit for visit in snapshot.visits if visit.is_open != finished],
        ranks=ranks_of(snapshot),
        opens=opens_to_helpers(room.site),
        icons=pictograms(room.site),
        tongues=tongues_of(room.site, language=session.language),
        help_calls=snapshot.help_calls,
        kiosks=snapshot.kiosks,
        counts=counts_of(snapshot, room.site),
        desk=desk if session.may(Right.CALL) else None,
        said=said,
    )
    return HTMLResponse(html, status)
