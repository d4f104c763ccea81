"""Direct SQL: what it reads is what SQLAlchemy reads, however many rows the driver gives it."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select

from server_stub import direct_sql, tables
from server_stub.direct_sql import DirectStatement

pytestmark = pytest.mark.both_databases

T = tables.visit
OF_KIOSK = select(T).where(T.c.kiosk == bindparam("of_kiosk"))


@pytest.fixture
def day(room, kiosk, clock):
    """Visits with letters of many scripts, empty columns, moments, lists and truths."""
    for sequence in (1, 2, 3):
        clock.move(timedelta(seconds=61.000_001).total_seconds())
        room.admit(kiosk, kiosk.check_in(sequence))
    room.call_next("1")
    with room.engine.execution_options(writes=True).begin() as connection:
        connection.execute(T.update().values(marked="Крісло 'ცალკე' \"کودک\"\n"))
    return room


@pytest.mark.parametrize("gathered", [False, True])
def test_each_kind_of_value_is_read_as_sqlalchemy_reads_it(day, kiosk, gathered):
    statement = DirectStatement(OF_KIOSK, gathered=gathered)
    asked = {"of_kiosk": kiosk.name}
    with day.engine.connect() as connection:
        read = statement.ask(connection, asked).rows()
        expected = [tuple(row) for row in connection.execute(OF_KIOSK, asked)]

    assert len(read) == 3
    assert sorted(read, key=repr) == sorted(expected, key=repr)


def test_where_there_is_nothing_no_row_is_read(day):
    statement = DirectStatement(OF_KIOSK, gathered=True)
    with day.engine.connect() as connection:
        assert statement.ask(connection, {"of_kiosk": "nobody"}).rows() == []


def test_rows_come_in_the_order_of_a_statement_that_has_a_limit(day, kiosk):
    newest = OF_KIOSK.order_by(T.c.arrived_at.desc()).limit(2)
    with day.engine.connect() as connection:
        asked = DirectStatement(newest, gathered=True).ask(connection, {"of_kiosk": kiosk.name})
        read = asked.rows()

    at = list(T.c).index(T.c.number)
    assert [row[at] for row in read] == ["D103", "D102"]


@pytest.mark.sqlite
def test_sqlite_gives_gathered_rows_as_one(day, kiosk, monkeypatch):
    statements = []

    def note(connection, statement, *values):
        statements.append((statement, *values))
        return run(connection, statement, *values)

    run = direct_sql.run
    monkeypatch.setattr(direct_sql, "run", note)
    with day.engine.connect() as connection:
        DirectStatement(OF_KIOSK, gathered=True).ask(connection, {"of_kiosk": kiosk.name}).rows()
        (text, values), *_ = statements
        assert len(run(connection, text, values).fetchall()) == 1
