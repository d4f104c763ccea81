"""A look at a database: one moment of it, read while others write, and unable to change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from server_stub.settings import Settings
from server_stub.sqlite import check_sqlite_version
from server_stub.store import database_url, engine_for
from server_stub.store_error import StoreError


@contextmanager
def looking_at(settings: Settings) -> Iterator[Connection]:
    """Lend a connection that sees the data directory's database as it is now.

    A server may run meanwhile, and is not held up.

    Raises:
        StoreError: There is no database, or it cannot be read.

    """
    if database_url(settings) is None:
        if not settings.database.exists():
            raise StoreError(f"{settings.data}: no Ankunft data here")
        with looking_at_file(settings.database) as connection:
            yield connection
        return
    with engine_for(settings) as engine, engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        # What is read is worked on between two statements, for as long as that takes.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


@contextmanager
def looking_at_file(database: Path) -> Iterator[Connection]:
    """Lend a connection that sees a SQLite file as it is now, also while a server writes to it.

    Raises:
        StoreError: There is no such file, or it is no database.

    """
    if not database.is_file():
        raise StoreError(f"{database}: no such file")
    engine = _engine_that_reads(database)
    try:
        with engine.connect() as connection:
            try:
                # With the first row that is read, the moment is fixed.
                connection.execute(text("SELECT count(*) FROM sqlite_master"))
            except DBAPIError as error:
                raise StoreError(f"{database}: cannot be read: {error.orig}") from None
            yield connection
    finally:
        engine.dispose()


def _engine_that_reads(database: Path) -> Engine:
    check_sqlite_version(sqlite.sqlite_version_info)
    address = f"{database.absolute().as_uri()}?mode=ro"

    def connect() -> object:
        return sqlite.connect(address, uri=True, isolation_level=None, timeout=5)

    engine = create_engine(
        "sqlite://", module=sqlite, creator=connect, poolclass=NullPool, hide_parameters=True
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
