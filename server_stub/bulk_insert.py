"""The bulk insert: many rows of one table by one statement, handed to the driver as they are.

SQLAlchemy works out for each row again what its columns need, which takes longer than SQLite
takes to store it. Here that is worked out once for a table and database.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Conversion = Callable[[Any], Any] | None
"""Makes of a value what the driver takes; None where it takes the value itself."""


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns; the rest of the columns get their defaults."""
    if not rows:
        return
    statement, columns = _prepared(table, tuple(rows[0]), connection.dialect)
    connection.exec_driver_sql(
        statement,
        [
            tuple([convert(row[name]) if convert else row[name] for name, convert in columns])
            for row in rows
        ],
    )


@lru_cache(maxsize=64)
def _prepared(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[str, Conversion]]]:
    """Return the statement, and of each column its name and conversion, in its order."""
    quote = dialect.identifier_preparer
    columns = ", ".join(quote.format_column(table.c[name]) for name in names)
    place = "?" if dialect.paramstyle == "qmark" else "%s"
    places = ", ".join([place] * len(names))
    # Only names of our own tables and columns are put into the text; values never are.
    statement = f"INSERT INTO {quote.format_table(table)} ({columns}) VALUES ({places})"  # noqa: S608
    conversions: list[tuple[str, Conversion]] = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    ]
    return statement, conversions
