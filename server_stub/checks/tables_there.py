"""Checks of the database as such: its pages, its tables, and rows that point to others."""

from collections.abc import Iterator

from pydantic import ValidationError
from sqlalchemy import Connection, ForeignKeyConstraint, and_, exists, inspect, or_, select, text

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.checks.finding import Check, Finding

RESTORE = "restore the last good backup into a new data folder; keep this one"


def damaged_pages(connection: Connection) -> Iterator[Finding]:
    """Yield what SQLite's own check of the file finds; PostgreSQL checks its pages itself."""
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.execute(text("PRAGMA integrity_check(20)")):
        if said != "ok":
            yield Finding("the file", str(said), RESTORE)


def missing_tables(connection: Connection) -> Iterator[Finding]:
    """Yield tables and columns of the program that the database lacks."""
    there = inspect(connection)
    names = set(there.get_table_names())
    for table in tables.metadata.sorted_tables:
        if table.name not in names:
            yield Finding(f"table {table.name}", "is missing", RESTORE)
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                yield Finding(f"column {table.name}.{column.name}", "is missing", RESTORE)


def missing_indices(connection: Connection) -> Iterator[Finding]:
    """Yield indices of the program that the database lacks."""
    there = inspect(connection)
    for table in tables.metadata.sorted_tables:
        indices = {index["name"] for index in there.get_indexes(table.name)}
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in indices:
                twice = "what must be there once may be there twice"
                yield Finding(
                    f"index {index.name} of {table.name}",
                    f"is missing: {twice if index.unique else 'what it makes quick is slow'}",
                    "back up and restore: that makes it again where the rows allow it",
                    grave=bool(index.unique),
                )


def pointing_nowhere(connection: Connection) -> Iterator[Finding]:
    """Yield rows whose foreign key names a row that is not there."""
    for table in tables.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            yield from _pointing_nowhere(connection, key)


def _pointing_nowhere(connection: Connection, key: ForeignKeyConstraint) -> Iterator[Finding]:
    own, other = key.table, key.referred_table
    pairs = [(element.parent, element.column) for element in key.elements]
    there = exists().where(and_(*(column == target for column, target in pairs)))
    nowhere = select(*own.primary_key.columns, *(column for column, _ in pairs)).where(
        ~there.correlate(own), ~or_(*(column.is_(None) for column, _ in pairs))
    )
    for row in connection.execute(nowhere):
        values = row._mapping  # noqa: SLF001  # the documented way to a row's names
        named = ", ".join(f"{column.name} {values[column]}" for column in own.primary_key.columns)
        missing = ", ".join(str(values[column]) for column, _ in pairs)
        yield Finding(
            f"{own.name} ({named})",
            f"belongs to {other.name} ({missing}), which is not there",
            RESTORE,
        )


def unreadable_sites(connection: Connection) -> Iterator[Finding]:
    """Yield a database without a site, and sites that this program does not understand."""
    rows = connection.execute(select(tables.site.c.id, tables.site.c.file_json)).all()
    if not rows:
        yield Finding("the database", "holds no site", RESTORE)
    for row in rows:
        try:
            Site.model_validate(row.file_json)
        except ValidationError as error:
            at = ".".join(str(part) for part in error.errors()[0]["loc"])
            yield Finding(
                f"site {row.id}",
                f"its file cannot be understood (at {at})",
                "use the version of the program that stored it",
            )


CHECKS = (
    Check("file", "the file is whole", damaged_pages),
    Check("tables", "all tables and columns are there", missing_tables),
    Check("sites", "there is a site, and its file is understood", unreadable_sites),
)
"""Where one of these finds something, nothing else can be looked at."""

FURTHER_CHECKS = (
    Check("indices", "all indices are there", missing_indices),
    Check("references", "every row that names another finds it", pointing_nowhere),
)
