from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.figures_period import NAMES, Days, PeriodError, period_of

TUESDAY = date(2026, 11, 24)


def days(period):
    return period.days, period.beside


def test_without_a_wish_it_is_today_beside_the_same_weekday_of_last_week():
    period = period_of({}, today=TUESDAY)

    assert period.name == "today"
    assert period.is_running
    assert days(period) == (
        Days(TUESDAY, TUESDAY),
        Days(date(2026, 11, 17), date(2026, 11, 17)),
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("week", "23.11-24.11 16.11-17.11"),
        ("last-week", "16.11-22.11 09.11-15.11"),
        ("month", "01.11-24.11 01.10-24.10"),
        ("last-month", "01.10-31.10 01.09-30.09"),
    ],
)
def test_a_named_period_stands_beside_the_same_days_of_the_one_before(name, told):
    period = period_of({"period": name}, today=TUESDAY)

    assert " ".join(f"{d.first:%d.%m}-{d.last:%d.%m}" for d in days(period)) == told
    assert period.is_running == (name in {"week", "month"})


def test_a_long_month_stands_beside_all_days_of_a_short_one():
    period = period_of({"period": "month"}, today=date(2026, 3, 31))

    assert period.beside == Days(date(2026, 2, 1), date(2026, 2, 28))


def test_chosen_days_stand_beside_the_same_weekdays_before():
    period = period_of({"from": "2026-11-09", "to": "2026-11-18"}, today=TUESDAY)

    assert days(period) == (
        Days(date(2026, 11, 9), date(2026, 11, 18)),
        Days(date(2026, 10, 26), date(2026, 11, 4)),
    )


def test_one_day_alone_may_be_asked_for_by_either_end():
    for end in ("from", "to"):
        period = period_of({end: "2026-11-20"}, today=TUESDAY)
        assert period.days == Days(date(2026, 11, 20), date(2026, 11, 20))


def test_of_days_to_come_today_is_told():
    period = period_of({"from": "2027-01-01", "to": "2027-02-01"}, today=TUESDAY)

    assert period.days == Days(TUESDAY, TUESDAY)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"from": "yesterday"}, "no-date"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "no-date"),
        ({"period": "year"}, "no-date"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "ends-before-it-begins"),
    ],
)
def test_what_is_no_period_is_refused_with_its_reason(asked, reason):
    with pytest.raises(PeriodError) as refused:
        period_of(asked, today=TUESDAY)

    assert refused.value.reason == reason


@settings(max_examples=50)
@given(
    today=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    name=st.sampled_from(NAMES),
    ends=st.none() | st.tuples(st.dates(), st.dates()).map(sorted),
)
def test_every_period_is_told_up_to_today_beside_days_before_it(today, name, ends):
    asked = {"from": f"{ends[0]}", "to": f"{ends[1]}"} if ends else {"period": name}
    period = period_of(asked, today=today)

    assert period.days.first <= period.days.last <= today
    assert period.beside.first <= period.beside.last
    assert period.beside.last < period.days.first or period.beside.first == date.min
    if name == "today" and not ends:
        assert period.days.first - period.beside.first == timedelta(days=7)
