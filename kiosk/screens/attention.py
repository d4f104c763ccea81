"""Whether anyone is still there: time since the last touch, a warning, then forgetting. No Kivy."""

from collections.abc import Callable
from enum import Enum
from math import ceil


class Presence(Enum):
    """What the kiosk believes of the party."""

    THERE = "there"
    ASKED = "asked"
    GONE = "gone"


class Attention:
    """Counts from the last sign of life.

    Args:
        quiet_seconds: Until the party is asked whether it is still there.
        warning_seconds: From asking until it counts as gone; 0 never asks.
        monotonic: Seconds that never jump.

    Attributes:
        least_quiet: The quiet seconds that a party gets at least; 0 for the usual ones.

    """

    def __init__(
        self, quiet_seconds: float, warning_seconds: float, *, monotonic: Callable[[], float]
    ) -> None:
        self._usual_quiet = quiet_seconds
        self.least_quiet = 0.0
        self._warning = warning_seconds
        self._monotonic = monotonic
        self._last = monotonic()

    @property
    def _quiet(self) -> float:
        return max(self._usual_quiet, self.least_quiet)

    def sign_of_life(self) -> None:
        """Begin to count again."""
        self._last = self._monotonic()

    @property
    def presence(self) -> Presence:
        """What to believe now."""
        passed = self._monotonic() - self._last
        if passed >= self._quiet + self._warning:
            return Presence.GONE
        return Presence.ASKED if passed >= self._quiet else Presence.THERE

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the party counts as gone."""
        passed = self._monotonic() - self._last
        return max(0, ceil(self._quiet + self._warning - passed))
