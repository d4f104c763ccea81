"""Attract: the heading of the first screen in one language after the other. No Kivy."""

from collections.abc import Callable

QUIET_SECONDS = 30.0
"""From the last touch until the heading begins to change."""

EACH_SECONDS = 15.0
"""So long it stays in one language: time to find the tile that is lit. Each change draws the
screen once, which without a GPU takes 70 ms of a processor that should rest."""


class Attract:
    """Tells which language the heading is in while nobody touches the screen.

    Args:
        monotonic: Seconds that never jump.

    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last = monotonic()

    def sign_of_life(self) -> None:
        """Begin to wait anew: somebody is there."""
        self._last = self._monotonic()

    def language(self, languages: tuple[str, ...], *, at_once: bool) -> str | None:
        """Return the language of this moment; None while the screen waits for the one before it.

        Args:
            languages: Of the site, in the order of the picker.
            at_once: Whether there is something to tell that cannot wait.

        """
        passed = self._monotonic() - self._last - (0 if at_once else QUIET_SECONDS)
        if passed < 0:
            return None
        return languages[int(passed / EACH_SECONDS) % len(languages)]
