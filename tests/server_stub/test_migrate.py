"""Migrating makes a backup first, and changes all of the tables or none."""

import pytest
import sqlalchemy as sa
from sqlalchemy import inspect, select, text

from server_stub import schema, tables
from server_stub.administration import migrate
from server_stub.looking import looking_at, looking_at_file
from server_stub.restore import restore
from server_stub.settings import Settings
from server_stub.store import StoreError, engine_for, locked, open_store
from tests.server_stub.conftest import point_to

pytestmark = pytest.mark.slow

NEWEST = schema.newest_revision()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def old(request, tmp_path, clock, made_once) -> Settings:
    """A data directory whose tables are of revision 0002, with a site and two kiosks."""
    settings = Settings(data=tmp_path / "old", clock=clock)
    settings.data.mkdir()
    if request.param == "postgresql":
        stand = request.getfixturevalue("postgres_stand")
        point_to(settings, stand.url(stand.make_database()))
    with (
        looking_at_file(made_once[0] / "ankunft.db") as source,
        engine_for(settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        schema.migrate(connection, to="0002")
        for table in (tables.site, tables.kiosk):
            had = [column["name"] for column in inspect(connection).get_columns(table.name)]
            older = sa.table(table.name, *(sa.column(n, type_of(table, n)) for n in had))
            for row in source.execute(table.select()).mappings():
                values = {name: row.get(name, row.get("name")) for name in had}
                connection.execute(older.insert().values(values))
    return settings


def type_of(table: sa.Table, column: str) -> sa.types.TypeEngine:
    return table.c[column].type if column in table.c else sa.String()


def test_the_tables_are_of_the_newest_revision_and_a_backup_is_of_the_one_before(old):
    done = migrate(old, backup_to=old.backups)

    assert (done.before, done.after) == ("0002", NEWEST)
    assert done.backup.parent == old.backups
    assert old.backups.stat().st_mode & 0o777 == 0o700
    with looking_at_file(done.backup) as connection:
        assert schema.revision_of(connection) == "0002"
        assert connection.execute(text("SELECT count(*) FROM kiosk")).scalar_one() == 2
    with open_store(old):
        pass


def test_the_backup_of_older_tables_restores_to_what_was_migrated(old, tmp_path, clock):
    done = migrate(old, backup_to=old.backups)
    again = Settings(data=tmp_path / "again", clock=clock)

    restore(again, done.backup)

    with looking_at(old) as connection, looking_at(again) as other:
        kiosks = connection.execute(tables.kiosk.select().order_by(tables.kiosk.c.name)).all()
        assert other.execute(tables.kiosk.select().order_by(tables.kiosk.c.name)).all() == kiosks
        (site,) = connection.execute(select(tables.site.c.file_json, tables.site.c.key_id))
        assert list(other.execute(select(tables.site.c.file_json, tables.site.c.key_id))) == [site]


def test_nothing_is_backed_up_where_nothing_is_to_do(old):
    migrate(old)
    done = migrate(old, backup_to=old.backups)

    assert (done.before, done.after, done.backup) == (NEWEST, NEWEST, None)
    assert not old.backups.exists()


def test_without_a_backup_nothing_is_changed(old):
    with pytest.raises(StoreError, match="cannot be written to"):
        migrate(old, backup_to=old.data / "nowhere" / "it.db")

    with looking_at(old) as connection:
        assert schema.revision_of(connection) == "0002"


def test_tables_of_a_newer_program_are_left_alone(old):
    with engine_for(old) as engine, engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match=r"9999, which is newer.*install the newer program again"):
        migrate(old, backup_to=old.backups)

    assert not old.backups.exists()


def test_a_server_that_runs_is_not_migrated_under(old):
    with locked(old), pytest.raises(StoreError, match="in use"):
        migrate(old, backup_to=old.backups)
