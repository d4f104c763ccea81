import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

from server_stub import tables, winding_down
from server_stub.__main__ import main
from server_stub.store import database_url, engine_for
from server_stub.store_error import StoreError
from server_stub.wind_down_record import GROUPS, read_record
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import open_room

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

SEALED = b'"sealed"'


@pytest.fixture
def worked(settings, made_once, clock):
    """A data directory in which parties wait and one was called, and its last queue."""
    with open_room(settings) as room:
        for sequence in (1, 2, 3):
            room.admit(made_once[1], made_once[1].check_in(sequence))
        room.call_next("1")
    settings.queue_folder.mkdir()
    (settings.queue_folder / "queue.de.txt").write_text("D101 uk 2+1\n")
    settings.backups.mkdir()
    (settings.backups / "before.db").write_bytes(b"everything")
    clock.now = MONDAY_NOON + timedelta(hours=5)
    return settings


@pytest.fixture
def run(worked, tmp_path):
    """Winds down with further options; returns the exit code."""

    def wind_down(*options: str) -> int:
        told = ["--data", str(worked.data), "--out", str(tmp_path / "kept"), "--by", "O. Meyer"]
        return main(["wind-down", *told, *options])

    return wind_down


READY = ("--yes", "--although-day-is-open", "--although-outboxes-wait")


def rows_left(settings) -> int:
    """Return how many rows of ours are in the database."""
    if database_url(settings) is None:
        return int(settings.database.exists())
    with engine_for(settings) as engine:
        return len(set(inspect(engine).get_table_names()) & set(tables.metadata.tables))


def test_what_is_kept_is_written_and_everything_else_is_gone(worked, run, tmp_path):
    kept = tmp_path / "kept"
    private = [path.read_bytes() for path in worked.keys.iterdir()]
    assert run(*READY) == 0

    assert rows_left(worked) == 0
    left = {path.name for path in worked.data.rglob("*")}
    assert left <= {"database.url"}
    assert {path.name for path in kept.iterdir()} == {
        *("figures.de.csv", "figures.de.json", "figures.en.csv", "figures.en.json"),
        *("site-files", "record.json", "record.de.html", "record.en.html"),
    }
    for path in kept.rglob("*.*"):
        assert not any(key in path.read_bytes() for key in private)
        assert SEALED not in path.read_bytes()


def test_the_record_says_what_was_kept_and_deleted_when_and_by_whom(worked, run, tmp_path):
    with open_room(worked) as room:
        visits, bodies = (len(room.rows(t)) for t in (tables.visit, tables.check_in_body))
    run(*READY)

    record = read_record(tmp_path / "kept")
    told = json.loads((tmp_path / "kept" / "record.json").read_text(encoding="utf-8"))
    assert record.by == "O. Meyer"
    assert record.deleted["answers"] == bodies
    assert record.deleted["visits"] >= visits
    assert record.deleted["keys"] == 1
    assert record.deleted["backups"] == 1
    for file in record.kept:
        content = (tmp_path / "kept" / file.name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256
    assert told["sha256"] == record.sha256
    for language, says in (("de", "Löschprotokoll"), ("en", "Record of deletion")):
        page = (tmp_path / "kept" / f"record.{language}.html").read_text(encoding="utf-8")
        assert says in page
        assert record.sha256 in page
        assert "O. Meyer" in page


@pytest.mark.parametrize("name", ["", "kept", "keys/kept", "incoming"])
def test_into_the_data_directory_nothing_is_written_and_nothing_is_deleted(
    worked, tmp_path, capsys, name
):
    before, rows = sorted(worked.data.rglob("*")), rows_left(worked)
    beside = tmp_path / "beside"
    beside.symlink_to(worked.data)

    told = ["--data", str(worked.data), "--out", str(beside / name), "--by", "O. Meyer"]
    assert main(["wind-down", *told, *READY]) == 2

    assert "outside" in capsys.readouterr().err
    assert sorted(worked.data.rglob("*")) == before
    assert rows_left(worked) == rows


def test_what_is_kept_and_is_not_there_at_the_end_is_told_and_nothing_is_finished(
    run, tmp_path, monkeypatch, capsys
):
    kept = tmp_path / "kept" / "figures.en.csv"
    monkeypatch.setattr(winding_down, "_left", lambda _: kept.unlink() or [])

    assert run(*READY) == 2

    assert f"{kept}" in capsys.readouterr().err
    monkeypatch.undo()
    assert not (tmp_path / "kept" / "record.en.html").exists()


def test_while_the_day_is_open_nothing_is_written_or_deleted(worked, run, tmp_path, capsys):
    before = rows_left(worked)

    assert run("--yes", "--although-outboxes-wait") == 2

    assert "still here" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()
    assert rows_left(worked) == before


def test_while_an_outbox_waits_nothing_is_written_or_deleted(worked, run, kiosk, tmp_path, capsys):
    with open_room(worked) as room:
        beat = kiosk.heartbeat(highest=99, outbox_depth=3)
        room.run(room.room.hear(beat, device=kiosk.device))

    assert run("--yes", "--although-day-is-open") == 2

    assert "entrance-1" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()


def test_unless_the_sites_name_is_typed_nothing_happens(worked, run, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin.readline", lambda: "yes\n")

    assert run(*READY[1:]) == 2

    assert not (tmp_path / "kept").exists()
    assert rows_left(worked) > 0


@pytest.mark.parametrize("step", ["_drop_tables", "_database_files", "_left"])
def test_after_a_crash_the_same_command_goes_on(worked, run, tmp_path, monkeypatch, step):
    def crash(*_: object) -> None:
        raise StoreError("the power fails")

    with monkeypatch.context() as crashing:
        crashing.setattr(winding_down, step, crash)
        assert run(*READY) == 2
    kept = (tmp_path / "kept" / "figures.en.csv").read_bytes()
    assert read_record(tmp_path / "kept").deleted_at is None

    assert run(*READY) == 0

    assert rows_left(worked) == 0
    assert read_record(tmp_path / "kept").deleted_at is not None
    assert (tmp_path / "kept" / "figures.en.csv").read_bytes() == kept


@pytest.mark.sqlite
def test_a_database_that_was_overwritten_in_part_is_overwritten_to_the_end(
    worked, run, monkeypatch
):
    def crash(path: Path) -> None:
        if path == worked.database:
            with path.open("r+b") as file:
                file.write(bytes(5000))
            raise StoreError("the power fails")

    with monkeypatch.context() as crashing:
        crashing.setattr(winding_down, "_wipe", crash)
        assert run(*READY) == 2
    assert worked.database.read_bytes()[:5000] == bytes(5000)

    assert run(*READY) == 0

    assert rows_left(worked) == 0
    assert not worked.keys.exists()


def test_a_store_that_went_on_after_it_was_written_down_is_not_deleted(
    worked, run, kiosk, monkeypatch, capsys
):
    def crash(*_: object) -> None:
        raise StoreError("the power fails")

    with monkeypatch.context() as crashing:
        crashing.setattr(winding_down, "_keys", lambda _: [])  # they are needed once more
        crashing.setattr(winding_down, "_drop_tables", crash)
        run(*READY)
    with open_room(worked) as room:
        room.admit(kiosk, kiosk.check_in(99))

    assert run(*READY) == 2

    assert "gone on since" in capsys.readouterr().err
    assert rows_left(worked) > 0


def test_what_was_kept_and_then_changed_stops_the_deletion(worked, run, tmp_path, monkeypatch):
    def crash(*_: object) -> None:
        raise StoreError("the power fails")

    with monkeypatch.context() as crashing:
        crashing.setattr(winding_down, "_drop_tables", crash)
        run(*READY)
    (tmp_path / "kept" / "figures.en.csv").write_bytes(b"")

    assert run(*READY) == 2
    assert rows_left(worked) > 0


def test_every_table_is_counted_in_the_record_once():
    named = [table for group in GROUPS.values() for table in group]

    assert sorted(named) == sorted(tables.metadata.tables)
