"""A real kiosk on this machine, without a screen: its window, its threads, touched by a driver.

Import nothing of it before `open_kiosk`: Kivy reads its environment when it is first imported.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from kiosk.assembly import open_front_desk, screen_settings
from kiosk.clock import KioskClock
from kiosk.screens.touch_guard import DEAF_SECONDS
from kiosk.screens.window import prepare
from kiosk.settings import read_settings
from kiosk.speech.set_up import set_up_speech
from tests.stand.touch import KioskDriver

_prepared: list[bool] = []


class HurriedClock:
    """Seconds since boot as the screens count them, ahead by what a hand would have waited."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return monotonic() + self._ahead

    def hurry(self) -> None:
        """Let pass in which a touch would be taken for a trembling hand."""
        self._ahead += DEAF_SECONDS


@contextmanager
def open_kiosk(
    settings_file: Path,
    *,
    clock: KioskClock | None = None,
    speaks: bool = False,
    hurries: bool = False,
) -> Iterator[KioskDriver]:
    """Run a kiosk, with all its threads, for as long as the block lasts.

    Args:
        settings_file: Of the kiosk.
        clock: What it goes by, where the time of day matters.
        speaks: True with its speech too; it renders ahead what it will say, which takes a minute
            of what the machine has left.
        hurries: True where the hand need not wait half a second between two touches: the screens'
            clock goes forward by that much instead.

    """
    settings = read_settings(settings_file)
    screen = screen_settings(settings, fullscreen=False)
    if not _prepared:
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
        prepare(screen)
        _prepared.append(True)
    from kiosk.screens.app import KioskApp

    with ExitStack() as stack:
        desk = open_front_desk(settings, clock=clock)
        desk.open()
        stack.callback(desk.close)
        speech = set_up_speech(settings) if speaks else None
        if speech is not None:
            stack.callback(speech.close)
            speech.open()
        seconds = HurriedClock()
        app = KioskApp(desk, settings=screen, speech=speech, monotonic=seconds)
        driver = KioskDriver(app, pass_time=seconds.hurry if hurries else None).start()
        stack.callback(driver.stop)
        yield driver
