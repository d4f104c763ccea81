import csv
import io
import json
from datetime import date

import pytest

from server_stub.__main__ import main
from server_stub.settings import Settings
from server_stub.store import open_store
from tests.server_stub.happenings import SMALL_DAY
from tests.server_stub.stored_days import put_day

# Each test runs the program; how it opens a PostgreSQL is in test_postgresql.
pytestmark = pytest.mark.sqlite

LONG_AGO = date(2025, 11, 23)
"""Long before the machine's clock, by which the command knows which days are to come."""


@pytest.fixture
def data(settings: Settings):
    """A data directory that knows one day, while a server has it open."""
    with open_store(settings) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            put_day(connection, LONG_AGO, SMALL_DAY, site="duesseldorf")
        yield settings.data


def said(capfdbinary, *arguments: object) -> bytes:
    assert main(["figures", *(str(argument) for argument in arguments)]) == 0
    return capfdbinary.readouterr().out


def test_figures_are_printed_as_csv_while_the_server_runs(data, capfdbinary):
    printed = said(capfdbinary, "--data", data, "--from", LONG_AGO, "--to", LONG_AGO)

    table = list(csv.DictReader(io.StringIO(printed.decode("utf-8-sig")), delimiter=";"))
    visits = [line["value"] for line in table if line["figure"] == "visits"]
    assert visits == ["6", "10"]
    assert table[0]["in_words"] == "Besuche (Gruppen)"


def test_figures_are_printed_as_json_in_english(data, capfdbinary):
    options = ("--to", LONG_AGO, "--format", "json", "--language", "en")
    printed = json.loads(said(capfdbinary, "--data", data, *options))

    assert (printed["from"], printed["days"]) == ("2025-11-23", ["2025-11-23"])
    assert printed["figures"][0]["in_words"] == "Visits (parties)"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--from", "2026-11-24", "--to", "2026-11-23"), b"is after --to 2026-11-23"),
        (("--from", "23.11.2026"), b"'23.11.2026' is no day: write it like 2026-11-22"),
    ],
)
def test_days_that_cannot_be_are_refused_in_a_sentence(data, capfdbinary, options, complaint):
    try:
        code = main(["figures", "--data", str(data), *options])
    except SystemExit as error:  # argparse
        code = error.code

    assert code == 2
    assert complaint in capfdbinary.readouterr().err
