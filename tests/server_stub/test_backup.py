"""A backup is one moment of the database, whole, and of no use to whoever finds it."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Table, select

from server_stub import backup as backups
from server_stub import tables
from server_stub.backup import OF_THE_MOMENT, back_up, others_beside
from server_stub.looking import looking_at, looking_at_file
from server_stub.settings import Settings
from server_stub.store import StoreError, engine_for
from server_stub.unfinished import remove_left_over
from tests.server_stub.open_room import open_room
from tests.server_stub.worked_day import WorkedDay

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def worked_data(new_data, tmp_path_factory, made_once, shared_clock) -> Settings:
    """The data directory of a reception point where everything has happened once."""
    settings = new_data(tmp_path_factory.mktemp("backed-up") / "data")
    with open_room(settings) as room:
        WorkedDay(room, made_once[1], made_once[2], clock=shared_clock).work()
        room.writer.submit(log_in).result(10)
    return settings


def log_in(connection):
    at = connection.execute(select(tables.kiosk.c.enrolled_at)).scalars().first()
    who = {"site": "duesseldorf", "staff": "anna"}
    connection.execute(
        tables.staff.insert().values(
            site="duesseldorf", name="anna", password_hash="$argon2id$", role="lead", created_at=at
        )
    )
    connection.execute(
        tables.staff_session.insert().values(
            **who, id_sha256="a-session", language="de", created_at=at, expires_at=at
        )
    )
    connection.execute(
        tables.login_failure.insert().values(
            site="duesseldorf", name="eve", address="192.0.2.66", failures=3, since=at
        )
    )


def all_rows(connection, *tables_: Table) -> dict[str, list]:
    return {
        table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
        for table in tables_
    }


KEPT = [table for table in tables.metadata.sorted_tables if table not in OF_THE_MOMENT]


def test_a_backup_holds_all_rows_as_they_are_and_nothing_of_the_moment(worked_data, tmp_path):
    made = back_up(worked_data, tmp_path / "it.db")

    with looking_at(worked_data) as now, looking_at_file(made.path) as then:
        assert all_rows(then, *KEPT) == all_rows(now, *KEPT)
        assert all_rows(now, tables.login_failure)["login_failure"]
        assert not any(all_rows(then, *OF_THE_MOMENT).values())
    assert b"192.0.2.66" not in made.path.read_bytes()
    assert b"a-session" not in made.path.read_bytes()


def test_a_backup_is_checked_and_only_its_owner_can_read_it(worked_data, tmp_path):
    made = back_up(worked_data, tmp_path)

    assert made.inspection.whole
    assert len(made.inspection.results) > 30
    assert [path.name for path in tmp_path.iterdir()] == [made.path.name]
    assert made.path.name == "ankunft-duesseldorf-" + f"{worked_data.clock():%Y%m%dT%H%M%SZ}.db"
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.size == made.path.stat().st_size


def test_a_backup_holds_no_key(worked_data, tmp_path):
    made = back_up(worked_data, tmp_path)

    for key in worked_data.keys.glob("*.key"):
        assert key.read_bytes().strip() not in made.path.read_bytes()


def test_a_backup_changes_nothing(worked_data, tmp_path):
    with looking_at(worked_data) as connection:
        before = all_rows(connection, *tables.metadata.sorted_tables)

    back_up(worked_data, tmp_path)

    with looking_at(worked_data) as connection:
        assert all_rows(connection, *tables.metadata.sorted_tables) == before


def test_what_is_wrong_with_the_rows_is_told_and_kept_in_the_backup(settings, tmp_path):
    with (
        engine_for(settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        connection.execute(tables.event.delete())
        connection.execute(tables.site.update().values(next_event=1))
        connection.execute(
            tables.event.insert().values(
                site="duesseldorf", number=5, kind="check-in", at=settings.clock()
            )
        )

    made = back_up(settings, tmp_path)

    assert [result.name for result in made.inspection.results if result.grave] == ["next-event"]
    assert made.path.exists()


def test_a_name_that_is_taken_is_not_overwritten(settings, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(StoreError, match=r"mine.txt: is there already"):
        back_up(settings, tmp_path / "mine.txt")

    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(StoreError, match=r"nowhere: cannot be written to: No such file"):
        back_up(settings, tmp_path / "nowhere" / "it.db")


def test_parties_go_on_arriving_while_a_backup_is_made_and_it_is_of_one_moment(
    settings, tmp_path, made_once, shared_clock
):
    made, stop = [], threading.Event()

    def make_backups() -> None:
        while not stop.is_set():
            made.append(back_up(settings, tmp_path / f"{len(made)}.db"))

    with open_room(settings) as room:
        day = WorkedDay(room, made_once[1], made_once[2], clock=shared_clock)
        thread = threading.Thread(target=make_backups)
        thread.start()
        try:
            while len(made) < 3:
                day.arrive("information", kiosk=0)
                day.arrive("information", kiosk=1)
        finally:
            stop.set()
            thread.join()

    visits = []
    for backup in made:
        assert backup.inspection.whole
        with looking_at_file(backup.path) as connection:
            visits.append(len(all_rows(connection, tables.visit)["visit"]))
    assert visits == sorted(visits)
    assert visits[-1] > visits[0]


KILLED_WHILE = {
    "copying": "tell = stop",
    "forgetting": "backups._forget_the_moment = stop",
    "checking": "backups._inspect = stop",
}


@pytest.mark.parametrize("where", KILLED_WHILE)
def test_a_backup_that_was_killed_leaves_nothing_under_its_name(settings, tmp_path, where):
    code = f"""
import itertools, time
from pathlib import Path
from types import SimpleNamespace
from server_stub import backup as backups
from server_stub.settings import Settings
def stop(*_, **__):
    print("there", flush=True)
    time.sleep(60)
tell = backups.nobody
backups.STEPS_BETWEEN_WORDS = 50
backups.time = SimpleNamespace(monotonic=itertools.count(0, 2).__next__)
{KILLED_WHILE[where]}
data = Settings(data=Path({str(settings.data)!r}))
backups.back_up(data, Path({str(tmp_path)!r}) / "it.db", tell=tell)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "there\n"
            remove_left_over(tmp_path)  # as another backup does at its beginning
            assert (tmp_path / ".it.db.unfinished").exists()
        finally:
            process.send_signal(signal.SIGKILL)

    assert not (tmp_path / "it.db").exists()
    assert back_up(settings, tmp_path / "it.db").inspection.whole
    assert [path.name for path in tmp_path.glob("*it.db*")] == ["it.db"]


@pytest.mark.sqlite
def test_a_damaged_database_gives_no_backup(settings, tmp_path):
    content = bytearray(settings.database.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096 * 8] = os.urandom(4096 * 8)
    settings.database.write_bytes(content)

    with pytest.raises(StoreError, match=r"cannot be (copied|read)"):
        back_up(settings, tmp_path / "it.db")

    assert list(tmp_path.glob("*it.db*")) == []


@pytest.mark.sqlite
def test_a_long_backup_tells_how_far_it_is(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "time", SimpleNamespace(monotonic=itertools.count(0, 2).__next__))
    monkeypatch.setattr(backups, "STEPS_BETWEEN_WORDS", 50)
    told = []

    back_up(settings, tmp_path / "it.db", tell=lambda done, of: told.append((done, of)))

    size = settings.database.stat().st_size
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == (size, size)


@pytest.mark.sqlite
def test_only_backups_of_the_same_site_are_found_beside_one_the_oldest_first(tmp_path, clock):
    stamps = {days: f"{clock.now - timedelta(days=days):%Y%m%dT%H%M%SZ}" for days in (0, 13, 15)}
    new = tmp_path / f"ankunft-duesseldorf-{stamps[0]}.db"
    for name in (
        *(new.name, f"ankunft-duesseldorf-{stamps[13]}.db", f"ankunft-duesseldorf-{stamps[15]}.db"),
        *(f"ankunft-essen-{stamps[15]}.db", "ankunft-duesseldorf-first.db", "diary.txt"),
        *(f"ankunft-duesseldorf-north-{stamps[15]}.db",),
    ):
        (tmp_path / name).touch()

    assert [(path.name, made_at) for path, made_at in others_beside(new).items()] == [
        (f"ankunft-duesseldorf-{stamps[days]}.db", clock.now - timedelta(days=days))
        for days in (15, 13)
    ]
