from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.queue_rules import (
    LOOK_AHEAD,
    MOST_DISPLACED,
    CalledBefore,
    CallsPaused,
    Choice,
    Queue,
    Reason,
    Room,
    WaitingParty,
    choose,
    in_calling_order,
    no_room_for,
    run_after,
)
from server_stub.visit import CallingClass
from tests.server_stub.enrolled import MONDAY_NOON

PRIORITY, CARRIED_OVER, OTHERS = CallingClass
NO_LIMIT = Room(None)


def party(place: int, called: CallingClass = OTHERS, **told: object) -> WaitingParty:
    """Return the party that came as number `place`, a minute after the one before."""
    arrived = MONDAY_NOON + timedelta(minutes=place)
    made = WaitingParty(
        id=UUID(int=place + 1),
        number=f"D{101 + place}",
        calling_class=called,
        waits_from=arrived,
        arrival_order=place,
        arrived_at=arrived,
        language="uk",
        persons=2,
        inside=False,
        passed_over=0,
    )
    return replace(made, **told)


def queue(
    waiting: list[WaitingParty],
    *,
    run: int = 0,
    languages: str = "",
    stage: Room = NO_LIMIT,
    hall: Room = NO_LIMIT,
) -> Queue:
    """Return what the rules see of all who wait."""
    return Queue(
        line=heads(waiting),
        inside=heads([known for known in waiting if known.inside]),
        priority_run=run,
        languages=frozenset(languages.split()),
        stage=stage,
        hall=hall,
    )


def heads(waiting: list[WaitingParty]) -> dict[CallingClass, list[WaitingParty]]:
    ordered = in_calling_order(waiting)
    return {
        known: [party for party in ordered if party.calling_class is known][:LOOK_AHEAD]
        for known in CallingClass
    }


def next_of(waiting: list[WaitingParty], **seen: object) -> Choice:
    chosen = choose(queue(waiting, **seen))
    assert isinstance(chosen, Choice), chosen
    return chosen


# --- order and classes ----------------------------------------------------------------------------


def test_nobody_is_called_where_nobody_waits():
    assert choose(queue([])) is None


def test_who_came_first_is_called_first_and_waits_longer():
    chosen = next_of([party(1), party(0)])

    assert chosen.party == party(0)
    assert chosen.why.before == (CalledBefore("D102", Reason.WAITS_LONGER),)


def test_priority_goes_before_who_came_earlier():
    chosen = next_of([party(0), party(1, CARRIED_OVER), party(2, PRIORITY)])

    assert chosen.party.number == "D103"
    assert set(chosen.why.before) == {
        CalledBefore("D101", Reason.PRIORITY),
        CalledBefore("D102", Reason.PRIORITY),
    }


def test_who_was_carried_over_goes_before_who_came_earlier_today():
    chosen = next_of([party(0), party(1, CARRIED_OVER)])

    assert chosen.party.number == "D102"
    assert chosen.why.before == (CalledBefore("D101", Reason.CARRIED_OVER),)


def test_after_two_with_priority_somebody_else_has_a_turn():
    waiting = [party(0, PRIORITY), party(1), party(2, CARRIED_OVER)]

    chosen = next_of(waiting, run=2)

    assert chosen.party.number == "D103"
    assert CalledBefore("D101", Reason.TURN) in chosen.why.before


def test_after_two_with_priority_a_third_is_called_where_nobody_else_waits():
    assert next_of([party(0, PRIORITY)], run=2).party.number == "D101"


def test_an_appointment_is_told_as_the_reason():
    late = party(1, waits_from=MONDAY_NOON - timedelta(minutes=5))

    chosen = next_of([party(0), late])

    assert chosen.why.before == (CalledBefore("D101", Reason.APPOINTMENT),)


# --- languages ------------------------------------------------------------------------------------


def test_a_counter_calls_the_first_of_four_whose_language_it_speaks():
    waiting = [party(0), party(1), party(2, language="ar"), party(3, language="ar")]

    chosen = next_of(waiting, languages="fa ar")

    assert chosen.party.number == "D103"
    assert chosen.passed_over == (party(0).id, party(1).id)
    assert chosen.why.before == (
        CalledBefore("D101", Reason.LANGUAGE),
        CalledBefore("D102", Reason.LANGUAGE),
    )


def test_the_fifth_is_not_looked_at():
    waiting = [*map(party, range(4)), party(4, language="ar")]

    assert next_of(waiting, languages="ar").party.number == "D101"


def test_who_was_passed_over_three_times_is_passed_over_by_nobody():
    waiting = [party(0), party(1, passed_over=MOST_DISPLACED), party(2, language="ar")]

    assert next_of(waiting, languages="ar").party.number == "D101"
    assert next_of([party(1), party(2, language="ar")], languages="ar").party.number == "D103"


def test_who_was_passed_over_three_times_may_be_the_one_that_is_understood():
    waiting = [party(0), party(1, passed_over=MOST_DISPLACED, language="ar")]

    assert next_of(waiting, languages="ar").party.number == "D102"


def test_a_language_does_not_reach_over_into_another_class():
    waiting = [party(0, PRIORITY), party(1, language="ar")]

    assert next_of(waiting, languages="ar").party.number == "D101"


# --- room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persons", "most", "fits"), [(8, 10, True), (9, 10, False), (0, 1, True), (50, None, True)]
)
def test_a_party_fits_or_the_place_is_empty(persons, most, fits):
    answer = choose(queue([party(0)], stage=Room("information", persons, most)))

    if fits:
        assert answer.party == party(0)
    else:
        assert answer == CallsPaused("information", persons, most, "D101", 2)


def test_a_small_party_does_not_slip_in_before_a_large_one_that_waits_for_room():
    waiting = [party(0, persons=6), party(1, persons=1)]

    paused = choose(queue(waiting, stage=Room("information", 5, 10)))

    assert (paused.number, paused.party) == ("D101", 6)


def test_a_full_hall_lets_nobody_in_but_calls_who_is_inside():
    outside, inside = party(0), party(1, inside=True)
    full = Room(None, 10, 10)

    assert choose(queue([outside], hall=full)) == CallsPaused(None, 10, 10, "D101", 2)
    chosen = next_of([outside, inside], hall=full)
    assert chosen.party == inside
    assert chosen.why.before[0] == CalledBefore("D101", Reason.INSIDE)
    assert chosen.passed_over == ()


def test_who_is_next_and_inside_is_called_in_its_turn_also_into_a_full_hall():
    chosen = next_of([party(0, inside=True), party(1)], hall=Room(None, 10, 10))

    assert chosen.party.number == "D101"
    assert chosen.why.before == (CalledBefore("D102", Reason.WAITS_LONGER),)


def test_who_is_inside_still_needs_room_at_the_stage():
    waiting = [party(0), party(1, inside=True)]
    answer = choose(queue(waiting, hall=Room(None, 9, 10), stage=Room("information", 9, 10)))

    assert answer == CallsPaused("information", 9, 10, "D102", 2)


def test_a_chosen_number_needs_room_too():
    full = Room("information", 10, 10)

    assert no_room_for(party(0), stage=full, hall=Room(None)).stage == "information"
    assert no_room_for(party(0), stage=Room("information"), hall=Room(None, 9, 10)).stage is None
    assert no_room_for(party(0, inside=True), stage=Room("x"), hall=Room(None, 9, 10)) is None


# --- what holds whatever happens ------------------------------------------------------------------

NEWCOMER = st.tuples(
    st.sampled_from((PRIORITY, OTHERS)), st.sampled_from(("uk", "ar", "fa", "ka", None))
)
CALL = st.sampled_from(("", "ar", "fa ka", "uk ar"))
DAY = st.lists(st.tuples(st.lists(NEWCOMER, max_size=4), CALL), min_size=1, max_size=40)
YESTERDAY = st.lists(st.sampled_from(("uk", "ar", None)), max_size=3)


class Stage:
    """One stage under the rules, with everyone who ever waited there."""

    def __init__(self, yesterday: list[str | None]) -> None:
        self.places = count()
        self.waiting: list[WaitingParty] = []
        self.called: list[WaitingParty] = []
        self.others_waited: list[bool] = []
        self.run = 0
        self.ahead: dict[UUID, int] = {}
        self.came_at: dict[UUID, int] = {}
        for language in yesterday:
            self.arrive(CARRIED_OVER, language)

    def arrive(self, called: CallingClass, language: str | None) -> None:
        new = party(next(self.places), called, language=language)
        before = [p for p in self.waiting if p.calling_class is not PRIORITY]
        self.ahead[new.id] = len(before)
        self.came_at[new.id] = len(self.called)
        self.waiting.append(new)

    def call(self, languages: str) -> None:
        chosen = choose(queue(self.waiting, run=self.run, languages=languages))
        if chosen is None:
            return
        assert isinstance(chosen, Choice)
        rest = [p for p in self.waiting if p.id != chosen.party.id]
        self.others_waited.append(any(p.calling_class is not PRIORITY for p in self.waiting))
        passed = set(chosen.passed_over)
        self.waiting = [
            replace(p, passed_over=p.passed_over + 1) if p.id in passed else p for p in rest
        ]
        self.run = run_after(self.run, chosen.party.calling_class)
        self.called.append(chosen.party)


def lived(yesterday, day) -> Stage:
    stage = Stage(yesterday)
    for newcomers, languages in day:
        for newcomer in newcomers:
            stage.arrive(*newcomer)
        stage.call(languages)
    return stage


@settings(max_examples=50)
@given(yesterday=YESTERDAY, day=DAY)
def test_nobody_starves(yesterday, day):
    """The bound of the module: with n ahead, called at the latest by call 3 * (n + 4)."""
    stage = lived(yesterday, day)
    for _ in range(len(stage.waiting)):
        stage.arrive(PRIORITY, "uk")  # and those with priority keep coming
        stage.arrive(OTHERS, "ar")
        stage.call("ar")

    for place, called in enumerate(stage.called):
        if called.calling_class is not PRIORITY:
            waited = place + 1 - stage.came_at[called.id]
            assert waited <= 3 * (stage.ahead[called.id] + 4)
    for waits in stage.waiting:
        if waits.calling_class is not PRIORITY:
            waited = len(stage.called) - stage.came_at[waits.id]
            assert waited < 3 * (stage.ahead[waits.id] + 4)


@settings(max_examples=50)
@given(yesterday=YESTERDAY, day=DAY)
def test_at_most_two_of_any_three_calls_are_priority_while_others_wait(yesterday, day):
    stage = lived(yesterday, day)

    calls = list(zip(stage.called, stage.others_waited, strict=True))
    for three in zip(calls, calls[1:], calls[2:], strict=False):
        if three[-1][1]:
            assert sum(called.calling_class is PRIORITY for called, _ in three) <= 2


@settings(max_examples=50)
@given(yesterday=YESTERDAY, day=DAY)
def test_nobody_is_displaced_by_more_than_three_places(yesterday, day):
    stage = lived(yesterday, day)

    for known in CallingClass:
        order = [called for called in stage.called if called.calling_class is known]
        for place, called in enumerate(order):
            came_later = [other for other in order[:place] if other.place > called.place]
            assert len(came_later) <= MOST_DISPLACED
            assert called.passed_over == len(came_later)


@settings(max_examples=50)
@given(yesterday=YESTERDAY, day=DAY)
def test_without_languages_a_class_is_called_in_its_order(yesterday, day):
    stage = lived(yesterday, [(newcomers, "") for newcomers, _ in day])

    for known in CallingClass:
        places = [called.place for called in stage.called if called.calling_class is known]
        assert places == sorted(places)


@settings(max_examples=50)
@given(yesterday=YESTERDAY, day=DAY)
def test_everyone_is_called_once(yesterday, day):
    stage = lived(yesterday, day)

    assert max(Counter(called.id for called in stage.called).values(), default=1) == 1
    ids = {called.id for called in stage.called} | {waits.id for waits in stage.waiting}
    assert len(ids) == next(stage.places)
