"""Taking a press: what a body says, as the use case of the waiting room that does it.

For the staff API, whose bodies are JSON, and for the counter page, whose forms say the same.
"""

from uuid import UUID

from server_stub.actions import Press
from server_stub.closing import DayAfter, Decisions
from server_stub.parties import Parties, PartyByHand
from server_stub.progress import Correction
from server_stub.served_by_hand import MarkedRange
from server_stub.snapshot import VisitRow
from server_stub.staff_api import day_presses, presses
from server_stub.staff_api.action_answers import Came
from server_stub.staff_api.day_presses import DayPress
from server_stub.staff_api.presses import StaffAction
from server_stub.staff_sessions import StaffSession
from server_stub.undoing import SetRight
from server_stub.visit import Step
from server_stub.waiting_room import WaitingRoom


def press_of(action: UUID, asked: StaffAction, session: StaffSession) -> Press:
    """Return who pressed what, where, beside which visit."""
    return Press(
        action=action,
        staff=session.staff,
        role=session.role,
        counter=asked.counter,
        visit=getattr(asked, "visit", None),
        seen=getattr(asked, "seen", None),
    )


async def take(room: WaitingRoom, press: Press, asked: StaffAction) -> Came:
    """Do what a body says, or raise StepError."""
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
