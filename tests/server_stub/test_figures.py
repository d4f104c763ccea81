import json
from dataclasses import fields, replace
from datetime import date, timedelta
from math import ceil
from statistics import median_low
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.durations import HALF, NINE_OF_TEN
from server_stub.figures import (
    BusiestHour,
    Count,
    FiguresError,
    KioskCounts,
    Stock,
    sum_of,
)
from server_stub.figures_json import from_json, to_json
from server_stub.figures_of_day import Arrival, Happenings, Passage, figures_of_day
from tests.server_stub.happenings import DAY, SMALL_DAY, at, happenings, passage, shipped_site

SITE = shipped_site()
SUMMER_TIME_ENDS = date(2026, 10, 24)
"""Its service day has 25 hours: 02:00 to 03:00 comes twice in its night."""
SUMMER_TIME_BEGINS = date(2026, 3, 28)
"""Its service day has 23 hours: there is no 02:30 in its night."""


def counted(happened: Happenings, day: date = DAY):
    return figures_of_day(day, happened, site=SITE)


@pytest.fixture(scope="module")
def small_day():
    return counted(SMALL_DAY)


def test_visits_are_told_in_parties_and_in_persons(small_day):
    tally = small_day.tally

    # Six parties came: the part that was split off came with another.
    # 3 + 1 + 4 + 0 + 1 + 1: of the merged party the persons are in the other's row.
    assert tally.visits == Count(parties=6, persons=10)
    assert (tally.adults, tally.children, tally.size_unknown) == (7, 3, 1)
    assert tally.by_hand == Count(1, 1)
    assert tally.carried_over == Count(1, 4)
    assert tally.finished == Count(1, 3)
    assert tally.left == Count(1, 4)


def test_arrivals_are_told_by_the_hour_on_the_wall(small_day):
    came = {hour: count for hour, count in enumerate(small_day.tally.arrivals) if count.parties}

    assert came == {8: Count(2, 5), 9: Count(4, 5)}


def test_outcomes_add_up_with_their_corrections(small_day):
    assert small_day.tally.outcomes == {
        "housed": 5,
        "moved-out": 1,
        "no-longer-in-the-site-file": 7,
        "permit-issued": 2,
    }
    assert small_day.tally.sums == {
        "biometric-registrations": 0,
        "residence-permits": 2,
        "transferred": 0,
    }


def test_a_stock_is_its_last_count_and_what_changed_since(small_day):
    stock = small_day.tally.stocks["housed"]

    assert stock == Stock(counted=3655, since=2 - 1)  # the three of 10:00 were there already
    assert stock.persons == 3656


def test_a_stock_that_nobody_counted_is_not_recorded_however_much_is_added():
    stock = counted(replace(SMALL_DAY, stock_counts=())).tally.stocks["housed"]

    assert (stock.persons, stock.since) == (None, 4)


def test_waits_and_services_are_told_for_each_stage(small_day):
    information, housing = (small_day.tally.stages[name] for name in ("information", "housing"))

    waits = information.waits
    assert {hour: wait.longest for hour, wait in waits.items()} == {8: 11}  # 4:00 and 10:01
    assert (waits[8].number, waits[8].within(HALF), waits[8].within(NINE_OF_TEN)) == (2, 4, 11)
    assert (information.served, information.left) == (Count(2, 4), Count(1, 4))
    assert information.services.counts == (0, 0, 1, 0, 1)  # 2 and 4 minutes
    assert (information.no_shows, housing.no_shows) == (1, 2)
    assert housing.all_waits.longest == 90
    assert housing.services.longest == 21  # 20 minutes and 1 second


def test_a_visit_that_a_lead_has_led_back_ends_once():
    visit = uuid4()
    finished = passage("housing", 3, came="9:00", gone="10:00", by="finish", visit=visit)
    corrected = passage("benefits", 3, came="10:00", gone="10:30", by="correct", visit=visit)
    left = passage("housing", 2, came="10:30", gone="11:00", by="leave", visit=visit)

    tally = counted(Happenings(passages=[left, finished, corrected])).tally

    assert (tally.finished, tally.left) == (Count(), Count(1, 2))
    assert tally.stages["housing"].served == Count(1, 3)


def test_a_part_of_a_party_has_its_number_from_staff_and_came_by_the_kiosk():
    came = Arrival(at("9:00"), adults=1, children=0, language="uk")
    part = replace(came, split=True, by_hand=True)

    tally = counted(Happenings(arrivals=[came, part])).tally

    assert (tally.visits, tally.by_hand) == (Count(1, 2), Count())


def test_a_night_at_home_is_no_wait():
    (line, *_) = SMALL_DAY.passages
    stayed_away = replace(line, waited_from=at("17:00", DAY - timedelta(days=1)), overnight=True)

    information = counted(Happenings(passages=[stayed_away])).tally.stages["information"]

    assert (information.overnight, information.waits) == (1, {})
    assert information.services.number == 1


def test_what_could_reveal_someone_is_kept_apart(small_day):
    nobody = dict.fromkeys([*SITE.languages, *SITE.audio_languages], 0)
    assert small_day.breakdowns.languages == nobody | {"": 1, "de": 1, "ru": 1, "uk": 3}
    assert small_day.breakdowns.priority == {"no": 5, "yes": 1}
    assert small_day.breakdowns.help_calls == {"child-alone": 0, "doctor": 1, "person": 1}
    assert small_day.tally.help_calls == 2
    assert small_day.tally.kiosks == KioskCounts(check_ins=6, abandoned=3, help_calls=1)


@pytest.mark.parametrize("day", [DAY, SUMMER_TIME_BEGINS, SUMMER_TIME_ENDS])
@given(data=st.data())
@settings(max_examples=10)
def test_in_whatever_order_things_are_told_the_figures_are_the_same(day, data):
    happened = data.draw(happenings(day))
    shuffled = Happenings(
        **{
            field.name: data.draw(st.permutations(getattr(happened, field.name)))
            for field in fields(happened)
        }
    )

    assert to_json(counted(shuffled, day)) == to_json(counted(happened, day))


@given(st.data())
@settings(max_examples=10)
def test_days_add_up_to_what_all_their_happenings_come_to(data):
    first = date(2026, 10, 22)
    days = [first + timedelta(days=n) for n in range(data.draw(st.integers(1, 4)))]
    happened = [data.draw(happenings(day)) for day in days]
    whole = figures_of_day(first, joined(happened), site=SITE)

    figures = data.draw(
        st.permutations([counted(h, d) for h, d in zip(happened, days, strict=True)])
    )
    period = sum_of(figures, first=first, last=days[-1])

    assert period.tally == whole.tally
    assert period.months == {(2026, 10): whole.breakdowns}
    assert period.days == tuple(days)


@given(st.data())
@settings(max_examples=10)
def test_medians_are_those_of_all_waits_however_the_days_are_cut(data):
    first = date(2026, 10, 24)
    days = [first, first + timedelta(days=1)]
    happened = [data.draw(happenings(day)) for day in days]

    period = sum_of(
        [counted(h, d) for h, d in zip(happened, days, strict=True)], first=first, last=days[-1]
    )

    for stage, figures in period.tally.stages.items():
        minutes = [
            min(max(0, ceil((p.first_called_at - p.waited_from).total_seconds() / 60)), 1440)
            for p in joined(happened).passages
            if p.stage == stage and p.first_called_at and not p.overnight
        ]
        assert figures.all_waits.within(HALF) == (median_low(minutes) if minutes else None)


@given(st.data())
@settings(max_examples=10)
def test_figures_come_back_from_json_as_they_were(data):
    figures = counted(data.draw(happenings(DAY)))

    assert from_json(json.loads(json.dumps(to_json(figures)))) == figures


def test_figures_of_a_newer_program_are_refused_and_not_misread(small_day):
    with pytest.raises(FiguresError, match="version 2, this program reads 1"):
        from_json(to_json(small_day) | {"version": 2})


def test_a_day_is_counted_once(small_day):
    with pytest.raises(FiguresError, match="twice"):
        sum_of([small_day, small_day], first=DAY, last=DAY)


def test_a_day_outside_the_period_is_not_counted_in(small_day):
    with pytest.raises(FiguresError, match="none of them"):
        sum_of([small_day], first=DAY + timedelta(days=1), last=DAY + timedelta(days=2))


def test_a_period_of_which_nothing_is_known_has_no_figures_and_no_stock():
    period = sum_of([], first=DAY, last=DAY)

    assert (period.days, period.busiest, period.tally.visits) == ((), None, Count())
    assert period.tally.stocks == {}


def test_a_stock_goes_on_from_before_the_period(small_day):
    later = counted(replace(SMALL_DAY, stock_counts=()), DAY + timedelta(days=1))

    period = sum_of(
        [later],
        first=later.day,
        last=later.day,
        stocks_before=sum_of([small_day], first=DAY, last=DAY).tally.stocks,
    )

    assert period.tally.stocks["housed"].persons == 3656 + 4


def test_the_busiest_hour_of_a_period_is_that_of_one_day(small_day):
    tomorrow = DAY + timedelta(days=1)
    other = counted(
        Happenings(arrivals=[Arrival(at("8:10", tomorrow), 1, 0, "uk") for _ in range(5)]), tomorrow
    )

    period = sum_of([small_day, other], first=DAY, last=tomorrow)

    assert period.busiest == BusiestHour(tomorrow, 8, Count(5, 5))


def test_the_hour_that_comes_twice_in_autumn_is_one_hour_of_the_table():
    sunday = SUMMER_TIME_ENDS + timedelta(days=1)
    first = at("2:30", sunday)
    second = first + timedelta(hours=1)  # the clock shows 2:30 again
    waited = Passage(uuid4(), "information", 1, first, second, None, second, "forward")

    tally = counted(
        Happenings(
            arrivals=[Arrival(moment, 1, 0, "uk") for moment in (first, second)],
            passages=[waited],
        ),
        SUMMER_TIME_ENDS,
    ).tally

    assert tally.arrivals[2] == Count(2, 2)
    assert tally.stages["information"].waits[2].longest == 60  # by the seconds that passed


def test_a_wait_over_the_hour_that_spring_leaves_out_is_as_long_as_it_was():
    sunday = SUMMER_TIME_BEGINS + timedelta(days=1)
    came, called = at("1:50", sunday), at("3:10", sunday)
    waited = Passage(uuid4(), "information", 1, came, called, None, called, "forward")

    stage = counted(Happenings(passages=[waited]), SUMMER_TIME_BEGINS).tally.stages["information"]

    assert {hour: waits.longest for hour, waits in stage.waits.items()} == {1: 20}


def test_waits_go_on_over_midnight_and_over_the_beginning_of_the_service_day():
    night = Passage(
        uuid4(), "information", 1, at("23:50"), at("0:10", DAY + timedelta(days=1)), None,
        at("0:15", DAY + timedelta(days=1)), "forward",
    )  # fmt: skip
    early = Passage(uuid4(), "information", 1, at("3:50"), at("4:10"), None, at("4:15"), "forward")

    stage = counted(Happenings(passages=[night, early])).tally.stages["information"]

    assert {hour: waits.longest for hour, waits in stage.waits.items()} == {3: 20, 23: 20}


def joined(days: list[Happenings]) -> Happenings:
    return Happenings(
        **{f.name: [x for day in days for x in getattr(day, f.name)] for f in fields(Happenings)}
    )
