import multiprocessing
import re
import shutil
import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import StatementError

from server_stub import schema, tables
from server_stub.sqlite import check_sqlite_version, open_sqlite
from server_stub.store import StoreError, engine_of, locked, open_store
from tests.server_stub.enrolled import MONDAY_NOON

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    "version",
    [(3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2), (3, 7, 0)],
)
def test_a_sqlite_that_may_corrupt_the_database_is_refused(version):
    with pytest.raises(StoreError, match=r"may corrupt.*pip install 'pysqlite3>=0\.6\.1'"):
        check_sqlite_version(version)


@pytest.mark.parametrize(
    "version", [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 50, 12), (3, 51, 3), (3, 53, 4), (4, 0, 0)]
)
def test_a_repaired_sqlite_is_taken(version):
    check_sqlite_version(version)


@pytest.mark.sqlite
def test_the_server_runs_on_a_repaired_sqlite(room):
    with room.engine.connect() as connection:
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()

    check_sqlite_version(tuple(int(part) for part in version.split(".")))


@pytest.mark.sqlite
def test_a_commit_is_on_disk_when_it_returns(room):
    with room.engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        told = [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in asked]

    assert told == ["wal", 2, 1, 1]  # 2 is FULL


def test_the_migrations_make_exactly_the_tables_of_the_program(tmp_path):
    made = {}
    with engine_of(tmp_path / "migrated.db") as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection)
            assert schema.revision_of(connection) == schema.newest_revision()
        made["migrated"] = statements(engine) - {"alembic_version"}
    with engine_of(tmp_path / "created.db") as engine:
        tables.metadata.create_all(engine.execution_options(writes=True))
        made["created"] = statements(engine)

    assert made["migrated"] == made["created"]
    assert len(made["created"]) > len(tables.metadata.tables)


def statements(engine) -> set[str]:
    with engine.connect() as connection:
        made = connection.execute(text("SELECT name, sql FROM sqlite_master")).all()
    return {in_one_order(sql) for name, sql in made if sql and name != "alembic_version"}


def in_one_order(statement: str) -> str:
    """Return a statement with its columns sorted: a migration adds them at the end."""
    # A table that was made anew by a migration has its name in quotation marks.
    bare = re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", statement)
    if not bare.startswith("CREATE TABLE"):
        return bare
    head, body = bare.split("(", 1)
    parts = re.split(r",\s*(?![^(]*\))", body.rstrip()[:-1])
    return "\n".join([head.strip(), *sorted(part.strip() for part in parts)])


def test_site_comes_first_in_every_key():
    keys = {
        name: table.primary_key.columns.keys() for name, table in tables.metadata.tables.items()
    }

    assert keys.pop("site") == ["id"]
    assert {name for name, columns in keys.items() if columns[0] != "site"} == set()


def test_only_times_with_a_zone_are_stored(room):
    t = tables.display
    row = {"site": room.site.id, "name": "hall", "token_sha256": "0" * 64}
    east = MONDAY_NOON.astimezone(timezone(timedelta(hours=5)))

    room.writer.submit(lambda c: c.execute(t.insert(), row | {"created_at": east})).result(10)

    (stored,) = room.rows(t)
    assert stored["created_at"] == MONDAY_NOON
    assert stored["created_at"].utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_not_stored(room):
    naive = {"site": room.site.id, "name": "hall", "token_sha256": "0" * 64}
    naive |= {"created_at": datetime(2026, 1, 1)}  # noqa: DTZ001  # on purpose

    with pytest.raises(StatementError, match="a time without a zone"):
        room.writer.submit(lambda c: c.execute(tables.display.insert(), naive)).result(10)
    assert room.rows(tables.display) == []


def hold_lock(settings, ready, done):
    with locked(settings):
        ready.set()
        done.wait(30)


@pytest.mark.sqlite
def test_a_second_process_is_kept_out_and_let_in_when_the_first_has_gone(settings):
    spawn = multiprocessing.get_context("fork")
    ready, done = spawn.Event(), spawn.Event()
    holder = spawn.Process(target=hold_lock, args=(settings, ready, done))
    holder.start()
    try:
        assert ready.wait(30)
        with (
            pytest.raises(StoreError, match=f"in use by process {holder.pid}.*stop it first"),
            open_store(settings),
        ):
            pass
    finally:
        done.set()
        holder.join(30)

    with open_store(settings) as engine:
        assert inspect(engine).has_table("visit")


@pytest.mark.sqlite
def test_a_folder_without_a_database_is_named_with_the_way_to_make_one(settings):
    settings.database.unlink()

    with pytest.raises(StoreError, match=r"no Ankunft data here; make it with: .* init --data"):
        open_store(settings).__enter__()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("0002", r"revision 0002.*needs 0006.*run: .* migrate --data"),
        ("9999", r"revision 9999.*newer than this program.*knows up to 0006.*install the newer"),
    ],
)
def test_a_database_of_another_revision_is_refused_with_the_next_step(settings, revision, said):
    with engine_of(settings.database) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})

    with pytest.raises(StoreError, match=said):
        open_store(settings).__enter__()


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_refused(settings):
    shutil.rmtree(settings.data)
    settings.data.mkdir()
    settings.database.write_bytes(b"no database at all" * 100)

    with pytest.raises(StoreError, match="cannot be read"):
        open_store(settings).__enter__()


def test_the_standard_library_would_have_loaded_another_sqlite():
    """Why pysqlite3 is needed here and now; where this fails the dependency may be dropped."""
    if sqlite3.sqlite_version_info >= (3, 51, 3):
        pytest.skip("this Python has a repaired SQLite")
    with pytest.raises(StoreError):
        check_sqlite_version(sqlite3.sqlite_version_info)


def test_errors_of_the_database_name_no_values(tmp_path):
    engine = open_sqlite(tmp_path / "x.db")
    secret = "a-visitors-word"

    with pytest.raises(Exception, match="no such table") as caught, engine.connect() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:word)"), {"word": secret})

    assert secret not in str(caught.value)
    engine.dispose()
