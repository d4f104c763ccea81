"""Actions of the staff API: everything that staff do with visits, through one idempotent door."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from server_stub.actions import Press
from server_stub.closing import DayAfter, Decisions
from server_stub.kiosk_api import Room
from server_stub.parties import Parties, PartyByHand
from server_stub.progress import Correction
from server_stub.served_by_hand import MarkedRange
from server_stub.snapshot import VisitRow
from server_stub.staff_api import day_presses, paths, presses, queries
from server_stub.staff_api.action_answers import (
    A_CALL,
    A_DAY_CLOSED,
    A_PAUSE,
    NOBODY,
    Came,
    Done,
    done_answer,
)
from server_stub.staff_api.bodies import read_body
from server_stub.staff_api.day_presses import DayPress
from server_stub.staff_api.documenting import body_of, refused, said
from server_stub.staff_api.door import Caller, StaffApiRoute, read
from server_stub.staff_api.presses import STAFF_ACTION, StaffAction
from server_stub.staff_api.step_refusals import refusal_of
from server_stub.staff_sessions import StaffSession
from server_stub.undoing import SetRight
from server_stub.visit import Step, StepError
from server_stub.waiting_room import WaitingRoom

router = APIRouter(route_class=StaffApiRoute, tags=["actions"])


@router.put(
    f"{paths.ACTIONS}/{{action_id}}",
    openapi_extra=body_of(presses.schema(), presses.EXAMPLES),
    responses={
        201: said(
            "Done.",
            Done,
            called=A_CALL,
            nobody_waits=NOBODY,
            paused=A_PAUSE,
            day_closed=A_DAY_CLOSED,
        ),
        200: said("It was done before: nothing has changed since by this.", Done, called=A_CALL),
        **refused(401, 403, 404, 409, 413, 422),
    },
)
async def put_action(action_id: UUID, request: Request, room: Room, session: Caller) -> Response:
    """Do something with a visit, or call the next.

    The id is a UUID that you make, one for each press. Sent again it does nothing more and gets
    the same answer; with other content it is refused.
    """
    asked = await read_body(request, STAFF_ACTION, tag="step")
    known = await read(request, partial(queries.knows_action, site=room.site.id, action=action_id))
    press = _press(action_id, asked, session)
    try:
        done = await _do(room, press, asked)
    except StepError as error:
        there = press.visit is not None and await read(
            request, partial(queries.knows_visit, site=room.site.id, visit=press.visit)
        )
        raise refusal_of(error, visit=press.visit, is_there=there) from None
    answer = done_answer(action_id, asked.step, done)
    return Response(answer.to_bytes(), 200 if known else 201, media_type="application/json")


def _press(action: UUID, asked: StaffAction, session: StaffSession) -> Press:
    return Press(
        action=action,
        staff=session.staff,
        role=session.role,
        counter=asked.counter,
        visit=getattr(asked, "visit", None),
        seen=getattr(asked, "seen", None),
    )


async def _do(room: WaitingRoom, press: Press, asked: StaffAction) -> Came:
    match asked:
        case presses.CallNext():
            return await room.call_next(press)
        case presses.Call():
            return await room.call_chosen(press)
        case presses.Plain():
            return await _plain(room, press, asked.step)
        case presses.Split() | presses.Merge():
            return await _two_parties(room, press, asked)
        case presses.Correct() | presses.Stock() | DayPress():
            return await _by_a_lead(room, press, asked)
        case _:
            return await _with_arguments(room, press, asked)


async def _days(room: WaitingRoom, press: Press, asked: DayPress) -> DayAfter | MarkedRange:
    match asked:
        case day_presses.StopNumbers():
            return await room.stop_numbers(press, day=asked.day)
        case day_presses.OpenDayAgain():
            return await room.open_day_again(press, day=asked.day)
        case day_presses.CloseDay():
            decisions = Decisions(
                rest=Step(asked.rest) if asked.rest else None,
                each={settled.visit: Step(settled.end) for settled in asked.each},
            )
            return await room.close_day(press, day=asked.day, decisions=decisions)
        case day_presses.ServedByHand():
            return await room.mark_served_by_hand(press, first=asked.first, last=asked.last)
        case day_presses.TakeBackServedByHand():
            return await room.take_back_served_by_hand(press, marked=asked.marked)
        case _:
            raise TypeError(f"{type(asked).__name__} is no press that this door knows")


async def _plain(room: WaitingRoom, press: Press, step: str) -> VisitRow:
    steps = {
        "recall": room.recall,
        "no-show": room.no_show,
        "serve": room.serve,
        "park": room.park,
        "readmit": room.readmit,
        "forward": room.forward,
        "finish": room.finish,
        "leave": room.leave,
        "undo": room.undo,
    }
    return await steps[step](press)


async def _two_parties(
    room: WaitingRoom, press: Press, asked: presses.Split | presses.Merge
) -> Parties:
    if isinstance(asked, presses.Merge):
        return await room.merge(press, into=asked.into, into_seen=asked.into_seen)
    return await room.split(
        press, adults=asked.adults, children=asked.children, ticket_token=asked.ticket_token
    )


async def _by_a_lead(
    room: WaitingRoom, press: Press, asked: presses.Correct | presses.Stock | DayPress
) -> VisitRow | DayAfter | MarkedRange | None:
    if isinstance(asked, DayPress):
        return await _days(room, press, asked)
    if isinstance(asked, presses.Stock):
        await room.count_stock(press, figure=asked.figure, persons=asked.persons)
        return None
    correction = Correction(
        route=asked.route, stage=asked.stage, adults=asked.adults, children=asked.children
    )
    return await room.correct(press, SetRight(visit=correction, outcomes=asked.outcomes))


async def _with_arguments(
    room: WaitingRoom,
    press: Press,
    asked: presses.Outcome
    | presses.Reroute
    | presses.Priority
    | presses.Appointment
    | presses.ByHand,
) -> VisitRow:
    match asked:
        case presses.Outcome():
            return await room.note_outcomes(press, asked.outcomes)
        case presses.Reroute():
            return await room.reroute(press, asked.later)
        case presses.Priority():
            return await room.set_priority(press, priority=asked.priority)
        case presses.Appointment():
            return await room.set_appointment(press, asked.appointment_at)
        case presses.ByHand():
            party = PartyByHand(
                route=asked.route,
                adults=asked.adults,
                children=asked.children,
                language=asked.language,
                priority=asked.priority,
                ticket_token=asked.ticket_token,
            )
            return await room.issue_by_hand(press, party)
