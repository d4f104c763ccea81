import csv
import io
import json
from datetime import date, timedelta

import pytest

from server_stub.figures import Breakdowns, DayFigures, StageFigures, Stock, Tally, sum_of
from server_stub.figures_files import COLUMNS, as_csv, as_json, rows
from server_stub.figures_of_day import Arrival, Happenings, figures_of_day
from server_stub.figures_report import in_order_of_the_day, report
from tests.server_stub.happenings import DAY, SMALL_DAY, at, passage, shipped_site

SITE = shipped_site()
LATER = DAY + timedelta(days=40)


def told(*days: DayFigures, first=None, last=None, today=LATER, language="en", site=SITE):
    first = first or min(day.day for day in days)
    last = last or max(day.day for day in days)
    period = sum_of(days, first=first, last=last)
    return report(period, site, today=today, language=language)


def counted(happened: Happenings, day: date = DAY) -> DayFigures:
    return figures_of_day(day, happened, site=SITE)


def lines_of(section: str, made) -> list[tuple[object, ...]]:
    """Return the lines of a section: figure, stage, hour, measure, unit, value, note."""
    names = ("figure", "stage", "hour", "measure", "unit", "value", "note")
    return [tuple(row[name] for name in names) for row in rows(made) if row["section"] == section]


@pytest.fixture(scope="module")
def small_day():
    return told(counted(SMALL_DAY))


def test_every_count_says_whether_it_is_parties_or_persons(small_day):
    assert [line[0::4] + line[5:6] for line in lines_of("visits", small_day)] == [
        ("visits", "parties", 6),
        ("visits", "persons", 10),
        ("adults", "persons", 7),
        ("children", "persons", 3),
        ("size-unknown", "parties", 1),
        ("by-hand", "parties", 1),
        ("by-hand", "persons", 1),
        ("finished", "parties", 1),
        ("finished", "persons", 3),
        ("left", "parties", 1),
        ("left", "persons", 4),
        ("carried-over", "parties", 1),
        ("carried-over", "persons", 4),
        ("busiest-hour", "parties", 4),
        ("busiest-hour", "persons", 5),
    ]


def test_the_figures_of_the_city_are_there_also_when_nothing_was_achieved(small_day):
    assert [line[0::5] for line in lines_of("figures", small_day)] == [
        ("biometric-registrations", 0),
        ("residence-permits", 2),
        ("transferred", 0),
    ]
    assert lines_of("stocks", small_day) == [("housed", None, None, "count", "persons", 3656, None)]


@pytest.mark.parametrize("stocks", [{}, {"housed": Stock(None, 12)}])
def test_a_stock_without_a_count_is_not_recorded_and_not_a_sum(stocks):
    made = told(DayFigures(DAY, Tally(stocks=stocks), Breakdowns()))

    assert lines_of("stocks", made) == [
        ("housed", None, None, "count", "persons", None, "not-recorded")
    ]


def test_what_an_older_site_file_knew_is_told_by_its_name():
    tally = Tally(
        outcomes={"vaccinated": 3},
        sums={"vaccinations": 3},
        stages={"vaccination": StageFigures(no_shows=1)},
    )
    made = told(DayFigures(DAY, tally, Breakdowns()))

    assert ("vaccinated", None, None, "count", "persons", 3, None) in lines_of("outcomes", made)
    assert ("vaccinations", None, None, "count", "persons", 3, None) in lines_of("figures", made)
    assert "vaccination: put back after three calls (parties)" in {
        row["in_words"] for row in rows(made)
    }


def test_of_few_waits_the_number_is_told_and_no_minutes(small_day):
    assert lines_of("waits", small_day)[:4] == [
        ("wait", "information", None, "count", "parties", 2, None),
        ("wait", "information", None, "median", "minutes", None, "too-few"),
        ("wait", "information", None, "nine-of-ten", "minutes", None, "too-few"),
        ("wait", "information", None, "longest", "minutes", None, "too-few"),
    ]


def test_waits_are_told_for_all_hours_and_for_each():
    waits = [
        passage("information", 1, came=f"{hour}:00", called=f"{hour}:{minute}", gone="12:00")
        for hour in (9, 3)
        for minute in ("03", "01", "04", "02", "30")
    ]
    made = told(counted(Happenings(passages=waits)))

    assert [line[2:6] for line in lines_of("waits", made) if line[3] != "count"] == [
        (None, "median", "minutes", 3),
        (None, "nine-of-ten", "minutes", 30),
        (None, "longest", "minutes", 30),
        (9, "median", "minutes", 3),
        (9, "nine-of-ten", "minutes", 30),
        (9, "longest", "minutes", 30),
        (3, "median", "minutes", 3),
        (3, "nine-of-ten", "minutes", 30),
        (3, "longest", "minutes", 30),
    ]


def test_hours_stand_in_the_order_in_which_a_service_day_passes_them():
    assert in_order_of_the_day([0, 3, 4, 23]) == [4, 23, 0, 3]


def test_no_small_number_of_a_language_priority_or_call_for_help_is_told():
    people = [Arrival(at("9:00"), 1, 0, "uk")] * 200 + [Arrival(at("9:00"), 1, 0, "ru")] * 100
    rare = [Arrival(at("9:00"), 1, 0, "ka", priority=True)] * 2
    happened = Happenings(arrivals=people + rare, help_calls=["child-alone"] + ["person"] * 9)
    month = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}

    whole = told(counted(happened), **month)
    in_languages = {line[0]: line[4:] for line in lines_of("languages", whole)}
    assert in_languages["uk"] == ("parties", 200, None)
    assert in_languages["ka"] == in_languages["vi"] == ("parties", None, "withheld")
    assert set(in_languages) == {*SITE.languages, *SITE.audio_languages, "unknown"}
    assert [line[5:] for line in lines_of("priority", whole)] == [(None, "withheld")] * 2
    assert ("child-alone", None, None, "count", "calls", None, "withheld") in lines_of(
        "help-calls", whole
    )
    day = told(counted(happened))
    assert [(line[0], *line[3:]) for line in lines_of("languages", day)] == [
        ("ru", "share", "percent", 35, "about"),
        ("uk", "share", "percent", 65, "about"),
    ]
    assert lines_of("help-calls", day) == []


def test_a_sum_of_months_says_where_it_is_a_least():
    months = [date(2026, 10, 5), date(2026, 11, 5)]
    nobody = dict.fromkeys(SITE.languages, 0)
    numbers = [{"uk": 40, "ka": 2, "vi": 1}, {"uk": 50, "ka": 8, "vi": 1}]
    days = [
        DayFigures(day, Tally(), Breakdowns(languages=nobody | languages))
        for day, languages in zip(months, numbers, strict=True)
    ]
    made = told(*days, first=date(2026, 10, 1), last=date(2026, 11, 30))

    in_languages = {line[0]: line[5:] for line in lines_of("languages", made)}
    assert in_languages["uk"] == (90, None)
    assert in_languages["ka"] == (8, "at-least")
    assert in_languages["vi"] == (None, "withheld")


def test_the_csv_file_opens_in_a_spreadsheet(small_day):
    content = as_csv(small_day)

    assert content.startswith(b"\xef\xbb\xbffrom;to;section;")
    assert all(line.endswith(b"\r") for line in content.split(b"\n")[:-1])
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert tuple(table[0]) == COLUMNS
    as_text = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in rows(small_day)
    ]
    assert table == as_text


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless():
    outcome = SITE.outcomes[0].model_copy(update={"name": {"de": "=1+1", "en": "=1+1"}})
    site = SITE.model_copy(update={"outcomes": (outcome,)})

    content = as_csv(told(counted(SMALL_DAY), site=site)).decode()

    assert ";'=1+1 (persons);" in content
    assert ";=1+1" not in content


def test_the_json_holds_the_same_lines_and_the_days_that_are_known(small_day):
    content = json.loads(as_json(small_day))

    assert content["figures"] == rows(small_day)
    assert (content["version"], content["site"]) == (1, "duesseldorf")
    assert (content["from"], content["to"]) == ("2026-11-23", "2026-11-23")
    assert content["days"] == ["2026-11-23"]


def test_words_are_german_where_german_is_read():
    made = told(counted(SMALL_DAY), language="de")
    words = [row["in_words"] for row in rows(made)]

    assert "Besuche (Gruppen)" in words
    assert "Information: Wartezeit, die Hälfte höchstens (Minuten)" in words
    assert "Untergebracht (Personen)" in words
