"""The figures page and the situation report, as a browser without script reads them."""

import csv
import io
import json
import re

import pytest

from server_stub.charts import NOTHING
from server_stub.figures_files import COLUMNS
from tests.server_stub.enrolled import MONDAY_NOON, party
from tests.server_stub.pages.paper_browser import PaperBrowser
from tests.server_stub.pages.test_hall_pages import begin_session
from tests.server_stub.pages.test_styles import LOOKS, contrast

TODAY = MONDAY_NOON.date()
INKS = ("#10203b", "#ffffff")
"""Of which charts.js takes the one that is read better."""


@pytest.fixture
def as_somebody(browser, change_store, kiosk):
    """Log somebody in with a role, and return their browser."""

    def log_in(role: str) -> PaperBrowser:
        token = change_store(begin_session, site=kiosk.site, name=f"{role}-1", role=role)
        browser.client.cookies.set("ankunft-staff", token, path="/staff")
        return browser

    return log_in


@pytest.fixture
def lena(as_somebody) -> PaperBrowser:
    """A browser in which a shift lead is logged in."""
    return as_somebody("lead")


@pytest.fixture
def came(arrive):
    """Let some parties come."""
    for n, language in enumerate(("uk", "uk", "ka"), start=1):
        arrive(n, party("information", "housing", language=language, adults=2, children=1))


@pytest.mark.parametrize("page", ["/staff/figures", "/staff/report", "/staff/figures.csv"])
@pytest.mark.parametrize("role", ["helper", "counter"])
def test_only_who_leads_sees_figures(as_somebody, role, page):
    assert as_somebody(role).open(page).status == 403


@pytest.mark.parametrize("page", ["/staff/figures", "/staff/report", "/staff/figures.csv"])
def test_who_is_not_logged_in_is_shown_the_way(browser, page):
    assert browser.open(page).address.startswith("/staff/login")


@pytest.mark.usefixtures("came")
def test_every_table_is_there_without_script(lena):
    page = lena.open("/staff/figures")

    assert page.status == 200
    tables = re.findall(r'<table class="table" id="table-([a-z-]+)"', page.html)
    assert tables == ["arrivals", "lost"]  # nobody was called yet
    assert "<details open>" in page.html
    assert "12:00 3 9" in page.text


@pytest.mark.usefixtures("came")
def test_a_language_of_one_party_is_told_nowhere(lena):
    assert "Georgian" not in lena.open("/staff/figures").text
    assert "Georgian" not in lena.open("/staff/report").text
    assert ";languages;" not in lena.client.get("/staff/figures.csv").text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=yesterday", "These days could not be read."),
        ("from=2026-11-20&to=2026-11-19", "The last day is before the first."),
        ("period=year", "These days could not be read."),
    ],
)
def test_days_that_are_none_are_answered_with_today_and_what_to_do(lena, asked, said):
    for address in ("/staff/figures", "/staff/figures.csv"):
        page = lena.open(f"{address}?{asked}")

        assert page.status == 422
        assert said in page.text
        assert "Mon 23 Nov 2026" in page.text


@pytest.mark.usefixtures("came")
def test_the_file_of_a_chart_holds_the_lines_that_it_is_made_of(lena):
    answer = lena.client.get(f"/staff/figures.csv?from={TODAY}&to={TODAY}&chart=arrivals")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'duesseldorf-arrivals-{TODAY}-{TODAY}.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert tuple(rows[0]) == COLUMNS
    told = [(row["section"], row["hour"], row["unit"], row["value"]) for row in rows]
    assert told == [("arrivals", "12", "parties", "3"), ("arrivals", "12", "persons", "9")]


@pytest.mark.usefixtures("came")
def test_the_whole_file_holds_all_sections(lena):
    told = json.loads(lena.client.get("/staff/figures.json").content)

    assert {"visits", "arrivals", "figures", "stocks", "kiosks"} <= {
        line["section"] for line in told["figures"]
    }


@pytest.mark.usefixtures("came")
def test_the_report_tells_the_figures_of_the_city_and_how_the_hall_stands(lena):
    page = lena.open("/staff/report")

    assert page.status == 200
    assert f"Visits parties 3 {NOTHING} 3" in page.text
    assert f"Visits persons 9 {NOTHING} 9" in page.text
    assert f"Residence permits persons 0 {NOTHING} 0" in page.text
    assert "Housed: number at the end persons not recorded" in page.text
    assert "3 parties wait (9 persons)" in page.text
    assert re.search(rf"Information 3 9 3 min 0 of \d+ {NOTHING} {NOTHING}", page.text)
    assert "for duesseldorf, site file " in page.text


@pytest.mark.parametrize(
    ("since", "status", "said"),
    [
        ("2026-11-01", 200, "Since Sun 1 Nov 2026"),
        ("2027-01-01", 200, "Since Mon 23 Nov 2026"),  # of days to come nothing is told
        ("soon", 422, "This day could not be read."),
    ],
)
def test_the_report_adds_up_since_a_day(lena, since, status, said):
    page = lena.open(f"/staff/report?since={since}")

    assert page.status == status
    assert said in page.text


@pytest.mark.parametrize("look", LOOKS)
def test_colours_of_charts_can_be_told_from_the_card_and_numbers_read_on_them(look):
    """WCAG 2.2 asks for 3 : 1 (1.4.11) and for 4.5 : 1 (1.4.3)."""
    drawn = {n: contrast(look[f"chart-{n}"], look["card"]) for n in range(1, 7)}
    assert {n: ratio for n, ratio in drawn.items() if ratio < 3} == {}

    fields = {n: look[f"heat-{n}"] for n in range(1, 6)}
    read = {n: max(contrast(c, ink) for ink in INKS) for n, c in fields.items()}
    assert {n: ratio for n, ratio in read.items() if ratio < 4.5} == {}
