"""Collecting garbage in Kivy's thread and in no other, and in the pauses between touches.

Python collects in whatever thread happens to make an object. Widgets that have gone from the
screen are garbage with circles in it: collected in the printing thread, a widget is half gone
while a rule of the markup still asks it for its colour, and the kiosk would end.
"""

import ctypes
import gc
from collections.abc import Callable

from kivy.clock import Clock

LOOK_SECONDS = 1.0
"""How often it is looked whether there is something to collect."""

MANY = 5_000
"""So many objects made since the last time are worth the few milliseconds of a young collection."""

FEW = 500
"""Fewer in a second, and nobody is touching: time for a whole collection of up to 0.1 s."""

MOST = 60_000
"""So many, about what one party makes, and the whole collection waits for no pause: each of its
letters may hold a picture."""


try:
    _trim: Callable[[int], int] | None = ctypes.CDLL(None).malloc_trim
except (OSError, AttributeError):  # not glibc, which alone has it
    _trim = None


def give_back() -> None:
    """Give free memory back to the machine, which glibc keeps in pieces (malloc_trim(3)).

    A hundred parties leave some 30 MB of it.
    """
    if _trim is not None:
        _trim(0)


class GarbageCollector:
    """Python's own, from `start` to `stop`; belongs to Kivy's thread."""

    def __init__(self) -> None:
        self._looking = Clock.create_trigger(lambda _: self.look(), LOOK_SECONDS, interval=True)
        self._made = 0
        self._is_given_back = True

    def start(self) -> None:
        """Keep every other thread from collecting; what is there now is there to stay."""
        gc.disable()
        gc.freeze()
        self._looking()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._looking.cancel()
        gc.unfreeze()
        gc.enable()

    def look(self) -> None:
        """Collect where it is worth it."""
        made = gc.get_count()[0]
        if made >= MANY:
            gc.collect(1)
            self._made += made
        if self._made >= MOST or (self._made and made < FEW):
            gc.collect()
            self._made = 0
            self._is_given_back = False
        elif made < FEW and not self._is_given_back:
            # A second later: Kivy lets go of a picture only in the frame after its widget.
            give_back()
            self._is_given_back = True
