"""The settings of one server: where its files are, and what tests put in place of the real."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]
"""Tells the present moment, aware."""


def utc_now() -> datetime:
    """Return the present moment by the machine's clock."""
    return datetime.now(UTC)


def seconds_since_boot() -> float:
    """Return seconds that never jump, and that pass while the machine sleeps too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one check of a password costs, for argon2id.

    Attributes:
        rounds: Passes over the memory.
        memory_kib: KiB of memory of each check.
        lanes: Threads of each check.

    """

    rounds: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server needs to know before it starts.

    Attributes:
        data: The data directory that `init` made.
        clock: Tells the present moment.
        steady: Seconds that never jump, by which a clock that was set is found out; None where
            the clock is not the machine's.
        password_cost: Of new passwords.
        last_queue: Where the last queue is written; None for beside the database.
        seconds_between_rounds: How often the server does what it does by itself; None for never.

    """

    data: Path
    clock: Clock = utc_now
    steady: Callable[[], float] | None = None
    password_cost: PasswordCost = PasswordCost()
    last_queue: Path | None = None
    seconds_between_rounds: float | None = 30.0

    @property
    def database(self) -> Path:
        """The database file, where it is SQLite."""
        return self.data / "ankunft.db"

    @property
    def url_file(self) -> Path:
        """The file that names a PostgreSQL; where it is missing the database is SQLite."""
        return self.data / "database.url"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a process uses the SQLite file."""
        return self.data / "ankunft.db.lock"

    @property
    def queue_folder(self) -> Path:
        """The folder of the last queue, for when there is no server to ask."""
        return self.last_queue or self.data / "queue"

    @property
    def backups(self) -> Path:
        """The folder of the backups that are made before the tables are changed."""
        return self.data / "backups"

    @property
    def incoming(self) -> Path:
        """The folder of files that administrators have sent, until they have decided on them."""
        return self.data / "incoming"

    @property
    def recordings(self) -> Path:
        """The folder of what people have recorded of calls, one per language; may be missing."""
        return self.data / "recordings"

    @property
    def keys(self) -> Path:
        """The folder of the site's private keys."""
        return self.data / "keys"
