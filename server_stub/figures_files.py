"""The figures as files: a report as CSV for spreadsheets, and as JSON for programs."""

import csv
import io
import json
from collections.abc import Mapping
from gettext import NullTranslations

from server_stub.figures import PeriodFigures
from server_stub.figures_report import Line, Report
from server_stub.page_texts import catalogue

Row = dict[str, str | int | None]

COLUMNS = (
    "from",
    "to",
    "section",
    "figure",
    "stage",
    "hour",
    "day",
    "measure",
    "unit",
    "value",
    "note",
    "in_words",
    "note_in_words",
)
"""Of the CSV file, and the keys of each line of the JSON; what each means: docs/figures.md."""

JSON_VERSION = 1
"""Grows when a reader of older JSON would misread it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula, and runs it."""


def as_csv(report: Report) -> bytes:
    """Return the report as a CSV file that a spreadsheet opens by a double click.

    UTF-8 with a byte order mark, without which Excel reads it as another code page; semicolons,
    as German Excel parts columns; whole numbers only, so that no decimal comma is needed.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for row in rows(report):
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def as_json(report: Report) -> bytes:
    """Return the report as JSON, with the days that anything is known of."""
    period = report.period
    content = {
        "version": JSON_VERSION,
        "site": report.site.id,
        "name": report.site.name,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "days": [day.isoformat() for day in period.days],
        "language": report.language,
        "figures": rows(report),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def rows(report: Report) -> list[Row]:
    """Return the lines of a report with the columns of `COLUMNS`."""
    words = _words(catalogue(report.language))
    return [_row(line, report.period, words) for line in report.lines]


def _row(line: Line, period: PeriodFigures, words: Mapping[str, str]) -> Row:
    subject = line.subject
    measure = words.get(line.measure, "")
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "section": subject.section,
        "figure": subject.figure,
        "stage": subject.stage,
        "hour": subject.hour,
        "day": subject.day.isoformat() if subject.day else None,
        "measure": line.measure,
        "unit": line.unit,
        "value": line.value,
        "note": line.note or None,
        "in_words": f"{subject.label}{measure and f', {measure}'} ({words[line.unit]})",
        "note_in_words": words[line.note] if line.note else None,
    }


def _words(texts: NullTranslations) -> dict[str, str]:
    """Return units, measures and notes in words."""
    _ = texts.gettext
    return {
        "parties": _("parties"),
        "persons": _("persons"),
        "minutes": _("minutes"),
        "check-ins": _("check-ins"),
        "calls": _("calls"),
        "percent": _("per cent"),
        "median": _("half of them at most"),
        "nine-of-ten": _("nine of ten at most"),
        "longest": _("all of them at most"),
        "not-recorded": _("Not recorded: nobody has counted yet."),
        "too-few": _("Fewer than five: not told."),
        "withheld": _("Withheld: a small number could reveal someone."),
        "at-least": _("At least so many: withheld in some months."),
        "about": _("About, in steps of five: counts are told by whole months."),
    }


def harmless(value: str | int | None) -> str | int | None:
    """Return the value with a quote before what a spreadsheet would run."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
