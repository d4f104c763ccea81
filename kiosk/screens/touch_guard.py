"""What counts as a touch: a second tap within half a second is one hand's tremor. No Kivy.

On a keyboard only the second tap on the same key is: letters follow each other faster than that.
"""

from collections.abc import Callable

DEAF_SECONDS = 0.5
"""EN 301 549, 5.8: a key that is struck twice by a trembling hand counts once."""


class TouchGuard:
    """Lets one touch at a time through.

    Args:
        monotonic: Seconds that never jump.

    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last: float | None = None
        self._key = ""

    @property
    def is_open(self) -> bool:
        """True when a touch would count."""
        return self._last is None or self._monotonic() - self._last >= DEAF_SECONDS

    def lets_through(self, key: str = "") -> bool:
        """Return whether a touch that begins now counts, and remember it when it does.

        `key` is the key of a keyboard that is touched, "" for anything else.
        """
        follows = bool(key and self._key) and key != self._key
        counts = self.is_open or follows
        if counts:
            self._key = key
            self.touched()
        return counts

    def touched(self) -> None:
        """Take in that the finger is on the glass until now."""
        self._last = self._monotonic()
