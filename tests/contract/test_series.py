import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract.series import FIRST, LAST, Series

SKIPS = st.sets(st.integers(0, 1200), max_size=40).map(tuple)
WHOLE_ROUND = LAST - FIRST + 1


def test_the_first_number_is_101() -> None:
    assert Series("D").number(1) == "D101"


def test_after_999_the_digits_begin_again() -> None:
    series = Series("D")

    assert [series.number(n) for n in (899, 900)] == ["D999", "D101"]


def test_the_skip_list_shortens_the_round() -> None:
    series = Series("D", (200, 300, 666))

    assert [series.number(n) for n in (99, 100, 896, 897)] == ["D199", "D201", "D999", "D101"]


def test_two_letters_stand_before_the_digits() -> None:
    assert Series("DF").number(114) == "DF214"


def test_a_round_has_every_digit_once_and_no_skipped_one() -> None:
    series = Series("J", (200, 300, 666))

    numbers = [series.number(n) for n in range(1, 897)]

    assert numbers == [f"J{d}" for d in range(FIRST, LAST + 1) if d not in {200, 300, 666}]


@settings(derandomize=True, database=None, deadline=None, max_examples=25)
@given(skip=SKIPS, start=st.integers(1, 10**9), offset=st.integers(1, WHOLE_ROUND - 1))
def test_no_number_comes_twice_within_a_round_and_no_skipped_one_ever(
    skip: tuple[int, ...], start: int, offset: int
) -> None:
    series = Series("J", skip)
    length = WHOLE_ROUND - len({d for d in skip if FIRST <= d <= LAST})

    first, later, again = (series.number(start + n) for n in (0, offset % length, length))

    assert again == first
    assert (later == first) == (offset % length == 0)
    assert not {f"J{d}" for d in skip} & {first, later}
    assert FIRST <= int(later[1:]) <= LAST


@pytest.mark.parametrize("sequence", [0, -1])
def test_a_sequence_counts_from_one(sequence: int) -> None:
    with pytest.raises(ValueError, match=rf"sequence {sequence}: the first one is 1"):
        Series("D").number(sequence)


def test_a_skip_list_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no number between 101 and 999"):
        Series("D", tuple(range(FIRST, LAST + 1))).number(1)


@settings(derandomize=True, database=None, deadline=None, max_examples=50)
@given(skip=SKIPS, sequence=st.integers(1, 10**9), off=st.integers(-400, 400))
def test_a_number_leads_back_to_its_sequence_from_anywhere_near(
    skip: tuple[int, ...], sequence: int, off: int
) -> None:
    series = Series("J", skip)

    assert series.sequence(series.number(sequence), near=sequence + off) == sequence


@pytest.mark.parametrize(
    ("number", "near", "sequence"),
    [("D101", 0, 1), ("D999", 0, 899), ("D101", 899, 900), ("D999", 900, 899), ("D998", 5, 898)],
)
def test_a_number_is_of_the_round_that_is_nearest(number: str, near: int, sequence: int) -> None:
    assert Series("D").sequence(number, near=near) == sequence


@pytest.mark.parametrize("number", ["D100", "D200", "J101", "D1000", "101", "D\u0661\u0660\u0661"])
def test_a_number_that_is_never_printed_has_no_sequence(number: str) -> None:
    with pytest.raises(ValueError, match="is no number of series D"):
        Series("D", (200,)).sequence(number, near=1)
