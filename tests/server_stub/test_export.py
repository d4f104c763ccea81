"""An export says what happened, and nothing that tells of a person."""

import csv
import json
from datetime import timedelta

import pytest

from server_stub import tables
from server_stub.__main__ import main
from server_stub.export import FROM_THE_SITE, REFUSED, SHEETS
from server_stub.settings import Settings
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import open_room
from tests.server_stub.worked_day import WorkedDay

MONDAY = MONDAY_NOON.date()


@pytest.fixture(scope="module")
def worked_data(new_data, tmp_path_factory, made_once, shared_clock) -> Settings:
    settings = new_data(tmp_path_factory.mktemp("exported") / "data")
    with open_room(settings) as room:
        WorkedDay(room, made_once[1], made_once[2], clock=shared_clock).work()
    return settings


@pytest.fixture(scope="module")
def exported(worked_data, tmp_path_factory):
    into = tmp_path_factory.mktemp("export") / "files"
    days = ("--from", MONDAY.isoformat(), "--to", (MONDAY + timedelta(days=1)).isoformat())
    assert main(["export", "--data", str(worked_data.data), "--into", str(into), *days]) == 0
    return into


def read(folder, name) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_every_column_of_the_store_is_exported_or_refused_with_a_reason():
    """Who adds a column decides here whether a city takes it with it."""
    every = {f"{t.name}.{c.name}" for t in tables.metadata.sorted_tables for c in t.columns}
    every -= {f"{t.name}.site" for t in tables.metadata.sorted_tables}
    refused = set()
    for names in REFUSED:
        for name in names.split():
            table, _, column = name.partition(".")
            here = {n for n in every if n.startswith(f"{table}.")}
            refused |= here if column == "*" else {name}
    read_ = set().union(*(sheet.reads for sheet in SHEETS)) | FROM_THE_SITE

    assert refused & read_ == set(), "both"
    assert every - refused - read_ == set(), "neither exported nor refused"
    assert (refused | read_) - every == set(), "no such column"


def test_the_rows_are_those_of_the_day(exported):
    visits = read(exported, "visits")

    monday = [row for row in visits if row["day"] == MONDAY.isoformat()]
    assert {row["state"] for row in monday} == {"finished", "left", "merged", "parked"}
    assert {row["by_hand"] for row in monday} == {"0", "1"}
    assert {row["hour"] for row in monday} <= {"12", "13"}  # Düsseldorf, an hour before UTC
    outcomes = {row["outcome"]: row["persons"] for row in read(exported, "outcomes")}
    assert outcomes == {"biometrics-taken": "3", "permit-issued": "2"}
    assert [row["persons"] for row in read(exported, "stock_counts")] == ["250"]
    assert [row["state"] for row in read(exported, "days")] == ["closed", "open"]
    assert {row["ended_by"] for row in read(exported, "passages")} >= {"forward", "finish", "leave"}


def test_the_order_of_the_rows_tells_nothing(exported):
    for sheet in SHEETS:
        rows = [tuple(row.values()) for row in read(exported, sheet.name)]
        padded = [tuple(f"{v:>12}" if v else "~" for v in row) for row in rows]
        assert padded == sorted(padded), sheet.name


def test_no_number_token_id_or_name_is_in_any_file(worked_data, exported):
    with open_room(worked_data) as room:
        visits = room.rows(tables.visit)
        actions = room.rows(tables.staff_action)
    secrets = {
        *(row["number"] for row in visits),
        *(str(row["id"]) for row in visits),
        *(row["id"].hex for row in visits),
        *(row["ticket_token_sha256"] for row in visits if row["ticket_token_sha256"]),
        *(row["staff"] for row in actions if row["staff"]),
    }
    assert {"anna", "lena", "D101"} <= secrets
    for path in exported.iterdir():
        if path.name != "site.json":
            content = path.read_text(encoding="utf-8")
            assert {secret for secret in secrets if secret in content} == set(), path.name


def test_every_column_says_what_it_means(exported):
    said = (exported / "columns.txt").read_text(encoding="utf-8")

    for sheet in SHEETS:
        header = (exported / f"{sheet.name}.csv").read_text(encoding="utf-8-sig").splitlines()[0]
        assert header.split(";") == list(sheet.columns)
        for column in sheet.columns:
            assert f"\n  {column}: " in said


def test_the_report_and_the_site_file_are_there_for_their_owner_alone(exported):
    assert exported.stat().st_mode & 0o777 == 0o700
    assert json.loads((exported / "site.json").read_text("utf-8"))["id"] == "duesseldorf"
    assert "section;figure" in (exported / "figures.csv").read_text("utf-8-sig")


def test_rows_as_json_lines_have_numbers_as_numbers(worked_data, tmp_path, capsys):
    into = tmp_path / "files"
    monday = ("--from", MONDAY.isoformat(), "--to", MONDAY.isoformat())
    data = ("--data", str(worked_data.data), "--into", str(into))

    assert main(["export", *data, *monday, "--format", "jsonl"]) == 0

    first = json.loads((into / "visits.jsonl").read_text("utf-8").splitlines()[0])
    assert first["day"] == MONDAY.isoformat()
    assert isinstance(first["persons"], int)
    assert capsys.readouterr().out.startswith(f"{into}: {MONDAY} to {MONDAY}; 1 days, ")


def test_a_folder_that_is_there_is_left_alone(worked_data, tmp_path, capsys):
    (tmp_path / "mine").write_text("mine")

    data = ("--data", str(worked_data.data), "--into", str(tmp_path))

    assert main(["export", *data, "--to", "2027-01-01"]) == 2

    assert "is there already; name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
