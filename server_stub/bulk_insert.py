"""The bulk insert: many rows of one table by few statements, handed to the driver as they are.

SQLAlchemy works out for each row again what its columns need, which takes longer than SQLite
takes to store it. Here that is worked out once for a table and database. PostgreSQL gets all rows
of a table as one JSON value: unlike with COPY it need not be waited for.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Connection, Dialect, LargeBinary, Table, Uuid

from server_stub.direct_sql import Conversion, run, to_driver

MOST_AT_ONCE = 64
"""Rows of one statement; a power of two. SQLite takes 32,766 values."""


class _Column(NamedTuple):
    name: str
    convert: Conversion
    repeats: bool  # many rows have the same value


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns; the rest of the columns get their defaults."""
    if not rows:
        return
    dialect, names = connection.dialect, tuple(rows[0])
    columns = _columns(table, names, dialect)
    values = list(zip(*(_converted(rows, column) for column in columns), strict=True))
    if dialect.name == "postgresql":
        objects = [dict(zip(names, row, strict=True)) for row in values]
        told = json.dumps(objects, default=_as_json)
        run(connection, _insert_json(table, names, dialect), (told,))
        return
    for chunk in _chunks(values):
        statement = _insert_values(table, names, dialect, len(chunk))
        run(connection, statement, tuple(chain.from_iterable(chunk)))


def _converted(rows: Sequence[Mapping[str, Any]], column: _Column) -> Sequence[object]:
    """Return a column as the driver takes it; a value that comes often is converted once."""
    values = [row[column.name] for row in rows]
    if column.convert is None:
        return values
    if column.repeats:
        with suppress(TypeError):  # a list or a mapping, which cannot be looked up
            known = {value: column.convert(value) for value in set(values)}
            return [known[value] for value in values]
    return list(map(column.convert, values))


def _chunks(values: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield the rows in powers of two, so that the driver knows each statement from before.

    A statement of many rows is one step of SQLite's, and while it takes that, other threads run
    Python: with a row a step they were woken for each and mostly found the interpreter taken.
    """
    at = 0
    while at < len(values):
        count = min(1 << ((len(values) - at).bit_length() - 1), MOST_AT_ONCE)
        yield values[at : at + count]
        at += count


def _as_json(value: object) -> str:
    """Return as text what JSON has no type for, so that PostgreSQL reads it again."""
    if isinstance(value, date):  # or a datetime
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value))


@lru_cache(maxsize=64)
def _columns(table: Table, names: tuple[str, ...], dialect: Dialect) -> list[_Column]:
    """Return how the values of each column are made."""
    as_json = (JSON, LargeBinary) if dialect.name == "postgresql" else ()
    types = [(name, table.c[name].type) for name in names]
    return [
        _Column(
            name=name,
            convert=None if isinstance(kind, as_json) else to_driver(kind, dialect),
            repeats=not isinstance(kind, Uuid),
        )
        for name, kind in types
    ]


# Only names of our own tables and columns are put into the texts; values never are.


@lru_cache(maxsize=256)
def _insert_values(table: Table, names: tuple[str, ...], dialect: Dialect, rows: int) -> str:
    """Return the statement that inserts so many rows."""
    row = f"({', '.join(['?'] * len(names))})"
    return f"INSERT INTO {_into(table, names, dialect)} VALUES {', '.join([row] * rows)}"  # noqa: S608  # as above


@lru_cache(maxsize=64)
def _insert_json(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    """Return the statement that inserts the objects of a JSON array."""
    quote, types = dialect.identifier_preparer, dialect.type_compiler_instance
    columns = [(quote.quote(name), types.process(table.c[name].type)) for name in names]
    return (
        f"INSERT INTO {_into(table, names, dialect)} "  # noqa: S608  # as above
        f"SELECT {', '.join(name for name, _ in columns)} FROM json_to_recordset(%s) "
        f"AS given ({', '.join(f'{name} {kind}' for name, kind in columns)})"
    )


def _into(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    quote = dialect.identifier_preparer
    return f"{quote.format_table(table)} ({', '.join(map(quote.quote, names))})"
