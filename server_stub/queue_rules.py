"""Who is called next, and why: priority, the order of waiting, languages, room. Pure.

Nobody starves. Of any three calls at a stage at most two are priority while others wait, and for
the languages of counters nobody is displaced by more than three places. So a party that ever has
n others of its class or a class before it ahead, priority left aside, is called at the latest by
call 3 * (n + 4), whoever comes after it: each three calls serve one that is not priority, and of
those at most n are ahead of it, at most three pass it by, and then it is its turn. Ahead are also
those to whom staff give such a place later, by an appointment, by merging them with a party that
has it, or by letting them in again; and room alone can make calls wait longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server_stub.visit import CallingClass

CALLING_ORDER = ("waits_from", "arrival_order", "id")
"""The columns of a visit that decide who of a class is called first, the smallest first.

`arrival_order` is the kiosk's own sequence: it parts the parties of one kiosk whose arrival
was set to the same instant. `id` parts the rest, so that the order is total.
"""

MOST_PRIORITY_RUN = 2
"""Priority calls at a stage, one behind the other, while others wait."""

MOST_DISPLACED = 3
"""Places by which a party may be called later for the languages of counters."""

LOOK_AHEAD = MOST_DISPLACED + 1
"""How many of a class need be known to choose among."""


@dataclass(frozen=True, slots=True)
class WaitingParty:
    """Whoever waits to be called, as far as the rules look.

    Attributes:
        id: The visit's id.
        number: The party's number.
        calling_class: Who is called before it.
        waits_from: Since when it waits, or what counts as that.
        arrival_order: The sequence of its check-in.
        arrived_at: When it arrived.
        language: Its language, where known.
        persons: How many they are.
        inside: It is in the hall already.
        passed_over: How often another was called before it for its language.

    """

    id: UUID
    number: str
    calling_class: CallingClass
    waits_from: datetime
    arrival_order: int
    arrived_at: datetime
    language: str | None
    persons: int
    inside: bool
    passed_over: int

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """What those of a class are ordered by."""
        return self.waits_from, self.arrival_order, self.id


@dataclass(frozen=True, slots=True)
class Room:
    """How many persons are at a place, and how many may be.

    Attributes:
        stage: The stage; None for the hall.
        persons: How many are there now.
        most: How many may be; None where nobody set a limit.

    """

    stage: str | None
    persons: int = 0
    most: int | None = None

    def takes(self, persons: int) -> bool:
        """Whether a party fits; an empty place takes a party of any size."""
        return self.most is None or not self.persons or self.persons + persons <= self.most


class Reason(StrEnum):
    """Why one party is called before another."""

    PRIORITY = "priority"
    CARRIED_OVER = "carried-over"
    TURN = "turn"  # two priority calls went before
    LANGUAGE = "language"
    INSIDE = "inside"  # the hall is full, and the other would have to come in
    APPOINTMENT = "appointment"
    WAITS_LONGER = "waits-longer"


@dataclass(frozen=True, slots=True)
class CalledBefore:
    """Whom a party is called before, and why."""

    number: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Why:
    """Why this party is next.

    Attributes:
        calling_class: Of the party.
        before: Whom it is called before; nobody where it is alone, or was chosen by its number.

    """

    calling_class: CallingClass
    before: tuple[CalledBefore, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The party to call.

    Attributes:
        party: That is called.
        why: Why it is.
        passed_over: Who is passed over for the counter's languages, and must be remembered so.

    """

    party: WaitingParty
    why: Why
    passed_over: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CallsPaused:
    """Nobody is called, for the next party would not fit.

    Attributes:
        stage: Where it would not; None for the hall.
        persons: How many are there.
        most: How many may be.
        number: The party that waits for room.
        party: How many belong to it.

    """

    stage: str | None
    persons: int
    most: int
    number: str
    party: int


Line = Mapping[CallingClass, Sequence[WaitingParty]]
"""The first of each class that wait at a stage, in order: `LOOK_AHEAD` of each are enough."""


@dataclass(frozen=True, slots=True)
class Queue:
    """All that the rules look at when a counter calls.

    Attributes:
        line: The first who wait at the counter's stage.
        inside: The first of them who are in the hall already.
        priority_run: How many of the stage's last calls were priority, one behind the other.
        languages: What is spoken at the counter.
        stage: The room at the stage.
        hall: The room in the hall.

    """

    line: Line
    inside: Line
    priority_run: int
    languages: frozenset[str]
    stage: Room
    hall: Room


def choose(queue: Queue) -> Choice | CallsPaused | None:
    """Return whom to call next, what is in the way, or None where nobody waits."""
    chosen = _next_in(queue.line, queue)
    if chosen is None:
        return None
    if not chosen.party.inside and not queue.hall.takes(chosen.party.persons):
        outsider, insider = chosen.party, _next_in(queue.inside, queue)
        if insider is None:
            return _paused(queue.hall, outsider)
        chosen = _called_from_inside(insider, outsider)
    if not queue.stage.takes(chosen.party.persons):
        return _paused(queue.stage, chosen.party)
    return chosen


def no_room_for(party: WaitingParty, *, stage: Room, hall: Room) -> CallsPaused | None:
    """Return what keeps a party that staff have chosen from being called, if anything does."""
    if not stage.takes(party.persons):
        return _paused(stage, party)
    if not party.inside and not hall.takes(party.persons):
        return _paused(hall, party)
    return None


def run_after(run: int, called: CallingClass) -> int:
    """Return how many priority calls lie one behind the other after a call; 2 and more are 2."""
    return min(run + 1, MOST_PRIORITY_RUN) if called is CallingClass.PRIORITY else 0


def in_calling_order(waiting: Iterable[WaitingParty]) -> list[WaitingParty]:
    """Return those who wait as they are called where nothing but class and order counts."""
    return sorted(waiting, key=lambda party: (party.calling_class, party.place))


def in_order_of_calls(line: Line, *, priority_run: int, most: int) -> list[WaitingParty]:
    """Return who would be called one after the other, if nobody came and everybody fitted.

    Args:
        line: All who wait, or the first `most` of each class.
        priority_run: How many of the stage's last calls were priority, one behind the other.
        most: How many to return, at most.

    """
    waiting = {known: list(parties) for known, parties in line.items()}
    order: list[WaitingParty] = []
    while len(order) < most and (called := _next_class(waiting, priority_run)) is not None:
        order.append(waiting[called].pop(0))
        priority_run = run_after(priority_run, called)
    return order


def _paused(room: Room, party: WaitingParty) -> CallsPaused:
    return CallsPaused(room.stage, room.persons, room.most or 0, party.number, party.persons)


def _next_in(line: Line, queue: Queue) -> Choice | None:
    called = _next_class(line, queue.priority_run)
    if called is None:
        return None
    first = line[called][:LOOK_AHEAD]
    index = _first_understood(first, queue.languages)
    party, passed = first[index], first[:index]
    before = [CalledBefore(other.number, Reason.LANGUAGE) for other in passed]
    before += _before_other_classes(party, line)
    why = Why(called, tuple(before or _before_the_next(party, line[called])))
    return Choice(party, why, tuple(other.id for other in passed))


def _next_class(line: Line, priority_run: int) -> CallingClass | None:
    """Return the class whose turn it is."""
    there = [known for known in CallingClass if line.get(known)]
    if there[:1] == [CallingClass.PRIORITY] and there[1:] and priority_run >= MOST_PRIORITY_RUN:
        return there[1]
    return there[0] if there else None


def _first_understood(first: Sequence[WaitingParty], languages: frozenset[str]) -> int:
    """Return the place of the first whose language is spoken; 0 where nobody may pass or does."""
    for place, party in enumerate(first):
        if party.language in languages:
            return place
        if party.passed_over >= MOST_DISPLACED:
            return 0
    return 0


def _before_other_classes(party: WaitingParty, line: Line) -> list[CalledBefore]:
    """Return the first of other classes that it is called before although they waited longer."""
    before = []
    for other in CallingClass:
        head = next(iter(line.get(other, ())), None)
        if head is None or other is party.calling_class:
            continue
        if other < party.calling_class:
            before.append(CalledBefore(head.number, Reason.TURN))
        elif head.place < party.place:
            is_first = party.calling_class is CallingClass.PRIORITY
            reason = Reason.PRIORITY if is_first else Reason.CARRIED_OVER
            before.append(CalledBefore(head.number, reason))
    return before


def _before_the_next(party: WaitingParty, line: Sequence[WaitingParty]) -> list[CalledBefore]:
    """Return that it goes before the next of its class."""
    behind = next((other for other in line if other.place > party.place), None)
    if behind is None:
        return []
    came_first = party.arrived_at <= behind.arrived_at
    reason = Reason.WAITS_LONGER if came_first else Reason.APPOINTMENT
    return [CalledBefore(behind.number, reason)]


def _called_from_inside(chosen: Choice, outsider: WaitingParty) -> Choice:
    ahead = CalledBefore(outsider.number, Reason.INSIDE)
    others = tuple(b for b in chosen.why.before if b.number != outsider.number)
    why = Why(chosen.why.calling_class, (ahead, *others))
    return Choice(chosen.party, why, chosen.passed_over)
