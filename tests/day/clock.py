"""A clock that several processes read and one hand moves: a day passes in minutes."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

SECONDS = struct.Struct("d")


class SharedClock:
    """The present moment, as a file says: seconds since 1970.

    Args:
        file: Made where there is none.

    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._seconds = mmap.mmap(opened.fileno(), SECONDS.size)

    def __call__(self) -> datetime:
        """Return the moment, in whole milliseconds."""
        (seconds,) = SECONDS.unpack(self._seconds)
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(seconds * 1000))

    def move_to(self, moment: datetime) -> None:
        """Set it, never back."""
        if moment > self():
            self._seconds[:] = SECONDS.pack(moment.timestamp())
