"""Stores of every released revision, with rows in all their tables, brought to the newest."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server_stub import schema, tables
from server_stub.settings import Settings
from server_stub.store import engine_for, engine_of
from server_stub.tables import AwareUtc
from tests.server_stub.conftest import copy_of, point_to
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import open_room

pytestmark = pytest.mark.both_databases

REVISIONS = [
    script.revision
    for script in reversed(
        list(ScriptDirectory.from_config(schema._config()).walk_revisions("base", "heads"))
    )
]

TAKEN_AWAY: dict[tuple[str, str], sa.types.TypeEngine[Any]] = {
    ("staff_action", "stage"): sa.String(),
    ("staff_action", "state"): sa.String(),
    ("staff_action", "calls"): sa.Integer(),
    ("staff_action", "called_at"): AwareUtc(),
    ("kiosk", "token_sha256"): sa.String(),
}
"""Columns of older revisions that the program's tables no longer have."""

SOMETHING: list[tuple[type[sa.types.TypeEngine[Any]], object]] = [
    (sa.Uuid, UUID(int=7)),
    (sa.Boolean, False),
    (AwareUtc, MONDAY_NOON),
    (sa.Date, date(2026, 11, 23)),
    (sa.Integer, 1),
    (sa.LargeBinary, b"bytes"),
    (sa.JSON, ["information"]),
    (sa.String, "word"),
]
NAMED: dict[str, object] = {
    "stage": "information",
    "state": "called",
    "step": "call",
    "staff": "anna",
    "counter": "1",
    "language": "uk",
    "number": "D101",
    "outcome": "printed",
    "marked": "",
}
"""Words that the program writes, where it would not understand just any."""
KINDS = {"event": "check-in", "help_call": "person"}


@pytest.fixture
def old_data(request, database, made_once, tmp_path) -> Settings:
    """A data directory that names a database without tables."""
    settings = copy_of(made_once[0], tmp_path / "data", clock=lambda: MONDAY_NOON)
    settings.database.unlink()
    if database == "postgresql":
        stand = request.getfixturevalue("postgres_stand")
        point_to(settings, stand.url(stand.make_database()))
    return settings


def tables_of(connection: Connection) -> dict[str, sa.TableClause]:
    """Return the tables that are there, with the types of the program's."""
    there = sa.inspect(connection)
    found = {}
    for name in there.get_table_names():
        if name == "alembic_version":
            continue
        known = tables.metadata.tables[name].c
        columns = [column["name"] for column in there.get_columns(name)]
        types = {c: known[c].type if c in known else TAKEN_AWAY[name, c] for c in columns}
        found[name] = sa.table(name, *(sa.column(c, kind) for c, kind in types.items()))
    return found


def some_row(table: sa.TableClause, *, site: str, enrolment: UUID) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in table.c:
        row[column.name] = next(v for kind, v in SOMETHING if isinstance(column.type, kind))
        if isinstance(column.type, sa.String):
            row[column.name] = NAMED.get(column.name, row[column.name])
    if table.name in KINDS:
        row["kind"] = KINDS[table.name]
    given = {"site": site, "enrolment": enrolment}
    if table.name == "staff":
        given["name"] = "anna"
    return row | {name: value for name, value in given.items() if name in row}


def fill(connection: Connection, made: Path, *, site: str, enrolment: UUID) -> None:
    """Put the site and its kiosks into the tables, and a row into each of the others."""
    there = tables_of(connection)
    with engine_of(made / "ankunft.db") as engine, engine.connect() as source:
        for name in ("site", "kiosk"):
            columns = there[name].c.keys()
            for row in source.execute(sa.select(tables.metadata.tables[name])).mappings():
                kept = {column: row.get(column, row.get("name")) for column in columns}
                connection.execute(there[name].insert().values(kept))
    connection.execute(there["site"].update().values(next_event=2))
    for known in tables.metadata.sorted_tables:
        if known.name in there and known.name not in ("site", "kiosk"):
            table = there[known.name]
            row = some_row(table, site=site, enrolment=enrolment)
            connection.execute(table.insert().values(row))


def rows_of(connection: Connection) -> dict[str, list[dict[str, object]]]:
    return {
        name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        for name, table in tables_of(connection).items()
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_each_revision_keeps_all_its_rows_and_serves(
    old_data, made_once, kiosk, revision
):
    with engine_for(old_data) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection, to=revision)
            fill(connection, made_once[0], site=kiosk.site, enrolment=kiosk.enrolment)
            before = rows_of(connection)
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection)
            after = rows_of(connection)
            assert schema.revision_of(connection) == schema.newest_revision()

    assert all(before.values()), "a table without a row shows nothing"
    for name, rows in before.items():
        kept = rows[0].keys() & after[name][0].keys()
        assert [{c: row[c] for c in kept} for row in after[name]] == [
            {c: row[c] for c in kept} for row in rows
        ]
    for row in after["kiosk"]:
        was = next(old for old in before["kiosk"] if old["enrolment"] == row["enrolment"])
        if "token_sha256" in was:  # and still is by what it proves who it is
            (token,) = [t for t in after["kiosk_token"] if t["enrolment"] == row["enrolment"]]
            assert token["token_sha256"] == was["token_sha256"]
            assert token["expires_at"] is None
    with open_room(old_data) as room:
        (visit,) = room.snapshot().visits
        assert (visit.number, visit.stage) == ("D101", "information")
        assert room.admit(kiosk, kiosk.check_in(5)).first


ASKED = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default, datetime_precision
    FROM information_schema.columns WHERE table_schema = 'public'""",
    """SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
)


def made_of(connection: Connection) -> set[tuple[object, ...]]:
    """Return every column, index and constraint, as PostgreSQL describes them."""
    found = {tuple(row) for query in ASKED for row in connection.execute(sa.text(query))}
    return {row for row in found if row[0] != "alembic_version"}


@pytest.mark.postgresql
def test_the_migrations_make_exactly_the_tables_of_the_program_on_postgresql(
    old_data, tmp_path, postgres_stand
):
    created = Settings(data=tmp_path / "created")
    created.data.mkdir()
    point_to(created, postgres_stand.url(postgres_stand.make_database()))
    with (
        engine_for(old_data) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        schema.migrate(connection)
        migrated = made_of(connection)
    with (
        engine_for(created) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        tables.metadata.create_all(connection)
        program = made_of(connection)

    assert migrated == program
    assert len(program) > len(tables.metadata.tables)
