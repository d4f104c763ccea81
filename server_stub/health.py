"""The health of the server: whether its database reads and writes, found out by doing both.

Nobody needs to log in to ask, so the answer reveals nothing of the site, and however often it is
asked, the database is tried once a second at most.
"""

import asyncio
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, update

from server_stub import schema, tables
from server_stub.settings import Settings
from server_stub.store_failures import StoreFailure, store_failure
from server_stub.writer import TryAgainError, Writer, WriterClosedError

SECONDS_TO_ANSWER = 2.0
"""How long an answer may take: what supervises a server mostly waits for 3 to 5 seconds."""

SECONDS_REMEMBERED = 1.0

LEAST_FREE_BYTES = 1024 * 1024
"""Under this a disk counts as full: the next check-ins may fit, what comes then will not."""

LOW_FREE_BYTES = 256 * 1024 * 1024
"""Under this somebody should make room: a check-in takes about 2 KiB, so it is hours."""


class Trouble(StrEnum):
    """Why a server cannot work at present."""

    DISK_FULL = "disk-full"
    NOT_WRITABLE = "database-not-writable"
    AWAY = "database-away"
    FAILING = "database-failing"
    SLOW = "no-answer-in-time"
    STOPPING = "stopping"
    KEY_MISSING = "key-missing"


TROUBLE_OF = {
    StoreFailure.DISK_FULL: Trouble.DISK_FULL,
    StoreFailure.NOT_WRITABLE: Trouble.NOT_WRITABLE,
    StoreFailure.AWAY: Trouble.AWAY,
    StoreFailure.OTHER: Trouble.FAILING,
}


class Writes(Protocol):
    """What is asked of the writer.

    Attributes:
        failing: Why its last commit failed; None where it did not.
        waiting_since: When the oldest change that is not yet stored was handed in, by the
            monotonic clock; None where nothing waits.

    """

    failing: StoreFailure | None
    waiting_since: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the server is.

    Attributes:
        trouble: Why it cannot work; None where it can.
        revision: Of the database's tables; None where they could not be read.
        oldest_waiting_seconds: How long the oldest change waits to be stored.
        disk_low: Somebody should make room.

    """

    trouble: Trouble | None
    revision: str | None
    oldest_waiting_seconds: float
    disk_low: bool


def leave_trace(connection: Connection, site: str, *, at: datetime) -> None:
    """Change one row: a transaction that changes nothing would not be written anywhere."""
    t = tables.health_probe
    changed = connection.execute(update(t).where(t.c.site == site).values(at=at))
    if changed.rowcount == 0:
        connection.execute(t.insert().values(site=site, at=at))


class HealthWatch:
    """Finds out how the server is.

    Args:
        read: Reads from the database and returns the revision of its tables; may take long.
        write: Changes one row durably.
        writer: That does so.
        folder: Where the database's file lies; None where it is on another machine.
        monotonic: Seconds that never jump.

    """

    def __init__(
        self,
        *,
        read: Callable[[], str | None],
        write: Callable[[], Future[None]],
        writer: Writes,
        folder: Path | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._write = write
        self._writer = writer
        self._folder = folder
        self._monotonic = monotonic
        # Of its own: where a database hangs, all others wait for it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._trial: asyncio.Task[tuple[Trouble | None, str | None]] | None = None
        self._tried_at = 0.0

    @classmethod
    def of(cls, settings: Settings, engine: Engine, *, writer: Writer, site: str) -> Self:
        """Return the watch over a server's database."""

        def read() -> str | None:
            with engine.connect() as connection:
                return schema.revision_of(connection)

        def write() -> Future[None]:
            return writer.submit(partial(leave_trace, site=site, at=settings.clock()))

        on_this_machine = engine.dialect.name == "sqlite"
        return cls(
            read=read, write=write, writer=writer, folder=settings.data if on_this_machine else None
        )

    async def health(self, *, limit: float = SECONDS_TO_ANSWER) -> Health:
        """Return how the server is, within `limit` seconds whatever the database does."""
        trial = self._present_trial()
        # Shielded: one trial serves all who ask, also when the first of them has gone.
        done, _ = await asyncio.wait({asyncio.shield(trial)}, timeout=limit)
        trouble, revision = trial.result() if done else (Trouble.SLOW, None)
        free = self._free_bytes()
        if free is not None and free < LEAST_FREE_BYTES:
            trouble = Trouble.DISK_FULL
        return Health(
            trouble=trouble,
            revision=revision,
            oldest_waiting_seconds=self._oldest_waiting(),
            disk_low=free is not None and free < LOW_FREE_BYTES,
        )

    def _present_trial(self) -> "asyncio.Task[tuple[Trouble | None, str | None]]":
        """Return the trial that is under way or younger than a second, else begin one."""
        now = self._monotonic()
        if self._trial is None or (
            self._trial.done() and now - self._tried_at >= SECONDS_REMEMBERED
        ):
            self._trial = asyncio.create_task(self._try())
            self._tried_at = now
        return self._trial

    async def _try(self) -> tuple[Trouble | None, str | None]:
        try:
            revision = await asyncio.get_running_loop().run_in_executor(self._thread, self._read)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what was asked for
            return TROUBLE_OF[store_failure(error)], None
        try:
            await asyncio.wrap_future(self._write())
        except WriterClosedError:
            return Trouble.STOPPING, revision
        except TryAgainError:
            return TROUBLE_OF[self._writer.failing or StoreFailure.OTHER], revision
        return None, revision

    def _oldest_waiting(self) -> float:
        since = self._writer.waiting_since
        return 0.0 if since is None else max(0.0, self._monotonic() - since)

    def _free_bytes(self) -> int | None:
        """Return how much fits onto the disk; None where that is another machine's to know."""
        if self._folder is None:
            return None
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return 0
