from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.disclosure import FEWEST_FOR_SHARES, Cell, Disclosure, disclosed, shares
from server_stub.figures import Breakdowns, DayFigures, Tally, sum_of
from server_stub.suppression import suppressed

OCTOBER, NOVEMBER = (2026, 10), (2026, 11)
TODAY = date(2026, 12, 1)
LANGUAGES = ("uk", "ru", "ka", "vi", "")

counts = st.fixed_dictionaries({name: st.integers(0, 12) for name in LANGUAGES})


def told(days: dict[date, dict[str, int]], *, first: date, last: date, today: date = TODAY):
    figures = [
        DayFigures(day, Tally(), Breakdowns(languages=dict.fromkeys(LANGUAGES, 0) | languages))
        for day, languages in days.items()
        if first <= day <= last
    ]
    period = sum_of(figures, first=first, last=last)
    return disclosed(period, "languages", today=today)


def test_a_month_tells_its_large_counts_and_its_true_total():
    days = {
        date(2026, 11, 1): {"uk": 40, "ru": 9, "ka": 2},
        date(2026, 11, 30): {"uk": 60, "ka": 1, "vi": 1},
    }

    assert told(days, first=date(2026, 11, 1), last=date(2026, 11, 30)) == Disclosure(
        months=(NOVEMBER,),
        total=113,
        cells={
            "": Cell(None, 1),  # nobody, but who would know
            "ka": Cell(None, 1),
            "ru": Cell(9, 0),
            "uk": Cell(100, 0),
            "vi": Cell(None, 1),
        },
        shares={},
    )


def test_months_are_added_up_from_what_each_of_them_tells():
    days = {
        date(2026, 10, 5): {"uk": 40, "ru": 30, "ka": 3},
        date(2026, 11, 5): {"uk": 50, "ru": 20, "ka": 8},
    }

    period = told(days, first=date(2026, 10, 1), last=date(2026, 11, 30))

    assert period.months == (OCTOBER, NOVEMBER)
    assert (period.total, period.cells["uk"], period.cells["ka"]) == (151, Cell(90, 0), Cell(8, 1))


@given(st.lists(counts, min_size=61, max_size=61), st.data())
@settings(max_examples=10)
def test_no_choice_of_periods_tells_more_than_the_months_by_themselves(numbers, data):
    """Whatever is asked, the answer can be worked out from the months as they are published."""
    first = date(2026, 10, 1)
    days = {first + timedelta(days=n): number for n, number in enumerate(numbers)}
    published = {}
    for month in (OCTOBER, NOVEMBER):
        of_month = [number for day, number in days.items() if (day.year, day.month) == month]
        sums = {name: sum(number[name] for number in of_month) for name in LANGUAGES}
        published[month] = suppressed(sums)
    begin = data.draw(st.sampled_from(sorted(days)))
    end = data.draw(st.sampled_from([day for day in sorted(days) if day >= begin]))

    period = told(days, first=begin, last=end)

    for name, cell in period.cells.items():
        months = [published[month][name] for month in period.months]
        told_in = [count for count in months if count is not None]
        assert cell == Cell(sum(told_in) if told_in else None, months.count(None))
    if not period.months:
        assert period.cells == {}


def test_what_a_month_tells_does_not_change_with_the_period_or_a_later_site_file():
    """With one more cell of 0, nobody would need to be hidden beside the two who spoke ka."""
    november = DayFigures(
        date(2026, 11, 5), Tally(), Breakdowns(languages={"uk": 90, "ru": 9, "ka": 2})
    )
    december = DayFigures(
        date(2026, 12, 5), Tally(), Breakdowns(languages={"uk": 90, "ru": 9, "ka": 9, "vi": 8})
    )
    first, last = date(2026, 11, 1), date(2026, 12, 31)
    both = disclosed(
        sum_of([november, december], first=first, last=last), "languages", today=date(2027, 1, 1)
    )

    assert both.cells["ru"] == Cell(9, 1)
    assert both.cells["ka"] == Cell(9, 1)
    assert both.cells["vi"] == Cell(8, 0)


@pytest.mark.parametrize(
    ("first", "last", "today"),
    [
        (date(2026, 11, 2), date(2026, 11, 30), TODAY),
        (date(2026, 11, 1), date(2026, 11, 29), TODAY),
        (date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 30)),  # it is not over
        (date(2026, 11, 5), date(2026, 11, 5), TODAY),
    ],
)
def test_a_part_of_a_month_tells_no_count(first, last, today):
    days = {date(2026, 11, 5): {"uk": 230, "ru": 110, "en": 12, "ka": 3}}

    period = told(days, first=first, last=last, today=today)

    assert (period.months, period.cells) == ((), {})
    assert period.shares == {"uk": 65, "ru": 30, "en": 5}


def test_few_have_no_shares():
    assert shares({"uk": 60, "ru": 39}) == {}
    assert shares({"uk": 60, "ru": 40}) == {"uk": 60, "ru": 40}


@given(counts.map(lambda c: {name: n * 10 for name, n in c.items()}), st.sampled_from(LANGUAGES))
def test_a_share_stands_for_several_counts(numbers, name):
    total = sum(numbers.values())
    if total < FEWEST_FOR_SHARES:
        return
    other = max(numbers, key=lambda n: (n != name, numbers[n]))
    same = [
        moved
        for moved in range(-numbers[name], numbers[other] + 1)
        if shares(numbers | {name: numbers[name] + moved, other: numbers[other] - moved}).get(name)
        == shares(numbers).get(name)
    ]
    assert len(same) >= min(3, numbers[other] + numbers[name] + 1)
