from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.durations import HALF, MOST_MINUTES, NINE_OF_TEN, Durations, together

seconds = st.lists(st.integers(-10_000, 7_200_000).map(lambda ms: ms / 1000), max_size=60)


@pytest.mark.parametrize(
    ("waited", "median", "nine_of_ten", "longest"),
    [
        ([], None, None, None),
        ([0], 0, 0, 0),
        ([1], 1, 1, 1),  # up to a minute
        ([60, 61], 1, 2, 2),
        ([60] * 9 + [3600], 1, 1, 60),
        ([60] * 8 + [120, 3600], 1, 2, 60),
        ([-5], 0, 0, 0),  # a clock was set back
        ([10 * 24 * 3600], MOST_MINUTES, MOST_MINUTES, MOST_MINUTES),
    ],
)
def test_what_is_told_of_waits(waited, median, nine_of_ten, longest):
    waits = Durations.of(waited)

    assert (waits.within(HALF), waits.within(NINE_OF_TEN)) == (median, nine_of_ten)
    assert (waits.longest, waits.number) == (longest, len(waited))


@given(seconds.filter(bool), st.fractions(Fraction(1, 100), 1))
def test_at_least_the_share_was_done_within_these_minutes_and_not_within_fewer(waited, share):
    within = Durations.of(waited).within(share)

    assert sum(1 for s in waited if s <= within * 60) >= ceil(share * len(waited))
    if within:
        assert sum(1 for s in waited if s <= (within - 1) * 60) < ceil(share * len(waited))


@given(st.lists(seconds, max_size=5))
def test_parts_add_up_to_the_whole(parts):
    whole = Durations.of([s for part in parts for s in part])

    assert together([Durations.of(part) for part in parts]) == whole


def test_a_wait_of_a_day_can_be_shown():
    assert repr(Durations.of([90])) == "Durations(counts=(0, 0, 1))"
    assert repr(Durations.of([24 * 3600])).endswith(", 0, 1))")
