"""The pace of the kiosk's loop: quick while somebody touches it, slow while nobody does.

Nothing is drawn when nothing changes, but the loop itself costs: turning 60 times a second takes
2 to 3 % of a processor for doing nothing, 20 times less than 1 %.
"""

from kivy.clock import Clock
from kivy.core.window import Window

IDLE_TURNS = 20
"""Per second: a first touch waits at most 50 ms, and 25 on average."""

AWAKE_SECONDS = 3.0
"""How long the loop stays quick after the last touch or key."""

SIGNS = ("on_touch_down", "on_touch_move", "on_touch_up", "on_key_down")
"""What a person at the kiosk does."""


class Pace:
    """Sets how often Kivy's loop turns, from `start` to `stop`.

    Kivy 2.3.1 reads `maxfps` once, at import; the clock's own `_max_fps` is what it goes by. A
    clock that is as fast as it can (0) is left so.
    """

    def __init__(self) -> None:
        self._quick = float(Clock._max_fps)  # noqa: SLF001
        self._tire = Clock.create_trigger(lambda _: self._turn(IDLE_TURNS), AWAKE_SECONDS)

    def start(self) -> None:
        """Be quick at first, and whenever somebody is there."""
        if self._quick:
            Window.bind(**dict.fromkeys(SIGNS, self._wake))
            self._wake()

    def stop(self) -> None:
        """Be as quick as before."""
        Window.unbind(**dict.fromkeys(SIGNS, self._wake))
        self._tire.cancel()
        self._turn(self._quick)

    def _wake(self, *_: object) -> None:
        self._turn(self._quick)
        self._tire.cancel()
        self._tire()

    @staticmethod
    def _turn(per_second: float) -> None:
        Clock._max_fps = per_second  # noqa: SLF001
