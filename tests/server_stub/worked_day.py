"""A day at a reception point in which everything happens once, done through the use cases."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from kiosk.contract.messages import SlipState
from server_stub import closing, daily_figures, served_by_hand
from server_stub.closing import Decisions
from server_stub.parties import PartyByHand
from server_stub.progress import Correction
from server_stub.snapshot import VisitRow
from server_stub.undoing import SetRight
from server_stub.visit import Step
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, StandingClock, party
from tests.server_stub.open_room import OpenRoom

LEAD = {"counter": None, "staff": "lena", "role": "lead"}


def token() -> str:
    return secrets.token_urlsafe(16)


class WorkedDay:
    """Lets parties come to two kiosks, and staff do with them all that they can do."""

    def __init__(self, room: OpenRoom, *kiosks: EnrolledKiosk, clock: StandingClock) -> None:
        self.room = room
        self.kiosks = kiosks
        self.clock = clock
        self.given = dict.fromkeys(kiosks, 0)

    def arrive(self, *route: str, kiosk: int = 0, **told: Any) -> VisitRow:
        at = self.kiosks[kiosk]
        self.given[at] += 1
        content = party(*route, **told).model_copy(update={"ticket_token": token()})
        check_in = at.check_in(self.given[at], content=content)
        self.room.admit(at, check_in)
        self.room.run(self.room.room.note_slip(at.slip(check_in, SlipState.PRINTED)))
        self.clock.move(30)
        return self.room.visit(check_in.id)

    def do(self, name: str, visit: VisitRow, *said: Any, **pressed: Any) -> Any:
        """Press a button one minute later, beside the visit as it now is."""
        self.clock.move(60)
        step = getattr(self.room.room, name)
        return self.room.do(step, self.room.visit(visit), *said, **pressed)

    def call(self, counter: str) -> VisitRow:
        self.clock.move(60)
        called = self.room.call_next(counter)
        assert called
        return called

    def lead(self, case: Any, **told: Any) -> Any:
        self.clock.move(60)
        press = self.room.press(**LEAD)
        told |= {"site": self.room.site, "press": press, "at": self.clock.now}
        return self.room.writer.submit(partial(case, **told)).result(10)

    def work(self) -> None:
        """Do it all, up to the end of the day."""
        self.plain_way()
        self.no_show_and_back()
        self.mistakes()
        self.parties()
        self.close()
        self.next_day()

    def plain_way(self) -> None:
        """Called twice, served with an outcome, sent on, finished."""
        for kiosk in (0, 1, 0, 1):
            self.arrive("information", "registration", kiosk=kiosk)
        self.arrive("information", "housing", kiosk=1, adults=1, children=0, language="ar")
        one = self.call("1")
        self.do("recall", one)
        self.do("serve", one)
        self.do("forward", one)
        at_registration = next(c.id for c in self.room.site.counters if c.stage == "registration")
        one = self.call(at_registration)
        self.do("note_outcomes", one, {"permit-issued": 2}, counter=at_registration)
        self.do("note_outcomes", one, {"biometrics-taken": 3}, counter=at_registration)
        self.do("finish", one, counter=at_registration)

    def no_show_and_back(self) -> None:
        """Called three times in vain, parked, let in again; another one gone without a word."""
        two = self.call("1")
        self.do("recall", two)
        self.do("recall", two)
        self.do("no_show", two)
        self.do("readmit", two)
        self.do("leave", self.call("1"))

    def mistakes(self) -> None:
        """Sent on by mistake and taken back; ended by mistake and set right by a lead."""
        three = self.call("1")
        self.do("forward", three)
        self.do("undo", three)
        self.do("finish", three)
        self.do("correct", three, SetRight(Correction(stage="registration")), **LEAD)
        self.do("correct", three, SetRight(Correction(adults=1)), **LEAD)

    def parties(self) -> None:
        """By hand, with priority, with an appointment, split, merged, on another route."""
        pressed = self.room.press(counter="1")
        by_hand = PartyByHand(("information",), adults=2, children=0, ticket_token=token())
        desk = self.room.run(self.room.room.issue_by_hand(pressed, by_hand))
        family = self.arrive("information", "housing", adults=3, children=2)
        saying = {"adults": 1, "children": 1, "ticket_token": token()}
        parts = self.do("split", family, saying=saying)
        self.do("set_priority", desk, saying={"priority": True})
        other = self.room.visit(parts.other)
        self.do("merge", desk, saying={"into": other.id, "into_seen": other.version})
        self.do("set_appointment", family, self.clock.now)
        self.do("reroute", family, ("onward-travel",))
        self.room.run(
            self.room.room.count_stock(self.room.press(**LEAD), figure="housed", persons=250)
        )

    def close(self) -> None:
        """A range was served by hand; of those who are left one is carried over, the others go."""
        last = self.arrive("information", kiosk=1)
        self.arrive("information", kiosk=1)
        self.lead(served_by_hand.mark, first=last.number, last=last.number)
        day = last.service_day
        self.lead(closing.stop_numbers, day=day)
        still = self.room.visit(self.call("1"))
        self.lead(
            closing.close,
            day=day,
            decisions=Decisions(rest=Step.LEAVE, each={still.id: Step.CARRY_OVER}),
        )
        told = {"site": self.room.site, "day": day, "at": self.clock.now}
        self.room.writer.submit(partial(daily_figures.roll_up, **told)).result(10)

    def next_day(self) -> None:
        """Parties wait; one is called, one is parked, one has not been touched."""
        self.clock.now = MONDAY_NOON + timedelta(days=1)
        for kiosk in (0, 1, 0, 1, 0):
            self.arrive("information", "registration", kiosk=kiosk)
        parked = self.call("1")
        self.do("serve", parked)
        self.do("park", parked)
        self.call("2")
