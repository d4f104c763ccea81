from dataclasses import replace
from itertools import product

import pytest

from server_stub.visit import NEXT, IllegalStepError, Progress, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON

WAITING = Progress(
    number="D101",
    route=("information", "housing"),
    stage="information",
    state=VisitState.WAITING,
    counter=None,
    calls=0,
    called_at=None,
    version=1,
)


def after(progress: Progress, *steps: Step) -> Progress:
    for step in steps:
        progress = progress.after(step, counter="1", at=MONDAY_NOON)
    return progress


@pytest.mark.parametrize(("state", "step"), list(product(VisitState, Step)))
def test_a_step_is_legal_exactly_where_the_table_has_it(state, step):
    visit = replace(WAITING, state=state)

    if (state, step) in NEXT:
        assert after(visit, step).state is NEXT[state, step]
    else:
        with pytest.raises(IllegalStepError, match=f"D101 is {state}: cannot {step}"):
            after(visit, step)


def test_every_state_can_be_reached_and_all_but_finished_can_be_left():
    assert set(NEXT.values()) == set(VisitState)
    assert {state for state, _ in NEXT} == set(VisitState) - {VisitState.FINISHED}


def test_a_call_names_the_counter_and_the_time():
    called = after(WAITING, Step.CALL)

    assert (called.counter, called.called_at, called.calls) == ("1", MONDAY_NOON, 1)
    assert after(called, Step.RECALL).calls == 2


def test_a_party_that_is_sent_on_waits_at_the_next_stage_and_has_not_been_called_there():
    sent_on = after(WAITING, Step.CALL, Step.RECALL, Step.FORWARD)

    assert (sent_on.stage, sent_on.state, sent_on.calls) == ("housing", VisitState.WAITING, 0)


def test_a_party_at_the_last_stage_cannot_be_sent_on_but_finished():
    last = after(WAITING, Step.CALL, Step.FORWARD, Step.CALL)

    with pytest.raises(IllegalStepError, match="housing is the last stage"):
        after(last, Step.FORWARD)
    assert after(last, Step.FINISH).state is VisitState.FINISHED


def test_a_party_can_be_finished_before_the_end_of_its_route():
    assert after(WAITING, Step.CALL, Step.FINISH).state is VisitState.FINISHED


def test_every_step_makes_a_new_version():
    assert after(WAITING, Step.CALL, Step.RECALL, Step.FORWARD).version == 4
