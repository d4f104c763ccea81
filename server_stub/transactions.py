"""The transactions: many commands in one, each with a savepoint, repeated where that is safe."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RootTransaction, func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from server_stub import postgresql, schema, tables
from server_stub.direct_sql import DirectStatement
from server_stub.store_error import StoreError
from server_stub.store_failures import reason_of

log = logging.getLogger(__name__)

T = TypeVar("T")

Command = Callable[[Connection], T]
"""Changes the store. Does no other I/O, and may be run again: its transaction may be repeated."""

Bulk = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""A command for many items at once: returns for each its result, or the exception that it gets.

Raises only where it has done nothing for any of them; then each is tried alone.
"""

MOST_TRIES = 5
"""Of one transaction. Whoever it was in conflict with has had its turn by then."""


@dataclass(frozen=True, slots=True)
class ForItem:
    """What a bulk command does for one item."""

    bulk: Bulk
    item: object

    def __call__(self, connection: Connection) -> object:
        """Do it."""
        (result,) = self.bulk(connection, [self.item])
        if isinstance(result, Exception):
            raise result
        return result


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to; told only when the transaction is committed."""

    result: object = None
    error: Exception | None = None


class Transactions:
    """Runs batches of commands, a transaction each, over one connection that it keeps.

    Args:
        engine: Of the store.
        site: Whose row is locked first, so that several processes take turns.

    """

    def __init__(self, engine: Engine, *, site: str) -> None:
        self._engine = engine.execution_options(writes=True)
        self._shared = engine.dialect.name == "postgresql"
        t = tables.site.c
        # Told to the other processes with the commit, once however large the batch is: PostgreSQL
        # lets one transaction at a time commit a notification.
        told = (func.pg_notify(postgresql.CHANNEL, site),) if self._shared else ()
        self._lock_site = DirectStatement(
            select(t.next_event, *told).where(t.id == site).with_for_update()
        )
        self._connection: Connection | None = None
        self._committing = False

    def run(self, batch: Sequence[Command[Any] | ForItem]) -> list[Outcome]:
        """Return what each command came to; all of it is durable.

        Raises:
            Exception: Nobody can say that it is stored; mostly nothing is.

        """
        tries = 0
        while True:
            tries += 1
            try:
                return self._run_together(batch) or self._run_once(batch)
            except DBAPIError as error:
                if tries == MOST_TRIES or not self._may_be_repeated(error):
                    raise
                log.warning(
                    "transaction repeated commands=%d reason=%s", len(batch), reason_of(error)
                )

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def open(self) -> None:
        """Take the connection, where there is none; on PostgreSQL say that a server is here."""
        if self._connection is not None:
            return
        connection = self._engine.connect()
        try:
            if self._shared:
                _take_part(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _run_together(self, batch: Sequence[Command[Any] | ForItem]) -> list[Outcome] | None:
        """Run a batch that is one bulk command's, as most are; None where that did nothing.

        It is a transaction without savepoints, which saves two statements.
        """
        bulks = {work.bulk if isinstance(work, ForItem) else None for work in batch}
        (bulk, *others) = bulks
        if bulk is None or others or len(batch) == 1:
            return None
        try:
            with self._in_one_go():
                (done,) = self._run_once([_together(bulk, batch)])
        except DBAPIError as error:
            if not self._shared or isinstance(error, OperationalError):
                raise
            _failed(error)  # told only with the commit, of a statement that was not awaited
            return None
        return done.result if isinstance(done.result, list) else None

    @contextmanager
    def _in_one_go(self) -> Iterator[None]:
        """Wait for PostgreSQL only where an answer is needed; else each statement is awaited."""
        self.open()
        if not self._shared or self._connection is None:
            yield
            return
        with postgresql.in_one_go(self._connection):
            yield

    def _run_once(self, batch: Sequence[Command[Any] | ForItem]) -> list[Outcome]:
        self._committing = False
        self.open()
        connection = self._connection
        if connection is None:
            raise TypeError("open() has opened nothing")
        try:
            with connection.begin() as transaction:
                if self._shared:  # SQLite has its one lock from the beginning
                    self._lock_site.ask(connection, {})
                outcomes = _attempt_all(transaction, batch)
                self._committing = True
        except BaseException:
            # Whatever state it is in after a commit that failed, nobody need find out.
            connection.invalidate()
            self.close()
            raise
        if self._shared:
            postgresql.require_replicated(connection)
        return outcomes

    def _may_be_repeated(self, error: DBAPIError) -> bool:
        """Return whether surely nothing is stored, and another try may succeed at once."""
        if postgresql.is_conflict(error):
            return True
        # The line was cut before COMMIT was sent: mostly it had been for long, unnoticed.
        return error.connection_invalidated and not self._committing


def _take_part(connection: Connection) -> None:
    """Keep changes of the tables away for as long as the connection lasts."""
    with connection.begin():
        if not postgresql.share(connection):
            raise StoreError("the tables are being changed: wait until that is done")
        found = schema.revision_of(connection)
    if found != schema.newest_revision():
        raise StoreError(
            f"the tables are of revision {found}, this program needs {schema.newest_revision()}: "
            "stop it and start the one that they were changed for"
        )


def _attempt_all(
    transaction: RootTransaction, batch: Sequence[Command[Any] | ForItem]
) -> list[Outcome]:
    """Run a batch in order; return an outcome each."""
    connection = transaction.connection
    if len(batch) == 1:
        return [_attempt_alone(transaction, batch[0])]
    outcomes: list[Outcome] = []
    for bulk, works in groupby(batch, key=lambda w: w.bulk if isinstance(w, ForItem) else None):
        group = list(works)
        together = _attempt_bulk(connection, bulk, group) if bulk and len(group) > 1 else None
        outcomes += together or [_attempt(connection, work) for work in group]
    return outcomes


def _attempt_alone(transaction: RootTransaction, command: Command[Any]) -> Outcome:
    """Run the only command of a transaction: it needs no savepoint, which is two statements less.

    Raises like `_attempt`.
    """
    try:
        return Outcome(command(transaction.connection))
    except OperationalError:  # a full disk: without a savepoint nothing else would tell of it
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is belongs to who asked
        outcome = _failed(error)
        transaction.rollback()
        return outcome


def _attempt_bulk(
    connection: Connection, bulk: Bulk, group: Sequence[Command[Any] | ForItem]
) -> list[Outcome] | None:
    """Run a bulk command for all its items; None where it raised and has changed nothing."""
    done = _attempt(connection, _together(bulk, group))
    return done.result if isinstance(done.result, list) else None


def _together(bulk: Bulk, group: Sequence[Command[Any] | ForItem]) -> Command[list[Outcome]]:
    """Return a bulk command for all its items as one command."""
    items = [work.item for work in group if isinstance(work, ForItem)]

    def run(connection: Connection) -> list[Outcome]:
        results = bulk(connection, items)
        return [
            Outcome(error=result) if isinstance(result, Exception) else Outcome(result)
            for _, result in zip(items, results, strict=True)
        ]

    return run


def _attempt(connection: Connection, command: Command[Any]) -> Outcome:
    """Run a command inside a savepoint.

    Raises only where the whole transaction is lost: the connection is, or its database asks for
    another try, or the savepoint itself fails as with a disk that is full.
    """
    savepoint = connection.begin_nested()
    try:
        result = command(connection)
    except Exception as error:  # noqa: BLE001  # as above
        outcome = _failed(error)
        savepoint.rollback()
        return outcome
    savepoint.commit()
    return Outcome(result=result)


def _failed(error: Exception) -> Outcome:
    """Return what a command came to that raised; raise where it takes the transaction with it."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or postgresql.is_conflict(error):
            raise error
        log.error("command failed reason=%s", reason_of(error))
    return Outcome(error=error)
