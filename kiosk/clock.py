"""The kiosk's clocks: the wall clock, whether to believe it, and seconds since boot."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is not older: a wall clock before it has lost its battery."""

TOLERANCE = timedelta(minutes=5)
"""How far wall clock and server may differ before no time is printed any more."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4): one UUID per boot


def seconds_since_start() -> float:
    """Return how long this process runs already, in seconds (proc_pid_stat(5): starttime)."""
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    ticks = int(after_name[19])  # the name was the second field, this is the 22nd
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


class KioskClock:
    """Tells the time, and admits when it does not know it."""

    def __init__(self) -> None:
        self.boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"
        self._server_said: tuple[datetime, float] | None = None  # and when, in monotonic seconds

    def now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never jump, within one boot."""
        return time.monotonic()

    @property
    def trusted(self) -> bool:
        """False where the wall clock is known to be wrong: then no time is printed or sent.

        What the server last said still holds while it is away, counted on by the seconds that
        never jump: a wall clock that is set meanwhile is found out at once.
        """
        now, known = self.now(), self.known_now()
        if now < NOT_BEFORE:
            return False
        return known is None or abs(now - known) <= TOLERANCE

    def known_now(self) -> datetime | None:
        """Return the server's time, counted on by seconds that never jump; None before it told it.

        Whatever the wall clock says, and also where that is set meanwhile.
        """
        if self._server_said is None:
            return None
        said, at = self._server_said
        return said + timedelta(seconds=self.monotonic() - at)

    def compare(self, server_time: datetime) -> None:
        """Learn from the server's time whether the wall clock can be trusted."""
        self._server_said = server_time, self.monotonic()

    def age(self, *, boot: str, made: float) -> float | None:
        """Return the seconds since something was made, or None when the machine has rebooted."""
        if boot != self.boot or boot == "unknown":
            return None
        return max(0.0, self.monotonic() - made)
