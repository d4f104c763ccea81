"""Hands at a kiosk, clumsy ones too: one finger or two, drags, right buttons, a keyboard.

One finger goes through SDL, Kivy's window and its mouse provider, as on a real touchscreen; a
second one can only be given to Kivy itself, because SDL has one mouse.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kivy.base import EventLoop
from kivy.config import Config
from kivy.input.factory import MotionEventFactory

from tests.chaos import sdl
from tests.stand.finger import Finger
from tests.stand.touch import KioskDriver

Place = tuple[int, int]
"""Whole pixels from the window's lower left corner, as Kivy counts."""


class Hands:
    """Touches the window of a kiosk that a driver has opened.

    Args:
        driver: Draws the frames.

    """

    def __init__(self, driver: KioskDriver) -> None:
        self._driver = driver
        self._queue = sdl.EventQueue()
        self._listen()

    def frames(self, count: int = 1) -> None:
        """Let the kiosk take in what has happened, and draw."""
        for _ in range(count):
            EventLoop.window.mainloop()
            self._driver.frames()

    def tap(self, place: Place, *, button: int = sdl.LEFT) -> None:
        """Touch and lift."""
        x, y = place
        self._queue.button(x, self._from_top(y), down=True, button=button)
        self.frames()
        self._queue.button(x, self._from_top(y), down=False, button=button)
        self.frames(2)

    def drag(self, places: Sequence[Place]) -> None:
        """Touch at the first place, slide over the others and lift at the last."""
        (x, y), *others = places
        self._queue.button(x, self._from_top(y), down=True)
        self.frames()
        for x, y in others:
            self._queue.move(x, self._from_top(y))
            self.frames()
        self._queue.button(x, self._from_top(y), down=False)
        self.frames(2)

    def two_fingers(self, one: Place, other: Place, *, between: Callable[[], None]) -> None:
        """Touch at two places at once; `between` happens while both fingers are down."""
        fingers = [Finger(*one), Finger(*other)]
        for finger in fingers:
            finger.touch_down()
        self.frames()
        between()
        for finger in fingers:
            finger.touch_up()
        self.frames(2)

    def key(self, key: str, *, held: Sequence[int] = ()) -> None:
        """Press and lift a key while others are held; Alt-F4 also asks the window to close."""
        with self._holding(held) as modifiers:
            self._queue.key(key, down=True, modifiers=modifiers)
            if key == "f4" and modifiers & sdl.ALT:
                self._queue.close_request()
            self.frames()
            self._queue.key(key, down=False, modifiers=modifiers)
        self.frames(2)

    def tap_holding(self, place: Place, held: Sequence[int]) -> None:
        """Touch and lift while keys are held."""
        with self._holding(held):
            self.tap(place)
        self.frames(2)

    @contextmanager
    def _holding(self, held: Sequence[int]) -> Iterator[int]:
        """Hold keys down inside the block, one after the other; yield them as SDL's bits."""
        modifiers = 0
        for one in held:
            modifiers |= one
            self._queue.hold(one, down=True, modifiers=modifiers)
        self.frames()
        yield modifiers
        for one in reversed(held):
            modifiers &= ~one
            self._queue.hold(one, down=False, modifiers=modifiers)

    def let_go(self) -> None:
        """Take the hands off: Kivy listens to no mouse any more."""
        for provider in EventLoop.input_providers[:]:
            provider.stop()
            EventLoop.remove_input_provider(provider)

    @staticmethod
    def _from_top(y: float) -> float:
        return float(EventLoop.window.height) - 1 - y

    @staticmethod
    def _listen() -> None:
        """Listen to what the kiosk's configuration says, as Kivy does when an app runs."""
        for name, value in Config.items("input"):
            provider, *arguments = value.split(",", 1)
            made = MotionEventFactory.get(provider)(name, *(arguments or [""]))
            EventLoop.add_input_provider(made)
            made.start()
