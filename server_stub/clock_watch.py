"""The clock watch: tells a clock that was set from time that has passed.

What is deleted for its age is gone for good, so ages are not believed by a clock that has jumped:
not before it is set right again, or has stood for a day as it is now. Nor are they at first by one
that may have been wrong when the server started.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from server_stub.settings import Clock

log = logging.getLogger(__name__)

JUMP = timedelta(hours=1)
"""A clock that is set by less makes nothing old."""

REST_SECONDS = 24 * 3600.0
"""In which somebody notices that the date is wrong."""


class ClockWatch:
    """Watches the machine's clock from when it is made.

    Args:
        clock: Tells the present moment.
        steady: Seconds that never jump; None where there are none to compare with.
        ahead: How far the clock may be ahead already.

    """

    def __init__(
        self,
        clock: Clock,
        steady: Callable[[], float] | None,
        *,
        ahead: timedelta = timedelta(),
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._off = ahead  # how far the clock was set in all, since it was last believed
        self._last = clock(), steady() if steady else 0.0
        self._set_at = self._last[1]

    def now(self) -> datetime | None:
        """Return the present moment, or None while ages must not be believed."""
        now = self._clock()
        if self._steady is None:
            return now
        seconds = self._steady()
        before, then = self._last
        self._last = now, seconds
        step = now - before - timedelta(seconds=seconds - then)
        self._off += step
        if abs(step) > JUMP:
            self._set_at = seconds
            log.error(
                "clock was set by=%s now=%s: nothing is deleted for its age for a day, or until "
                "it is set back; set it right if it is wrong",
                step,
                now.isoformat(timespec="seconds"),
            )
        if abs(self._off) > JUMP and seconds - self._set_at < REST_SECONDS:
            return None
        if abs(self._off) > JUMP:
            self._off = timedelta()
        return now
