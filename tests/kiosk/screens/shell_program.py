"""A kiosk in a process of its own, which first tries every way out that a keyboard offers."""

import ctypes
import logging
import struct
import sys
from pathlib import Path

from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.fake_desk import FakeDesk

SETTINGS = ScreenSettings(width=540, height=960)

# SDL_events.h, SDL_keycode.h and SDL_scancode.h of SDL 2.
QUIT, WINDOW, KEY_DOWN, KEY_UP, CLOSE = 0x100, 0x200, 0x300, 0x301, 14
EVENT_BYTES = 56
FROM_SCANCODE = 1 << 30
CTRL, ALT, SHIFT = 0x40, 0x100, 0x1
F_KEYS = range(58, 70)
ESCAPE, TAB, DELETE, PRINT, SUPER, MENU = 41, 43, 76, 70, 227, 101
LETTERS = {letter: 4 + ord(letter) - ord("a") for letter in "cdeqwix"}
WAYS = (
    *((key, held) for key in F_KEYS for held in (0, ALT, CTRL | ALT)),
    *((key, held) for key in LETTERS.values() for held in (CTRL, CTRL | SHIFT)),
    *((key, held) for key in (ESCAPE, TAB, DELETE) for held in (0, ALT, CTRL | ALT)),
    *((key, 0) for key in (PRINT, SUPER, MENU)),
)


def main() -> None:
    """Show the kiosk until a signal comes; say on standard output what happened."""
    logging.basicConfig(level=logging.DEBUG)
    prepare(SETTINGS)
    import kivy
    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window

    from kiosk.screens.app import KioskApp

    app = KioskApp(FakeDesk(), settings=SETTINGS)
    sdl = ctypes.CDLL(str(next(Path(kivy.__file__).parents[1].glob("Kivy.libs/libSDL2-2-*"))))
    pressed = []

    def push(event: bytes) -> None:
        if sdl.SDL_PushEvent(ctypes.create_string_buffer(event, EVENT_BYTES)) != 1:
            say("SDL takes no events")

    def try_to_get_out(_: float) -> None:
        Window.bind(on_key_down=lambda *_: pressed.append("key"))
        for key, held in WAYS:
            for kind, state in ((KEY_DOWN, 1), (KEY_UP, 0)):
                letter = next((ord(c) for c, code in LETTERS.items() if code == key), 0)
                symbol = letter or {ESCAPE: 27, TAB: 9, DELETE: 127}.get(key, FROM_SCANCODE | key)
                push(struct.pack("<IIIBBxxIiHxxI", kind, 0, 1, state, 0, key, symbol, held, 0))
        push(struct.pack("<IIIBxxxii", WINDOW, 0, 1, CLOSE, 0, 0))
        push(struct.pack("<II", QUIT, 0))
        Clock.schedule_once(look, 0.5)

    def look(_: float) -> None:
        all_came = len(pressed) >= len(WAYS)
        is_shown = Window.children == [app.root] and app.flow.conversation.language is None
        say("shown" if all_came and is_shown else f"a way out, or {len(pressed)} keys came")

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
