"""Actions: what staff press, each once however often it is sent, with what it changed.

An action remembers what was asked and the visit before and after it. So a press that is sent
again gets the same answer, one that rests on an old page learns who was faster, and the last
one can be taken back.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, bindparam, select

from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.arrival import service_day
from server_stub.changes import Change, insert, stale, store_changes
from server_stub.event_log import EventKind, NewEvent
from server_stub.progress import Progress
from server_stub.snapshot import VisitRow, read_visit
from server_stub.step_errors import (
    ActionReusedError,
    CounterBusyError,
    DayClosedError,
    LeadNeededError,
    OtherCounterError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.visit import AT_COUNTER, Step, StepError

LEADS = ("lead", "admin")
"""Roles that may do what only a lead may."""

OF_THE_COUNTER = frozenset(
    {
        *(Step.RECALL, Step.NO_SHOW, Step.SERVE, Step.PARK, Step.OUTCOME),
        *(Step.FORWARD, Step.FINISH, Step.LEAVE),
    }
)
"""Steps that, with a party at a counter, are for that counter to take."""


@dataclass(frozen=True, slots=True)
class Press:
    """Someone has pressed a button.

    Attributes:
        action: Made with the button; the same however often the press is sent.
        staff: Who pressed it; "" where the server acts by itself.
        role: What that person may do: "counter", "lead" or "admin".
        counter: At which counter; None for who works at none, such as a lead.
        visit: Which visit the button stands beside, if any.
        seen: The version of that visit that the page showed.

    """

    action: UUID
    staff: str
    role: str = "counter"
    counter: str | None = None
    visit: UUID | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A press on its way into the store, inside the writer's transaction.

    Attributes:
        connection: In that transaction.
        site: The site in force.
        press: Who pressed what.
        step: What the button says: a `Step`, or the word for something that changes no visit.
        at: When it reached the server.
        asked: What else the press says, as plain JSON values.

    """

    connection: Connection
    site: Site
    press: Press
    step: str
    at: datetime
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        """What was asked, all of it: another press under the same id differs in it."""
        visit = self.press.visit
        return {
            "step": self.step,
            "staff": self.press.staff,
            "counter": self.press.counter,
            "visit": str(visit) if visit else None,
            "seen": self.press.seen,
            **self.asked,
        }

    def done_before(self) -> Row[*tuple[Any, ...]] | None:
        """Return the row of the same press, sent before; raise ActionReusedError for another."""
        done = self.connection.execute(
            DONE, {"of_site": self.site.id, "of_action": self.press.action}
        ).one_or_none()
        if done and done.request != self.request:
            raise ActionReusedError("this button was used for something else: reload the page")
        return done

    def visit_after(self, done: Row[*tuple[Any, ...]]) -> VisitRow:
        """Return the visit as it was right after an action."""
        return self.read(done.visit).at(Progress.from_json(done.after))

    def require_lead(self) -> None:
        """Raise LeadNeededError unless a lead pressed."""
        if self.press.role not in LEADS:
            raise LeadNeededError(self.step)

    def subject(self) -> VisitRow:
        """Return the visit that the press is about, as its page showed it.

        Raises:
            UnknownVisitError: There is none.
            StaleActionError: It has changed since.
            OtherCounterError: It is another counter's.

        """
        if self.press.visit is None or self.press.seen is None:
            raise UnknownVisitError("the button names no visit: reload the page")
        visit = self.read_as_seen(self.press.visit, self.press.seen)
        if self.step in OF_THE_COUNTER:
            self.require_own(visit)
        return visit

    def read(self, visit: UUID) -> VisitRow:
        """Return a visit, or raise UnknownVisitError."""
        row = read_visit(self.connection, self.site.id, visit=visit)
        if row is None:
            raise UnknownVisitError("there is no such visit: reload the page")
        return row

    def read_as_seen(self, visit: UUID, seen: int) -> VisitRow:
        """Return a visit that still is as the page showed it."""
        row = self.read(visit)
        if row.version != seen:
            raise self.stale(row)
        return row

    def require_own(self, visit: VisitRow) -> None:
        """Raise OtherCounterError for another counter's party; a lead at no counter may."""
        mine = visit.counter in (None, self.press.counter)
        acts_for_all = self.press.counter is None and self.press.role in LEADS
        if visit.state in AT_COUNTER and not mine and not acts_for_all:
            raise OtherCounterError(visit.number, str(visit.counter))

    def require_free(self, counter: str, *, but: UUID | None = None) -> None:
        """Raise CounterBusyError where the counter has a party, `but` for this visit."""
        there = self.connection.execute(
            AT_THE_COUNTER, {"of_site": self.site.id, "of_counter": counter}
        ).one_or_none()
        if there and there.id != but:
            raise CounterBusyError(counter, there.number)

    def require_open_day(self, day: date) -> None:
        """Raise DayClosedError where a service day is closed."""
        if self.closed_among({day}):
            raise DayClosedError(day)

    def closed_among(self, days: AbstractSet[date]) -> set[date]:
        """Return those of some service days that are closed."""
        t = tables.service_day.c
        states = self.connection.execute(
            select(t.day, t.state).where(t.site == self.site.id, t.day.in_(days))
        )
        return {row.day for row in states if row.state == "closed"}

    @property
    def service_day(self) -> date:
        """The service day on which it happens."""
        return service_day(self.at, self.site.time_zone)

    def take(
        self, visit: VisitRow, after: Progress, *, answer: Mapping[str, Any] | None = None
    ) -> VisitRow:
        """Store the visit as it is after the action, and the action with it; return it."""
        return self._store(self._change(visit, after, action=self.press.action, answer=answer))

    def take_too(self, visit: VisitRow, after: Progress) -> VisitRow:
        """Store another visit that the same action has changed; return it."""
        return self._store(self.part(visit, after))

    def whole(self, visit: VisitRow, after: Progress) -> Change:
        """Return the action as `take` stores it, to be stored with others."""
        return self._change(visit, after, action=self.press.action)

    def part(self, visit: VisitRow, after: Progress) -> Change:
        """Return what `take_too` stores, to be stored with other parts of the action."""
        part = uuid5(self.press.action, str(visit.id))
        return self._change(visit, after, action=part, part_of=self.press.action)

    def note(self, *, answer: Mapping[str, Any] | None = None) -> None:
        """Store that the action changed no visit."""
        self._remember({"answer": answer})

    def note_new(self, visit: VisitRow) -> None:
        """Store that the action has made a visit."""
        self._remember(
            {"visit": visit.id, "version": visit.version, "after": visit.progress.to_json()}
        )
        self.tell(visit.id)

    def tell(self, visit: UUID) -> None:
        """Append to the event log what was done with a visit."""
        event_log.append_all(self.connection, self.site.id, [self._event(visit)])

    def stale(self, visit: VisitRow) -> StepError:
        """Return who has changed a visit, as the error to raise."""
        return stale(self.connection, self.site.id, visit)

    def _store(self, change: Change) -> VisitRow:
        store_changes(self.connection, self.site.id, [change])
        return change.visit.at(change.after)

    def _change(
        self,
        visit: VisitRow,
        after: Progress,
        *,
        action: UUID,
        part_of: UUID | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> Change:
        changed = {
            "visit": visit.id,
            "version": after.version,
            "before": visit.progress.to_json(),
            "after": after.to_json(),
            "answer": answer,
            "part_of": part_of,
        }
        ends = self.step != Step.UNDO and _has_ended(visit, after)
        return Change(
            visit,
            after,
            action=self._row(action, changed),
            passage=self._passage(visit, action) if ends else None,
            event=self._event(visit.id),
        )

    def _event(self, visit: UUID) -> NewEvent:
        return NewEvent(EventKind(self.step), visit, self.at)

    def _remember(self, changed: Mapping[str, Any]) -> None:
        """Store the action; what it changed is told by the columns that say so."""
        insert(self.connection, tables.staff_action, [self._row(self.press.action, changed)])

    def _row(self, action: UUID, changed: Mapping[str, Any]) -> dict[str, Any]:
        """Return an action as a row."""
        nothing = dict.fromkeys(("visit", "version", "before", "after", "answer", "part_of"))
        return (
            nothing
            | {
                "site": self.site.id,
                "id": action,
                "step": str(self.step),
                "staff": self.press.staff,
                "at": self.at,
                "counter": self.press.counter,
                "request": self.request,
                "undone": False,
            }
            | dict(changed)
        )

    def _passage(self, visit: VisitRow, action: UUID) -> dict[str, Any]:
        """Return the time that a party has spent at its stage, as a row."""
        # Where nobody said that serving began, whoever was sent on or finished was there.
        came = visit.called_at if self.step in (Step.FORWARD, Step.FINISH) else None
        return {
            "site": self.site.id,
            "id": action,
            "visit": visit.id,
            "stage": visit.stage,
            "service_day": self.service_day,
            "persons": visit.persons,
            "language": visit.language,
            "waited_from": visit.stage_since,
            "first_called_at": visit.first_called_at,
            "served_at": visit.serving_since or came,
            "ended_at": self.at,
            "counter": visit.counter if visit.first_called_at else None,
            "ended_by": str(self.step),
        }


def _has_ended(visit: VisitRow, after: Progress) -> bool:
    """Whether a party's time at its stage ends: it goes, or begins anew somewhere."""
    begins = (visit.stage, visit.stage_since) != (after.stage, after.stage_since)
    return visit.is_open and (begins or not after.is_open)


def stage_of_counter(site: Site, press: Press) -> str:
    """Return the stage of the counter that a press comes from, or raise UnknownCounterError."""
    counter = site.counter(press.counter) if press.counter else None
    if counter is None:
        raise UnknownCounterError(f"{site.name} has no counter {press.counter or 'chosen'}")
    return counter.stage


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
DONE = select(tables.staff_action).where(
    tables.staff_action.c.site == bindparam("of_site"),
    tables.staff_action.c.id == bindparam("of_action"),
)
AT_THE_COUNTER = select(tables.visit.c.id, tables.visit.c.number).where(
    tables.visit.c.site == bindparam("of_site"),
    tables.visit.c.counter == bindparam("of_counter"),
    tables.visit_is_at_counter,
)
