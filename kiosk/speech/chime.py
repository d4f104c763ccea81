"""The chime: two calm tones, computed, that a room turns its head to and nobody starts at."""

import struct
from functools import cache
from math import exp, pi, sin

from kiosk.speech.sound import Sound

RATE = 22_050
TONES = (659.26, 523.25)
"""E5, then C5, in hertz: a third downwards, as doorbells have it."""

TONE_SECONDS = 0.9
FADE_SECONDS = 0.35
"""In which a tone loses two thirds of its loudness, as a struck bar does."""

ATTACK_SECONDS = 0.02
"""In which it comes up: sooner would crack."""

LOUDEST = 0.5
"""Of the largest sample; the two tones never meet, and each has one overtone."""


@cache
def chime() -> Sound:
    """Return the sound."""
    levels = [level for tone in TONES for level in _bar(tone)]
    samples = [round(32_767 * LOUDEST * level) for level in levels]
    return Sound(struct.pack(f"<{len(samples)}h", *samples), RATE)


def _bar(hertz: float) -> list[float]:
    """Return one tone, -1 to 1: it comes up, fades, and ends in silence."""
    count = int(TONE_SECONDS * RATE)
    levels = []
    for index in range(count):
        at = index / RATE
        loud = min(1.0, at / ATTACK_SECONDS, (count - index) / (ATTACK_SECONDS * RATE))
        wave = 0.8 * sin(2 * pi * hertz * at) + 0.2 * sin(4 * pi * hertz * at)
        levels.append(loud * exp(-at / FADE_SECONDS) * wave)
    return levels
