"""The failures of a database, sorted by who can mend them, in words that reveal nothing."""

from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from server_stub.store_error import StoreError

SQLITE_FULL = "SQLITE_FULL"
SQLITE_NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT")

POSTGRESQL_DISK_FULL = "53100"
POSTGRESQL_READ_ONLY = "25006"
POSTGRESQL_AWAY = ("08", "57P")
"""Classes of SQLSTATE: connection exceptions, and a server that is told to stop or start."""


class StoreFailure(StrEnum):
    """Why the database did not do what it was asked."""

    DISK_FULL = "disk-full"
    NOT_WRITABLE = "not-writable"
    AWAY = "away"
    OTHER = "other"


def store_failure(error: BaseException) -> StoreFailure:
    """Return what kind of failure it is, by the database's own codes and never by its words.

    SQLite's are in https://sqlite.org/rescode.html, PostgreSQL's in the appendix "Error Codes"
    of its manual. What an error came of is looked at too: where the disk is full, SQLite rolls
    everything back by itself, and what is raised at the end is a savepoint that is missing.
    """
    came_of: BaseException | None = error
    while came_of is not None:
        kind = _kind(came_of) if isinstance(came_of, DBAPIError) else StoreFailure.OTHER
        if kind is not StoreFailure.OTHER:
            return kind
        came_of = came_of.__context__
    return StoreFailure.OTHER


def _kind(error: DBAPIError) -> StoreFailure:
    if error.connection_invalidated:
        return StoreFailure.AWAY
    name = str(getattr(error.orig, "sqlite_errorname", None) or "")
    if name:
        return _of_sqlite(name)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # PostgreSQL's driver had nobody to get a code from
        return StoreFailure.AWAY
    return _of_postgresql(str(state))


def reason_of(error: BaseException) -> str:
    """Return what went wrong, for the log: without any value that was to be stored."""
    if isinstance(error, StoreError):
        return repr(str(error))
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return repr(" ".join(str(error.orig).split()))
    # PostgreSQL's own sentence may quote the values: "Key (name)=(anna) already exists".
    told = getattr(error.orig, "diag", None)
    about = getattr(told, "constraint_name", None) or getattr(told, "table_name", None) or ""
    return repr(f"{state} {type(error.orig).__name__} {about}".rstrip())


def sentence_of(error: DBAPIError) -> str:
    """Return what befell the database and what to do, for whoever gave a command."""
    return f"{_TOLD[store_failure(error)]} ({reason_of(error)})"


_TOLD = {
    StoreFailure.DISK_FULL: "the disk of the database is full: make room on it, and try again",
    StoreFailure.NOT_WRITABLE: "the database cannot be written: see that it is no standby, and "
    "that file and disk may be written to, and try again",
    StoreFailure.AWAY: "the database went away: see that it runs and can be reached, and try again",
    StoreFailure.OTHER: "the database did not do what it was asked: `check` says whether "
    "something is wrong with it",
}


def _of_sqlite(name: str) -> StoreFailure:
    if name == SQLITE_FULL:
        return StoreFailure.DISK_FULL
    if name.startswith(SQLITE_NOT_WRITABLE):
        return StoreFailure.NOT_WRITABLE
    return StoreFailure.OTHER


def _of_postgresql(state: str) -> StoreFailure:
    if state == POSTGRESQL_DISK_FULL:
        return StoreFailure.DISK_FULL
    if state == POSTGRESQL_READ_ONLY:
        return StoreFailure.NOT_WRITABLE
    if state.startswith(POSTGRESQL_AWAY):
        return StoreFailure.AWAY
    return StoreFailure.OTHER
