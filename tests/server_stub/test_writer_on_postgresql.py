"""What only a database on a line of its own can do to the writer: conflicts, and a cut line."""

import threading
from functools import partial

import pytest
from sqlalchemy import Connection, select, text

from server_stub import event_log, postgresql, tables
from server_stub.event_log import EventKind
from server_stub.postgresql import open_postgresql
from server_stub.store import database_url
from server_stub.transactions import MOST_TRIES
from server_stub.writer import TryAgainError
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import OpenRoom, open_room

pytestmark = pytest.mark.postgresql

append = partial(event_log.append, about=None, at=MONDAY_NOON, kind=EventKind.CHECK_IN)

CONFLICT = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"


@pytest.fixture
def own_room(settings):
    with open_room(settings) as room:
        room.empty()  # but for the site and its kiosks
        yield room


@pytest.fixture
def other_engine(settings):
    """The same database, as another process has it."""
    engine = open_postgresql(database_url(settings))
    yield engine
    engine.dispose()


def numbers(room: OpenRoom) -> list[int]:
    return [event.number for event in room.events()]


def test_a_transaction_in_conflict_is_run_again_with_all_its_commands(room):
    site, runs = room.site.id, []

    def in_conflict_once(connection: Connection) -> str:
        append(connection, site)
        runs.append(1)
        if len(runs) == 1:
            connection.execute(text(CONFLICT))
        return "stored"

    first = room.writer.submit(lambda c: append(c, site))
    second = room.writer.submit(in_conflict_once)

    assert (first.result(10), second.result(10)) == (None, "stored")
    assert len(runs) == 2
    assert numbers(room) == [1, 2]


def test_a_transaction_that_is_always_in_conflict_is_given_up(room):
    site, runs = room.site.id, []

    def in_conflict(connection: Connection) -> None:
        append(connection, site)
        runs.append(1)
        connection.execute(text(CONFLICT))

    with pytest.raises(TryAgainError):
        room.writer.submit(in_conflict).result(30)

    assert len(runs) == MOST_TRIES
    room.writer.submit(lambda c: append(c, site)).result(10)
    assert numbers(room) == [1]


def test_a_deadlock_with_somebody_else_is_survived(own_room, other_engine):
    """The other holds a kiosk's row and wants the site's, the writer the other way round."""
    t = tables.kiosk
    runs, meanwhile, entangled = [], [], threading.Event()

    def takes_a_kiosk(connection: Connection) -> None:
        runs.append(1)
        connection.execute(text("SET LOCAL deadlock_timeout = '20ms'"))  # so it is the victim
        entangled.set()
        connection.execute(select(t).with_for_update()).all()

    def entangle() -> None:
        with other_engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))
            connection.execute(select(t).with_for_update()).all()
            stored = own_room.writer.submit(takes_a_kiosk)
            assert entangled.wait(10)
            connection.execute(select(tables.site).with_for_update()).all()
        meanwhile.append(stored.result(30))

    other = threading.Thread(target=entangle)
    other.start()
    other.join(30)

    assert meanwhile == [None]
    assert len(runs) >= 2


def end_sessions(connection: Connection) -> int:
    """End all other sessions of the database, as its administrator can; return how many."""
    ended = connection.execute(
        text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
    )
    return len(ended.all())


def test_a_line_that_was_cut_while_nothing_happened_is_not_noticed(own_room, other_engine):
    site = own_room.site.id
    own_room.writer.submit(lambda c: append(c, site)).result(10)
    assert numbers(own_room) == [1]
    with other_engine.connect() as connection:
        assert end_sessions(connection) == 2  # the writer's, and a reader's

    own_room.writer.submit(lambda c: append(c, site)).result(10)

    assert numbers(own_room) == [1, 2]


def test_a_line_that_is_cut_in_a_transaction_has_it_run_again(own_room, other_engine):
    site, runs = own_room.site.id, []

    def cut_once(connection: Connection) -> str:
        append(connection, site)
        runs.append(1)
        if len(runs) == 1:
            with other_engine.connect() as other:
                end_sessions(other)
        append(connection, site)
        return "stored"

    assert own_room.writer.submit(cut_once).result(10) == "stored"
    assert len(runs) == 2
    assert numbers(own_room) == [1, 2]


CUT_AT_COMMIT = """
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON display DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION cut();
"""


def test_a_commit_that_nobody_knows_the_end_of_is_not_run_again(own_room, other_engine):
    site, runs = own_room.site.id, []
    with other_engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(CUT_AT_COMMIT))

    def cut_at_commit(connection: Connection) -> None:
        runs.append(1)
        row = {"site": site, "name": "hall", "token_sha256": "0" * 64, "created_at": MONDAY_NOON}
        connection.execute(tables.display.insert(), row)

    with pytest.raises(TryAgainError, match="may not be stored"):
        own_room.writer.submit(cut_at_commit).result(10)

    assert len(runs) == 1
    own_room.writer.submit(lambda c: append(c, site)).result(10)


def test_what_the_log_says_of_a_refused_row_quotes_none_of_its_values(own_room, caplog):
    site = own_room.site.id
    row = {"site": site, "name": "a-visitors-word", "token_sha256": "0" * 64}

    def twice(connection: Connection) -> None:
        connection.execute(tables.display.insert(), 2 * [row | {"created_at": MONDAY_NOON}])

    with pytest.raises(TryAgainError):
        own_room.writer.submit(twice).result(10)

    assert "command failed reason='23505 UniqueViolation pk_display'" in caplog.text
    assert "a-visitors-word" not in caplog.text


def test_writers_of_two_processes_take_turns_and_leave_no_gap(settings):
    with open_room(settings) as one, open_room(settings) as two:
        one.empty()  # but for the site and its kiosks
        site = one.site.id
        stored = [
            room.writer.submit(lambda c: append(c, site)) for _ in range(50) for room in (one, two)
        ]
        for future in stored:
            future.result(30)

        assert numbers(one) == numbers(two) == list(range(1, 101))


def test_a_process_that_hangs_in_a_transaction_holds_the_others_up_no_longer_than_that(
    settings, monkeypatch
):
    monkeypatch.setattr(postgresql, "SILENCE", "200ms")
    holds, go_on = threading.Event(), threading.Event()

    def hang(_connection: Connection) -> None:
        holds.set()
        go_on.wait(30)

    with open_room(settings) as one, open_room(settings) as two:
        one.empty()  # but for the site and its kiosks
        site = one.site.id
        hanging = one.writer.submit(hang)
        assert holds.wait(10)

        two.writer.submit(lambda c: append(c, site)).result(30)

        go_on.set()
        assert isinstance(hanging.exception(30), TryAgainError)
        one.writer.submit(lambda c: append(c, site)).result(30)
        assert numbers(two) == [1, 2]


def test_a_writer_of_another_revision_writes_nothing(own_room, other_engine, caplog):
    site = own_room.site.id
    own_room.writer.submit(lambda c: append(c, site)).result(10)
    with other_engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with other_engine.connect() as connection:
        end_sessions(connection)  # while its line stands, the tables cannot be changed

    with pytest.raises(TryAgainError):
        own_room.writer.submit(lambda c: append(c, site)).result(10)

    assert "revision 9999" in caplog.text


def test_a_commit_that_no_standby_was_waited_for_is_not_confirmed(own_room, postgres_stand):
    """PostgreSQL says COMMIT where somebody cancels its wait, and warns that it may be lost."""
    writer, site = own_room.writer, own_room.site.id

    def store_all(connection: Connection, items: object) -> list[object]:
        append(connection, site)
        return list(items)

    postgres_stand.tell("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    postgres_stand.tell("SELECT pg_reload_conf()")
    postgres_stand.wait_for(
        "SELECT count(*) FROM pg_settings WHERE (name, setting)"
        " = ('synchronous_standby_names', 'nobody')"
    )
    postgres_stand.tell("CHECKPOINT")  # who takes it has told all others of the standby before
    waits = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    try:
        alone = writer.submit(lambda c: append(c, site))
        postgres_stand.wait_for(f"SELECT count(*) {waits}")
        together = [writer.submit_to(store_all, item) for item in "ab"]  # wait behind it
        for answers in ([alone], together):
            postgres_stand.wait_for(f"SELECT count(*) {waits}")
            postgres_stand.tell(f"SELECT pg_cancel_backend(pid) {waits}")
            for answer in answers:
                with pytest.raises(TryAgainError):
                    answer.result(10)
    finally:
        postgres_stand.tell("ALTER SYSTEM RESET synchronous_standby_names")
        postgres_stand.tell("SELECT pg_reload_conf()")

    writer.submit(lambda c: append(c, site)).result(10)
    assert numbers(own_room) == [1, 2, 3]
