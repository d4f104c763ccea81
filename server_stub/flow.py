"""The flow: the use cases of staff, one method for each thing that they do with visits.

Each takes a `Press`. The same press again gets the same answer; StepError says why one is not
taken, and then nothing has changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from kiosk.contract.site import Site
from server_stub import (
    calling,
    closing,
    erasure,
    parties,
    passing_on,
    served_by_hand,
    stock,
    undoing,
)
from server_stub.actions import Press
from server_stub.calling import CallAnswer
from server_stub.closing import DayAfter, Decisions
from server_stub.erasure import Erased
from server_stub.parties import Parties, PartyByHand
from server_stub.served_by_hand import MarkedRange
from server_stub.settings import Clock
from server_stub.snapshot import VisitRow
from server_stub.undoing import SetRight
from server_stub.visit import Step
from server_stub.writer import Writer

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class UseCase(Protocol[T_co]):
    """What changes the store because of a press."""

    def __call__(self, connection: Connection, site: Site, *, press: Press, at: datetime) -> T_co:
        """Change it, in the writer's transaction."""
        ...


class Flow(ABC):
    """What staff do with the visits of one site.

    Args:
        writer: Takes the changes.
        clock: Tells the present moment.

    """

    def __init__(self, *, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    @property
    @abstractmethod
    def site(self) -> Site:
        """The site in force."""

    @abstractmethod
    def site_inside(self, connection: Connection) -> Site:
        """Return the site in force as the connection's transaction sees it."""

    async def call_next(self, press: Press) -> CallAnswer:
        """Call the party that is next at the counter's stage."""
        return await self._press(calling.call_next, press)

    async def call_chosen(self, press: Press) -> CallAnswer:
        """Call the party that the press names, waiting or parked at the counter's stage."""
        return await self._press(calling.call_chosen, press)

    async def recall(self, press: Press) -> VisitRow:
        """Call the counter's party again."""
        return await self._plain(Step.RECALL, press)

    async def no_show(self, press: Press) -> VisitRow:
        """Park a party that did not come after three calls."""
        return await self._plain(Step.NO_SHOW, press)

    async def serve(self, press: Press) -> VisitRow:
        """Note that the party has come to the counter."""
        return await self._plain(Step.SERVE, press)

    async def park(self, press: Press) -> VisitRow:
        """Put back a party that lacks something, so that the counter is free."""
        return await self._plain(Step.PARK, press)

    async def readmit(self, press: Press) -> VisitRow:
        """Let a parked party wait again, with at most two of its class before it."""
        return await self._press(passing_on.readmit, press)

    async def note_outcomes(self, press: Press, outcomes: Mapping[str, int]) -> VisitRow:
        """Note what the stage has achieved: outcome to persons."""
        return await self._press(partial(passing_on.note_outcomes, outcomes=outcomes), press)

    async def forward(self, press: Press) -> VisitRow:
        """Send the party on to the next stage of its route."""
        return await self._plain(Step.FORWARD, press)

    async def finish(self, press: Press) -> VisitRow:
        """End the visit, at whatever stage it is."""
        return await self._plain(Step.FINISH, press)

    async def leave(self, press: Press) -> VisitRow:
        """Note that the party has left without having finished."""
        return await self._plain(Step.LEAVE, press)

    async def reroute(self, press: Press, later: tuple[str, ...]) -> VisitRow:
        """Let the party pass these stages after its present one."""
        return await self._press(partial(passing_on.reroute, later=later), press)

    async def split(
        self, press: Press, *, adults: int, children: int, ticket_token: str
    ) -> Parties:
        """Let so many of the party go on by themselves, under a new number."""
        case = partial(parties.split, going=(adults, children), ticket_token=ticket_token)
        return await self._press(case, press)

    async def merge(self, press: Press, *, into: UUID, into_seen: int) -> Parties:
        """Let the party go on with another one, and give up its number."""
        return await self._press(partial(parties.merge, into=into, into_seen=into_seen), press)

    async def set_priority(self, press: Press, *, priority: bool) -> VisitRow:
        """Let the party be called before others, or not any more."""
        return await self._press(partial(parties.set_priority, priority=priority), press)

    async def set_appointment(self, press: Press, appointment_at: datetime | None) -> VisitRow:
        """Confirm the party's appointment, or take it away."""
        case = partial(parties.set_appointment, appointment_at=appointment_at)
        return await self._press(case, press)

    async def issue_by_hand(self, press: Press, party: PartyByHand) -> VisitRow:
        """Let a party wait that came to no kiosk; its id is the action's."""
        return await self._press(partial(parties.issue_by_hand, party=party), press)

    async def undo(self, press: Press) -> VisitRow:
        """Take back the last step of the visit."""
        return await self._press(undoing.undo, press)

    async def correct(self, press: Press, right: SetRight) -> VisitRow:
        """Set right what is stored of the visit. For leads."""
        return await self._press(partial(undoing.correct, right=right), press)

    async def count_stock(self, press: Press, *, figure: str, persons: int) -> None:
        """Note how many persons a lead has counted, such as those who are housed now."""
        return await self._press(partial(stock.count, figure=figure, persons=persons), press)

    async def stop_numbers(self, press: Press, *, day: date) -> DayAfter:
        """Let kiosks give out no more numbers on the present service day. For leads."""
        return await self._press(partial(closing.stop_numbers, day=day), press)

    async def close_day(self, press: Press, *, day: date, decisions: Decisions) -> DayAfter:
        """Close a service day, and settle every visit that is still open. For leads."""
        return await self._press(partial(closing.close, day=day, decisions=decisions), press)

    async def open_day_again(self, press: Press, *, day: date) -> DayAfter:
        """Take back that the present day is closing or closed. For leads."""
        return await self._press(partial(closing.open_again, day=day), press)

    async def mark_served_by_hand(self, press: Press, *, first: str, last: str) -> MarkedRange:
        """Finish a range of a kiosk's numbers that were served during an outage. For leads."""
        return await self._press(partial(served_by_hand.mark, first=first, last=last), press)

    async def take_back_served_by_hand(self, press: Press, *, marked: UUID) -> MarkedRange:
        """Open again what a range has finished. For leads, until one of its days is closed."""
        return await self._press(partial(served_by_hand.take_back, marked=marked), press)

    async def erase(self, press: Press) -> Erased:
        """Delete all that is kept of a party, for good. For leads."""
        return await self._press(erasure.erase, press)

    async def _plain(self, step: Step, press: Press) -> VisitRow:
        return await self._press(partial(passing_on.take_plain, step=step), press)

    async def _press(self, case: UseCase[T], press: Press) -> T:
        at = self._clock()

        def command(connection: Connection) -> T:
            return case(connection, self.site_inside(connection), press=press, at=at)

        return await self._writer.ask(command)
