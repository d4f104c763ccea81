"""A kiosk in a process of its own whose screens raise what nobody expected.

python -m tests.kiosk.screens.stumbling_program tick|touch|always
"""

import logging
import sys

from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.shell_program import say

SETTINGS = ScreenSettings(width=540, height=960)
SECRET = "what a party entered"


def main(how: str) -> None:  # noqa: C901  # small steps, in their order
    """Choose a language, stumble as is said, and tell on standard output what is shown."""
    logging.basicConfig(level=logging.INFO)
    prepare(SETTINGS)
    from kivy.clock import Clock

    from kiosk.screens.app import KioskApp
    from tests.stand.finger import Finger

    desk = FakeDesk()
    app = KioskApp(desk, settings=SETTINGS)

    ticks: list[str] = []
    stumbles = {"always": lambda: True, "tick": lambda: len(ticks) == 1, "touch": lambda: False}

    def stumble(*_: object) -> None:
        raise KeyError(SECRET)

    def tick() -> None:
        ticks.append("tick")
        if stumbles[how]():
            stumble()

    def begin(*_: object) -> None:
        app.flow.choose_language("uk")
        app.flow.tick = tick
        Clock.schedule_once(tell, 0.5)
        if how == "touch":
            app.frame.bind(on_sign_of_life=stumble)
            Finger(100, 100).touch_down()

    def tell(*_: object) -> None:
        if how == "always" or len(ticks) < 3:  # the test's patience ends it
            Clock.schedule_once(tell, 0.5)
            return
        say(f"{app.flow.conversation.state.value}, ticking, staff told {len(desk.told)}")
        app.stop()

    def start(_: object) -> None:  # returns nothing: the app's own start comes after it
        Clock.schedule_once(begin)

    app.bind(on_start=start)
    app.run()
    say("clean exit")


if __name__ == "__main__":
    main(sys.argv[1])
