"""Closing: a lead ends a service day, and says of each open visit whether it goes on tomorrow."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from kiosk.contract.site import Site
from server_stub import day_book, event_log, service_days, tables
from server_stub.actions import Action, Press
from server_stub.changes import store_changes
from server_stub.day_book import DayEntry
from server_stub.event_log import EventKind
from server_stub.queue_rules import CALLING_ORDER
from server_stub.rows_of_day import anything_on
from server_stub.service_days import DayState, DayStep, IllegalDayStepError
from server_stub.snapshot import VisitRow, read_visits
from server_stub.visit import Step, StepError

ENDS = (Step.CARRY_OVER, Step.LEAVE)
"""What becomes of an open visit when its day is closed."""


class DayStepError(StepError):
    """The day does not allow that now.

    Attributes:
        day: The service day.
        state: How far it is.

    """

    def __init__(self, day: date, state: DayState, reason: str) -> None:
        self.day = day
        self.state = state
        super().__init__(f"{day.isoformat()} is {state}: {reason}")


class UndecidedError(StepError):
    """Nobody has said what becomes of some open visits.

    Attributes:
        day: The service day.
        numbers: Their numbers, in calling order.

    """

    def __init__(self, day: date, numbers: tuple[str, ...]) -> None:
        self.day = day
        self.numbers = numbers
        some = ", ".join(numbers[:5]) + (" …" if len(numbers) > 5 else "")
        super().__init__(
            f"{len(numbers)} parties are still here ({some}): say whether they are carried over "
            "or have left"
        )


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of the open visits of a day.

    Attributes:
        rest: Of those that `each` does not name, `Step.CARRY_OVER` or `Step.LEAVE`; None where
            each must be named.
        each: Visit to what becomes of it.

    """

    rest: Step | None = None
    each: Mapping[UUID, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse any other step."""
        if not {*self.each.values(), self.rest} <= {*ENDS, None}:
            raise ValueError("a visit is carried over, or its party has left")

    def to_json(self) -> dict[str, Any]:
        """Return what was decided, to be kept with the action."""
        return {
            "rest": self.rest.value if self.rest else None,
            "each": {str(visit): step.value for visit, step in sorted(self.each.items())},
        }


@dataclass(frozen=True, slots=True)
class DayAfter:
    """A day as a lead's step has left it.

    Attributes:
        day: The service day.
        state: How far it is.
        carried_over: How many parties were carried over by the step.
        left: How many visits it has ended.

    """

    day: date
    state: DayState
    carried_over: int = 0
    left: int = 0


def stop_numbers(
    connection: Connection, site: Site, *, press: Press, day: date, at: datetime
) -> DayAfter:
    """Let kiosks give out no more numbers until the next service day; they hear it within 15 s."""
    action = Action(connection, site, press, step=DayStep.STOP_NUMBERS, at=at, asked=_asked(day))
    if done := action.done_before():
        return _as_answered(done)
    return _store(action, DayAfter(day, _state_after(action, day)))


def open_again(
    connection: Connection, site: Site, *, press: Press, day: date, at: datetime
) -> DayAfter:
    """Take back that the present day is closing or closed; what was carried over stays so.

    Raises:
        DayStepError: It is not the present day: its figures stand.

    """
    action = Action(connection, site, press, step=DayStep.OPEN_AGAIN, at=at, asked=_asked(day))
    if done := action.done_before():
        return _as_answered(done)
    state = _state_after(action, day)
    if day != action.service_day:
        before = day_book.read_day(connection, site.id, day).state
        raise DayStepError(day, before, "only the present day can be opened again")
    return _store(action, DayAfter(day, state))


def close(
    connection: Connection,
    site: Site,
    *,
    press: Press,
    day: date,
    decisions: Decisions,
    at: datetime,
) -> DayAfter:
    """Close a day whose numbers were stopped, and settle every visit that is still open.

    Its figures are written down soon after: an errand counts them beside the writer.

    Raises:
        UndecidedError: Some open visits have nobody's word; nothing has changed.
        DayStepError: Its numbers were not stopped, or it is closed.
        LeadNeededError: Somebody else pressed.

    """
    asked = _asked(day) | decisions.to_json()
    action = Action(connection, site, press, step=DayStep.CLOSE, at=at, asked=asked)
    if done := action.done_before():
        return _as_answered(done)
    state = _state_after(action, day)
    decided = _decided(open_visits(connection, site, day=day), day, decisions)
    # Each part tells by its step what was decided for it; of all others only the action itself.
    parts = {end: replace(action, step=end, asked=_asked(day)) for end in ENDS}
    store_changes(
        connection,
        site.id,
        [parts[end].part(visit, visit.progress.after(end, at=at)) for visit, end in decided],
    )
    counted = Counter(end for _, end in decided)
    after = DayAfter(day, state, carried_over=counted[Step.CARRY_OVER], left=counted[Step.LEAVE])
    return _store(action, after)


def _decided(
    visits: list[VisitRow], day: date, decisions: Decisions
) -> list[tuple[VisitRow, Step]]:
    """Return each visit with what becomes of it, or raise UndecidedError."""
    ends = [(visit, decisions.each.get(visit.id, decisions.rest)) for visit in visits]
    decided = [(visit, end) for visit, end in ends if end]
    if len(decided) < len(ends):
        raise UndecidedError(day, tuple(visit.number for visit, end in ends if end is None))
    return decided


def open_visits(connection: Connection, site: Site, *, day: date) -> list[VisitRow]:
    """Return the visits of a service day, and of those before it, that are still open.

    They are in the order of calling, whatever their stage.
    """
    t = tables.visit.c
    calling_order = (t.calling_class, *(t[name] for name in CALLING_ORDER))
    return read_visits(
        connection, site.id, tables.visit_is_open, t.service_day <= day, order_by=calling_order
    )


def _state_after(action: Action, day: date) -> DayState:
    """Return how far the day is after the action, or raise why it cannot be taken."""
    action.require_lead()
    if day > action.service_day:
        raise DayStepError(day, DayState.OPEN, "it has not begun yet")
    before = day_book.read_day(action.connection, action.site.id, day).state
    is_over = before is DayState.OPEN and day < action.service_day
    if is_over and not anything_on(action.connection, action.site.id, day):
        # Its figures would be written down, and every day since then looked at for ever.
        raise DayStepError(day, before, "nothing is known of that day")
    try:
        return service_days.after(before, DayStep(action.step))
    except IllegalDayStepError as error:
        raise DayStepError(day, before, _WHAT_TO_DO[error.step]) from None


def _store(action: Action, after: DayAfter) -> DayAfter:
    """Write down the day and the action, and tell the pages."""
    site, state = action.site.id, after.state
    entry = DayEntry(after.day, state, changed_at=action.at, changed_by=action.press.staff)
    day_book.write_day(action.connection, site, entry)
    counted = {"carried_over": after.carried_over, "left": after.left}
    action.note(answer={"day": after.day.isoformat(), "state": state.value, **counted})
    event_log.append(
        action.connection, site, kind=EventKind.DAY, about=None, at=action.at, detail=state.value
    )
    return after


_WHAT_TO_DO = {
    DayStep.STOP_NUMBERS: "its numbers are stopped already",
    DayStep.CLOSE: "stop its numbers first, and it is closed once",
    DayStep.OPEN_AGAIN: "there is nothing to take back",
}


def _asked(day: date) -> dict[str, Any]:
    return {"day": day.isoformat()}


def _as_answered(done: Row[*tuple[Any, ...]]) -> DayAfter:
    told = done.answer
    return DayAfter(
        date.fromisoformat(told["day"]),
        DayState(told["state"]),
        carried_over=told["carried_over"],
        left=told["left"],
    )
