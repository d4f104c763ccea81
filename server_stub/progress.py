"""The progress of a visit: what each step makes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from server_stub.hindrances import Hindrance, Reason
from server_stub.visit import (
    AT_COUNTER,
    NEXT,
    NOT_UNDONE,
    OPEN,
    CallingClass,
    IllegalStepError,
    Step,
    VisitState,
)

CALLS_BEFORE_NO_SHOW = 3
"""How often a party is called at a stage before it may be taken for absent."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a lead sets right; None leaves it as it is.

    Attributes:
        route: The stages in order.
        stage: Where the party waits again, whatever has become of it.
        adults: How many they are.
        children: How many of them are children.

    """

    route: tuple[str, ...] | None = None
    stage: str | None = None
    adults: int | None = None
    children: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a visit is: all of it that steps change.

    Attributes:
        number: The party's number, for messages only; no step changes it.
        route: The stages in order.
        stage: Where the party is now.
        state: Where it stands there.
        counter: The counter that called last, if any.
        calls: How often it was called at this stage, since it last waited there.
        called_at: When it was called last, at any stage.
        version: Grows by one with every step, so that two who act at once notice.
        priority: Staff want it called before others.
        appointment_at: Its appointment, confirmed by staff.
        carried_over: When it was first carried over to another day; None where it never was.
        waits_from: What orders those who wait: arrival, appointment, or a place near the front.
        stage_since: When it came to this stage.
        first_called_at: When it was first called at this stage.
        serving_since: When serving it began.
        ended_at: When it was finished, has left or was merged.
        passed_over: How often another was called before it for its language, at this stage.
        inside: It was called and may be here still, so nobody need make room for it; not once it
            did not come after three calls. It counts in the hall, but while it is parked.
        adults: How many adults belong to it.
        children: How many children.
        merged_into: The visit that it went on as.

    """

    number: str
    route: tuple[str, ...]
    stage: str
    state: VisitState
    counter: str | None
    calls: int
    called_at: datetime | None
    version: int
    priority: bool
    appointment_at: datetime | None
    carried_over: datetime | None
    waits_from: datetime
    stage_since: datetime
    first_called_at: datetime | None
    serving_since: datetime | None
    ended_at: datetime | None
    passed_over: int
    inside: bool
    adults: int
    children: int
    merged_into: UUID | None

    @property
    def next_stage(self) -> str | None:
        """The stage after the present one; None at the end of the route."""
        return self.later[0] if self.later else None

    @property
    def later(self) -> tuple[str, ...]:
        """The stages after the present one."""
        return self.route[self.route.index(self.stage) + 1 :]

    @property
    def is_open(self) -> bool:
        """The party is somewhere here."""
        return self.state in OPEN

    @property
    def persons(self) -> int:
        """How many they are; 0 where nobody knows."""
        return self.adults + self.children

    @property
    def calling_class(self) -> CallingClass:
        """Who is called before it, and before whom it is called."""
        if self.priority:
            return CallingClass.PRIORITY
        return CallingClass.CARRIED_OVER if self.carried_over else CallingClass.OTHERS

    def after(self, step: Step, *, at: datetime, counter: str | None = None) -> "Progress":
        """Return the progress after a step that says nothing more, or raise IllegalStepError.

        Args:
            step: What is done; steps that say more have methods of their own.
            at: When.
            counter: The counter that calls, for `call` and `recall`.

        """
        done = self._stepped(step)
        match step:
            case Step.CALL | Step.RECALL:
                anew = self.state is VisitState.PARKED
                return _called(done, counter, at=at, calls=1 if anew else self.calls + 1)
            case Step.SERVE:
                return replace(done, serving_since=at)
            case Step.NO_SHOW | Step.PARK:
                self._require_calls(step)
                # Who has not come is not here, or the hall would fill with the absent.
                inside = self.inside and step is Step.PARK
                return replace(done, serving_since=None, inside=inside)
            case Step.FORWARD:
                return _come_to(done, self._stage_to_forward_to(), at=at)
            case Step.FINISH | Step.LEAVE | Step.SERVED_BY_HAND:
                return replace(done, ended_at=at, inside=False)
            case Step.CARRY_OVER:
                anew_there = _come_to(done, self.stage, at=at)
                return replace(anew_there, carried_over=self.carried_over or at, inside=False)
            case _:
                raise ValueError(f"{step} says more than that it is taken")

    def _require_calls(self, step: Step) -> None:
        if step is Step.NO_SHOW and self.calls < CALLS_BEFORE_NO_SHOW:
            needed = CALLS_BEFORE_NO_SHOW
            reason = Reason(Hindrance.TOO_FEW_CALLS, calls=self.calls, needed=needed)
            raise self._illegal(step, reason)

    def _stage_to_forward_to(self) -> str:
        if self.next_stage is None:
            raise self._illegal(Step.FORWARD, Reason(Hindrance.LAST_STAGE, stage=self.stage))
        return self.next_stage

    def readmitted(self, *, waits_from: datetime) -> "Progress":
        """Return it waiting again from its place near the front; it is called anew there."""
        done = self._stepped(Step.READMIT)
        return replace(done, waits_from=waits_from, calls=0)

    def with_outcome(self, *, at: datetime) -> "Progress":
        """Return it after the stage has achieved something: being served, if it was not yet."""
        return replace(self._stepped(Step.OUTCOME), serving_since=self.serving_since or at)

    def rerouted(self, later: tuple[str, ...]) -> "Progress":
        """Return it with other stages after the present one."""
        passed = self.route[: self.route.index(self.stage) + 1]
        route = (*passed, *later)
        if len(set(route)) < len(route):
            raise self._illegal(Step.REROUTE, Reason(Hindrance.STAGE_TWICE))
        return replace(self._stepped(Step.REROUTE), route=route)

    def moved(self, route: tuple[str, ...], *, stage: str, at: datetime) -> "Progress":
        """Return it where it goes on when its stage or its counter is not there any more.

        It keeps its place in line; who was at a counter waits again.
        """
        done = replace(self._stepped(Step.MOVE), route=route)
        if stage == self.stage:
            return replace(done, calls=0, serving_since=None)
        return _come_to(done, stage, at=at)

    def prioritised(self, *, priority: bool) -> "Progress":
        """Return it with priority set or cleared."""
        return replace(self._stepped(Step.PRIORITY), priority=priority)

    def appointed(self, appointment_at: datetime | None, *, arrived_at: datetime) -> "Progress":
        """Return it waiting from its appointment, or from its arrival where there is none."""
        return replace(
            self._stepped(Step.APPOINTMENT),
            appointment_at=appointment_at,
            waits_from=appointment_at or arrived_at,
        )

    def split(self, number: str, *, adults: int, children: int) -> tuple["Progress", "Progress"]:
        """Return what stays, and a party of its own that goes on under another number.

        Args:
            number: Of the new party, which waits where the old one is.
            adults: How many adults go with it.
            children: How many children.

        """
        stays = self._stepped(Step.SPLIT)
        if not (0 <= adults <= self.adults and 0 <= children <= self.children):
            of_both = {"adults": self.adults, "children": self.children}
            reason = Reason(Hindrance.NOT_SO_MANY, **of_both)
            raise self._illegal(Step.SPLIT, reason)
        if adults + children in (0, self.persons):
            raise self._illegal(Step.SPLIT, Reason(Hindrance.SOMEONE_STAYS))
        goes = replace(
            self,
            number=number,
            state=VisitState.WAITING if self.state in AT_COUNTER else self.state,
            counter=None,
            calls=0,
            called_at=None,
            first_called_at=None,
            serving_since=None,
            version=1,
            adults=adults,
            children=children,
        )
        left = replace(stays, adults=self.adults - adults, children=self.children - children)
        return left, goes

    def merged(self, into: UUID, *, at: datetime) -> "Progress":
        """Return the visit that is given up."""
        done = self._stepped(Step.MERGE)
        return replace(done, ended_at=at, inside=False, merged_into=into)

    def taking_in(self, other: "Progress", *, order: tuple[str, ...]) -> "Progress":
        """Return it with the persons of another party, and the stages that those still need.

        It waits no longer than either of the two would have: it has the better place, class and
        appointment, and waits where the other did, though it was parked itself. A stage that it
        has passed itself cannot be added: then the other one must go on.

        Args:
            other: As it was before it was given up.
            order: The site's stages, in the order in which they are passed unless staff say so.

        """
        if not self.is_open:
            raise self._illegal(Step.MERGE)
        wanted = (other.stage, *other.later)
        passed = self.route[: self.route.index(self.stage)]
        if missed := tuple(stage for stage in passed if stage in wanted):
            of_both = {"other": other.number, "number": self.number}
            reason = Reason(Hindrance.STILL_NEEDS, stages=missed, **of_both)
            raise self._illegal(Step.MERGE, reason)
        added = sorted(
            (stage for stage in wanted if stage not in self.route),
            key=lambda stage: order.index(stage) if stage in order else len(order),
        )
        passed_over = other.passed_over if other.stage == self.stage else 0
        return replace(
            self._beside(other),
            version=self.version + 1,
            route=(*self.route, *added),
            adults=self.adults + other.adults,
            children=self.children + other.children,
            priority=self.priority or other.priority,
            carried_over=max(_known(self.carried_over, other.carried_over), default=None),
            appointment_at=min(_known(self.appointment_at, other.appointment_at), default=None),
            waits_from=min(self.waits_from, other.waits_from),
            passed_over=max(self.passed_over, passed_over),
            inside=self.inside or other.inside,
        )

    def _beside(self, other: "Progress") -> "Progress":
        """Return it waiting where it is parked and the other one waits; else as it is."""
        if (self.state, other.state) != (VisitState.PARKED, VisitState.WAITING):
            return self
        return replace(self, state=VisitState.WAITING, calls=0)

    def corrected(self, correction: Correction, *, at: datetime) -> "Progress":
        """Return it as a lead says that it is. Only this leads back to an earlier stage."""
        done = replace(
            self._stepped(Step.CORRECT),
            route=self.route if correction.route is None else correction.route,
            adults=self.adults if correction.adults is None else correction.adults,
            children=self.children if correction.children is None else correction.children,
        )
        if not done.persons and (correction.adults, correction.children) != (None, None):
            raise self._illegal(Step.CORRECT, Reason(Hindrance.NOBODY_LEFT))
        stage = self.stage if correction.stage is None else correction.stage
        if len(set(done.route)) < len(done.route) or stage not in done.route:
            raise self._illegal(Step.CORRECT, Reason(Hindrance.NOT_ON_ROUTE, stage=stage))
        if correction.stage is None:
            return done
        if self.state is VisitState.MERGED:
            raise self._illegal(Step.CORRECT, Reason(Hindrance.WAS_MERGED))
        inside = self.inside or self.called_at is not None
        waits = replace(done, state=VisitState.WAITING, ended_at=None, inside=inside)
        return _come_to(waits, stage, at=at)

    def undone(self, last: Step, *, before: "Progress") -> "Progress":
        """Return it as it was before its last step.

        Exactly as it was, but for its version, and for how often it was passed over meanwhile.

        Args:
            last: The step.
            before: The progress before that.

        """
        if last in NOT_UNDONE:
            raise self._illegal(Step.UNDO, Reason(NOT_UNDONE[last]))
        here = self.passed_over if self.stage == before.stage else 0
        passed_over = max(before.passed_over, here)
        return replace(before, version=self.version + 1, passed_over=passed_over)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values, to be kept with an action."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Progress":
        """Return what `to_json` has kept."""
        read = {name: kept[name] for name in kept if name not in _MOMENTS}
        moments = {name: _moment(kept[name]) for name in _MOMENTS}
        into = kept["merged_into"]
        return cls(
            **read
            | moments
            | {
                "route": tuple(kept["route"]),
                "state": VisitState(kept["state"]),
                "merged_into": UUID(into) if into else None,
            }
        )

    def _stepped(self, step: Step) -> "Progress":
        """Return it where the table says that a step leads."""
        try:
            state = NEXT[self.state, step]
        except KeyError:
            raise self._illegal(step) from None
        return replace(self, state=state, version=self.version + 1)

    def _illegal(self, step: Step, reason: Reason | None = None) -> IllegalStepError:
        return IllegalStepError(self.number, self.state, step, reason=reason)


def _known(*moments: datetime | None) -> list[datetime]:
    return [moment for moment in moments if moment]


def _called(done: Progress, counter: str | None, *, at: datetime, calls: int) -> Progress:
    first = done.first_called_at or at
    return replace(
        done, counter=counter, calls=calls, called_at=at, first_called_at=first, inside=True
    )


def _come_to(done: Progress, stage: str, *, at: datetime) -> Progress:
    return replace(
        done,
        stage=stage,
        calls=0,
        passed_over=0,
        stage_since=at,
        first_called_at=None,
        serving_since=None,
    )


_MOMENTS = (
    *("called_at", "appointment_at", "carried_over", "waits_from"),
    *("stage_since", "first_called_at", "serving_since", "ended_at"),
)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
        case UUID():
            return str(value)
        case VisitState():
            return value.value
        case _:
            return value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
