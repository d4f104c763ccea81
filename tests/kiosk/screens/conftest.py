"""A kiosk without a screen: SDL draws off screen, no X is needed."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

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

    def keep_look(self, *, large: bool = False, low: bool = False) -> None:
        """Let screens look so from now on, whichever party leaves.

        Else all of them are laid out anew twice for each party.
        """
        app = self.driver.app
        app.theme.large, app.theme.low = large, low
        app.flow._reset_look = app.keypad.hide

    def until(self, tile: str) -> None:
        self.driver.wait_until(lambda: tile in self.driver.tiles())

    def until_text(self, text: str) -> None:
        self.driver.wait_until(lambda: text in self.driver.texts())


class FrameClock:
    """Kivy's clock in tests: a frame is a 60th of a second, however long it really takes.

    So the kiosk notices news after six frames, and nobody draws frames until time has passed.
    """

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1 / 120  # a frame looks at it twice
        return self.now


class Seat:
    """Whoever sits here now: a kiosk that stays from test to test knows the seat alone."""

    def __init__(self, sitting: Callable[[], object]) -> None:
        self._sitting = sitting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sitting(), name)


class KeptKiosk:
    """One kiosk for many tests, because making all screens takes a second.

    It goes from test to test as from party to party: nothing is left of the one before, which
    `test_kept_kiosk` proves. It has one clock, and an hour passes before the next test.
    """

    def __init__(self, settings: ScreenSettings) -> None:
        from kiosk.screens.app import KioskApp  # opens the window

        self.settings, self.clock = settings, HandClock()
        self.desk = FakeDesk()
        seat = Seat(lambda: self.desk)
        seat.staff = Seat(lambda: self.desk.staff)
        app = KioskApp(seat, settings=settings, monotonic=self.clock)
        self._driver = KioskDriver(app, pass_time=self.clock.advance)

    def seat(self, desk: FakeDesk, *, draws: bool) -> Stand:
        """Open it with this desk behind it."""
        self.desk, self._driver.draws = desk, draws
        was_open_before = self._driver.app.built
        self._driver.start()
        if was_open_before:
            self._driver.app.theme.scale()  # another screen may have been drawn in other units
            self._driver.frames(6)  # it notices whose desk this is
        return Stand(self._driver, desk, self.clock)

    def clear(self) -> None:
        """Close it, with nobody at it and no desk behind it."""
        from kivy.app import App

        app, self._driver.draws = self._driver.app, False
        if App.get_running_app() is not app:  # the test has closed it, or opened another
            self._driver.start()
        app.flow._reset_look = app._reset_look
        app.flow.break_down()
        app.frame.has_sound = app.frame.speaks = False
        self.clock.advance(3600)
        self._driver.frames(6)  # tiles spring back, and what staff see goes by itself
        self._driver.stop()
        self.desk = FakeDesk()


@pytest.fixture(scope="session")
def _kivy() -> None:
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(SMALL)
    from kivy.clock import Clock

    Clock._max_fps = 0  # a test waits for no frame
    Clock.time = FrameClock(Clock.time())


@pytest.fixture(scope="module")
def _kept() -> list[KeptKiosk]:
    """The kiosk that the last test of this file has left, or none.

    Which files come before one is chance, and no test may hang on it.
    """
    return []


@pytest.fixture
def kiosk(_kivy: None, _kept: list[KeptKiosk]) -> Iterator[Callable[..., Stand]]:
    """Open a kiosk with this desk on a screen of these settings.

    The first one of a test may have served in the tests before, unless it must be `new`.
    """
    from kiosk.screens.app import KioskApp  # opens the window

    drivers: list[KioskDriver] = []
    kept: list[KeptKiosk] = []

    def open_kiosk(
        desk: FakeDesk | None = None,
        settings: ScreenSettings = SMALL,
        *,
        draws: bool = False,
        speech: Listener | None = None,
        new: bool = False,
    ) -> Stand:
        desk = desk or FakeDesk()
        if not (new or speech or drivers or kept):
            left = _kept.pop() if _kept else None
            kept.append(left if left and left.settings == settings else KeptKiosk(settings))
            return kept[0].seat(desk, draws=draws)
        clock = HandClock()
        app = KioskApp(desk, settings=settings, speech=speech, monotonic=clock)
        driver = KioskDriver(app, pass_time=clock.advance, draws=draws).start()
        drivers.append(driver)
        return Stand(driver, desk, clock)

    yield open_kiosk
    for driver in drivers:
        driver.stop()
    for one in kept:
        one.clear()
        _kept.append(one)
