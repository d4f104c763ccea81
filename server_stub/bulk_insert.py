"""The bulk insert: many rows of one table by one statement, handed to the driver as they are.

SQLAlchemy works out for each row again what its columns need, which takes longer than SQLite
takes to store it. Here that is worked out once for a table and database. PostgreSQL gets the rows
by COPY.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

Conversion = Callable[[Any], Any] | None
"""Makes of a value what the driver takes; None where it takes the value itself."""


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns; the rest of the columns get their defaults."""
    if not rows:
        return
    statement, columns = _prepared(table, tuple(rows[0]), connection.dialect)
    values = [
        tuple([convert(row[name]) if convert else row[name] for name, convert in columns])
        for row in rows
    ]
    if connection.dialect.name == "postgresql":
        _copy(connection, statement, values)
    else:
        connection.exec_driver_sql(statement, values)


def _copy(connection: Connection, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
    """Send rows by PostgreSQL's COPY: one statement for all, where inserts are one for each.

    Raises:
        DBAPIError: As SQLAlchemy raises it; it knows no COPY.

    """
    dialect, driver = connection.dialect, connection.connection
    cursor: Any = driver.cursor()
    try:
        with cursor, cursor.copy(statement) as rows:
            for row in values:
                rows.write_row(row)
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            statement,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=dialect.is_disconnect(error, driver, None),
            dialect=dialect,
        ) from error


@lru_cache(maxsize=64)
def _prepared(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[str, Conversion]]]:
    """Return the statement, and of each column its name and conversion, in its order."""
    quote = dialect.identifier_preparer
    columns = ", ".join(quote.format_column(table.c[name]) for name in names)
    # Only names of our own tables and columns are put into the text; values never are.
    into = f"{quote.format_table(table)} ({columns})"
    if dialect.name == "postgresql":
        statement = f"COPY {into} FROM STDIN"
    else:
        statement = f"INSERT INTO {into} VALUES ({', '.join(['?'] * len(names))})"  # noqa: S608
    conversions: list[tuple[str, Conversion]] = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    ]
    return statement, conversions
