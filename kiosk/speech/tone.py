"""A tone: what a technician hears when the sound is tried. Made here, nobody owns it."""

import array
import math
import sys

from kiosk.speech.sound import Sound

RATE = 22_050
"""Samples a second."""

LOUDNESS = 0.3
"""Of the loudest that there is."""

FADE_SECONDS = 0.03
"""In and out, or it would click."""


def tone(hertz: float = 440.0, *, seconds: float = 0.8) -> Sound:
    """Return a calm tone, and its octave softly above it."""
    count = int(seconds * RATE)
    fade = int(FADE_SECONDS * RATE)
    samples = array.array("h", (_sample(at, count, fade, hertz) for at in range(count)))
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(samples.tobytes(), RATE)


def _sample(at: int, count: int, fade: int, hertz: float) -> int:
    angle = 2 * math.pi * hertz * at / RATE
    level = min(1.0, at / fade, (count - 1 - at) / fade)
    return int(32_767 * LOUDNESS * level * (math.sin(angle) + 0.3 * math.sin(2 * angle)) / 1.3)
