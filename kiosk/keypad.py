"""The keypad: which key of a USB keypad does what. Pure.

A keypad is a keyboard with few keys. Each key has a number that is the same on all keyboards
and in all layouts: its usage on page 0x07 of the USB HID Usage Tables, which SDL calls scancode.
"""

from collections.abc import Iterable, Mapping
from enum import Enum


class Command(Enum):
    """What a key can ask for."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    ENTER = "enter"
    BACK = "back"
    HELP = "help"
    HEAR = "hear"
    SOFTER = "softer"
    LOUDER = "louder"


def _in_order(first: int, *names: str) -> dict[str, int]:
    return {name: first + index for index, name in enumerate(names)}


USAGES: Mapping[str, int] = {
    **_in_order(4, *"abcdefghijklmnopqrstuvwxyz"),
    **_in_order(30, *"1234567890"),
    **_in_order(40, "enter", "escape", "backspace", "tab", "space"),
    **_in_order(58, *(f"f{number}" for number in range(1, 13))),
    **_in_order(72, "pause", "insert", "home", "page-up", "delete", "end", "page-down"),
    **_in_order(79, "right", "left", "down", "up"),
    **_in_order(84, "pad-divide", "pad-times", "pad-minus", "pad-plus", "pad-enter"),
    **_in_order(89, *(f"pad-{number}" for number in range(1, 10)), "pad-0", "pad-point"),
    **_in_order(104, *(f"f{number}" for number in range(13, 25))),
    **_in_order(117, "help", "menu"),
    **_in_order(128, "volume-up", "volume-down"),
}
"""Names of keys, as the settings say them, to their usages."""

DEFAULTS: Mapping[Command, tuple[str, ...]] = {
    Command.UP: ("up", "pad-8"),
    Command.DOWN: ("down", "pad-2"),
    Command.LEFT: ("left", "pad-4"),
    Command.RIGHT: ("right", "pad-6"),
    Command.ENTER: ("enter", "pad-enter", "pad-5"),
    Command.BACK: ("backspace", "escape", "pad-minus"),
    Command.HELP: ("f1", "help", "pad-0"),
    Command.HEAR: ("f2", "pad-times"),
    Command.SOFTER: ("volume-down",),
    Command.LOUDER: ("volume-up",),
}
"""What keys do unless the settings say otherwise: four arrows round a middle key."""


def commands(keys: Mapping[Command, Iterable[str]] = DEFAULTS) -> dict[int, Command]:
    """Return what each key does, by its usage.

    Raises ValueError where a name is no key's, or a key would do two things.
    """
    found: dict[int, Command] = {}
    for command, names in keys.items():
        for name in names:
            if name not in USAGES:
                raise ValueError(f"no key {name!r}; there are: {', '.join(USAGES)}")
            if found.setdefault(USAGES[name], command) is not command:
                raise ValueError(f"key {name!r} cannot do two things")
    return found
