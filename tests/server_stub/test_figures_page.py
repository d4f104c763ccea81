"""docs/figures.md names everything that a report holds."""

import re
from datetime import date
from pathlib import Path

import pytest

from server_stub.figures import sum_of
from server_stub.figures_files import COLUMNS, rows
from server_stub.figures_of_day import figures_of_day
from server_stub.figures_report import report
from tests.server_stub.happenings import DAY, SMALL_DAY, shipped_site

SITE = shipped_site()


@pytest.fixture(scope="module")
def lines():
    day = figures_of_day(DAY, SMALL_DAY, site=SITE)
    month = sum_of([day], first=date(2026, 11, 1), last=date(2026, 11, 30))
    return rows(report(month, SITE, today=date(2026, 12, 1), language="en"))


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")


def test_the_page_explains_every_figure_of_a_report(lines, page):
    of_the_site = {"outcomes", "figures", "stocks", "languages", "flow"}
    table = page.split("| section, figure |")[1].split("\n\n")[0]
    explained = {}
    for section, names in re.findall(r"^\| ([a-z-]+), ([^|]+) \|", table, re.MULTILINE):
        explained.setdefault(section, set()).update(re.findall(r"`([a-z-]+)`", names))

    told = {}
    for row in lines:
        told.setdefault(row["section"], set()).add(row["figure"])
    assert set(explained) == set(told)
    for section, figures in told.items():
        if section not in of_the_site:
            assert explained[section] == figures


def test_the_page_explains_every_column_measure_unit_and_note(lines, page):
    table = page.split("| column | holds |")[1]
    explained = set(re.findall(r"`([a-z_-]+)`", table))

    told = {row[name] for row in lines for name in ("measure", "unit", "note")} - {None}
    assert told | set(COLUMNS) <= explained
