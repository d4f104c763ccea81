"""A restore puts a backup into either database, and the store is one of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from kiosk.contract.series import FIRST, LAST
from server_stub import schema, site_keys, tables
from server_stub.__main__ import main
from server_stub.admin_act import AdminAct
from server_stub.backup import OF_THE_MOMENT, back_up
from server_stub.keys import make_key
from server_stub.looking import looking_at, looking_at_file
from server_stub.restore import DESK_NUMBERS_SKIPPED, EVENTS_SKIPPED, restore
from server_stub.settings import Settings
from server_stub.store import StoreError, engine_of, open_store
from tests.server_stub.conftest import copy_of, point_to
from tests.server_stub.open_room import open_room
from tests.server_stub.worked_day import WorkedDay

pytestmark = pytest.mark.slow

CHANGED = {tables.site, tables.event, tables.kiosk, *OF_THE_MOMENT}
KEPT = [table for table in tables.metadata.sorted_tables if table not in CHANGED]

BOTH_WAYS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(scope="module")
def backup(tmp_path_factory, made_once, shared_clock) -> Path:
    """A backup of a reception point where everything has happened once."""
    folder = tmp_path_factory.mktemp("restore")
    settings = copy_of(made_once[0], folder / "data", clock=shared_clock)
    with open_room(settings) as room:
        WorkedDay(room, made_once[1], made_once[2], clock=shared_clock).work()
    return back_up(settings, folder / "backup.db").path


@pytest.fixture(params=BOTH_WAYS)
def empty(request, tmp_path, clock) -> Settings:
    """A data directory without a database, or one that names an empty PostgreSQL."""
    settings = Settings(data=tmp_path / "new", clock=clock)
    if request.param == "postgresql":
        settings.data.mkdir()
        stand = request.getfixturevalue("postgres_stand")
        point_to(settings, stand.url(stand.make_database()))
    return settings


def rows(connection, table) -> list:
    return connection.execute(select(table).order_by(*table.primary_key)).all()


def test_a_restore_brings_back_every_row(empty, backup):
    restored = restore(empty, backup)

    assert restored.inspection.whole
    with looking_at(empty) as now, looking_at_file(backup) as then:
        for table in KEPT:
            assert rows(now, table) == rows(then, table), table.name
        assert restored.visits == len(rows(then, tables.visit)) > 10


def test_a_restored_store_is_another_one(empty, backup):
    restore(empty, backup)

    with looking_at(empty) as now, looking_at_file(backup) as then:
        (site,), (before,) = rows(now, tables.site), rows(then, tables.site)
    assert site.store_id != before.store_id
    assert site.file_json == before.file_json


def test_no_page_knows_a_number_of_an_event_that_is_given_again(empty, backup):
    restore(empty, backup)

    with looking_at(empty) as now, looking_at_file(backup) as then:
        numbers = [event.number for event in rows(now, tables.event)]
        before = [event.number for event in rows(then, tables.event)]
        (site,) = rows(now, tables.site)
    skipped = numbers[0] - before[0]
    assert EVENTS_SKIPPED <= skipped < 2**53 / 1000  # browsers hold it exactly, also after many
    assert numbers == [number + skipped for number in before]
    assert site.next_event == numbers[-1] + 1


def test_staff_issue_no_number_again_that_they_may_have_issued_since_the_backup(empty, backup):
    restore(empty, backup)

    with looking_at(empty) as now, looking_at_file(backup) as then:
        series = {kiosk.name: kiosk.highest_sequence for kiosk in rows(now, tables.kiosk)}
        before = {kiosk.name: kiosk.highest_sequence for kiosk in rows(then, tables.kiosk)}
    skipped = series["desk"] - before["desk"]
    assert DESK_NUMBERS_SKIPPED <= skipped <= LAST - FIRST - DESK_NUMBERS_SKIPPED
    assert series == before | {"desk": series["desk"]}


def test_two_stores_of_one_backup_go_on_at_different_numbers(backup, tmp_path, clock):
    series, events = [], []
    with looking_at_file(backup) as then:
        clock.now = max(event.at for event in rows(then, tables.event))
    for name in ("once", "again"):
        settings = Settings(data=tmp_path / name, clock=clock)
        restore(settings, backup)
        with looking_at(settings) as connection:
            series += [kiosk for kiosk in rows(connection, tables.kiosk) if kiosk.kind == "desk"]
            events.append({event.number for event in rows(connection, tables.event)})
        clock.move(10 * 60)

    assert series[1].highest_sequence >= series[0].highest_sequence + 20
    assert max(events[0]) not in events[1]
    assert max(events[1]) not in events[0]


def test_a_server_can_work_on_what_was_restored(empty, backup, made_once):
    restore(empty, backup)
    copy_keys(made_once[0], empty)

    with open_room(empty) as room:
        before = room.snapshot()
        kiosk = made_once[1]
        seen = max(row["sequence"] for row in room.rows(tables.ledger))
        room.admit(kiosk, kiosk.check_in(seen + 1))
        assert len(room.snapshot().visits) == len(before.visits) + 1
        assert room.events(before.event_number)[0].number == before.event_number + 1


def test_a_key_that_is_missing_is_named(empty, backup, made_once):
    (key,) = (made_once[0] / "keys").glob("*.key")

    assert restore(empty, backup).missing_key == key.stem


def test_a_prepared_key_that_may_be_in_force_since_the_backup_is_named(
    empty, tmp_path, made_once, clock, capsys
):
    settings = copy_of(made_once[0], tmp_path / "data", clock=clock)
    with open_store(settings) as engine, engine.execution_options(writes=True).begin() as c:
        (site,) = c.execute(select(tables.site.c.id)).one()
        key = make_key(settings.keys, now=clock.now)
        site_keys.prepare(AdminAct(c, site, by="", now=clock.now), key)
    backup = back_up(settings, tmp_path / "prepared.db").path
    empty.data.mkdir(exist_ok=True)
    copy_keys(settings.data, empty)

    assert main(["restore", "--data", str(empty.data), str(backup)]) == 0

    said = capsys.readouterr().out
    assert f"rotate-key --put-in-force {key.key_id} --data {empty.data}" in said
    assert main(["rotate-key", "--put-in-force", key.key_id, "--data", str(empty.data)]) == 0


def test_only_its_owner_can_read_what_was_restored_and_nothing_is_left_over(empty, backup):
    restore(empty, backup)

    left = {path.name for path in empty.data.iterdir()} - {"ankunft.db.lock", "database.url"}
    assert left == (set() if empty.url_file.exists() else {"ankunft.db"})
    for path in empty.data.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_database_that_is_there_is_not_overwritten(empty, backup):
    restore(empty, backup)
    with looking_at(empty) as connection:
        before = rows(connection, tables.site)

    with pytest.raises(StoreError, match=r"is there already|holds tables already"):
        restore(empty, backup)

    with looking_at(empty) as connection:
        assert rows(connection, tables.site) == before


def test_an_index_that_was_lost_is_made_again(empty, backup, tmp_path):
    (tmp_path / "backup.db").write_bytes(backup.read_bytes())
    with closing(sqlite3.connect(tmp_path / "backup.db")) as db:
        db.execute("DROP INDEX uq_visit_at_counter")
        db.execute("DROP INDEX ix_visit_waiting")
        db.commit()

    assert restore(empty, tmp_path / "backup.db").inspection.whole

    with looking_at(empty) as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("visit")}
    assert {"uq_visit_at_counter", "ix_visit_waiting"} <= names


def test_a_backup_of_older_tables_is_brought_up_to_date(empty, tmp_path, made_once):
    with (
        looking_at_file(made_once[0] / "ankunft.db") as source,
        engine_of(tmp_path / "old.db") as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        schema.migrate(connection, to="0002")
        (site,) = source.execute(select(tables.site)).mappings()
        connection.execute(tables.site.insert().values(**site))

    restored = restore(empty, tmp_path / "old.db")

    assert restored.revisions == ("0002", schema.newest_revision())
    with open_store(empty):  # which refuses tables of another revision
        pass


def set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        db.commit()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), r"backup.db: no such file"),
        (lambda path: path.write_bytes(b"no database" * 999), r"backup.db: cannot be read"),
        (lambda path: path.write_bytes(b""), r"holds no tables of Ankunft"),
        (lambda path: set_revision(path, "9999"), r"revision 9999, which is newer than this"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-8192] + b"x" * 8192),
            r"backup.db: (is damaged|cannot be)",
        ),
    ],
)
def test_what_is_no_backup_restores_nothing(empty, backup, tmp_path, spoil, said):
    copy = tmp_path / "backup.db"
    copy.write_bytes(backup.read_bytes())
    spoil(copy)

    with pytest.raises(StoreError, match=said):
        restore(empty, copy)

    assert not empty.database.exists()
    assert list(empty.data.glob(".*")) == []


def test_a_restore_that_fails_in_the_middle_leaves_nothing(empty, backup, monkeypatch):
    monkeypatch.setattr("server_stub.restore._look_back", fail)

    with pytest.raises(RuntimeError, match="power cut"):
        restore(empty, backup)

    monkeypatch.undo()
    assert not empty.database.exists()
    assert list(empty.data.glob(".*")) == []
    assert restore(empty, backup).inspection.whole


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("power cut")


def copy_keys(data: Path, settings: Settings) -> None:
    settings.keys.mkdir(mode=0o700)
    for key in (data / "keys").glob("*.key"):
        copy = settings.keys / key.name
        copy.touch(mode=0o600)
        copy.write_bytes(key.read_bytes())
