"""Figures by the staff API: the same as the report, as JSON or as a table."""

import csv
import io

import pytest

from server_stub.staff_api import paths
from server_stub.staff_api.figures import Figures
from tests.server_stub.enrolled import party

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("nobody_here")]

TODAY = "2026-11-23"


@pytest.fixture
def visits(line, nobody_here):  # noqa: ARG001  # they come after it
    for sequence in range(1, 8):
        line.check_in(line.kiosk.check_in(sequence, content=party(adults=2, children=1)))


@pytest.mark.usefixtures("visits")
def test_the_figures_of_today_are_told_as_json(staff):
    answer = staff.get(paths.FIGURES)

    told = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert (told["from"], told["to"], told["language"]) == (TODAY, TODAY, "en")
    Figures.model_validate_json(answer.content, strict=False)
    persons = [
        line["value"]
        for line in told["figures"]
        if (line["section"], line["unit"], line["measure"]) == ("visits", "persons", "count")
    ]
    assert 21 in persons


@pytest.mark.usefixtures("visits")
def test_whoever_accepts_a_table_gets_the_same_figures_as_one(client, staff):
    told = staff.get(paths.FIGURES, language="de").json()["figures"]

    answer = client.get(
        paths.FIGURES, params={"language": "de"}, headers=staff.headers | {"Accept": "text/csv"}
    )

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    in_words = [row["in_words"] for row in table]
    assert in_words == [line["in_words"] for line in told]


def test_a_period_names_its_days(staff):
    told = staff.get(paths.FIGURES, **{"from": "2026-11-01", "to": "2026-11-30"}).json()

    assert (told["from"], told["to"]) == ("2026-11-01", "2026-11-30")


def test_a_period_that_ends_before_it_begins_is_refused(staff):
    answer = staff.get(paths.FIGURES, **{"from": "2026-11-02", "to": "2026-11-01"})

    assert answer.status_code == 409
    assert answer.json()["reason"] == "ends-before-it-begins"


def test_a_helper_may_not_read_figures(helper):
    assert helper.get(paths.FIGURES).status_code == 403


def test_a_day_that_is_none_is_named(staff):
    answer = staff.get(paths.FIGURES, **{"from": "0"})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["fields"]] == ["from"]
