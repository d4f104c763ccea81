"""A kiosk in a process of its own, which first tries every way out that a keyboard offers."""

import logging
import sys

from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.fake_desk import FakeDesk

SETTINGS = ScreenSettings(width=540, height=960)
ESCAPE, F1, F4 = 27, 282, 285


def main() -> None:
    """Show the kiosk until a signal comes; say on standard output what happened."""
    logging.basicConfig(level=logging.DEBUG)
    prepare(SETTINGS)
    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window

    from kiosk.screens.app import KioskApp

    app = KioskApp(FakeDesk(), settings=SETTINGS)

    def try_to_get_out(_: float) -> None:
        for key in (ESCAPE, F1, F4):
            Window.dispatch("on_keyboard", key, 0, None, ["alt"])
        closed = not Window.dispatch("on_request_close")
        say("a way out" if closed or Window.children != [app.root] else "shown")

    def begin(_: App) -> None:  # returns nothing: the app's own start comes after it
        Clock.schedule_once(try_to_get_out)

    app.bind(on_start=begin)
    app.run()
    say("clean exit")


def say(what: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
