"""The writer: the one thread that changes the store, many commands in one transaction.

A commit costs a flush of the disk. Whatever came while the last flush went on shares the next
one (group commit), so the rate of check-ins hardly depends on the disk.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from server_stub.store_failures import StoreFailure, reason_of, store_failure
from server_stub.transactions import Bulk, Command, ForItem, Outcome, Transactions

__all__ = ["Bulk", "Command", "TryAgainError", "Writer", "WriterClosedError"]

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_COMMANDS = 256
"""In one transaction: few enough that the first does not wait long for the last."""


class TryAgainError(Exception):
    """Nobody knows whether the change is stored. Sending it again is safe and clears it up."""


class WriterClosedError(TryAgainError):
    """The server is stopping and takes no more changes."""


@dataclass(frozen=True, slots=True)
class _Order:
    work: Command[Any] | ForItem
    answer: Future[Any] | asyncio.Future[Any]
    since: float  # by the monotonic clock


class Writer:
    """Runs commands one after the other, in the order in which they were submitted.

    Each command has a savepoint: one that raises leaves the others of its batch alone. Nobody
    is answered before the commit, for even a refusal may rest on a change of the same batch.

    Args:
        engine: Of the store.
        site: Whose row is locked first, so that several processes take turns.
        on_commit: Called in the writer's thread after every commit; must not wait.

    Attributes:
        commands: How many commands have been run.
        commits: How many transactions they took.
        failing: Why the last commit failed; None where it did not.
        waiting_since: When the oldest command that has no answer yet was submitted, by the
            monotonic clock; None where all have.

    """

    def __init__(self, engine: Engine, *, site: str, on_commit: Callable[[], None]) -> None:
        self.commands = 0
        self.commits = 0
        self.failing: StoreFailure | None = None
        self.waiting_since: float | None = None
        self._transactions = Transactions(engine, site=site)
        self._on_commit = on_commit
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        """Begin to run commands."""
        self._thread.start()

    def close(self) -> None:
        """Run what was submitted, then stop."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._orders.put(None)
        self._thread.join()

    def submit(self, command: Command[T]) -> Future[T]:
        """Return a future of the command's result, set when it is durably stored.

        It holds TryAgainError where the commit failed, and else what the command raised.
        """
        answer: Future[T] = Future()
        self._put(command, answer)
        return answer

    def submit_to(self, bulk: Bulk, item: object) -> Future[Any]:
        """Return a future like `submit`'s, of what a bulk command comes to for one item.

        Items that wait one behind the other for the same command are given to it together.
        """
        answer: Future[Any] = Future()
        self._put(ForItem(bulk, item), answer)
        return answer

    def ask(self, command: Command[T]) -> asyncio.Future[T]:
        """Return a future like `submit`'s, for the event loop that runs."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(command, answer)
        return answer

    def ask_for(self, bulk: Bulk, item: object) -> asyncio.Future[Any]:
        """Return a future like `submit_to`'s, for the event loop that runs."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._put(ForItem(bulk, item), answer)
        return answer

    def _put(self, work: Command[T] | ForItem, answer: Future[T] | asyncio.Future[T]) -> None:
        with self._closing:
            if self._closed:
                answer.set_exception(WriterClosedError("the server is stopping: try again"))
            else:
                self._orders.put(_Order(work, answer, time.monotonic()))

    def _run(self) -> None:
        try:
            self._transactions.open()
        except Exception as error:  # noqa: BLE001  # tried again with the first batch
            log.error("database away reason=%s", reason_of(error))  # noqa: TRY400  # a traceback would show values
            self.failing = store_failure(error)
        while batch := self._next_batch():
            self.waiting_since = batch[0].since
            wanted = [order for order in batch if _is_wanted(order.answer)]
            outcomes = self._commit(wanted)
            self.waiting_since = None  # before whoever is told can ask
            _tell([order.answer for order in wanted], outcomes)
        self._transactions.close()

    def _next_batch(self) -> list[_Order]:
        """Wait for an order; return it with those that wait behind it, or nothing at the end."""
        batch: list[_Order] = []
        order = self._orders.get()
        while order is not None:
            batch.append(order)
            if len(batch) == MOST_COMMANDS:
                return batch
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._orders.put(None)  # the end was seen too early: see it again after this batch
        return batch

    def _commit(self, batch: list[_Order]) -> list[Outcome]:
        if not batch:
            return []
        try:
            outcomes = self._transactions.run([order.work for order in batch])
        except Exception as error:  # noqa: BLE001  # the thread must outlive every failure
            log.error("commit failed commands=%d reason=%s", len(batch), reason_of(error))  # noqa: TRY400  # a traceback would show values
            self.failing = store_failure(error)
            failure = TryAgainError("the change may not be stored: try again")
            return [Outcome(error=failure)] * len(batch)
        self.failing = None
        self.commits += 1
        self.commands += len(batch)
        self._announce()
        return [_for_who_asked(outcome) for outcome in outcomes]

    def _announce(self) -> None:
        try:
            self._on_commit()
        except Exception as error:  # noqa: BLE001  # pages may fall behind, check-ins may not
            log.error("commit not announced reason=%s", reason_of(error))  # noqa: TRY400  # as above


def _for_who_asked(outcome: Outcome) -> Outcome:
    """Hide a database's words: they may quote what others entered, and nobody could act on them."""
    if not isinstance(outcome.error, DBAPIError):
        return outcome
    return Outcome(error=TryAgainError("the change could not be stored: try again"))


def _is_wanted(answer: Future[Any] | asyncio.Future[Any]) -> bool:
    """Return whether anybody still waits for it, as far as this thread may ask."""
    return isinstance(answer, asyncio.Future) or answer.set_running_or_notify_cancel()


def _tell(
    answers: Sequence[Future[Any] | asyncio.Future[Any]], outcomes: Sequence[Outcome]
) -> None:
    """Answer a whole batch. An event loop is called once for all of its own: each call wakes it."""
    of_loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for answer, outcome in zip(answers, outcomes, strict=True):
        if isinstance(answer, asyncio.Future):
            of_loops.setdefault(answer.get_loop(), []).append((answer, outcome))
        else:
            _set(answer, outcome)
    for loop, told in of_loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_set_all, told)


def _set_all(told: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for answer, outcome in told:
        if not answer.done():  # else who asked has gone
            _set(answer, outcome)


def _set(answer: Future[Any] | asyncio.Future[Any], outcome: Outcome) -> None:
    if outcome.error is None:
        answer.set_result(outcome.result)
    else:
        answer.set_exception(outcome.error)
