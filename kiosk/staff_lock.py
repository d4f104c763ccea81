"""The staff lock: checks the staff code, and gives guessers ever more time to think.

Time is counted in seconds of this boot, which nobody can set back. Whoever switches the kiosk off
and on has the whole of the present pause before them again.
"""

import json
import logging
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from kiosk.durable_file import write_durably
from kiosk.staff_code import matches

log = logging.getLogger(__name__)

TRIES = 5
"""So many wrong codes, one after the other, and there is a pause."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5 * 60.0, 60 * 60.0

FILE = "staff-lock"
"""In the kiosk's data folder."""


class Verdict(Enum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    PAUSE = "pause"


class StaffLock:
    """Counts wrong codes since the last right one, also over a restart.

    A try counts as wrong before it is checked: pulling the plug in between gains nothing. Where
    the disk takes no note the count is kept in memory, since it is then that staff are needed.

    Args:
        kept: The hash of the code, as the settings have it.
        data: The data folder.
        boot: This run of the machine; "unknown" counts as another one each time.
        monotonic: Seconds of this boot.

    """

    def __init__(self, kept: str, *, data: Path, boot: str, monotonic: Callable[[], float]) -> None:
        self._kept = kept
        self._path = data / FILE
        self._boot = boot
        self._monotonic = monotonic
        self._wrong, self._since = self._remembered()

    @property
    def seconds_left(self) -> float:
        """Seconds until a code is looked at again; 0 where it is at once."""
        if self._wrong < TRIES or self._wrong % TRIES:
            return 0.0
        return max(0.0, self._since + pause(self._wrong) - self._monotonic())

    def try_code(self, code: str) -> Verdict:
        """Check a code; takes a tenth of a second and writes to the disk."""
        if self.seconds_left:
            return Verdict.PAUSE
        self._note(self._wrong + 1)
        if matches(code, self._kept):
            self._note(0)
            return Verdict.RIGHT
        return Verdict.PAUSE if self.seconds_left else Verdict.WRONG

    def _note(self, wrong: int) -> None:
        self._wrong, self._since = wrong, self._monotonic()
        note = {"wrong": wrong, "boot": self._boot, "since": self._since}
        try:
            write_durably(self._path, json.dumps(note))
        except OSError as error:
            log.error("staff lock not kept reason=%r", error.strerror)  # noqa: TRY400

    def _remembered(self) -> tuple[int, float]:
        """Return how many codes were wrong, and since when their pause is counted."""
        now = self._monotonic()
        try:
            note = json.loads(self._path.read_text(encoding="ascii"))
            wrong, boot, since = int(note["wrong"]), str(note["boot"]), float(note["since"])
        except FileNotFoundError:
            return 0, now
        except (OSError, ValueError, TypeError, KeyError):
            return TRIES, now  # damage opens nothing
        same_boot = boot == self._boot != "unknown" and since <= now
        return wrong, since if same_boot else now


def pause(wrong: int) -> float:
    """Return the seconds to wait after so many wrong codes: 5 minutes, doubling up to an hour."""
    doublings = min(wrong // TRIES - 1, 10)
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * (1 << doublings))
