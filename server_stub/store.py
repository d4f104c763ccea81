"""The store: opens the database of a data directory, whatever its kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from server_stub.fitting import require_newest
from server_stub.postgresql import check_server, open_postgresql, read_url, used_alone
from server_stub.settings import Settings
from server_stub.sqlite import check_sqlite_version, held_alone, open_sqlite
from server_stub.store_error import StoreError

__all__ = [
    "StoreError",
    "check_sqlite_version",
    "database_url",
    "engine_for",
    "engine_of",
    "locked",
    "open_store",
]


@contextmanager
def open_store(settings: Settings) -> Iterator[Engine]:
    """Lend the engine of the data directory's database.

    A SQLite file is this process's alone meanwhile; a PostgreSQL is shared.

    Raises:
        StoreError: There is none, another process uses it, or its tables are not of this version.

    """
    if database_url(settings):
        with engine_for(settings, patient=False) as engine:
            _require_newest(engine, settings)
            yield engine
        return
    if not settings.database.exists():
        raise StoreError(
            f"{settings.data}: no Ankunft data here; "
            f"make it with: python -m server_stub init --data {settings.data} --site FILE"
        )
    with held_alone(settings.lock), engine_of(settings.database) as engine:
        _require_newest(engine, settings)
        yield engine


def database_url(settings: Settings) -> str | None:
    """Return the URL of the PostgreSQL that the data directory names; None where it is SQLite."""
    return read_url(settings.url_file)


@contextmanager
def engine_for(settings: Settings, *, patient: bool = True) -> Iterator[Engine]:
    """Lend the engine of the data directory's database, whatever revision its tables are of.

    `patient` is False where no statement takes long: a database that hangs is then given up.
    """
    url = database_url(settings)
    if url is None:
        with engine_of(settings.database) as engine:
            yield engine
        return
    engine = open_postgresql(url, patient=patient)
    try:
        _require_answer(engine, settings)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def engine_of(database: Path) -> Iterator[Engine]:
    """Lend the engine of a SQLite file, whatever revision its tables are of."""
    engine = open_sqlite(database)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Keep servers from the database meanwhile, or raise StoreError where one runs."""
    if database_url(settings):
        with engine_for(settings) as engine, used_alone(engine):
            yield
        return
    with held_alone(settings.lock):
        yield


def _require_answer(engine: Engine, settings: Settings) -> None:
    try:
        with engine.connect() as connection:
            check_server(connection)
    except DBAPIError as error:
        raise StoreError(
            f"{settings.url_file}: the database cannot be reached: {_in_one_line(error)}"
        ) from None


def _require_newest(engine: Engine, settings: Settings) -> None:
    where = settings.url_file if engine.dialect.name == "postgresql" else settings.database
    try:
        with engine.connect() as connection:
            require_newest(
                connection,
                where=where,
                migrate=f"run: python -m server_stub migrate --data {settings.data}",
                make="make them with: "
                f"python -m server_stub init --data {settings.data} --site FILE",
            )
    except DBAPIError as error:
        raise StoreError(f"{where}: cannot be read: {_in_one_line(error)}") from None


def _in_one_line(error: DBAPIError) -> str:
    """Return the database's words; they name hosts and users, never a password."""
    return " ".join(str(error.orig).split())
