"""A kiosk without a screen: SDL draws off screen, no X is needed."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.fake_desk import FakeDesk, HandClock
from tests.kiosk.screens.listener import Listener
from tests.stand.touch import KioskDriver

SMALL = ScreenSettings(width=540, height=960)
"""The same drawings on a quarter of the pixels, for tests that look at no picture."""

PORTRAIT = ScreenSettings(width=1080, height=1920)
LANDSCAPE = ScreenSettings(width=1920, height=1080)


@dataclass
class Stand:
    """A kiosk with a hand in front of it and a desk behind it."""

    driver: KioskDriver
    desk: FakeDesk
    clock: HandClock = field(default_factory=HandClock)

    @property
    def state(self) -> str:
        return str(self.driver.app.flow.conversation.state.value)

    def tap(self, *tiles: str) -> None:
        for tile in tiles:
            self.driver.tap_id(tile)

    def until(self, tile: str) -> None:
        self.driver.wait_until(lambda: tile in self.driver.tiles())

    def until_text(self, text: str) -> None:
        self.driver.wait_until(lambda: text in self.driver.texts())


@pytest.fixture(scope="session")
def _kivy() -> None:
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(SMALL)
    from kivy.clock import Clock

    Clock._max_fps = 0  # a test waits for no frame


@pytest.fixture
def kiosk(_kivy: None) -> Iterator[Callable[..., Stand]]:
    """Open a kiosk with this desk on a screen of these settings."""
    from kiosk.screens.app import KioskApp  # opens the window

    drivers = []

    def open_kiosk(
        desk: FakeDesk | None = None,
        settings: ScreenSettings = SMALL,
        *,
        draws: bool = False,
        speech: Listener | None = None,
    ) -> Stand:
        desk, clock = desk or FakeDesk(), HandClock()
        app = KioskApp(desk, settings=settings, speech=speech, monotonic=clock)
        driver = KioskDriver(app, pass_time=clock.advance, draws=draws).start()
        drivers.append(driver)
        return Stand(driver, desk, clock)

    yield open_kiosk
    for driver in drivers:
        driver.stop()
