"""The way through: which keys of a keypad take a party from the first screen to its number.

``python -m tests.install.way`` prints them, found on a kiosk without a screen by its own tiles.
"""

import os
import sys

from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare

TOUCHED = (
    *("language:uk", "next", "adults:2", "children:1", "next"),
    *("before:no", "need:sleep", "next", "wait:nobody"),
)
SCREEN = ScreenSettings(width=1080, height=1920)
NAMES = {"enter": "Return", "up": "Up", "down": "Down", "left": "Left", "right": "Right"}
"""What X calls our keys."""


def main() -> int:
    """Print the keys, as X calls them."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    prepare(SCREEN)
    from kiosk.screens.app import KioskApp
    from tests.kiosk.screens.conftest import Stand
    from tests.kiosk.screens.fake_desk import FakeDesk, HandClock
    from tests.kiosk.screens.keypad_hand import KeypadHand
    from tests.stand.touch import KioskDriver

    class NotingHand(KeypadHand):
        """A hand that keeps what it pressed."""

        def press(self, *names: str, held_with: tuple[str, ...] = ()) -> None:
            pressed.extend(names)
            super().press(*names, held_with=held_with)

    pressed: list[str] = []
    clock, desk = HandClock(), FakeDesk()
    app = KioskApp(desk, settings=SCREEN, monotonic=clock)
    driver = KioskDriver(app, pass_time=clock.advance).start()
    NotingHand(Stand(driver, desk, clock)).choose(*TOUCHED)
    driver.stop()
    sys.stdout.write(" ".join(NAMES[name] for name in pressed) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
