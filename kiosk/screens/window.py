"""The window: everything that Kivy must be told before it is first imported."""

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

from kiosk.screens.screen_settings import ScreenSettings

GRAPHICS_CARDS = Path("/dev/dri")
"""Where Linux shows screens that need no X server."""


MULTISAMPLES = 0
"""Kivy's 2 take a processor without a graphics card twice the time, and ours are smooth without."""


class WindowError(Exception):
    """There can be no window; the message says why and what to do."""


ENVIRONMENT = {
    "KIVY_CLIPBOARD": "dummy",  # no xclip, and nothing to paste
    "KIVY_LOG_MODE": "PYTHON",  # the program's own log, and no other
    "KIVY_METRICS_DENSITY": "1",
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",  # nothing is read from a file or written to one
    "KIVY_NO_FILELOG": "1",
    "KIVY_TEXT": "sdl2",
    "KIVY_WINDOW": "sdl2",  # never the raw X11 window, which ends the process when there is no X
    "SDL_NO_SIGNAL_HANDLERS": "1",  # or SDL turns SIGTERM into a close request that we refuse
}


def prepare(settings: ScreenSettings) -> None:
    """Set Kivy up for a kiosk; call it once, before anything imports Kivy.

    Raises WindowError where there is no screen, or the library for right-to-left text is not
    installed.
    """
    _require_screen()
    home = tempfile.mkdtemp(prefix="ankunft-screen-")  # readable by this user alone
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.update(ENVIRONMENT, KIVY_HOME=home)
    quiet = logging.getLogger("kivy")
    quiet.disabled = True  # it tells of itself, and warns that its defaults are old
    from kivy.config import Config  # noqa: PLC0415  # reads the environment

    quiet.disabled = False
    quiet.setLevel(logging.WARNING)
    for section, key, value in _configuration(settings):
        Config.set(section, key, value)
    # Each touch would come twice: from the device, and again as SDL's mouse.
    Config.remove_option("input", "%(name)s")

    from kiosk.screens import bidi  # noqa: PLC0415  # imports Kivy

    bidi.install()


def _require_screen() -> None:
    """Refuse to open a window that nobody can see: SDL would draw it into memory, silently."""
    if "SDL_VIDEODRIVER" in os.environ or os.environ.get("DISPLAY"):
        return
    if not any(GRAPHICS_CARDS.glob("card*")):
        raise WindowError(
            "no screen: DISPLAY is not set and there is no graphics card. Start the kiosk inside "
            "an X session, or with SDL_VIDEODRIVER=offscreen to draw into memory only"
        )


def _configuration(settings: ScreenSettings) -> list[tuple[str, str, str]]:
    kiosk = settings.fullscreen
    return [
        ("graphics", "width", str(settings.width)),
        ("graphics", "height", str(settings.height)),
        # Not "fullscreen": without a window manager that gives a black picture.
        ("graphics", "borderless", "1" if kiosk else "0"),
        ("graphics", "position", "custom" if kiosk else "auto"),
        ("graphics", "left", "0"),
        ("graphics", "top", "0"),
        ("graphics", "show_cursor", "0" if kiosk else "1"),
        ("graphics", "resizable", "0"),
        ("graphics", "multisamples", str(MULTISAMPLES)),
        ("graphics", "maxfps", "60"),
        ("graphics", "allow_screensaver", "0"),
        ("input", "mouse", "mouse,disable_multitouch"),
        ("kivy", "desktop", "0"),
        ("kivy", "exit_on_escape", "0"),
    ]
