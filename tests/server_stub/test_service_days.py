from itertools import product

import pytest

from server_stub.service_days import NEXT, DayState, DayStep, IllegalDayStepError, after


@pytest.mark.parametrize(
    ("state", "step"), sorted(set(product(DayState, DayStep)) - set(NEXT)), ids=str
)
def test_what_is_not_in_the_table_is_refused_and_says_how_far_the_day_is(state, step):
    with pytest.raises(IllegalDayStepError, match=f"the day is {state}: cannot {step}") as refused:
        after(state, step)

    assert (refused.value.state, refused.value.step) == (state, step)


def test_a_day_is_closed_only_after_numbers_were_stopped():
    assert after(after(DayState.OPEN, DayStep.STOP_NUMBERS), DayStep.CLOSE) is DayState.CLOSED
    assert (DayState.OPEN, DayStep.CLOSE) not in NEXT


@pytest.mark.parametrize("state", [DayState.CLOSING, DayState.CLOSED])
def test_a_day_can_be_opened_again(state):
    assert after(state, DayStep.OPEN_AGAIN) is DayState.OPEN
