"""A process of its own: a real kiosk, arrivals by touch, and how long each touch took; as JSON.

python -m tests.bench.kiosk_hand SETTINGS ROUNDS MULTISAMPLES
"""

import json
import os
import re
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kiosk.assembly import open_front_desk, screen_settings
from kiosk.screens import window
from kiosk.settings import read_settings
from tests.stand.arrivals import MAN_ALONE, MOTHER_WITH_TWO, check_in, leave, wait_for_slip
from tests.stand.touch import KioskDriver

REHEARSED_SECONDS = 8.0
"""From the first picture, until a kiosk has prepared what it can."""


class TimedDriver(KioskDriver):
    """A hand that times each touch: from lifting the finger until the next picture is drawn."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.times: list[float] = []

    def touch(self, widget: Any) -> None:
        """Touch, and draw one frame: all of it, also what the graphics driver puts off."""
        from kivy.graphics.opengl import glFinish

        from tests.stand.finger import Finger

        finger = Finger(*widget.to_window(*widget.center))
        finger.touch_down()
        self.frames(2)
        glFinish()
        self.touched_at = time.monotonic()
        finger.touch_up()
        self.frames()
        glFinish()
        self.times.append((time.monotonic() - self.touched_at) * 1000)


def resident_mb() -> float:
    """Return how much memory this process holds, in MB (proc_pid_status(5))."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def main(settings_file: str, rounds: str, multisamples: str) -> None:
    """Touch arrivals in Ukrainian and in Arabic, by turns; print milliseconds and megabytes."""
    settings = read_settings(Path(settings_file))
    screen = screen_settings(settings, fullscreen=False)
    window.MULTISAMPLES = int(multisamples)
    window.prepare(screen)
    from kiosk.screens.app import KioskApp

    with ExitStack() as stack:
        desk = open_front_desk(settings)
        app = KioskApp(desk, settings=screen, on_shown=desk.open)
        driver = TimedDriver(app)
        driver.start()
        stack.callback(driver.stop)
        stack.callback(desk.close)
        app.rehearse()
        rehearsed = time.monotonic() + REHEARSED_SECONDS
        driver.wait_until(lambda: time.monotonic() > rehearsed, seconds=2 * REHEARSED_SECONDS)
        first = resident_mb()
        for _ in range(int(rounds)):
            for arrival in (MOTHER_WITH_TWO, MAN_ALONE):
                ticket = check_in(driver, arrival)
                wait_for_slip(driver, ticket)
                leave(driver)
        print(json.dumps({"touches": driver.times, "first": first, "last": resident_mb()}))
        sys.stdout.flush()
        os._exit(0)  # nothing is left to do that would not be measured as well


if __name__ == "__main__":
    main(*sys.argv[1:])
