"""The view of a counter: its party, who is called next and why, and the queue behind. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from threading import Lock
from uuid import UUID

from kiosk.contract.site import Counter, Site, Stage
from server_stub.calling import as_waiting
from server_stub.progress import CALLS_BEFORE_NO_SHOW
from server_stub.queue_rules import (
    CALLING_ORDER,
    CallsPaused,
    Choice,
    Line,
    Queue,
    Room,
    WaitingParty,
    Why,
    choose,
    in_order_of_calls,
)
from server_stub.snapshot import Snapshot, VisitRow
from server_stub.visit import NEXT, CallingClass, Step, VisitState

SHOWN = 30
"""So many of a queue stand on the page; any other party is found by its number."""

PARKED_SHOWN = 60

FOUND_SHOWN = 6

_place = attrgetter(*CALLING_ORDER)


@dataclass(frozen=True, slots=True)
class Next:
    """Whom a counter would call now, and why."""

    visit: VisitRow
    why: Why


@dataclass(frozen=True, slots=True)
class StageQueue:
    """Who waits at a stage.

    Attributes:
        stage: The stage.
        parties: How many wait.
        persons: How many they are together; whose size nobody knows counts as one.
        first: The first of them as they would be called, if nobody else came.
        parked: Who was put back there, the longest there first.
        rules: All that decides who is called next, but for what is spoken at a counter.
        known: By their ids, those whom the rules may choose.

    """

    stage: Stage
    parties: int
    persons: int
    first: tuple[VisitRow, ...]
    parked: tuple[VisitRow, ...]
    rules: Queue
    known: Mapping[UUID, VisitRow]

    @property
    def unseen(self) -> int:
        """How many wait behind those that are shown."""
        return self.parties - len(self.first)


@dataclass(frozen=True, slots=True)
class Place:
    """One stage of a party's route.

    Attributes:
        stage: The stage; None where the site has it no more.
        name: What it is called where it is none of the site.
        passed: "done", "here" or "later".

    """

    stage: Stage | None
    name: str
    passed: str


@dataclass(frozen=True, slots=True)
class Party:
    """A visit, with what can be done with it.

    Attributes:
        visit: The visit.
        places: Its whole route, with how far it is.
        steps: What its state allows, and what may succeed.

    """

    visit: VisitRow
    places: tuple[Place, ...]
    steps: frozenset[Step]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a counter sees.

    Attributes:
        counter: The counter.
        stage: The stage that it serves.
        party: Whom it has called or serves; None where it is free.
        next_stage: Where that party goes from here; None at the end of its route.
        upcoming: Whom it would call now, what is in the way, or None where nobody waits.

    """

    counter: Counter
    stage: Stage
    party: VisitRow | None
    next_stage: Stage | None
    upcoming: Next | CallsPaused | None


@dataclass(frozen=True, slots=True)
class Counters:
    """All counters of a site at one moment.

    Attributes:
        event_number: The last event that it includes.
        desks: Counter to what it sees.
        queues: Stage to who waits there.

    """

    event_number: int
    desks: Mapping[str, Desk]
    queues: Mapping[str, StageQueue]


def counters_of(snapshot: Snapshot, site: Site) -> Counters:
    """Return what every counter of the site sees."""
    waiting: dict[str, list[VisitRow]] = defaultdict(list)
    parked: dict[str, list[VisitRow]] = defaultdict(list)
    at_counter: dict[str, VisitRow] = {}
    busy: dict[str, int] = defaultdict(int)
    in_hall = 0
    for visit in snapshot.here.values():
        state = visit.state
        if state is VisitState.WAITING:
            waiting[visit.stage].append(visit)
        elif state is VisitState.PARKED:
            parked[visit.stage].append(visit)
        else:  # called, or being served
            at_counter[visit.counter or ""] = visit
            busy[visit.stage] += max(visit.persons, 1)
        if visit.inside and state is not VisitState.PARKED:
            in_hall += max(visit.persons, 1)
    hall = Room(None, in_hall, site.most_persons) if site.most_persons else Room(None)
    queues = {
        stage.id: _queue(
            stage,
            waiting[stage.id],
            parked=parked[stage.id],
            room=Room(stage.id, busy[stage.id], stage.most_persons),
            hall=hall,
            priority_run=snapshot.priority_runs.get(stage.id, 0),
        )
        for stage in site.stages
    }
    desks = {
        counter.id: _desk(counter, queues[counter.stage], at_counter.get(counter.id), site)
        for counter in site.counters
    }
    return Counters(snapshot.event_number, desks, queues)


def party_of(visit: VisitRow, site: Site) -> Party:
    """Return a visit as pages show it."""
    return Party(visit, tuple(places_of(visit, site)), steps_of(visit))


def places_of(visit: VisitRow, site: Site) -> list[Place]:
    """Return a party's whole route, with how far it is."""
    here = visit.route.index(visit.stage) if visit.stage in visit.route else -1
    ended = not visit.is_open
    return [
        Place(site.stage(name), name, _passed(index, here, ended=ended))
        for index, name in enumerate(visit.route)
    ]


def steps_of(visit: VisitRow) -> frozenset[Step]:
    """Return the steps that a visit's state allows, and that may succeed."""
    legal = {step for state, step in NEXT if state is visit.state}
    if visit.calls < CALLS_BEFORE_NO_SHOW:
        legal.discard(Step.NO_SHOW)
    if visit.next_stage is None:
        legal.discard(Step.FORWARD)
    if visit.persons < 2:
        legal.discard(Step.SPLIT)
    return frozenset(legal)


def found_by(number: str, snapshot: Snapshot) -> list[VisitRow]:
    """Return the visits whose number it is, or ends so: open ones first, then the newest.

    A clerk who reads "D 214" off a slip may type ``d214`` or only ``214``.
    """
    wanted = "".join(number.split()).upper()
    if not wanted:
        return []
    exact = [visit for visit in snapshot.visits if visit.number == wanted]
    found = exact or [
        visit
        for visit in snapshot.visits
        if wanted.isdecimal() and visit.number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == wanted
    ]
    return sorted(found, key=lambda visit: not visit.is_open)[:FOUND_SHOWN]


VIEWS_KEPT = 8
"""A live page compares the present one with the one it was sent; presses have theirs between."""


class LatestViews:
    """The views of the last snapshots, each made once for all who ask. Any thread may ask.

    Args:
        site: Returns the site in force.

    """

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._lock = Lock()
        self._made: list[tuple[Snapshot, Site, Counters]] = []

    def of(self, snapshot: Snapshot) -> Counters:
        """Return the view of a snapshot."""
        site = self._site()
        with self._lock:  # also while it is made: who asks meanwhile need not make it again
            for known, of_site, view in reversed(self._made):
                if known is snapshot and of_site is site:
                    return view
            view = counters_of(snapshot, site)
            self._made = [*self._made[1 - VIEWS_KEPT :], (snapshot, site, view)]
        return view


def _queue(  # what a stage is made of
    stage: Stage,
    waiting: Sequence[VisitRow],
    *,
    parked: Sequence[VisitRow],
    room: Room,
    hall: Room,
    priority_run: int,
) -> StageQueue:
    first = _first_of_each_class(waiting)
    inside = _first_of_each_class(v for v in waiting if v.inside) if hall.most else []
    line = _line(first)
    known = {visit.id: visit for visit in (*first, *inside)}
    called = in_order_of_calls(line, priority_run=priority_run, most=SHOWN)
    return StageQueue(
        stage=stage,
        parties=len(waiting),
        persons=sum(max(visit.persons, 1) for visit in waiting),
        first=tuple(known[party.id] for party in called),
        parked=tuple(sorted(parked, key=_place)[:PARKED_SHOWN]),
        rules=Queue(
            line=line,
            inside=_line(inside),
            priority_run=priority_run,
            languages=frozenset(),
            stage=room,
            hall=hall,
        ),
        known=known,
    )


def _first_of_each_class(visits: Iterable[VisitRow]) -> list[VisitRow]:
    """Return the first `SHOWN` of each class, in calling order; thousands may wait."""
    by_class: dict[CallingClass, list[VisitRow]] = defaultdict(list)
    for visit in visits:
        by_class[visit.calling_class].append(visit)
    return [visit for some in by_class.values() for visit in sorted(some, key=_place)[:SHOWN]]


def _line(visits: Iterable[VisitRow]) -> Line:
    line: dict[CallingClass, list[WaitingParty]] = defaultdict(list)
    for visit in visits:
        line[visit.calling_class].append(as_waiting(visit))
    return line


def _desk(
    counter: Counter,
    queue: StageQueue,
    party: VisitRow | None,
    site: Site,
) -> Desk:
    spoken = frozenset(counter.languages)
    chosen = choose(replace(queue.rules, languages=spoken) if spoken else queue.rules)
    upcoming = (
        Next(queue.known[chosen.party.id], chosen.why) if isinstance(chosen, Choice) else chosen
    )
    next_stage = party.next_stage if party else None
    return Desk(
        counter=counter,
        stage=queue.stage,
        party=party,
        next_stage=site.stage(next_stage) if next_stage else None,
        upcoming=upcoming,
    )


def _passed(index: int, here: int, *, ended: bool) -> str:
    if ended or index < here:
        return "done"
    return "here" if index == here else "later"
