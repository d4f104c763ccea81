"""Clocks that can be wrong: the truth in a file, and clocks that differ from it as they are told.

Only the wall clocks are ours, by the programs' own seams: what the kernel counts since it was
started goes on as it is, as it does on a machine whose clock is set.
"""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

from kiosk.clock import KioskClock

_SECONDS = struct.Struct("dd")


class Truth:
    """What time it really is, and how wrong the server's clock is: for several processes.

    Args:
        file: Made where there is none.

    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_SECONDS.pack(0.0, 0.0))
        with file.open("r+b") as opened:
            self._seconds = mmap.mmap(opened.fileno(), _SECONDS.size)

    def now(self) -> datetime:
        """Return the moment that it is."""
        return datetime.now(UTC) + timedelta(seconds=self._told[0])

    def at_server(self) -> datetime:
        """Return what the server's clock says."""
        return self.now() + timedelta(seconds=self._told[1])

    def move_to(self, moment: datetime) -> None:
        """Let it be another moment, with the server's clock right."""
        ahead = (moment - datetime.now(UTC)).total_seconds()
        self._seconds[:] = _SECONDS.pack(ahead, 0.0)

    def set_server(self, error: timedelta) -> None:
        """Let the server's clock be wrong by so much."""
        self._seconds[:] = _SECONDS.pack(self._told[0], error.total_seconds())

    @property
    def _told(self) -> tuple[float, float]:
        ahead, error = _SECONDS.unpack(self._seconds)
        return ahead, error


class WrongClock(KioskClock):
    """A kiosk's clock, wrong by what it is told.

    Attributes:
        error: How far its wall clock is ahead.

    """

    def __init__(self, truth: Truth) -> None:
        super().__init__()
        self.error = timedelta()
        self._truth = truth
        self._boot_at = monotonic()
        self.boot = f"{uuid4()}"

    def now(self) -> datetime:
        """Return what the wall clock says."""
        return self._truth.now() + self.error

    def monotonic(self) -> float:
        """Return the seconds since the machine was started."""
        return monotonic() - self._boot_at
