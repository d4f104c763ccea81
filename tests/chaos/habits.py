"""What a monkey does next: anywhere at random, at any tile, or now and then like a person.

Each touch has dice of its own, made of seed and number: touch 312 is the same whatever came
before it, as far as the same is on the screen.
"""

from collections.abc import Sequence
from enum import Enum
from random import Random

from tests.chaos import sdl

STRETCH = 25
"""Touches that a mood lasts."""


class Mood(Enum):
    """How a monkey behaves for a while."""

    WILD = "wild"
    CURIOUS = "curious"
    PERSON = "person"


class Act(Enum):
    """What one touch can be."""

    TAP = "tap"
    TAP_TILE = "tap tile"
    DOUBLE = "double tap"
    HAMMER = "fast taps"
    TWO_TILES = "two fingers on tiles"
    TWO_PLACES = "two fingers"
    DRAG = "drag"
    OTHER_BUTTON = "other button"
    HOLDING = "tap holding keys"
    KEY = "key"
    KNOCK = "knock"
    WALK_AWAY = "walk away"


HABITS: dict[Mood, dict[Act, int]] = {
    Mood.WILD: {
        Act.TAP: 30,
        Act.DOUBLE: 8,
        Act.HAMMER: 4,
        Act.TWO_PLACES: 8,
        Act.TWO_TILES: 8,
        Act.DRAG: 12,
        Act.OTHER_BUTTON: 5,
        Act.HOLDING: 5,
        Act.KEY: 18,
        Act.KNOCK: 3,
        Act.WALK_AWAY: 2,
    },
    Mood.CURIOUS: {
        Act.TAP_TILE: 70,
        Act.DOUBLE: 8,
        Act.TWO_TILES: 10,
        Act.KEY: 6,
        Act.KNOCK: 3,
        Act.DRAG: 4,
        Act.WALK_AWAY: 2,
    },
    Mood.PERSON: {Act.TAP_TILE: 100},
}
MOODS = {Mood.WILD: 12, Mood.CURIOUS: 2, Mood.PERSON: 3}

PAUSES: dict[Mood, Sequence[float]] = {
    Mood.WILD: (0.0, 0.05, 0.2, 0.6, 1.0, 5.0, 30.0),
    Mood.CURIOUS: (0.1, 0.6, 0.7, 1.0, 2.0, 65.0),
    Mood.PERSON: (0.7, 1.0, 2.0, 5.0),
}
"""Seconds before a touch; an idle kiosk asks after 60 whether anyone is there."""

KEYS = (
    *("escape", "enter", "tab", "backspace", "space", "delete"),
    *("f1", "f2", "f4", "f5", "f11", "f12", "up", "down", "left", "right"),
    *("pad-0", "pad-5", "pad-enter", "pad-minus", "pad-times", "volume-up", "menu"),
    *"aceqrvwz019",
)
CALLING_KEYS = {"f1", "help", "pad-0", "enter", "pad-enter", "pad-5"}
"""Keys that call somebody, or may when they press what the arrows have come to."""

HELD: dict[str, tuple[int, ...]] = {
    "": (),
    "Alt": (sdl.ALT,),
    "Ctrl": (sdl.CTRL,),
    "Shift": (sdl.SHIFT,),
    "Meta": (sdl.META,),
    "Ctrl-Alt": (sdl.CTRL, sdl.ALT),
    "Ctrl-Shift": (sdl.CTRL, sdl.SHIFT),
}

ASIDE = ("back", "cancel", "help:", "audio:", "tool:", "look:", "page:")
"""How tiles begin that lead a person nowhere."""

TOOLS = ("tool:", "look:")
"""How tiles begin that change how a screen looks or sounds."""

CALLING = ("help:", "audio:")
"""How tiles begin that call somebody; a language that is only spoken does, too."""

WAY_OUT = ("next", "done", "go-on")


def dice(seed: int, touch: int, what: str = "touch") -> Random:
    """Return the dice of one touch, or of something else that is due at it."""
    return Random(f"{seed}/{what}/{touch}")  # noqa: S311  # to be thrown again


def mood(seed: int, touch: int) -> Mood:
    """Return how the monkey behaves at a touch."""
    stretch = dice(seed, touch // STRETCH, "mood")
    return stretch.choices(list(MOODS), list(MOODS.values()))[0]


def act(mood: Mood, throw: Random) -> Act:
    """Return what to do in a mood."""
    habits = HABITS[mood]
    return throw.choices(list(habits), list(habits.values()))[0]


def like_a_person(tiles: Sequence[str], throw: Random) -> str:
    """Return the tile that a person may well touch next; there must be one."""
    forward = [tile for tile in tiles if not tile.startswith(ASIDE)]
    onward = [tile for tile in forward if tile in WAY_OUT]
    if onward and throw.random() < 0.5:
        return throw.choice(onward)
    if forward and throw.random() < 0.97:
        return throw.choice(forward)
    return throw.choice(tiles)
