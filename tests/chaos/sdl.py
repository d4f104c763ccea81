"""Events in SDL's own queue, as a keyboard, a mouse or a window manager puts them there.

Kivy's window reads them like any other, so that nothing between driver and app is left out. A
touchscreen arrives as SDL's mouse: on Linux, Kivy 2.3.1 reads no touches of SDL.
"""

import ctypes
from pathlib import Path

from kiosk.keypad import USAGES

QUIT, KEY_DOWN, KEY_UP, MOUSE_MOVED, MOUSE_DOWN, MOUSE_UP = 0x100, 0x300, 0x301, 0x400, 0x401, 0x402
LEFT, MIDDLE, RIGHT = 1, 2, 3
SHIFT, CTRL, ALT, META = 0x1, 0x40, 0x100, 0x400

# Of SDL_keycode.h: a key that writes is what it writes, every other its place on the keyboard.
NO_LETTER = 1 << 30
WRITES = {"escape": 27, "enter": 13, "tab": 9, "backspace": 8, "space": 32, "delete": 127}
USAGES_HELD = {SHIFT: 225, CTRL: 224, ALT: 226, META: 227}


def key_code(name: str) -> int:
    """Return SDL's code of a key that is called as in `kiosk.keypad`."""
    if len(name) == 1:
        return ord(name)
    return WRITES.get(name, NO_LETTER | USAGES[name])


class _Key(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("state", ctypes.c_uint8),
        ("repeat", ctypes.c_uint8),
        ("padding", ctypes.c_uint8 * 2),
        ("scancode", ctypes.c_int32),
        ("key", ctypes.c_int32),
        ("modifiers", ctypes.c_uint16),
        ("unused", ctypes.c_uint32),
    )


class _Button(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("which", ctypes.c_uint32),
        ("button", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("clicks", ctypes.c_uint8),
        ("padding", ctypes.c_uint8),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
    )


class _Motion(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("which", ctypes.c_uint32),
        ("state", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("dx", ctypes.c_int32),
        ("dy", ctypes.c_int32),
    )


class _Event(ctypes.Union):
    """SDL_Event; its padding makes it as large as SDL believes it is."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("key", _Key),
        ("button", _Button),
        ("motion", _Motion),
        ("padding", ctypes.c_uint8 * 64),
    )


class EventQueue:
    """The queue of the SDL that Kivy has loaded. Make it once Kivy's window is open."""

    def __init__(self) -> None:
        maps = Path("/proc/self/maps").read_text().splitlines()
        loaded = {line.split()[-1] for line in maps if "/libSDL2-2" in line}
        if len(loaded) != 1:
            raise RuntimeError(f"one SDL must be loaded, not {sorted(loaded)}")
        self._sdl = ctypes.CDLL(loaded.pop())

    def key(self, name: str, *, down: bool, modifiers: int = 0) -> None:
        """Press or lift a key, called as in `kiosk.keypad`, while others are held."""
        self._key(key_code(name), USAGES[name], down=down, modifiers=modifiers)

    def hold(self, modifier: int, *, down: bool, modifiers: int) -> None:
        """Press or lift one of SHIFT, CTRL, ALT and META, to be held with others."""
        usage = USAGES_HELD[modifier]
        self._key(NO_LETTER | usage, usage, down=down, modifiers=modifiers)

    def button(self, x: float, y: float, *, down: bool, button: int = LEFT) -> None:
        """Press or lift a button of the mouse; pixels from the upper left corner."""
        event = _Event(type=MOUSE_DOWN if down else MOUSE_UP)
        event.button.button, event.button.state, event.button.clicks = button, down, 1
        event.button.x, event.button.y = int(x), int(y)
        self._push(event)

    def move(self, x: float, y: float) -> None:
        """Move the mouse; pixels from the upper left corner."""
        event = _Event(type=MOUSE_MOVED)
        event.motion.x, event.motion.y = int(x), int(y)
        self._push(event)

    def close_request(self) -> None:
        """Ask the program to end, as a window manager does at Alt-F4."""
        self._push(_Event(type=QUIT))

    def _key(self, code: int, usage: int, *, down: bool, modifiers: int) -> None:
        event = _Event(type=KEY_DOWN if down else KEY_UP)
        event.key.key, event.key.scancode = code, usage
        event.key.modifiers, event.key.state = modifiers, down
        self._push(event)

    def _push(self, event: _Event) -> None:
        if self._sdl.SDL_PushEvent(ctypes.byref(event)) < 0:
            raise RuntimeError("SDL's queue is full")
