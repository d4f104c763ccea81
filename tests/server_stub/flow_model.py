"""The flow as its rules are told, in plain lists: what the server must come to, press by press.

Written from the rules and not from the server's code: no table, no SQL, no pages of a queue. It
knows everything at once and looks through all of it.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

OPEN = {"waiting", "called", "serving", "parked"}
AT_COUNTER = {"called", "serving"}
ONLY_ITS_COUNTER = {
    *("recall", "no-show", "serve", "park", "outcome", "forward", "finish", "leave"),
}
LEADS_TO = {
    "recall": {"called": "called"},
    "no-show": {"called": "parked"},
    "serve": {"called": "serving"},
    "park": {"serving": "parked"},
    "readmit": {"parked": "waiting"},
    "outcome": {"called": "serving", "serving": "serving"},
    "forward": {"called": "waiting", "serving": "waiting"},
    "finish": {"called": "finished", "serving": "finished"},
    "leave": dict.fromkeys(OPEN, "left"),
    "call": {"waiting": "called", "parked": "called"},
    "merge": {"waiting": "merged", "parked": "merged"},
    **{step: {s: s for s in OPEN} for step in ("reroute", "split", "priority", "appointment")},
}
EARLY = timedelta(hours=3)
"""After midnight in UTC, when a service day begins."""

NEVER_UNDONE = {"undo", "split", "merge", "by-hand"}


class RefusedError(Exception):
    """The press is not taken. Its only argument is the name of the server's error."""


@dataclass
class Party:
    """One visit."""

    id: UUID
    route: list[str]
    language: str | None
    adults: int
    children: int
    arrived_at: datetime
    order: int
    stage: str = ""
    state: str = "waiting"
    counter: str | None = None
    calls: int = 0
    version: int = 1
    priority: bool = False
    waits_from: datetime | None = None
    appointment: datetime | None = None
    passed_over: int = 0
    inside: bool = False
    merged_into: UUID | None = None
    steps: list[tuple[str, str | None, "Party | None"]] = field(default_factory=list)
    outcomes: list[tuple[int, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage = self.stage or self.route[0]
        self.waits_from = self.waits_from or self.arrived_at

    @property
    def persons(self) -> int:
        return self.adults + self.children

    @property
    def room(self) -> int:
        """Whose size nobody knows takes the room of one."""
        return self.persons or 1

    @property
    def place(self) -> tuple[bool, datetime, int, UUID]:
        return (not self.priority, self.waits_from, self.order, self.id)

    @property
    def later(self) -> list[str]:
        return self.route[self.route.index(self.stage) + 1 :]


@dataclass(frozen=True)
class Press:
    """What somebody presses, in the model's words."""

    step: str
    counter: str | None
    lead: bool = False
    visit: UUID | None = None
    seen: int | None = None


class FlowModel:
    """All parties of one site.

    Args:
        counters: Counter to its stage.
        stages: In the order of the site.
        languages: Counter to what is spoken there.
        outcomes: Outcome to its stage.
        room: Stage to the persons that fit there; None stands for the hall.

    """

    def __init__(
        self,
        *,
        counters: dict[str, str],
        stages: list[str],
        languages: dict[str, set[str]],
        outcomes: dict[str, str],
        room: dict[str | None, int],
    ) -> None:
        self.counters = counters
        self.languages = languages
        self.outcomes = outcomes
        self.room = room
        self.stages = stages
        self.parties: dict[UUID, Party] = {}
        self.priority_run: dict[str, int] = {}

    # --- what is so -------------------------------------------------------------------------------

    def queue(self, stage: str) -> list[Party]:
        """Return who waits at a stage, in the order of calling."""
        waiting = [p for p in self.parties.values() if (p.stage, p.state) == (stage, "waiting")]
        return sorted(waiting, key=lambda party: party.place)

    def at(self, counter: str | None) -> Party | None:
        """Return the party that a counter has."""
        there = (p for p in self.parties.values() if p.state in AT_COUNTER and p.counter == counter)
        return next(there, None)

    def persons_at(self, place: str | None) -> int:
        """Return how many persons are at a stage's counters, or in the hall."""
        parties = self.parties.values()
        if place is None:
            return sum(p.room for p in parties if p.inside and p.state in OPEN - {"parked"})
        return sum(p.room for p in parties if p.stage == place and p.state in AT_COUNTER)

    def fits(self, party: Party, place: str | None) -> bool:
        there, most = self.persons_at(place), self.room.get(place)
        return most is None or there == 0 or there + party.room <= most

    def achieved(self) -> dict[str, int]:
        """Return for how many persons each outcome stands."""
        total: dict[str, int] = {}
        for party in self.parties.values():
            for _, outcome, persons in party.outcomes:
                total[outcome] = total.get(outcome, 0) + persons
        return total

    def answer(self, rule: Callable[[Press], Any], press: Press) -> Any:
        """Return what a rule makes of a press, or the name of the server's error."""
        try:
            return rule(press)
        except RefusedError as refused:
            return str(refused)

    # --- calling ----------------------------------------------------------------------------------

    def call_next(self, press: Press) -> tuple[str, UUID | None]:
        """Return "called" and whom, "paused" and nobody, or "nobody"."""
        stage = self._stage_of(press.counter)
        self._require_free(press.counter)
        waiting = self.queue(stage)
        if not waiting:
            return "nobody", None
        first, passed = self._turn(waiting, stage, press.counter)
        if not first.inside and not self.fits(first, None):
            insiders = [party for party in waiting if party.inside]
            if not insiders:
                return "paused", None
            first, passed = self._turn(insiders, stage, press.counter)
        if not self.fits(first, stage):
            return "paused", None
        for party in passed:
            party.passed_over += 1
        return self._call(first, press)

    def call_chosen(self, press: Press) -> tuple[str, UUID | None]:
        stage = self._stage_of(press.counter)
        party = self._subject(press)
        if party.stage != stage:
            raise RefusedError("OtherStageError")
        self._require_free(press.counter, but=party)
        self._next_state(party, "call")
        if not self.fits(party, stage) or not (party.inside or self.fits(party, None)):
            return "paused", None
        return self._call(party, press)

    def _turn(
        self, waiting: list[Party], stage: str, counter: str | None
    ) -> tuple[Party, list[Party]]:
        """Return whose turn it is, and who is passed over for the counter's languages."""
        priority = [party for party in waiting if party.priority]
        others = [party for party in waiting if not party.priority]
        rested = self.priority_run.get(stage, 0) < 2
        line = priority if priority and (rested or not others) else others
        for index, party in enumerate(line[:4]):
            if party.language in self.languages.get(counter or "", set()):
                return party, line[:index]
            if party.passed_over >= 3:
                break
        return line[0], []

    def _call(self, party: Party, press: Press) -> tuple[str, UUID]:
        anew = party.state == "parked"
        self._take(party, press, "called")
        party.counter = press.counter
        party.calls = 1 if anew else party.calls + 1
        party.inside = True
        run = self.priority_run.get(party.stage, 0)
        self.priority_run[party.stage] = min(run + 1, 2) if party.priority else 0
        return "called", party.id

    # --- the steps --------------------------------------------------------------------------------

    def plain(self, press: Press, *, now: datetime) -> Party:
        party = self._subject(press)
        state = self._next_state(party, press.step)
        if press.step == "no-show" and party.calls < 3:
            raise RefusedError("IllegalStepError")
        if press.step == "forward" and not party.later:
            raise RefusedError("IllegalStepError")
        place = self._near_the_front(party, now) if press.step == "readmit" else None
        self._take(party, press, state)
        if press.step == "recall":
            party.counter = press.counter or party.counter
            party.calls += 1
        elif press.step == "forward":
            party.stage = party.later[0]
            party.calls = party.passed_over = 0
        elif press.step == "readmit":
            party.waits_from, party.calls = place, 0
        elif press.step in ("finish", "leave", "no-show"):
            party.inside = False
        return party

    def note(self, press: Press, outcomes: dict[str, int]) -> Party:
        party = self._subject(press)
        if any(self.outcomes[name] != party.stage for name in outcomes):
            raise RefusedError("NotOfThisSiteError")
        self._take(party, press, self._next_state(party, "outcome"))
        party.outcomes += [(party.version, name, n) for name, n in outcomes.items()]
        return party

    def reroute(self, press: Press, later: list[str]) -> Party:
        party = self._subject(press)
        route = [*party.route[: party.route.index(party.stage) + 1], *later]
        if len(set(route)) < len(route):
            raise RefusedError("IllegalStepError")
        self._take(party, press, self._next_state(party, "reroute"))
        party.route = route
        return party

    def prioritise(self, press: Press, *, priority: bool) -> Party:
        party = self._subject(press)
        self._take(party, press, self._next_state(party, "priority"))
        party.priority = priority
        return party

    def appoint(self, press: Press, appointment: datetime | None) -> Party:
        party = self._subject(press)
        day = (party.arrived_at - EARLY).date()  # they all come while clocks show CET
        began = datetime.combine(day, time(), UTC) + EARLY
        if appointment and not began <= appointment < began + timedelta(hours=24 + 48):
            raise RefusedError("FarAppointmentError")
        self._take(party, press, self._next_state(party, "appointment"))
        party.appointment = appointment
        party.waits_from = appointment or party.arrived_at
        return party

    def split(self, press: Press, new: UUID, *, adults: int, children: int) -> tuple[Party, Party]:
        party = self._subject(press)
        state = self._next_state(party, "split")
        someone = 0 < adults + children < party.persons
        if not someone or adults > party.adults or children > party.children:
            raise RefusedError("IllegalStepError")
        goes = copy(party)
        goes.id, goes.version, goes.adults, goes.children = new, 1, adults, children
        goes.counter, goes.calls, goes.steps, goes.outcomes = None, 0, [], []
        goes.state = "waiting" if party.state in AT_COUNTER else party.state
        goes.route = list(party.route)
        self._take(party, press, state)
        party.adults -= adults
        party.children -= children
        self.parties[new] = goes
        return party, goes

    def merge(self, press: Press, into: UUID, into_seen: int) -> tuple[Party, Party]:
        party = self._subject(press)
        if party.id == into:
            raise RefusedError("IllegalStepError")
        other = self._as_seen(into, into_seen)
        if other.state not in OPEN:
            raise RefusedError("IllegalStepError")
        state = self._next_state(party, "merge")
        if {party.stage, *party.later} & {*other.route} - {other.stage, *other.later}:
            raise RefusedError("IllegalStepError")
        wanted = sorted({party.stage, *party.later} - set(other.route), key=self.stages.index)
        both_wait_at_last = (other.state, party.state) == ("parked", "waiting")
        first = min(other, party, key=lambda known: (known.waits_from, known.order))
        appointments = {other.appointment, party.appointment} - {None}
        self._take(other, press, "waiting" if both_wait_at_last else other.state)
        other.calls = 0 if both_wait_at_last else other.calls
        other.waits_from, other.order = first.waits_from, first.order
        other.appointment = min(appointments, default=None)
        if other.stage == party.stage:
            other.passed_over = max(other.passed_over, party.passed_over)
        other.route = [*other.route, *wanted]
        other.adults += party.adults
        other.children += party.children
        other.priority |= party.priority
        other.inside |= party.inside
        self._take(party, press, state)
        party.merged_into, party.inside = into, False
        return party, other

    def undo(self, press: Press) -> Party:
        party = self._subject(press)
        if not party.steps:
            raise RefusedError("IllegalStepError")
        last, counter, before = party.steps[-1]
        if counter not in (None, press.counter) and not press.lead:
            raise RefusedError("OtherCounterError")
        if last in NEVER_UNDONE or before is None:
            raise RefusedError("IllegalStepError")
        if before.state in AT_COUNTER:
            self._require_free(before.counter, but=party)
        here = party.passed_over if party.stage == before.stage else 0
        version, steps = party.version, party.steps
        outcomes = [noted for noted in party.outcomes if noted[0] != version]
        party.__dict__.update(copy(before).__dict__)
        party.route = list(before.route)
        party.passed_over = max(party.passed_over, here)
        party.version, party.outcomes = version + 1, outcomes
        party.steps = [*steps, ("undo", press.counter, None)]
        return party

    def by_hand(self, press: Press, party: Party) -> Party:
        """Let in whoever staff give a number to; nobody gets none."""
        if party.persons < 1:
            raise RefusedError("EmptyPartyError")
        party.steps = [("by-hand", press.counter, None)]
        self.parties[party.id] = party
        return party

    # --- what is asked of every press -------------------------------------------------------------

    def _stage_of(self, counter: str | None) -> str:
        if counter not in self.counters:
            raise RefusedError("UnknownCounterError")
        return self.counters[counter]

    def _require_free(self, counter: str | None, *, but: Party | None = None) -> None:
        there = self.at(counter)
        if there is not None and there is not but:
            raise RefusedError("CounterBusyError")

    def _as_seen(self, visit: UUID | None, seen: int | None) -> Party:
        party = self.parties.get(visit)
        if party is None:
            raise RefusedError("UnknownVisitError")
        if party.version != seen:
            raise RefusedError("StaleActionError" if party.steps else "UnknownVisitError")
        return party

    def _subject(self, press: Press) -> Party:
        party = self._as_seen(press.visit, press.seen)
        mine = party.counter in (None, press.counter)
        for_all = press.lead and press.counter is None
        if press.step in ONLY_ITS_COUNTER and party.state in AT_COUNTER and not (mine or for_all):
            raise RefusedError("OtherCounterError")
        return party

    def _next_state(self, party: Party, step: str) -> str:
        try:
            return LEADS_TO[step][party.state]
        except KeyError:
            raise RefusedError("IllegalStepError") from None

    def _near_the_front(self, party: Party, now: datetime) -> datetime:
        mine = [other for other in self.queue(party.stage) if other.priority == party.priority]
        return mine[2].waits_from - timedelta(microseconds=1) if len(mine) > 2 else now

    def _take(self, party: Party, press: Press, state: str) -> None:
        before = copy(party)
        before.route = list(party.route)
        party.version += 1
        party.state = state
        step = "call" if press.step == "call-next" else press.step
        party.steps = [*party.steps, (step, press.counter, before)]
