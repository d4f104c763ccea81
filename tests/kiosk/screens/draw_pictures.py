"""Draws the screens as the README shows them: python -m tests.kiosk.screens.draw_pictures."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from kiosk.contract.messages import SlipState
from kiosk.help_line import HelpProgress
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.fake_desk import FakeDesk, HandClock
from tests.stand.touch import KioskDriver

FOLDER = Path(__file__).parents[3] / "assets" / "pictures" / "kiosk"
PORTRAIT = ScreenSettings(width=1080, height=1920)
LANDSCAPE = ScreenSettings(width=1920, height=1080)


@contextmanager
def opened(settings: ScreenSettings, desk: FakeDesk) -> Iterator[KioskDriver]:
    """Run a kiosk on such a screen for as long as the block lasts."""
    from kiosk.screens.app import KioskApp

    clock = HandClock()
    app = KioskApp(desk, settings=settings, monotonic=clock)
    driver = KioskDriver(app, pass_time=clock.advance).start()
    try:
        yield driver
    finally:
        driver.stop()


def draw(settings: ScreenSettings, language: str, *, screens: set[str]) -> None:
    """Write these screens in this language, each as ``portrait-uk-ticket.png``."""
    desk = FakeDesk(url="https://ankunft.example/t/0123456789abcdefghijkl")
    desk.slip = SlipState.PRINTED
    desk.watch.state = HelpProgress.CALLED
    shape = "landscape" if settings.is_landscape else "portrait"
    with opened(settings, desk) as driver:
        driver.app.frame.has_sound = True

        def see(screen: str) -> None:
            if screen in screens:
                driver.picture(FOLDER / f"{shape}-{language}-{screen}.png")

        see("language")
        driver.tap_id(f"language:{language}")
        see("notice")
        for tile in ("next", "adults:1", "children:2"):
            driver.tap_id(tile)
        see("party")
        driver.tap_id("next")
        see("before")
        for tile in ("before:no", "need:sleep", "need:toilet"):
            driver.tap_id(tile)
        see("need")
        driver.tap_id("next")
        see("wait")
        driver.tap_id("wait:baby")
        driver.wait_until(lambda: "done" in driver.tiles())
        see("ticket")
        driver.tap_id("help:person")
        see("help")
        driver.tap_id("done")
        places = ("need:food", "need:toilet", "next")
        for tile in (f"language:{language}", "next", "adults:1", "next", "before:no", *places):
            driver.tap_id(tile)
        see("places")


def draw_shape(settings: ScreenSettings, wanted: dict[str, set[str]]) -> None:
    """Write the pictures of one shape; once a process, whose window keeps its shape."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(settings)
    for language, screens in wanted.items():
        draw(settings, language, screens=screens)


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    everything = {"language", "notice", "party", "before", "need", "wait", "ticket", "help"}
    standing = {"uk": everything | {"places"}, "ar": {"party", "need", "ticket"}}
    lying = {"de": {"language", "need", "ticket"}, "ar": {"need"}}
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        pool.starmap(draw_shape, [(PORTRAIT, standing), (LANDSCAPE, lying)], chunksize=1)


if __name__ == "__main__":
    main()
