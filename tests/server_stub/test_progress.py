import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.progress import Correction, Progress
from server_stub.visit import (
    NOT_UNDONE,
    OPEN,
    CallingClass,
    IllegalStepError,
    Step,
    VisitState,
)
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.progresses import OTHER, STAGES, WAITING, after, in_state, taken

LATER = MONDAY_NOON + timedelta(hours=1)
CALLED = after(WAITING, Step.CALL)


def test_a_call_names_the_counter_and_the_time_and_lets_the_party_in():
    assert (CALLED.counter, CALLED.calls, CALLED.inside) == ("1", 1, True)
    assert CALLED.called_at == CALLED.first_called_at == MONDAY_NOON + timedelta(seconds=1)
    recalled = after(CALLED, Step.RECALL, at=LATER)
    assert (recalled.calls, recalled.first_called_at) == (2, CALLED.first_called_at)
    assert recalled.called_at > LATER


def test_a_party_that_is_sent_on_waits_at_the_next_stage_and_has_not_been_called_there():
    sent_on = after(WAITING, Step.CALL, Step.RECALL, Step.SERVE, Step.FORWARD)

    assert (sent_on.stage, sent_on.state, sent_on.calls) == ("housing", VisitState.WAITING, 0)
    assert (sent_on.first_called_at, sent_on.serving_since) == (None, None)
    assert (sent_on.waits_from, sent_on.inside) == (MONDAY_NOON, True)
    assert sent_on.stage_since == MONDAY_NOON + timedelta(seconds=4)


def test_a_party_at_the_last_stage_cannot_be_sent_on_but_finished():
    last = after(WAITING, Step.CALL, Step.FORWARD, Step.CALL)

    with pytest.raises(IllegalStepError, match="housing is the last stage"):
        after(last, Step.FORWARD)
    finished = after(last, Step.FINISH, at=LATER)
    assert (finished.state, finished.inside) == (VisitState.FINISHED, False)
    assert finished.ended_at == LATER + timedelta(seconds=1)


@pytest.mark.parametrize("calls", [1, 2])
def test_nobody_is_taken_for_absent_before_three_calls(calls):
    called = after(CALLED, *[Step.RECALL] * (calls - 1))

    with pytest.raises(IllegalStepError, match=rf"\(called {calls} of 3 times\)"):
        after(called, Step.NO_SHOW)
    absent = after(called, *[Step.RECALL] * (3 - calls), Step.NO_SHOW)
    assert absent.state is VisitState.PARKED


def test_whoever_was_absent_is_called_three_times_again():
    parked = after(CALLED, Step.RECALL, Step.RECALL, Step.NO_SHOW)

    for called in (after(parked, Step.READMIT, Step.CALL), after(parked, Step.CALL)):
        assert called.calls == 1
        assert called.first_called_at == CALLED.first_called_at
        with pytest.raises(IllegalStepError):
            after(called, Step.NO_SHOW)


def test_an_outcome_begins_the_service_where_nobody_said_so():
    noted = CALLED.with_outcome(at=LATER)

    assert (noted.state, noted.serving_since) == (VisitState.SERVING, LATER)
    assert noted.with_outcome(at=LATER + timedelta(minutes=1)).serving_since == LATER


def test_stages_after_the_present_one_may_change_and_none_is_passed_twice():
    rerouted = CALLED.rerouted(("benefits", "registration"))

    assert rerouted.route == ("information", "benefits", "registration")
    assert CALLED.rerouted(()).next_stage is None
    for wrong in (("information",), ("benefits", "benefits")):
        with pytest.raises(IllegalStepError, match="no stage is passed twice"):
            CALLED.rerouted(wrong)


def test_priority_goes_first_then_who_was_carried_over():
    assert WAITING.calling_class is CallingClass.OTHERS
    carried = after(WAITING, Step.CARRY_OVER)
    assert carried.calling_class is CallingClass.CARRIED_OVER
    assert carried.prioritised(priority=True).calling_class is CallingClass.PRIORITY


def test_a_visit_keeps_the_moment_at_which_it_was_first_carried_over():
    once = after(CALLED, Step.CARRY_OVER)
    twice = after(once, Step.CARRY_OVER, at=LATER)

    assert once.carried_over == twice.carried_over == MONDAY_NOON + timedelta(seconds=1)
    assert (once.state, once.calls, once.inside) == (VisitState.WAITING, 0, False)


def test_an_appointment_counts_from_its_time_and_can_be_taken_away():
    appointed = WAITING.appointed(LATER, arrived_at=MONDAY_NOON)

    assert (appointed.waits_from, appointed.appointment_at) == (LATER, LATER)
    assert appointed.appointed(None, arrived_at=MONDAY_NOON).waits_from == MONDAY_NOON


@given(
    state=st.sampled_from(OPEN),
    adults=st.integers(0, 9),
    children=st.integers(0, 9),
    going=st.tuples(st.integers(-1, 10), st.integers(-1, 10)),
)
def test_splitting_loses_nobody(state, adults, children, going):
    party = replace(in_state(state), adults=adults, children=children)
    possible = 0 <= going[0] <= adults and 0 <= going[1] <= children
    if not possible or sum(going) in (0, adults + children):
        with pytest.raises(IllegalStepError):
            party.split("U101", adults=going[0], children=going[1])
        return

    stays, goes = party.split("U101", adults=going[0], children=going[1])

    assert stays.adults + goes.adults == adults
    assert stays.children + goes.children == children
    assert (stays.state, stays.version) == (state, party.version + 1)
    assert (goes.number, goes.version, goes.route) == ("U101", 1, party.route)
    assert goes.state in (VisitState.WAITING, VisitState.PARKED)


@given(
    given_up=st.sampled_from((VisitState.WAITING, VisitState.PARKED)),
    goes_on=st.sampled_from(OPEN),
    sizes=st.tuples(*[st.integers(0, 9)] * 4),
    routes=st.tuples(*[st.permutations(STAGES)] * 2),
    lengths=st.tuples(*[st.integers(1, 4)] * 2),
)
def test_merging_loses_nobody_and_no_stage_that_is_still_needed(
    given_up, goes_on, sizes, routes, lengths
):
    first, second = (tuple(route[:n]) for route, n in zip(routes, lengths, strict=True))
    one = replace(in_state(given_up), adults=sizes[0], children=sizes[1])
    one = replace(one, route=first, stage=first[0])
    other = replace(in_state(goes_on), adults=sizes[2], children=sizes[3])
    other = replace(other, route=second, stage=second[-1])
    if set(first) & set(second[:-1]):
        with pytest.raises(IllegalStepError, match="still needs"):
            other.taking_in(one, order=STAGES)
        return

    ended, joined = one.merged(OTHER, at=LATER), other.taking_in(one, order=STAGES)

    assert (ended.state, ended.merged_into, ended.ended_at) == (VisitState.MERGED, OTHER, LATER)
    assert joined.persons == one.persons + other.persons
    waits_too = (other.state, one.state) == (VisitState.PARKED, VisitState.WAITING)
    assert joined.stage == other.stage
    assert joined.state is (VisitState.WAITING if waits_too else other.state)
    assert joined.route[: len(second)] == second
    assert {joined.stage, *joined.later} >= set(first)
    assert set(joined.route) == set(first) | set(second)
    added = joined.route[len(second) :]
    assert list(added) == sorted(added, key=STAGES.index)


def test_who_has_passed_a_stage_takes_in_nobody_who_still_needs_it():
    behind = replace(WAITING, number="D102")
    ahead = after(WAITING, Step.CALL, Step.FORWARD)

    with pytest.raises(IllegalStepError, match="D102 still needs information: give up D101"):
        ahead.taking_in(behind, order=STAGES)
    assert behind.taking_in(ahead, order=STAGES).later == ahead.route[1:]


MOMENTS = st.integers(0, 60).map(lambda minutes: MONDAY_NOON + timedelta(minutes=minutes))
HALVES = st.builds(
    partial(replace, WAITING),
    waits_from=MOMENTS,
    carried_over=st.none() | MOMENTS,
    appointment_at=st.none() | MOMENTS,
    priority=st.booleans(),
    passed_over=st.integers(0, 3),
)


@given(one=HALVES, other=HALVES, parked=st.booleans())
def test_a_merged_party_waits_no_longer_than_either_half_would_have(one, other, parked):
    if parked:
        other = replace(other, state=VisitState.PARKED)

    joined = other.taking_in(one, order=STAGES)

    assert joined.state is VisitState.WAITING
    for half in (one, other):
        place = (joined.calling_class, joined.waits_from, -joined.passed_over)
        assert all(
            mine <= its
            for mine, its in zip(
                place, (half.calling_class, half.waits_from, -half.passed_over), strict=True
            )
        )
    appointments = {one.appointment_at, other.appointment_at} - {None}
    assert joined.appointment_at == min(appointments, default=None)


def test_who_takes_in_a_party_with_priority_that_is_inside_has_both():
    other = replace(WAITING, priority=True, inside=True)

    joined = WAITING.taking_in(other, order=STAGES)

    assert (joined.priority, joined.inside) == (True, True)
    again = other.taking_in(WAITING, order=STAGES)
    assert (again.priority, again.inside) == (True, True)


def test_a_party_that_has_ended_takes_nobody_in():
    with pytest.raises(IllegalStepError, match="finished: cannot merge"):
        in_state(VisitState.FINISHED).taking_in(WAITING, order=STAGES)


def test_only_a_correction_leads_back():
    last = after(WAITING, Step.CALL, Step.FORWARD, Step.CALL, Step.FINISH)

    back = last.corrected(Correction(stage="information", adults=1), at=LATER)

    assert (back.stage, back.state, back.ended_at) == ("information", VisitState.WAITING, None)
    assert (back.adults, back.children, back.calls, back.inside) == (1, 1, 0, True)
    assert back.stage_since == LATER


@pytest.mark.parametrize(
    "wrong",
    [
        Correction(stage="benefits"),
        Correction(route=("housing", "benefits")),
        Correction(route=("information", "information")),
    ],
)
def test_a_corrected_route_passes_the_present_stage_and_none_twice(wrong):
    with pytest.raises(IllegalStepError, match="a route passes"):
        WAITING.corrected(wrong, at=LATER)


def test_no_party_is_corrected_to_nobody():
    with pytest.raises(IllegalStepError, match="someone belongs to it"):
        WAITING.corrected(Correction(adults=0, children=0), at=LATER)

    unknown = replace(WAITING, adults=0, children=0)
    assert unknown.corrected(Correction(stage=WAITING.stage), at=LATER).persons == 0


def test_who_went_on_with_another_party_is_not_brought_back_by_a_correction():
    merged = WAITING.merged(OTHER, at=LATER)

    with pytest.raises(IllegalStepError, match="split the party"):
        merged.corrected(Correction(stage="information"), at=LATER)


SAID = st.sampled_from(sorted(set(Step) - {Step.UNDO, Step.BY_HAND}))


@given(steps=st.lists(SAID, max_size=25))
def test_whatever_is_done_nobody_goes_back_and_every_step_can_be_undone_exactly(steps):
    progress = replace(WAITING, route=STAGES)
    passed = 0
    for number, step in enumerate(steps):
        before, at = progress, MONDAY_NOON + timedelta(minutes=number)
        try:
            progress = taken(before, step, at=at)
        except IllegalStepError:
            continue
        assert progress.version == before.version + 1
        if step is Step.MOVE:
            passed = 0  # on a route of a new site file, which begins where the party is
        assert progress.route.index(progress.stage) >= passed
        passed = progress.route.index(progress.stage)
        if step in NOT_UNDONE:
            with pytest.raises(IllegalStepError, match="cannot undo"):
                progress.undone(step, before=before)
        else:
            undone = progress.undone(step, before=before)
            assert undone == replace(before, version=progress.version + 1)


@given(steps=st.lists(SAID, max_size=12))
def test_what_is_kept_of_a_visit_is_read_back_as_it_was(steps):
    progress = WAITING
    for step in steps:
        try:
            progress = taken(progress, step, at=LATER)
        except IllegalStepError:
            continue

    kept = json.loads(json.dumps(progress.to_json()))

    assert Progress.from_json(kept) == progress


def test_an_undo_does_not_forget_how_often_the_party_was_passed_over_meanwhile():
    before = replace(WAITING, passed_over=1)
    since = replace(before.prioritised(priority=True), passed_over=2)

    assert since.undone(Step.PRIORITY, before=before).passed_over == 2
    there = replace(after(before, Step.CALL, Step.FORWARD), passed_over=3)
    assert there.undone(Step.FORWARD, before=before).passed_over == 1
