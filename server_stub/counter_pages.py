"""The counter page: a clerk calls, serves and sends on, and sees who is next before the call.

Every button is a form that works without script: then the whole page answers. With htmx only the
parts that changed answer, and the stream brings what others do.
"""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server_stub import staff_notices, staff_sessions
from server_stub.counter_answers import NO_SLIP, CounterAnswers
from server_stub.counter_forms import action_of, asked_by
from server_stub.page_store import room_of
from server_stub.page_texts import catalogue
from server_stub.parties import Parties
from server_stub.rights import Right
from server_stub.snapshot import VisitRow
from server_stub.staff_api.action_answers import Came
from server_stub.staff_api.taking import press_of, take
from server_stub.staff_door import StaffRoute, by_htmx, require
from server_stub.staff_login import write_session
from server_stub.staff_notices import Notice
from server_stub.step_errors import UnknownCounterError
from server_stub.visit import StepError
from server_stub.writer import TryAgainError

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@router.get("/staff/counter")
async def show_counter(request: Request, number: str = "") -> Response:
    """Show the chosen counter, or all to choose from."""
    return await (await _answers(request)).page(wanted=number)


@router.post("/staff/counter/at")
async def choose_counter(request: Request) -> Response:
    """Note at which counter the member of staff works; an empty one for none."""
    session = await require(request, Right.CALL)
    counter = str((await request.form()).get("counter", ""))
    if counter and room_of(request).site.counter(counter) is None:
        answers = CounterAnswers(request, session)
        error = UnknownCounterError("the site has no such counter")
        return await answers.page(said=answers.words.refused(error), status=422)
    choose = partial(staff_sessions.choose_counter, session=session, counter=counter or None)
    await write_session(request, choose)
    return RedirectResponse("/staff/counter", 303)


@router.get("/staff/counter/last")
async def show_last(request: Request, counter: str = "") -> Response:
    """Return why the counter's party was called, what was noted for it, and the last step."""
    return await (await _answers(request)).last(counter)


@router.get("/staff/counter/found")
async def find_number(request: Request, number: str = "") -> Response:
    """Return the parties whose number it is, with what can be done with them."""
    return await (await _answers(request)).found(number)


@router.get("/staff/counter/by-hand")
async def show_by_hand(request: Request) -> Response:
    """Show the form for a party that cannot use a kiosk."""
    return await (await _answers(request)).by_hand_page()


@router.get("/staff/counter/slip/{visit}")
async def show_slip(visit: UUID, request: Request) -> Response:
    """Show a number's slip again, to be printed in the party's language."""
    return await (await _answers(request)).slip_page(visit)


@router.get("/staff/counter/correct/{visit}")
async def show_correction(visit: UUID, request: Request) -> Response:
    """Show what is stored of a party, to be set right by who leads."""
    session = await require(request, Right.LEAD)
    return await CounterAnswers(request, session).correction_page(visit)


@router.post("/staff/counter/{step}")
async def press(step: str, request: Request) -> Response:
    """Do what a button of the page says, once however often it is sent."""
    session = await require(request, Right.CALL)
    answers, room = CounterAnswers(request, session), room_of(request)
    form = await request.form()
    try:
        now = request.app.state.settings.clock()
        asked = asked_by(step, form, zone=room.site.time_zone, now=now)
        came = await take(room, press_of(action_of(form), asked, session), asked)
    except StepError as error:
        return await _refused(request, answers, step, error, leads=session.may(Right.LEAD))
    except TryAgainError:
        again = staff_notices.try_again(catalogue(session.language))
        return answers.notice(again, status=503)
    return await _done(request, answers, step, came)


async def _done(request: Request, answers: CounterAnswers, step: str, came: Came) -> Response:
    """Answer a press that was taken; a new number comes with its slip."""
    said, new = _said_of(answers, step, came)
    token = str((await request.form()).get("ticket_token", ""))
    slip = answers.slip(new, token=token) if new else NO_SLIP
    corrected = came if isinstance(came, VisitRow) and step == "correct" else None
    if by_htmx(request):
        return await answers.fragments(said, slip=slip, corrected=corrected)
    if slip and step == "by-hand":
        return await answers.by_hand_page(said=said, slip=slip)
    if slip:
        return await answers.page(said=said, slip=slip)
    if corrected:
        return await answers.correction_page(corrected.id, said=said)
    return RedirectResponse("/staff/counter", 303)


def _said_of(answers: CounterAnswers, step: str, came: Came) -> tuple[Notice, VisitRow | None]:
    """Return what is said of a press, and the visit to which it gave a number."""
    if isinstance(came, Parties):
        new = came.other if step == "split" else None
        return answers.words.came_to_two(step, came), new
    said = answers.words.came(step, came)  # type: ignore[arg-type]  # no form of the page asks for a day
    return said, came if isinstance(came, VisitRow) and step == "by-hand" else None


async def _refused(
    request: Request, answers: CounterAnswers, step: str, error: StepError, *, leads: bool
) -> Response:
    """Answer a press that was not taken: with the present state, and what to do.

    What is stored of a party is shown to who `leads`, as by `show_correction`.
    """
    said = answers.words.refused(error)
    if by_htmx(request):
        return await answers.fragments(said, status=409)
    if step == "by-hand":
        return await answers.by_hand_page(said=said, status=409)
    visit = _visit_of(await request.form()) if step == "correct" and leads else None
    if visit:
        return await answers.correction_page(visit, said=said, status=409)
    return await answers.page(said=said, status=409)


def _visit_of(form: FormData) -> UUID | None:
    try:
        return UUID(str(form.get("visit")))
    except ValueError:
        return None


async def _answers(request: Request) -> CounterAnswers:
    return CounterAnswers(request, await require(request, Right.CALL))
