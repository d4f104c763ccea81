"""The plain loop: the rows of the same check-ins, one transaction after the other, and no more.

What group commit is measured against. It gets all help: no HTTP, nothing to open or to check,
one connection of the driver's own, the server's tables and its settings of the database.

python -m tests.bench.plain_loop DATA COUNT
"""
# ruff: noqa: S608  # only names of our own tables and places for values are put into SQL

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server_stub.postgresql import Door
from server_stub.settings import Settings
from server_stub.sqlite import open_sqlite
from server_stub.store import database_url
from tests.stand.server import ROOT

STORED = {"ledger": "id", "check_in_body": "id", "visit": "id", "event": "about"}
"""The tables in which a check-in leaves a row, and the column that names it there."""


def plain_rate(data: Path, *, count: int, environment: dict[str, str]) -> float:
    """Return the check-ins per second of the loop, run in a process of its own.

    Args:
        data: Of a server that has stored at least so many check-ins and does not run. They are
            taken out of its database and stored again.
        count: How many to store.
        environment: What a slower disk needs.

    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.plain_loop", str(data), str(count)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the plain loop ended with {done.returncode}: {done.stderr}")
    return float(json.loads(done.stdout))


def measure(data: Path, count: int) -> float:
    """Take check-ins out of a database and store them again; return how many in a second."""
    with _plain_connection(Settings(data=data)) as (connection, place, begin):
        rows = _take_out(connection, count)
        loop = _Loop(connection, place, begin, columns={name: r[0] for name, r in rows.items()})
        began = time.perf_counter()
        for check_in in zip(*(values for _, values in rows.values()), strict=True):
            loop.store(dict(zip(STORED, check_in, strict=True)))
        return count / (time.perf_counter() - began)


@contextmanager
def _plain_connection(settings: Settings) -> Iterator[tuple[Any, str, str]]:
    """Lend the driver's connection, how it marks a value's place, and how it begins to write."""
    if url := database_url(settings):
        with Door(url).connect(autocommit=True) as connection:
            yield connection, "%s", "BEGIN"
        return
    engine = open_sqlite(settings.database)
    with engine.connect() as lent:
        lent.rollback()
        yield lent.connection.driver_connection, "?", "BEGIN IMMEDIATE"
    engine.dispose()


def _take_out(connection: Any, count: int) -> dict[str, tuple[list[str], list[list[Any]]]]:
    """Return columns and rows of the first check-ins, table by table; leave the tables empty."""
    rows = {}
    for name, named_by in STORED.items():
        told = connection.execute(
            f"SELECT t.* FROM ledger l JOIN {name} t ON t.site = l.site AND t.{named_by} = l.id "
            f"ORDER BY l.received_at, l.id LIMIT {count}"
        )
        columns = [column[0] for column in told.description]
        rows[name] = columns, [[_as_taken(value) for value in row] for row in told.fetchall()]
        if len(rows[name][1]) < count:
            raise ValueError(f"{name} holds {len(rows[name][1])} check-ins, {count} are wanted")
    for name in reversed(STORED):
        connection.execute(f"DELETE FROM {name}")
    return rows


def _as_taken(value: Any) -> Any:
    """Return a value as the driver takes it: PostgreSQL's gives JSON read, and wants it marked."""
    if isinstance(value, list | dict):
        from psycopg.types.json import Json

        return Json(value)
    return value


class _Loop:
    """Stores one check-in after the other, each durably."""

    def __init__(
        self, connection: Any, place: str, begin: str, *, columns: dict[str, list[str]]
    ) -> None:
        self._connection = connection
        self._begin = begin
        self._columns = columns
        self._known = f"SELECT sha256 FROM ledger WHERE site = {place} AND id = {place}"
        self._number = f"UPDATE site SET next_event = next_event + 1 WHERE id = {place}"
        self._kiosk = (
            f"UPDATE kiosk SET highest_sequence = {place}, complete_to = {place} "
            f"WHERE site = {place} AND enrolment = {place}"
        )
        self._inserts = {
            name: f"INSERT INTO {name} VALUES ({', '.join([place] * len(names))})"
            for name, names in columns.items()
        }

    def store(self, rows: dict[str, list[Any]]) -> None:
        """Store one check-in in a transaction of its own."""
        execute = self._connection.execute
        ledger = dict(zip(self._columns["ledger"], rows["ledger"], strict=True))
        execute(self._begin)
        execute(self._number, (ledger["site"],))  # first: it is the lock
        known = execute(self._known, (ledger["site"], ledger["id"])).fetchone()
        if known is not None:
            raise AssertionError("the loop is to store what is not there")
        for name, row in rows.items():
            execute(self._inserts[name], row)
        far = ledger["sequence"]
        execute(self._kiosk, (far, far, ledger["site"], ledger["enrolment"]))
        execute("COMMIT")


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
