"""Charts tell what the report tells: no more of what is withheld, and no less of the rest."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from server_stub.charts import NOTHING, Cell
from server_stub.charts_of_report import SECTIONS, charts_of
from server_stub.figures import sum_of
from server_stub.figures_of_day import Arrival, Happenings, Passage, figures_of_day
from server_stub.figures_period import period_of
from server_stub.figures_report import report
from server_stub.figures_view import view_of
from tests.server_stub.happenings import DAY, at, shipped_site

SITE = shipped_site()
LATER = DAY + timedelta(days=60)


def a_day(day: date = DAY, *, parties: int = 6, languages=("uk",)):
    came = [
        Arrival(at(f"9:{n:02}", day), adults=2, children=0, language=languages[n % len(languages)])
        for n in range(parties)
    ]
    passages = [passage(n, "information", "housing", day) for n in range(parties)]
    passages += [passage(n, "housing", None, day) for n in range(3)]
    return figures_of_day(day, Happenings(arrivals=came, passages=passages), site=SITE)


def passage(n: int, stage: str, onward: str | None, day: date) -> Passage:
    came = at(f"9:{n:02}" if onward else f"10:{n:02}", day)
    called, gone = came + timedelta(minutes=n + 1), came + timedelta(minutes=20)
    by = "forward" if onward else "finish"
    return Passage(n, stage, 2, came, called, called, gone, by, onward=onward)


def told(*days, first=None, last=None, today=LATER, language="en"):
    first, last = first or days[0].day, last or days[-1].day
    return report(sum_of(days, first=first, last=last), SITE, today=today, language=language)


def nobody(day: date = DAY - timedelta(days=7)):
    return report(sum_of([], first=day, last=day), SITE, today=LATER, language="en")


def charts(made, *, beside=None, hour_now=None):
    return {c.name: c for c in charts_of(made, beside=beside or nobody(), hour_now=hour_now)}


def texts(chart) -> list[list[str]]:
    return [[cell.text for cell in row] for row in chart.rows]


def test_arrivals_stand_beside_those_of_the_days_before():
    before = told(a_day(DAY - timedelta(days=7), parties=2))

    arrivals = charts(told(a_day()), beside=before)["arrivals"]

    assert [column.title for column in arrivals.columns][2] == "Parties, Mon 16 Nov"
    assert texts(arrivals) == [["09:00", "6", "12", "2"]]


def test_nothing_stands_beside_where_nothing_is_known_of_the_days_before():
    arrivals = charts(told(a_day()))["arrivals"]

    assert len(arrivals.columns) == 2
    assert texts(arrivals) == [["09:00", "6", "12"]]


def test_hours_of_today_that_have_not_begun_are_no_zeros():
    before = replace(a_day(), day=DAY - timedelta(days=7))
    late = figures_of_day(
        before.day,
        Happenings(arrivals=[Arrival(at("11:00", before.day), 1, 0, "uk")]),
        site=SITE,
    )

    arrivals = charts(told(a_day()), beside=told(late), hour_now=10)["arrivals"]

    assert texts(arrivals) == [
        ["09:00", "6", "12", "0"],
        ["10:00", "0", "0", "0"],
        ["11:00", NOTHING, NOTHING, "1"],
    ]


def test_a_wait_of_fewer_than_five_is_neither_told_nor_drawn():
    heat = charts(told(a_day()))["wait-half"]

    information, housing = heat.rows[:2]
    assert information[1] == Cell("3", 3)  # six waited 1 to 6 minutes
    assert [cell.text for cell in housing] == ["Housing", NOTHING, "fewer than 5"]
    assert [cell.value for cell in housing[1:]] == [None, None]


def test_a_language_that_is_withheld_is_not_drawn():
    month = [a_day(date(2026, 11, n), parties=9, languages=("uk",) * 8 + ("ka",)) for n in (2, 3)]
    made = told(*month, first=date(2026, 11, 1), last=date(2026, 11, 30), today=date(2026, 12, 1))

    languages = {row[0].text: row[1] for row in charts(made)["languages"].rows}

    assert languages["Ukrainian"].value == 16
    assert languages["Georgian"] == Cell("withheld", None)


def test_of_some_days_languages_are_shares_in_steps_of_five():
    made = told(a_day(parties=60), a_day(DAY + timedelta(days=1), parties=60, languages=("ru",)))

    chart = charts(made)["languages"]

    assert texts(chart) == [["Russian", "about 50 %"], ["Ukrainian", "about 50 %"]]
    assert chart.unit == "per cent"


def test_no_cell_holds_a_number_that_the_report_does_not_tell():
    month = [a_day(date(2026, 11, n), parties=9, languages=("uk", "ka", "ru")) for n in (2, 3)]
    made = told(*month, first=date(2026, 11, 1), last=date(2026, 11, 30), today=date(2026, 12, 1))
    values = {line.value for line in made.lines if line.value is not None} | {0}
    came = {18, 36}  # worked out: who came to the first stage

    for chart in charts(made).values():
        shown = {cell.value for row in chart.rows for cell in row[1:]} - {None}
        assert shown <= values | came, chart.name


def test_ways_begin_with_who_arrived_and_end_with_who_finished():
    flow = charts(told(a_day()))["flow"]

    assert texts(flow) == [
        ["Arrived", "Information", "6", "12"],
        ["Information", "Housing", "6", "12"],
        ["Housing", "Finished", "3", "6"],
    ]


def test_ways_are_not_drawn_where_somebodys_way_is_not_known():
    day = a_day()
    information = replace(day.tally.stages["information"], onward={})  # by an older program
    stages = dict(day.tally.stages) | {"information": information}
    old = replace(day, tally=replace(day.tally, stages=stages))

    assert "flow" not in charts(told(old))


def test_days_are_drawn_where_there_are_several():
    days = charts(told(a_day(), a_day(DAY + timedelta(days=1), parties=2)))["days"]

    assert texts(days) == [["Mon 23 Nov", "6", "12"], ["Tue 24 Nov", "2", "4"]]
    assert "days" not in charts(told(a_day()))


def test_numbers_are_written_as_the_reader_writes_them():
    made = told(a_day(parties=60), language="de")
    big = replace(made.lines[0], value=1234)
    german = replace(made, lines=(big, *made.lines[1:]))
    period = period_of({"from": f"{DAY}"}, today=LATER)

    view = view_of(german, beside=nobody(), period=period, now=datetime.now().astimezone())

    assert view.headline[0].now == "1.234"
    assert view.words == "Mo. 23.11.2026"


def test_today_is_compared_up_to_the_last_full_hour():
    made, before = told(a_day()), told(a_day(DAY - timedelta(days=7), parties=4))
    period = period_of({}, today=DAY)

    at_ten = view_of(made, beside=before, period=period, now=at("10:30")).until
    at_nine = view_of(made, beside=before, period=period, now=at("9:30")).until

    assert (at_ten.label, at_ten.now, at_ten.then) == ("Visits until 10:00", "6", "4")
    assert (at_nine.now, at_nine.then) == ("0", "0")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_chart_names_sections_that_reports_have(name):
    made = told(a_day(parties=60), a_day(DAY + timedelta(days=1), parties=60))
    assert set(SECTIONS[name]) <= {line.subject.section for line in made.lines}
