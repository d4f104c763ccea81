"""Every cell of a store, to be searched for what must not be there."""

import json
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, select

from server_stub import tables


def every_cell(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield each value of each row as text, after the name of its column."""
    for table in tables.metadata.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            for name, value in row.items():
                if value is not None:
                    yield f"{table.name}.{name}", _text(value)


def cells_with(connection: Connection, *needles: str) -> dict[str, set[str]]:
    """Return which of the needles are found, each with the columns in which."""
    found: dict[str, set[str]] = {}
    for column, text in every_cell(connection):
        for needle in needles:
            if needle in text:
                found.setdefault(needle, set()).add(column)
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, UUID):
        return str(value)
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
