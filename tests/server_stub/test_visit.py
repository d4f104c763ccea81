from itertools import product

import pytest

from server_stub.visit import NEXT, NOT_UNDONE, OPEN, IllegalStepError, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.progresses import in_state, taken

CLOSED = set(VisitState) - set(OPEN)
NOT_IN_THE_TABLE = {Step.UNDO, Step.BY_HAND}


@pytest.mark.parametrize(
    ("state", "step"), list(product(VisitState, sorted(set(Step) - NOT_IN_THE_TABLE)))
)
def test_a_step_is_legal_exactly_where_the_table_has_it(state, step):
    visit = in_state(state)

    if (state, step) in NEXT:
        assert taken(visit, step, at=MONDAY_NOON).state is NEXT[state, step]
    else:
        with pytest.raises(IllegalStepError, match=f"D101 is {state}: cannot {step}"):
            taken(visit, step, at=MONDAY_NOON)


def test_every_state_can_be_reached_and_all_open_ones_can_be_left():
    assert set(NEXT.values()) == set(VisitState)
    left = {state for (state, _), then in NEXT.items() if then is not state}
    assert left == set(OPEN)


def test_a_visit_that_has_ended_can_only_be_corrected():
    assert {step for state, step in NEXT if state in CLOSED} == {Step.CORRECT}


def test_a_party_may_leave_and_be_carried_over_from_wherever_it_is():
    for step in (Step.LEAVE, Step.CARRY_OVER, Step.SERVED_BY_HAND):
        assert {state for state, known in NEXT if known is step} == set(OPEN)


def test_every_step_is_in_the_table_or_known_not_to_be():
    assert {step for _, step in NEXT} == set(Step) - NOT_IN_THE_TABLE


def test_a_step_that_is_not_undone_says_what_to_do_instead():
    assert all(instead.strip() for instead in NOT_UNDONE.values())
    assert Step.UNDO in NOT_UNDONE
