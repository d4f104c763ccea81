"""A simulated day at a reception point: parties arrive, wait, are called and served.

Arrivals, party sizes, purposes and lengths of services are those of `data/synthetic_day.json`.
Each party is told a wait at each stage that it comes to, by what a server could know at that
moment and nothing else, and then waits for as long as it does.
"""

import heapq
import json
import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from server_stub.wait_estimate import Service, WaitRange

DAY = json.loads(
    (Path(__file__).parent / "data" / "synthetic_day.json").read_text(encoding="utf-8")
)

ROUTES = {
    "repeat_or_document": ("document_pickup",),
    "registration": ("info", "biometric_person"),
    "benefits": ("info", "benefits"),
    "housing_tonight": ("info", "housing"),
    "onward_travel": ("info", "onward"),
    "medical_now": ("medical",),
    "info_other": ("info",),
}
PER_PERSON = "biometric_person"

PRIORITY = 0.15
"""Two in three of the households with a specific need: staff do not set it for each."""

WALK = (0.3, 1.5)
"""Minutes from the call until the party stands at the counter."""

OPENS, CLOSES = 8 * 60, 18 * 60
"""Between these all counters are open, but for half an hour each; at night one in five."""

FIRST_BREAK, BREAKS_WITHIN, BREAK = 11.5 * 60, 150, 30

Minutes = float


@dataclass(slots=True)
class Party:
    """Who came, when it came to its stage, and what it was told there."""

    persons: int
    route: tuple[str, ...]
    priority: bool
    here_since: Minutes = 0.0
    told: tuple["Told", ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What one way of estimating made of a wait: one figure, and a range where it gives one."""

    way: str
    minutes: Minutes | None
    range: WaitRange | None = None


@dataclass(frozen=True, slots=True)
class Waited:
    """A wait that was told, and came."""

    stage: str
    minutes: Minutes
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """A party that was served at a stage, and has gone from there."""

    party: Party
    counter: int
    came: Minutes
    called: Minutes
    ended: Minutes
    service: Service


@dataclass(slots=True)
class Stage:
    """A stage at work, and what a server would know of it."""

    name: str
    counters: int
    normal: deque[Party] = field(default_factory=deque)
    first: deque[Party] = field(default_factory=deque)
    taken: dict[int, tuple[Party, Minutes]] = field(default_factory=dict)  # called when
    let_go: dict[int, Minutes] = field(default_factory=dict)  # counter: when, last
    gone: list[Gone] = field(default_factory=list)
    last_wait: tuple[Minutes, Minutes] | None = None  # when, how long
    priority_run: int = 0

    def units(self, party: Party) -> int:
        return party.persons if self.name == PER_PERSON else 1

    def on_duty(self, counter: int, now: Minutes) -> bool:
        if not OPENS <= now < CLOSES:
            return counter < math.ceil(self.counters / 5)
        pause = FIRST_BREAK + BREAKS_WITHIN * counter / self.counters
        return self.counters == 1 or not pause <= now < pause + BREAK

    def take_next(self) -> Party:
        """Priority first, but at most two of three calls while others wait."""
        if self.first and (self.priority_run < 2 or not self.normal):
            self.priority_run = min(self.priority_run + 1, 2)
            return self.first.popleft()
        self.priority_run = 0
        return self.normal.popleft()


def arrivals(persons: int, chance: random.Random) -> Iterator[tuple[Minutes, Party]]:
    """Yield who comes on a day with about so many persons, trains on top, in no order."""
    sizes = [int(size) for size in DAY["group_size_pmf"]]
    share = list(DAY["group_size_pmf"].values())
    mean = sum(size * p for size, p in zip(sizes, share, strict=True)) / sum(share)
    purposes, of_groups = zip(*DAY["purpose_percent_of_groups"].items(), strict=True)

    def some_party() -> Party:
        purpose = chance.choices(purposes, of_groups)[0]
        return Party(
            persons=chance.choices(sizes, share)[0],
            route=ROUTES[purpose],
            priority=chance.random() < PRIORITY,
        )

    for hour, percent in DAY["arrival_percent_by_hour"].items():
        for _ in range(_poisson(persons / mean * percent / 100, chance)):
            yield 60 * (int(hour) + chance.random()), some_party()
    for pulse in DAY["train_pulses"]:
        hour, minute = map(int, pulse["at"].split(":"))
        train = pulse["persons"] * persons / 2500  # as long as the day is busy
        for _ in range(_poisson(train / mean, chance)):
            yield 60 * hour + minute + pulse["spread_min"] * chance.random(), some_party()


def counters_for(persons: int, *, staffing: float) -> dict[str, int]:
    """Return how many counters each stage has: as many as the busiest hour keeps just busy."""
    parties = persons / 2.55 * max(DAY["arrival_percent_by_hour"].values()) / 100
    load: dict[str, float] = {}
    for purpose, percent in DAY["purpose_percent_of_groups"].items():
        for stage in ROUTES[purpose]:
            minutes = DAY["service_minutes_lognormal_mean_cv"][stage][0] + sum(WALK) / 2
            units = 2.55 if stage == PER_PERSON else 1
            load[stage] = load.get(stage, 0) + parties * percent / 100 * minutes * units / 60
    return {stage: math.ceil(staffing * needed) for stage, needed in load.items()}


Tell = Callable[[Stage, Party, Minutes], tuple[Told, ...]]
"""Says in each of its ways how long a party will wait that has just come to a stage."""


def simulate(persons: int, *, seed: int, tell: Tell, staffing: float = 1.0) -> list[Waited]:
    """Return every wait of one day, with what the party was told when it began.

    Args:
        persons: Who come on that day, about; more come by train.
        seed: The same one gives the same day.
        tell: What parties are told by.
        staffing: How many counters there are for each that the busiest hour keeps busy.

    """
    day = make_day(persons, seed=seed, tell=tell, staffing=staffing)
    day.pass_by()
    return day.waits


def make_day(persons: int, *, seed: int, tell: Tell, staffing: float = 1.0) -> "Simulation":
    """Return a day that has not passed yet; for the rest see `simulate`."""
    chance = random.Random(seed)  # noqa: S311  # a day to be had again, not a secret
    stages = [Stage(*one) for one in counters_for(persons, staffing=staffing).items()]
    day = Simulation(stages, tell=tell, served=partial(length_of_service, chance=chance))
    for moment, party in sorted(arrivals(persons, chance), key=lambda one: one[0]):
        day.at(moment, partial(day.come, party))
    for minute in range(0, 24 * 60, 5):  # counters that come back from a break call, too
        for stage in stages:
            day.at(minute, partial(day.call, stage))
    return day


class Simulation:
    """What happens at some stages, one thing after the other.

    Args:
        stages: Where parties wait and are served.
        tell: What they are told by.
        served: Draws how long a party keeps a counter of a stage, from its call on.

    """

    def __init__(
        self, stages: Iterable[Stage], *, tell: Tell, served: Callable[[Stage, Party], Minutes]
    ) -> None:
        self.waits: list[Waited] = []
        self.stages = {stage.name: stage for stage in stages}
        self._tell = tell
        self._served = served
        self._order = count()
        self._due: list[tuple[Minutes, int, Callable[[Minutes], None]]] = []

    def at(self, moment: Minutes, what: Callable[[Minutes], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._order), what))

    def pass_by(self, *, until: Minutes = math.inf) -> None:
        while self._due and self._due[0][0] <= until:
            now, _, what = heapq.heappop(self._due)
            what(now)

    def come(self, party: Party, now: Minutes) -> None:
        stage = self.stages[party.route[0]]
        party.here_since, party.told = now, self._tell(stage, party, now)
        (stage.first if party.priority else stage.normal).append(party)
        self.call(stage, now)

    def call(self, stage: Stage, now: Minutes) -> None:
        for counter in range(stage.counters):
            if not (stage.first or stage.normal):
                return
            if counter not in stage.taken and stage.on_duty(counter, now):
                self._serve(stage, counter, now)

    def _serve(self, stage: Stage, counter: int, now: Minutes) -> None:
        party = stage.take_next()
        waited = now - party.here_since
        self.waits.append(Waited(stage.name, waited, party.told))
        if not party.priority:
            stage.last_wait = (now, waited)
        stage.taken[counter] = (party, now)
        end = now + self._served(stage, party)
        self.at(end, partial(self._let_go, stage, counter))

    def _let_go(self, stage: Stage, counter: int, now: Minutes) -> None:
        party, called = stage.taken.pop(counter)
        stage.let_go[counter] = now
        service = Service(now - called, stage.units(party))
        stage.gone.append(Gone(party, counter, party.here_since, called, now, service))
        party.route = party.route[1:]
        if party.route:
            self.come(party, now)
        self.call(stage, now)


def length_of_service(stage: Stage, party: Party, *, chance: random.Random) -> Minutes:
    """Draw how long a party keeps a counter: its walk there, and what the day says of services."""
    mean, cv = DAY["service_minutes_lognormal_mean_cv"][stage.name]
    sigma = math.sqrt(math.log1p(cv**2))
    middle = math.log(mean) - sigma**2 / 2
    units = stage.units(party)
    return chance.uniform(*WALK) + sum(chance.lognormvariate(middle, sigma) for _ in range(units))


def _poisson(mean: float, chance: random.Random) -> int:
    sum_of_gaps, events = chance.expovariate(1), 0
    while sum_of_gaps < mean:
        sum_of_gaps += chance.expovariate(1)
        events += 1
    return events
