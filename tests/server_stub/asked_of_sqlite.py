"""What SQLite was asked, by whatever way: SQLAlchemy's events do not hear of direct SQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def asked_of_sqlite(connection: Connection) -> Iterator[set[str]]:
    """Collect the queries of a connection, with their values filled in."""
    driver = connection.connection.driver_connection
    assert driver is not None
    asked: set[str] = set()

    def note(statement: str) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.add(statement)

    driver.set_trace_callback(note)
    try:
        yield asked
    finally:
        driver.set_trace_callback(None)


def plan_of(connection: Connection, statement: str) -> list[str]:
    """Return how SQLite goes about a query, step by step."""
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
    return [row.detail for row in plan]
