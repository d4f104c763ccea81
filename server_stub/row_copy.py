"""Copying rows: all of one database into another of the same tables, whatever kind they are."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, MetaData, Table, event, func, select

from server_stub.store_error import StoreError
from server_stub.tables import AwareUtc

ROWS_AT_ONCE = 1000

Tell = Callable[[int, int], None]
"""Gets how much is done, and of how much."""


def copy_rows(
    source: Connection, target: Connection, *, of: MetaData, tell: Tell = lambda _, __: None
) -> dict[str, int]:
    """Copy the rows of all tables, and return how many of each; both sides are counted.

    Args:
        source: In a transaction that sees one moment.
        target: With the same tables, empty; in a transaction that the caller commits.
        of: The tables.
        tell: Gets how many rows are copied, and of how many.

    Raises:
        StoreError: Not all rows have arrived.

    """
    counts = {table.name: _count(source, table) for table in of.sorted_tables}
    done, total = 0, sum(counts.values())
    for table in of.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
        for part in rows.mappings().partitions():
            target.execute(table.insert(), [dict(row) for row in part])
            done += len(part)
            tell(done, total)
        if (arrived := _count(target, table)) != counts[table.name]:
            raise StoreError(
                f"table {table.name}: {counts[table.name]} rows were read, {arrived} have "
                "arrived; nothing was kept, try again"
            )
    return counts


def tables_as_they_are(connection: Connection) -> MetaData:
    """Return the tables of a database of an older revision, with types that any database knows."""
    found = MetaData()
    event.listen(found, "column_reflect", _known_anywhere)
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    return found


def _known_anywhere(_: object, __: object, column: dict[str, Any]) -> None:
    kind = column["type"].as_generic()
    if isinstance(kind, DateTime):
        kind = AwareUtc()
    elif isinstance(kind, JSON):
        kind = JSON(none_as_null=True)
    column["type"] = kind


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
