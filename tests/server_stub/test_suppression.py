from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.suppression import FEWEST, suppressed

languages = st.sampled_from(["uk", "ru", "de", "en", "ar", "fa", "ro", "hu", ""])
tables = st.dictionaries(languages, st.one_of(st.integers(0, 9), st.integers(0, 3000)))


def all_tables(size: int, total: int) -> Iterator[tuple[int, ...]]:
    if size == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in all_tables(size - 1, total - first))


@pytest.mark.parametrize(("size", "most"), [(2, 40), (3, 26), (4, 18)])
def test_whoever_knows_total_and_rules_finds_two_values_for_each_withheld_count(size, most):
    names = "abcd"[:size]
    for total in range(most + 1):
        looks_like = defaultdict(list)
        for table in all_tables(size, total):
            told = suppressed(dict(zip(names, table, strict=True)))
            looks_like[tuple(told.values())].append(table)
        for told, possible in looks_like.items():
            for place, count in enumerate(told):
                values = {table[place] for table in possible}
                assert values == {count} if count is not None else len(values) > 1, told


@given(tables)
def test_whoever_knows_total_and_counts_cannot_work_out_a_withheld_one(counts):
    told = suppressed(counts)
    withheld = {name: counts[name] for name, count in told.items() if count is None}
    # The attacker knows even which of them are below five.
    lowest = {name: 0 if count < FEWEST else FEWEST for name, count in withheld.items()}
    most = {name: FEWEST - 1 if count < FEWEST else 10**6 for name, count in withheld.items()}
    rest = sum(withheld.values())

    if len(counts) > 1 and not 4 * len(counts) - 2 <= sum(counts.values()) <= 4 * len(counts):
        for name in withheld:
            others = [other for other in withheld if other != name]
            least = max(lowest[name], rest - sum(most[other] for other in others))
            greatest = min(most[name], rest - sum(lowest[other] for other in others))
            assert least < greatest


@given(tables)
def test_what_is_told_is_true_and_no_small_count_is_told(counts):
    told = suppressed(counts)

    assert list(told) == list(counts)
    assert all(count in (None, counts[name]) for name, count in told.items())
    if len(counts) > 1:
        assert not any(count is not None and 0 < count < FEWEST for count in told.values())


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((60, 31, 9), (60, 31, 9)),
        ((60, 31, 0), (60, 31, 0)),  # nobody is revealed by nobody
        ((60, 31, 2), (60, None, None)),  # one alone would be the rest of the total
        ((60, 31, 2, 1), (60, 31, None, None)),
        ((60, 31, 2, 0), (60, 31, None, None)),
        ((60, 31, 4, 4), (60, None, None, None)),  # eight of two below five: four each
        ((31, 31, 2), (None, None, None)),  # which of two equals was chosen would tell
        ((3,), (3,)),  # the total is told anyway
        ((), ()),
    ],
)
def test_what_a_table_tells(counts, told):
    names = "abcd"

    assert tuple(suppressed(dict(zip(names, counts, strict=False))).values()) == told
