"""Any sequence of presses comes to the same on a simple model, on SQLite and on PostgreSQL."""

import os
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from kiosk.contract.messages import CheckIn
from server_stub import actions, tables
from server_stub.calling import Called, CallsPaused
from server_stub.checks.inspection import inspect_database
from server_stub.counter_view import Next, counters_of
from server_stub.parties import Parties, PartyByHand
from server_stub.settings import Settings
from server_stub.snapshot import VisitRow
from server_stub.staff_api import queries
from server_stub.visit import StepError
from tests.server_stub.conftest import copy_of, point_to
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, party
from tests.server_stub.flow_model import AT_COUNTER, LEADS_TO, FlowModel, Party, Press
from tests.server_stub.open_room import OpenRoom, open_room

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

T = TypeVar("T")

RUNS = int(os.environ.get("FLOW_RUNS", "12"))
PRESSES = int(os.environ.get("FLOW_PRESSES", "50"))
"""Longer by hand: FLOW_RUNS=500 FLOW_PRESSES=200."""

PHASES = [Phase.generate, *([Phase.shrink] if "FLOW_SHRINK" in os.environ else [])]
"""To shrink what fails takes minutes, each step being on two databases: FLOW_SHRINK=1."""

COUNTERS = {"1": "information", "2": "information", "3": "housing", "6": "benefits"}
LANGUAGES = {"1": {"uk"}, "2": {"ar", "fa"}, "3": {"ar"}}
ROOM = {"information": 9, "housing": 5, None: 16}
STAGES = ("information", "housing", "benefits")
ROUTES = (
    *(("information", "housing"), ("information", "benefits", "housing")),
    *(("information",), ("housing", "benefits")),
)
MOVES = (
    *("call-next", "call-next", "call-next", "serve", "recall", "recall", "no-show", "park"),
    *("forward", "forward", "finish", "readmit", "priority"),
)
"""What staff do, about as often as they do it."""

LANGUAGES_SPOKEN = st.sampled_from(["uk", "ar", "fa", "vi"])
PARTIES = st.tuples(LANGUAGES_SPOKEN, st.integers(0, 3), st.integers(0, 3))
OUTCOMES = st.dictionaries(
    st.sampled_from(["housed", "transferred"]), st.integers(1, 4), min_size=1
)
CHANCE = st.integers(0, 2**16)
WHERE = st.sampled_from(["own", "own", "own", "2", "lead"])
FAR = st.sampled_from([-24 * 60, 4 * 24 * 60])
"""Minutes to an appointment that the party's number is not good for."""

SELDOM = st.integers(0, 9).map(lambda n: n == 5)

FREE = ("serve", "park", "recall", "no-show", "forward", "finish", "leave", "readmit")


@dataclass(frozen=True)
class Rooms:
    """The same site on both databases."""

    both: tuple[OpenRoom, OpenRoom]
    kiosks: tuple[EnrolledKiosk, EnrolledKiosk]


@pytest.fixture(scope="module")
def rooms(
    made_once, postgres_stand, postgres_template, shared_clock, tmp_path_factory
) -> Iterator[Rooms]:
    folder = tmp_path_factory.mktemp("flow-model")
    on_sqlite = copy_of(made_once[0], folder / "sqlite", clock=shared_clock)
    on_postgresql = copy_of(made_once[0], folder / "postgresql", clock=shared_clock)
    on_postgresql.database.unlink()
    database = postgres_stand.make_database(template=postgres_template)
    point_to(on_postgresql, postgres_stand.url(database))
    with ExitStack() as stack:
        both = [stack.enter_context(with_limits(of)) for of in (on_sqlite, on_postgresql)]
        yield Rooms((both[0], both[1]), (made_once[1], made_once[2]))


@contextmanager
def with_limits(settings: Settings) -> Iterator[OpenRoom]:
    """Lend a room whose counters speak languages, and where not everybody fits."""
    with open_room(settings) as room:
        counters = tuple(
            c.model_copy(update={"languages": tuple(sorted(LANGUAGES.get(c.id, ())))})
            for c in room.site.counters
        )
        stages = tuple(
            stage.model_copy(update={"most_persons": ROOM.get(stage.id)})
            for stage in room.site.stages
        )
        with room.with_site(counters=counters, stages=stages, most_persons=ROOM[None]):
            yield room


class FlowMachine(RuleBasedStateMachine):
    """Presses the same buttons on a model and on two databases."""

    def __init__(self, rooms: Rooms, clock) -> None:
        super().__init__()
        self.rooms = rooms.both
        self.kiosks = rooms.kiosks
        self.clock = clock
        clock.now = MONDAY_NOON
        self.sequences = [0, 0]
        self.ids = 0
        self.sent: list[tuple[EnrolledKiosk, CheckIn]] = []
        self.taken: list[tuple[Callable, actions.Press, object]] = []
        for room in self.rooms:
            room.empty()
        site = self.rooms[0].site
        self.model = FlowModel(
            counters={c.id: c.stage for c in site.counters},
            stages=[stage.id for stage in site.stages],
            languages=LANGUAGES,
            outcomes={o.id: o.stage for o in site.outcomes},
            room=ROOM,
        )

    # --- parties come -----------------------------------------------------------------------------

    @initialize(parties=st.lists(PARTIES, min_size=8, max_size=16))
    def crowd(self, parties):
        """People are at the door when it opens."""
        for number, (language, adults, children) in enumerate(parties):
            self.clock.move(1)
            route = ROUTES[number % 2]
            self.arrives(number % 2, route, language, adults=adults, children=children)

    @rule(
        kiosk=st.integers(0, 1),
        route=st.sampled_from(ROUTES),
        parties=st.lists(PARTIES, min_size=1, max_size=4),
    )
    def arrive(self, kiosk, route, parties):
        for language, adults, children in parties:
            self.clock.move(1)
            self.arrives(kiosk, route, language, adults=adults, children=children)

    def arrives(self, kiosk, route, language, *, adults, children):
        self.sequences[kiosk] += 1
        content = party(*route, language=language, adults=adults, children=children)
        content = content.model_copy(update={"ticket_token": self.new_token()})
        of = self.kiosks[kiosk]
        check_in = of.check_in(self.sequences[kiosk], content=content)
        self.sent.append((of, check_in))
        for room in self.rooms:
            assert room.admit(of, check_in).first
        self.model.parties[check_in.id] = Party(
            id=check_in.id,
            route=list(route),
            language=language,
            adults=adults,
            children=children,
            arrived_at=self.clock.now,
            order=self.sequences[kiosk],
        )

    @precondition(lambda self: self.sent)
    @rule(chance=CHANCE)
    def arrive_again(self, chance):
        of, check_in = choice(chance, self.sent)
        for room in self.rooms:
            assert not room.admit(of, check_in).first

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds):
        self.clock.move(seconds)

    # --- staff press ------------------------------------------------------------------------------

    @rule(moves=st.lists(st.tuples(st.sampled_from(MOVES), CHANCE), min_size=8, max_size=24))
    def work(self, moves):
        """Do what staff do all day, and what can be done."""
        for move, chance in moves:
            if move == "call-next":
                free = [counter for counter in COUNTERS if not self.model.at(counter)]
                self.call_next(choice(chance, free or [*COUNTERS]))
            elif move == "priority":
                waiting = [known.id for stage in STAGES for known in self.model.queue(stage)]
                if waiting:
                    self.prioritise(choice(chance, waiting), priority=chance % 3 > 0)
            elif possible := self.in_states(LEADS_TO[move]):
                self.plain(choice(chance, possible), move)

    @precondition(lambda self: len(self.model.queue("information")) > 4)
    @rule(many=st.integers(3, 6))
    def serve_many_with_priority(self, many):
        for known in self.model.queue("information")[-many:]:
            self.prioritise(known.id, priority=True)
        for _ in range(many):
            if busy := self.model.at("2"):
                self.plain(busy.id, "finish")
            self.call_next("2")

    @rule(counter=st.sampled_from([*COUNTERS, "nowhere"]))
    def call_next(self, counter):
        press = Press("call-next", counter)
        announced = self.announced(counter)
        self.press(press, lambda room, p: room.call_next(p), self.model.call_next)
        if announced and self.taken[-1][1].counter == counter:
            assert outline(self.taken[-1][2]) == announced

    def announced(self, counter):
        """Return what a counter is told that its next call comes to; None where it is busy."""
        room = self.rooms[0]
        view = counters_of(room.run(room.room.snapshot()), room.room.site)
        desk = view.desks.get(counter)
        if desk is None or desk.party:
            return None
        match desk.upcoming:
            case Next(visit=visit):
                return "called", visit.id
            case CallsPaused():
                return "paused", None
            case _:
                return "nobody", None

    @precondition(lambda self: self.model.parties)
    @rule(chance=CHANCE, step=st.sampled_from(FREE), where=WHERE, late=SELDOM)
    def step_anywhere(self, chance, step, where, late):
        self.plain(self.any_visit(chance), step, where, late=late)

    def plain(self, visit, step, where="own", *, late=False):
        self.press(
            self.beside(visit, step, where, late=late),
            lambda room, p: getattr(room, step.replace("-", "_"))(p),
            partial(self.model.plain, now=self.clock.now),
        )

    @precondition(lambda self: self.in_states({"waiting", "parked"}))
    @rule(chance=CHANCE, counter=st.sampled_from([*COUNTERS]), late=SELDOM)
    def call_chosen(self, chance, counter, late):
        visit = choice(chance, self.in_states({"waiting", "parked"}))
        press = self.beside(visit, "call", counter, late=late)
        self.press(press, lambda room, p: room.call_chosen(p), self.model.call_chosen)

    @precondition(lambda self: self.in_states(AT_COUNTER))
    @rule(chance=CHANCE, outcomes=OUTCOMES)
    def note(self, chance, outcomes):
        self.press(
            self.beside(choice(chance, self.in_states(AT_COUNTER)), "outcome", "own"),
            lambda room, p: room.note_outcomes(p, outcomes),
            partial(self.model.note, outcomes=outcomes),
        )

    @precondition(lambda self: self.model.parties)
    @rule(chance=CHANCE, where=WHERE)
    def undo(self, chance, where):
        touched = [p.id for p in self.model.parties.values() if p.steps] or [*self.model.parties]
        press = self.beside(choice(chance, touched), "undo", where)
        self.press(press, lambda room, p: room.undo(p), self.model.undo)

    @precondition(lambda self: self.model.parties)
    @rule(chance=CHANCE, later=st.lists(st.sampled_from(STAGES), max_size=2))
    def reroute(self, chance, later):
        self.press(
            self.beside(self.any_visit(chance), "reroute", "1"),
            lambda room, p: room.reroute(p, tuple(later)),
            partial(self.model.reroute, later=later),
        )

    def prioritise(self, visit, *, priority):
        self.press(
            self.beside(visit, "priority", "1"),
            lambda room, p: room.set_priority(p, priority=priority),
            partial(self.model.prioritise, priority=priority),
        )

    @precondition(lambda self: self.model.parties)
    @rule(chance=CHANCE, minutes=st.none() | st.integers(-60, 60) | FAR)
    def appoint(self, chance, minutes):
        at = None if minutes is None else self.clock.now + timedelta(minutes=minutes)
        self.press(
            self.beside(self.any_visit(chance), "appointment", "1"),
            lambda room, p: room.set_appointment(p, at),
            partial(self.model.appoint, appointment=at),
        )

    @precondition(lambda self: self.model.parties)
    @rule(chance=CHANCE, adults=st.integers(0, 2), children=st.integers(0, 2))
    def split(self, chance, adults, children):
        action, token = self.new_id(), self.new_token()
        going = {"adults": adults, "children": children}
        self.press(
            self.beside(self.any_visit(chance), "split", "1"),
            lambda room, p: room.split(p, **going, ticket_token=token),
            partial(self.model.split, new=action, **going),
            action=action,
        )

    @precondition(lambda self: self.in_states({"waiting", "parked"}))
    @rule(chance=CHANCE, other=CHANCE, late=SELDOM)
    def merge(self, chance, other, late):
        visit = choice(chance, self.in_states({"waiting", "parked"}))
        into = self.any_visit(other)
        seen = self.model.parties[into].version - late
        self.press(
            self.beside(visit, "merge", "1"),
            lambda room, p: room.merge(p, into=into, into_seen=seen),
            partial(self.model.merge, into=into, into_seen=seen),
        )

    @rule(route=st.sampled_from(ROUTES), adults=st.integers(0, 3), children=st.integers(0, 1))
    def issue_by_hand(self, route, adults, children):
        action = self.new_id()
        by_hand = PartyByHand(route, adults, children, "uk", ticket_token=self.new_token())
        party = Party(
            id=action,
            route=list(route),
            language="uk",
            adults=adults,
            children=children,
            arrived_at=self.clock.now,
            order=0,
        )
        self.press(
            Press("by-hand", "1"),
            lambda room, p: room.issue_by_hand(p, by_hand),
            partial(self.model.by_hand, party=party),
            action=action,
        )
        if action in self.model.parties:
            party.order = self.rooms[0].visit(action).arrival_order

    # --- what was sent once is sent again ---------------------------------------------------------

    @precondition(lambda self: self.taken)
    @rule(chance=CHANCE)
    def press_again(self, chance):
        send, press, came = choice(chance, self.taken)
        for room in self.rooms:
            assert as_told(room.run(send(room.room, press))) == as_told(came)

    @precondition(lambda self: self.taken)
    @rule(chance=CHANCE)
    def use_an_id_for_something_else(self, chance):
        send, press, _ = choice(chance, self.taken)
        for room in self.rooms:
            other = send(room.room, replace(press, staff="bela"))
            assert answered(room, other) == "ActionReusedError"

    # --- and then ---------------------------------------------------------------------------------

    @invariant()
    def all_is_as_the_model_says(self):
        expected = {known.id: told(known) for known in self.model.parties.values()}
        for room in self.rooms:
            with room.engine.connect() as connection:
                rows = connection.execute(STANDING).all()
            assert {row.id: tuple(row[1:]) for row in rows} == expected

    def teardown(self):
        for room in self.rooms:
            with room.engine.connect() as connection:
                for stage in STAGES:
                    queue = queries.queue_rows(
                        connection, room.site.id, stage=stage, after=None, limit=1000
                    )
                    assert [row.id for row in queue] == [p.id for p in self.model.queue(stage)]
                inspection = inspect_database(connection, now=self.clock.now)
            assert [f for result in inspection.results for f in result.findings if f.grave] == []
            assert achieved(room) == self.model.achieved()
            events = [row["number"] for row in room.rows(tables.event)]
            assert events == list(range(1, len(events) + 1))
        on_sqlite, on_postgresql = self.rooms
        for table in tables.metadata.sorted_tables:
            assert on_sqlite.rows(table) == on_postgresql.rows(table), table.name

    # --- how --------------------------------------------------------------------------------------

    def any_visit(self, chance: int) -> UUID:
        return choice(chance, [*self.model.parties])

    def in_states(self, states: Container[str]) -> list[UUID]:
        return [known.id for known in self.model.parties.values() if known.state in states]

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def new_token(self) -> str:
        return f"{self.new_id().int:022d}"

    def beside(self, visit: UUID, step: str, where: str, *, late: bool = False) -> Press:
        """Return the press of a button beside a visit, perhaps on a page that is not fresh."""
        known = self.model.parties[visit]
        counter = {"own": known.counter or "1", "lead": None}.get(where, where)
        return Press(step, counter, where == "lead", visit, known.version - late)

    def press(self, press: Press, send, on_model, *, action: UUID | None = None):
        """Press on the model and on both databases, and compare what it comes to."""
        real = actions.Press(
            action=action or self.new_id(),
            staff="anna",
            role="lead" if press.lead else "counter",
            counter=press.counter,
            visit=press.visit,
            seen=press.seen,
        )
        came = [answered(room, send(room.room, real)) for room in self.rooms]
        assert came[0] == came[1]
        expected = self.model.answer(on_model, press)
        assert outline(came[0]) == modelled(expected)
        if not isinstance(expected, str):
            self.taken.append((send, real, came[0]))


def choice(chance: int, among: Sequence[T]) -> T:
    return among[chance % len(among)]


def answered(room: OpenRoom, use_case):
    """Return what a press comes to, or the name of why it is not taken."""
    try:
        return room.run(use_case)
    except StepError as error:
        return type(error).__name__


def as_told(came):
    """Return an answer without the order of one instant: it is told to nobody, and a merger
    that came later may have changed it."""
    match came:
        case Called(visit=visit):
            return replace(came, visit=as_told(visit))
        case VisitRow():
            return replace(came, arrival_order=0)
        case Parties(visit=visit, other=other):
            return Parties(as_told(visit), as_told(other))
        case _:
            return came


def outline(came):
    """Return what the model knows of an answer."""
    match came:
        case Called(visit=visit):
            return "called", visit.id
        case CallsPaused():
            return "paused", None
        case VisitRow():
            return came.id, came.version, came.state.value
        case Parties(visit=visit, other=other):
            return outline(visit), outline(other)
        case str():
            return came
        case _:
            return "nobody", None


def modelled(expected):
    """Return what the model came to, as `outline` tells it."""
    match expected:
        case Party():
            return expected.id, expected.version, expected.state
        case (Party() as one, Party() as other):
            return modelled(one), modelled(other)
        case _:
            return expected


OF_THE_MODEL = (
    *("stage", "state", "counter", "calls", "version", "priority", "waits_from", "passed_over"),
    *(
        "appointment_at",
        "arrival_order",
        "inside",
        "adults",
        "children",
        "language",
        "merged_into",
        "route",
    ),
)


NAMED_OTHERWISE = {"appointment_at": "appointment", "arrival_order": "order"}
STANDING = select(tables.visit.c.id, *(tables.visit.c[name] for name in OF_THE_MODEL))
"""Built once, and no more columns than are compared: it is asked after every press."""


def told(known: Party) -> tuple[object, ...]:
    return tuple(getattr(known, NAMED_OTHERWISE.get(name, name)) for name in OF_THE_MODEL)


def achieved(room: OpenRoom) -> dict[str, int]:
    total: dict[str, int] = {}
    for row in room.rows(tables.outcome):
        total[row["outcome"]] = total.get(row["outcome"], 0) + row["persons"]
    return total


def test_any_presses_come_to_the_same_on_the_model_and_on_both_databases(rooms, clock):
    run_state_machine_as_test(
        lambda: FlowMachine(rooms, clock),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=PRESSES,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
