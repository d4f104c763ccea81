"""SQLite as the server's database: one file, safe commits, one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from server_stub.store_error import StoreError

BUSY_TIMEOUT = "busy_timeout = 5000"
"""Milliseconds; only a backup from outside ever makes us wait."""

PRAGMAS = (
    "journal_mode = WAL",  # readers do not wait for the writer
    "synchronous = FULL",  # NORMAL may lose the last commits when the power fails
    "foreign_keys = ON",
    BUSY_TIMEOUT,
    "secure_delete = ON",  # what is deleted is overwritten
)


def open_sqlite(database: Path) -> Engine:
    """Return an engine whose connections are set up for safe commits.

    Writers ask for `execution_options(writes=True)`: their transactions take the write lock at
    the beginning, where waiting is still harmless.
    """
    check_sqlite_version(sqlite.sqlite_version_info)
    # Values never show in error messages: they would reach a log.
    engine = create_engine(
        URL.create("sqlite", database=str(database)),
        module=sqlite,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
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


@contextmanager
def held_alone(lock_file: Path) -> Iterator[None]:
    """Keep other processes out of the lock file's folder meanwhile, or raise StoreError.

    The lock is on a file of its own: to close the database file a second time would drop the
    locks that SQLite holds on it.
    """
    with _opened_to_lock(lock_file) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
            raise StoreError(
                f"{lock_file.parent}: in use by process {holder}, probably the running server; "
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


def log_bytes(engine: Engine) -> int:
    """Return how large the write-ahead log is."""
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def empty_log(engine: Engine, *, patience: float = 0.0) -> bool:
    """Move what the write-ahead log holds into the database file, and cut it to nothing.

    Until then it may still hold pages as they were before something was deleted. SQLite cuts it by
    itself only in a moment when nobody reads, and on a busy day there is none.

    Args:
        engine: The database's.
        patience: Seconds for which writers are made to wait, until those who read now have ended;
            with none nothing happens while somebody reads or writes.

    Returns:
        Whether it is empty.

    """
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            told = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA {BUSY_TIMEOUT}")
            cursor.close()
    return told is not None and not told[0]  # whether it was busy


def _set_up(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None  # it would begin transactions of its own
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
