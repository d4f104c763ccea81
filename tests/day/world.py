"""The world of a synthetic day: parties come, counters call them, and the unusual happens.

One thing after the other, in the order of the day's minutes. Whatever is done goes through the
server's own doors; what it comes to is written into the account by whoever did it.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Protocol
from uuid import UUID

from tests.day.account import Account
from tests.day.plan import DAY_BEGINS, PER_PERSON, Arrival, counters, minutes_of_service

WALK = (0.3, 1.5)
"""Minutes from the call to the counter."""

RECALL_AFTER = 1.0
CALLS_BEFORE_NO_SHOW = 3
NOT_THERE = 0.06
"""Of the called, who do not come."""

COMES_BACK = 0.6
BACK_AFTER = (10.0, 40.0)
GOES_AWAY = 0.02
"""Of those who wait at a stage, who give up and say so."""

GIVEN_PRIORITY = 0.7
"""Of those for whom a kiosk proposes it."""

SPLITS, JOINS, MISTAKEN, PUT_BACK = 0.01, 0.01, 0.02, 0.02
HOUSED, PERMITTED, TRANSFERRED = 0.8, 0.5, 0.6
OPENS, CLOSES = 8 * 60 - DAY_BEGINS, 20 * 60 - DAY_BEGINS
"""Between these every counter works, else one in five."""

LAST_CALL = 20 * 60.0
"""Minute of the service day from which nobody is called: midnight. A big family takes hours."""


@dataclass(slots=True)
class Party:
    """A party on its way.

    Attributes:
        arrival: As it was planned.
        visit: Its visit's id.
        number: On its slip.
        adults: Now.
        children: Now.
        version: Of its visit, as staff last saw it.
        stage: Where it is, in `arrival.route`.
        since: When it came there.
        waits: It waits to be called.
        called: How often it was called there.
        waited: How long it waited there for the first call, in seconds.
        ended: It has gone.

    """

    arrival: Arrival
    visit: UUID
    number: str
    adults: int
    children: int
    version: int = 1
    stage: int = 0
    since: float = 0.0
    waits: bool = True
    called: int = 0
    waited: float | None = None
    ended: bool = False

    @property
    def persons(self) -> int:
        """How many they are now."""
        return self.adults + self.children

    @property
    def here(self) -> str:
        """The stage where it is."""
        return self.arrival.route[self.stage]

    @property
    def is_last_stage(self) -> bool:
        """Whether nothing comes after it."""
        return self.stage == len(self.arrival.route) - 1


class Office(Protocol):
    """The server's door for staff. Each returns the visit's version afterwards."""

    def call_next(self, counter: str) -> tuple[UUID, int] | None:
        """Call whoever is next; None where nobody waits."""

    def at_counter(self, step: str, counter: str, party: Party, **asked: object) -> int:
        """Take a step at a counter."""

    def by_lead(self, step: str, party: Party, **asked: object) -> int:
        """Take a step at no counter."""

    def split(self, party: Party, *, adults: int, children: int) -> tuple[int, UUID, str]:
        """Part a party; return its version, and the new visit and number."""

    def merge(self, kept: Party, other: Party) -> int:
        """Join two parties."""

    def by_hand(self, arrival: Arrival) -> tuple[UUID, str]:
        """Issue a number; return visit and number."""

    def close_day(self, gone: list[Party]) -> None:
        """Stop numbers, then close: these have left, the others are carried over."""


class Entrance(Protocol):
    """The kiosks."""

    def check_in(self, arrival: Arrival, minute: float) -> tuple[UUID, str, float]:
        """Take a party in; return visit, number, and the minute at which the server hears."""

    def deliver(self, visit: UUID) -> None:
        """Bring its check-in to the server."""


@dataclass(slots=True)
class Counter:
    """A staffed desk."""

    name: str
    stage: str
    works_at_night: bool
    is_free: bool = True


@dataclass
class World:
    """Everyone at the reception point.

    Args:
        office: Where staff work.
        entrance: Where the kiosks stand.
        pass_time: Told each minute of the day at which something happens.
        chance: Decides.

    Attributes:
        account: What happened.
        parties: Everyone who is known to the server, by visit.

    """

    office: Office
    entrance: Entrance
    pass_time: Callable[[float], None]
    chance: random.Random
    account: Account = field(default_factory=Account)
    parties: dict[UUID, Party] = field(default_factory=dict)
    minute: float = 0.0

    def __post_init__(self) -> None:
        """Staff the counters."""
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._counters: defaultdict[str, list[Counter]] = defaultdict(list)
        for name, stage, _ in counters():
            there = self._counters[stage]
            there.append(Counter(name, stage, works_at_night=len(there) % 5 == 0))

    def at(self, minute: float, what: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._due, (minute, next(self._order), what))

    def live(self, planned: list[Arrival]) -> None:
        """Let the day pass."""
        for arrival in planned:
            self.at(arrival.minute, lambda arrival=arrival: self._come(arrival))
        for opening in (0.0, float(OPENS)):
            self.at(opening, self._call_everywhere)
        while self._due:
            self.minute, _, what = heapq.heappop(self._due)
            self.pass_time(self.minute)
            what()

    def close(self) -> None:
        """Close the day: who waits comes again tomorrow, who was put back and is not there left."""
        here = [party for party in self.parties.values() if not party.ended]
        gone = [party for party in here if not party.waits]
        self.office.close_day(gone)
        for party in gone:
            self._has_left(party)
        for party in here:
            if party.waits:
                self.account.carried_over.add(party.persons)
                self._passed(party)

    # Arriving

    def _come(self, arrival: Arrival) -> None:
        self.account.visits.add(arrival.persons)
        self.account.adults += arrival.adults
        self.account.arrivals[arrival.hour].add(arrival.persons)
        if arrival.kiosk is None:
            self.account.by_hand.add(arrival.persons)
            visit, number = self.office.by_hand(arrival)
            self._is_known(arrival, visit, number, came=self.minute)
            return
        visit, number, heard = self.entrance.check_in(arrival, self.minute)
        came = self.minute
        self.at(heard, lambda: self._is_heard_of(arrival, visit, number, came))

    def _is_heard_of(self, arrival: Arrival, visit: UUID, number: str, came: float) -> None:
        self.entrance.deliver(visit)
        self._is_known(arrival, visit, number, came=came)

    def _is_known(self, arrival: Arrival, visit: UUID, number: str, *, came: float) -> None:
        party = Party(
            arrival, visit, number, adults=arrival.adults, children=arrival.children, since=came
        )
        self.parties[visit] = party
        if arrival.proposed and self.chance.random() < GIVEN_PRIORITY:
            self.account.happenings["priority"] += 1
            party.version = self.office.by_lead("priority", party, priority=True)
        part = None
        if self.chance.random() < SPLITS and party.adults > 1:
            part = self._split(party)
        elif self.chance.random() < JOINS:
            self._join(party)
        self._wait_here(*filter(None, (party, part)))

    def _split(self, party: Party) -> Party:
        self.account.happenings["split"] += 1
        party.version, visit, number = self.office.split(party, adults=1, children=0)
        party.adults -= 1
        part = Party(party.arrival, visit, number, adults=1, children=0, since=party.since)
        self.parties[visit] = part
        return part

    def _join(self, party: Party) -> None:
        """Two families find out that they are one."""
        other = next((p for p in self.parties.values() if self._may_join(p, party)), None)
        if other is None:
            return
        self.account.happenings["merged"] += 1
        self.account.arrivals[other.arrival.hour].persons -= other.persons
        self.account.arrivals[party.arrival.hour].persons += other.persons  # they go on with it
        party.version = self.office.merge(party, other)
        party.adults += other.adults
        party.children += other.children
        self._passed(other)
        other.ended, other.waits = True, False

    def _may_join(self, other: Party, party: Party) -> bool:
        return (
            other is not party
            and other.waits
            and other.stage == party.stage == 0
            and other.arrival.route == party.arrival.route
            and other.since <= party.since
        )

    def _wait_here(self, *parties: Party) -> None:
        """Let parties wait that have come to one stage together."""
        for party in parties:
            party.waits, party.called, party.waited = True, 0, None
            if self.chance.random() < GOES_AWAY:
                tired = self.chance.uniform(5, 60)
                self._later(tired, partial(self._give_up, party, party.stage))
        self._call_at(parties[0].here)

    def _give_up(self, party: Party, stage: int) -> None:
        if party.ended or not party.waits or party.stage != stage:
            return
        self.account.happenings["gave up"] += 1
        self._leave(party)

    def _leave(self, party: Party) -> None:
        party.version = self.office.by_lead("leave", party)
        self._has_left(party)

    def _has_left(self, party: Party) -> None:
        self.account.left.add(party.persons)
        self.account.left_at[party.here].add(party.persons)
        self._passed(party)
        party.ended, party.waits = True, False

    def _passed(self, party: Party) -> None:
        """Write down how long it waited, now that it leaves the stage, by whatever way."""
        if party.waited is not None:
            self.account.waited(party.here, party.waited)

    # Calling

    def _call_everywhere(self) -> None:
        for stage in self._counters:
            self._call_at(stage)

    def _call_at(self, stage: str) -> None:
        for counter in self._counters[stage]:
            if counter.is_free and self._works(counter) and not self._call(counter):
                return

    def _works(self, counter: Counter) -> bool:
        if self.minute >= LAST_CALL:
            return False
        return counter.works_at_night or OPENS <= self.minute < CLOSES

    def _call(self, counter: Counter) -> bool:
        called = self.office.call_next(counter.name)
        if called is None:
            return False
        visit, version = called
        party = self.parties[visit]
        if not party.waits or party.ended or party.here != counter.stage:
            raise AssertionError(f"{party.number} was called at {counter.stage}, where it is not")
        if party.waited is None:
            party.waited = (self.minute - party.since) * 60
        party.waits, party.called, party.version = False, party.called + 1, version
        counter.is_free = False
        if self.chance.random() < NOT_THERE:
            self._later(RECALL_AFTER, lambda: self._recall(counter, party, calls=2))
        else:
            self._later(self.chance.uniform(*WALK), lambda: self._serve(counter, party))
        return True

    def _recall(self, counter: Counter, party: Party, *, calls: int) -> None:
        if calls > CALLS_BEFORE_NO_SHOW:
            self._step("no-show", counter, party)
            self.account.no_shows[party.here] += 1
            if self.chance.random() < COMES_BACK:
                self._later(self.chance.uniform(*BACK_AFTER), lambda: self._come_back(party))
            self._is_free(counter)
            return
        self._step("recall", counter, party)
        self._later(RECALL_AFTER, lambda: self._recall(counter, party, calls=calls + 1))

    def _come_back(self, party: Party) -> None:
        self.account.happenings["came back"] += 1
        party.version = self.office.by_lead("readmit", party)
        party.waits = True
        self._call_at(party.here)

    # Serving

    def _serve(self, counter: Counter, party: Party) -> None:
        self._step("serve", counter, party)
        minutes = self._minutes_of(party)
        if self.chance.random() < PUT_BACK:
            self._later(minutes / 2, lambda: self._put_back(counter, party))
        else:
            self._later(minutes, lambda: self._let_go(counter, party))

    def _minutes_of(self, party: Party) -> float:
        """Return how long a counter serves a party where it is."""
        return minutes_of_service(party.here, party.persons, self.chance)

    def _put_back(self, counter: Counter, party: Party) -> None:
        """A paper is missing: the party waits until it has it."""
        self.account.happenings["parked"] += 1
        self._step("park", counter, party)
        self._later(self.chance.uniform(*BACK_AFTER), lambda: self._come_back(party))
        self._is_free(counter)

    def _let_go(self, counter: Counter, party: Party) -> None:
        for outcome, persons in self._outcomes(party):
            self.account.outcomes[outcome] += persons
            self._step("outcome", counter, party, outcomes={outcome: persons})
        if self.chance.random() < MISTAKEN:
            self.account.happenings["undone"] += 1
            self._step("finish", counter, party)
            self._step("undo", counter, party)
        self.account.served[party.here].add(party.persons)
        self._passed(party)
        if party.is_last_stage:
            self._step("finish", counter, party)
            self.account.finished.add(party.persons)
            party.ended = True
        else:
            self._step("forward", counter, party)
            party.stage, party.since = party.stage + 1, self.minute
            self._wait_here(party)
        self._is_free(counter)

    def _outcomes(self, party: Party) -> list[tuple[str, int]]:
        """Return what the stage achieved, and for how many persons."""
        everyone, chance = party.persons, self.chance.random()
        if party.here == PER_PERSON:
            permits = [("permit-issued", everyone)] if chance < PERMITTED else []
            return [("biometrics-taken", everyone), *permits]
        if party.here == "housing" and chance < HOUSED:
            return [("housed", everyone)]
        if party.here == "onward-travel" and chance < TRANSFERRED:
            return [("transferred", everyone)]
        return []

    def _is_free(self, counter: Counter) -> None:
        counter.is_free = True
        if self._works(counter):
            self._call(counter)

    def _step(self, step: str, counter: Counter, party: Party, **asked: object) -> None:
        party.version = self.office.at_counter(step, counter.name, party, **asked)

    def _later(self, minutes: float, what: Callable[[], None]) -> None:
        self.at(self.minute + minutes, what)
