"""PostgreSQL as the store: what is refused, in words that reveal nothing, and what is promised."""

from dataclasses import replace

import pytest
from sqlalchemy import inspect, text

from server_stub import administration, schema
from server_stub.postgresql import Door, open_postgresql, read_url
from server_stub.settings import Settings
from server_stub.snapshot import read_snapshot
from server_stub.store import StoreError, database_url, engine_for, locked, open_store
from tests.server_stub.conftest import point_to
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import open_room


@pytest.fixture
def url_file(tmp_path):
    file = tmp_path / "database.url"
    file.touch(mode=0o600)
    return file


@pytest.fixture
def empty(tmp_path, postgres_stand) -> Settings:
    """A data directory that names a database without tables."""
    settings = Settings(data=tmp_path / "fresh")
    settings.data.mkdir(mode=0o700)
    point_to(settings, postgres_stand.url(postgres_stand.make_database()))
    return settings


def test_where_no_file_names_a_database_it_is_sqlite(tmp_path):
    assert read_url(tmp_path / "database.url") is None


def test_a_url_that_others_may_read_is_refused(url_file):
    url_file.write_text("postgresql://ankunft:secret-word@db.example/ankunft")
    url_file.chmod(0o640)

    with pytest.raises(StoreError, match=r"others may read it; run: chmod 600") as caught:
        read_url(url_file)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    "told", ["", "mysql://u:secret-word@db/a", "postgresql://u:secret-word@db/a\npostgresql://b/c"]
)
def test_what_is_no_url_of_postgresql_is_refused_without_quoting_it(url_file, told):
    url_file.write_text(told)

    with pytest.raises(StoreError, match="holds no URL of PostgreSQL") as caught:
        read_url(url_file)
    assert "secret-word" not in str(caught.value)


def test_a_url_that_the_driver_does_not_understand_is_refused_without_quoting_it():
    with pytest.raises(StoreError, match="cannot be understood") as caught:
        Door("postgresql://u:secret-word@db/a?no_such_word=1")
    assert "secret-word" not in str(caught.value)


def test_a_database_that_does_not_answer_is_named_by_its_file_and_without_its_password(
    url_file, tmp_path
):
    url_file.write_text(f"postgresql://ankunft:secret-word@/ankunft?host={tmp_path}")

    with pytest.raises(
        StoreError, match=r"database\.url: the database cannot be reached"
    ) as caught:
        open_store(Settings(data=tmp_path)).__enter__()
    assert "secret-word" not in str(caught.value)


@pytest.mark.postgresql
def test_a_database_without_tables_is_refused_with_the_way_to_make_them(empty):
    with pytest.raises(StoreError, match=r"no tables of Ankunft.* init --data"):
        open_store(empty).__enter__()


@pytest.mark.postgresql
def test_init_makes_tables_and_key_and_no_file_of_sqlite(empty, site_file):
    site = administration.init(empty, site_file)

    with open_store(empty) as engine:
        assert inspect(engine).has_table("visit")
    assert site.id == "duesseldorf"
    assert sorted(p.name for p in empty.data.iterdir()) == ["database.url", "keys"]


@pytest.mark.postgresql
def test_init_leaves_a_database_that_is_in_use_alone(empty, site_file):
    administration.init(empty, site_file)
    (key,) = empty.keys.iterdir()

    with pytest.raises(StoreError, match="holds a store already"):
        administration.init(empty, site_file)
    assert list(empty.keys.iterdir()) == [key]


@pytest.mark.postgresql
@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit"])
def test_a_database_that_may_forget_what_it_confirmed_is_refused(empty, setting):
    """fsync cannot be asked for by one session, so the server's own word for it is replaced."""
    url = database_url(empty)
    told = {"server_version_num": "180000", "server_encoding": "UTF8", "fsync": "on"}
    told |= {"synchronous_commit": "on", setting: "off"}
    engine = open_postgresql(url)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("CREATE SCHEMA liar"))
        cases = " ".join(f"WHEN '{name}' THEN '{value}'" for name, value in told.items())
        connection.execute(
            text(
                "CREATE FUNCTION liar.current_setting(text) RETURNS text LANGUAGE sql AS"
                f" $$ SELECT CASE $1 {cases} END $$"
            )
        )
    engine.dispose()
    point_to(empty, f"{url}&options=-csearch_path%3Dliar,pg_catalog,public")

    with pytest.raises(StoreError, match=f"{setting} off.* set it on"):
        open_store(empty).__enter__()


@pytest.mark.postgresql
def test_the_tables_are_changed_only_while_no_server_runs(settings):
    with open_room(settings) as room:
        room.writer.submit(lambda _: None).result(10)
        with pytest.raises(StoreError, match="in use by a running server; stop all of them"):
            administration.migrate(settings)

    administration.migrate(settings)


@pytest.mark.postgresql
def test_tables_that_somebody_uses_are_left_as_they_are(empty):
    url = database_url(empty)
    point_to(empty, f"{url}&options=-clock_timeout%3D100ms")
    with engine_for(empty) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection, to="0002")
        with engine.connect() as reader:
            reader.execute(text("SELECT * FROM visit"))  # and its transaction goes on
            with pytest.raises(StoreError, match=r"cannot be changed, they are as before: .55P03"):
                administration.migrate(empty)
            assert schema.revision_of(reader) == "0002"


@pytest.mark.postgresql
def test_a_server_writes_nothing_while_the_tables_are_changed(settings, caplog):
    with locked(settings), open_room(settings) as room:
        error = room.writer.submit(lambda _: None).exception(10)

    assert "try again" in str(error)
    assert "the tables are being changed" in caplog.text


@pytest.mark.postgresql
def test_servers_share_a_database(settings, tmp_path):
    """The other has its own copy of the folder, as on another machine."""
    other = replace(settings, data=tmp_path / "other")
    other.data.mkdir(mode=0o700)
    for file in settings.keys.iterdir():
        other.keys.mkdir(mode=0o700)
        (other.keys / file.name).touch(mode=0o600)
        (other.keys / file.name).write_bytes(file.read_bytes())
    point_to(other, database_url(settings))

    with open_room(settings) as one, open_room(other) as two:
        assert one.site == two.site


@pytest.mark.postgresql
def test_commands_of_an_administrator_need_no_server_to_stop(settings, kiosk):
    with open_room(settings) as room:
        room.admit(kiosk, kiosk.check_in(1))

        assert administration.add_kiosk(settings, "entrance-3").letter not in {"D", "F"}


@pytest.mark.both_databases
def test_a_reader_sees_one_moment_however_long_it_reads(room, kiosk, clock):
    day = clock().date()
    with room.engine.connect() as connection:
        before = read_snapshot(connection, room.site.id, service_day=day, day_began=MONDAY_NOON)
        room.admit(kiosk, kiosk.check_in(1))
        after = read_snapshot(connection, room.site.id, service_day=day, day_began=MONDAY_NOON)

    assert before == after
    assert room.snapshot().event_number == before.event_number + 1


@pytest.mark.postgresql
def test_a_reader_cannot_change_anything(settings):
    with (
        engine_for(settings) as engine,
        engine.connect() as connection,
        pytest.raises(Exception, match="read-only transaction"),
    ):
        connection.execute(text("DELETE FROM event"))


@pytest.mark.postgresql
def test_times_are_the_same_moments_whatever_zone_the_database_server_is_in(room, postgres_stand):
    assert postgres_stand.tell("SHOW timezone").strip() == "America/St_Johns"
    with room.engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
