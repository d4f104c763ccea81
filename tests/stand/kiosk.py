"""A real kiosk on this machine, without a screen: its window, its threads, touched by a driver.

Import nothing of it before `open_kiosk`: Kivy reads its environment when it is first imported.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kiosk.assembly import open_front_desk, screen_settings
from kiosk.clock import KioskClock
from kiosk.screens.window import prepare
from kiosk.settings import read_settings
from kiosk.speech.set_up import set_up_speech
from tests.stand.touch import KioskDriver

_prepared: list[bool] = []


@contextmanager
def open_kiosk(
    settings_file: Path, *, clock: KioskClock | None = None, speaks: bool = False
) -> Iterator[KioskDriver]:
    """Run a kiosk, with all its threads, for as long as the block lasts.

    Args:
        settings_file: Of the kiosk.
        clock: What it goes by, where the time of day matters.
        speaks: True with its speech too; it renders ahead what it will say, which takes a minute
            of what the machine has left.

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
        driver = KioskDriver(KioskApp(desk, settings=screen, speech=speech)).start()
        stack.callback(driver.stop)
        yield driver
