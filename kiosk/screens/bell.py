"""The bell: a chime in the room while nobody has answered a call for help. No Kivy."""

from collections.abc import Callable

from kiosk.help_line import HelpProgress
from kiosk.screens.desk import HelpWatch

RING_SECONDS = 10.0
"""From one chime to the next."""

LONGEST_SECONDS = 120.0
"""A room that has not come by then hears it no more; the call itself goes on."""


class Bell:
    """Rings for one call at a time, also when its screen has gone by itself.

    Whoever calls for a doctor and falls silent must still be found; the hand of a party that
    leaves, or of the next one, ends it.

    Args:
        ring: Lets the chime be heard once.
        monotonic: Seconds that never jump.

    """

    def __init__(self, ring: Callable[[], None], *, monotonic: Callable[[], float]) -> None:
        self._ring = ring
        self._monotonic = monotonic
        self._watch: HelpWatch | None = None
        self._first: float | None = None
        self._last = 0.0

    def attend(self, watch: HelpWatch) -> None:
        """Ring for this call from now on, whenever nobody has answered it."""
        self._watch, self._first = watch, None

    def silence(self) -> None:
        """Ring no more for this call."""
        self._watch = None

    def tick(self) -> None:
        """Ring where it is time."""
        if self._watch is None or self._watch.state is not HelpProgress.NOT_REACHED:
            return
        now = self._monotonic()
        if self._first is None:
            self._first, self._last = now, now - RING_SECONDS
        if now - self._first >= LONGEST_SECONDS:
            self.silence()
        elif now - self._last >= RING_SECONDS:
            self._last = now
            self._ring()
