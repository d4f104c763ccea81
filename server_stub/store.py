"""The store: opens the database of a data directory, for one process, whatever its kind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from server_stub import schema
from server_stub.settings import Settings

SQLITE_PRAGMAS = (
    "journal_mode = WAL",  # readers do not wait for the writer
    "synchronous = FULL",  # NORMAL may lose the last commits when the power fails
    "foreign_keys = ON",
    "busy_timeout = 5000",  # milliseconds; only a backup from outside ever makes us wait
    "secure_delete = ON",  # what is deleted is overwritten
)


class StoreError(Exception):
    """The store cannot be used. The message says why, and what to do."""


@contextmanager
def open_store(settings: Settings) -> Iterator[Engine]:
    """Lend the engine of the data directory's database to this process alone.

    Raises:
        StoreError: There is none, another process uses it, or its tables are not of this version.

    """
    if not settings.database.exists():
        raise StoreError(
            f"{settings.data}: no Ankunft data here; "
            f"make it with: python -m server_stub init --data {settings.data} --site FILE"
        )
    with locked(settings), engine_of(settings.database) as engine:
        try:
            with engine.connect() as connection:
                found = schema.revision_of(connection)
        except DBAPIError as error:
            raise StoreError(f"{settings.database}: cannot be read: {error.orig}") from None
        if found != schema.newest_revision():
            raise StoreError(
                f"{settings.database}: its tables are of revision {found or 'none'}, this program "
                f"needs {schema.newest_revision()}; "
                f"run: python -m server_stub migrate --data {settings.data}"
            )
        yield engine


@contextmanager
def engine_of(database: Path) -> Iterator[Engine]:
    """Lend the engine of a database file, whatever revision its tables are of."""
    engine = open_engine(URL.create("sqlite", database=str(database)))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Keep other processes out of the data directory meanwhile, or raise StoreError.

    The lock is on a file of its own: to close the database file a second time would drop the
    locks that SQLite holds on it.
    """
    with _opened_to_lock(settings.lock) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
            raise StoreError(
                f"{settings.data}: in use by process {holder}, probably the running server; "
                "stop it first, then try again"
            ) from None
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield


@contextmanager
def _opened_to_lock(path: Path) -> Iterator[int]:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        yield lock
    finally:
        os.close(lock)  # which drops the lock


def open_engine(url: URL) -> Engine:
    """Return an engine whose connections are set up for safe commits.

    Writers ask for `execution_options(writes=True)`: on SQLite their transactions take the
    write lock at the beginning, where waiting is still harmless.
    """
    check_sqlite_version(sqlite.sqlite_version_info)
    # Values never show in error messages: they would reach a log.
    engine = create_engine(
        url, module=sqlite, connect_args={"check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def check_sqlite_version(version: tuple[int, int, int]) -> None:
    """Refuse a SQLite that may corrupt a database in WAL mode (the WAL-reset bug).

    Affected: 3.7.0 to 3.51.2, but for the repaired 3.44.6 and 3.50.7 and what follows them
    (https://sqlite.org/wal.html#walresetbug).
    """
    repaired = (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )
    if not repaired:
        raise StoreError(
            f"SQLite {'.'.join(map(str, version))} may corrupt the database (its WAL-reset bug); "
            "install a repaired one with: pip install 'pysqlite3>=0.6.1'"
        )


def _set_up_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None  # it would begin transactions of its own
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
