import struct
from collections.abc import Iterator
from itertools import pairwise
from math import cos, pi

import pytest

from kiosk.speech.chime import RATE, TONES, chime
from kiosk.speech.headphones import Outlet
from kiosk.speech.sound import whole_wav
from kiosk.speech.speaker import USUAL_VOLUME, VOLUMES
from tests.kiosk.speech.test_speaker import ONE, WAIT, Room


def levels() -> list[int]:
    samples = chime().samples
    return list(struct.unpack(f"<{len(samples) // 2}h", samples))


def tone(hertz: float, part: list[int]) -> float:
    """Return how much of a tone is in a part of the sound (Goertzel)."""
    turn, one, two = 2 * cos(2 * pi * hertz / RATE), 0.0, 0.0
    for level in part:
        one, two = level + turn * one - two, one
    return (one**2 + two**2 - turn * one * two) ** 0.5 / len(part)


def test_the_chime_is_a_sound_that_players_take() -> None:
    assert whole_wav(chime().to_wav()) == chime()
    assert 1 < chime().seconds < 3


def test_it_is_two_tones_the_lower_one_last() -> None:
    heard = levels()
    first, last = heard[: len(heard) // 2], heard[len(heard) // 2 :]

    assert tone(TONES[0], first) > 10 * tone(TONES[1], first)
    assert tone(TONES[1], last) > 10 * tone(TONES[0], last)


def test_it_is_calm() -> None:
    heard = levels()
    steps = [abs(b - a) for a, b in pairwise(heard)]

    assert max(abs(level) for level in heard) <= 32_767 / 2, "loud"
    assert max(steps) < 4_000, "it cracks"
    assert heard[0] == 0
    assert abs(heard[-1]) < 100, "it ends in a crack"


# --- through the speaker ------------------------------------------------------------------------


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room(Outlet())
    yield room
    room.speaker.close()


def rings(room: Room) -> None:
    """Hear the chime begin, and let it end."""
    room.stage.begun.get(timeout=WAIT)
    assert room.stage.samples[-1] == chime().halved(VOLUMES[USUAL_VOLUME]).samples
    room.stage.finish()


def test_the_chime_is_heard_by_a_room_without_headphones(room: Room) -> None:
    room.speaker.ring()

    rings(room)


def test_the_chime_does_not_break_into_what_is_being_said(room: Room) -> None:
    room.speaker.speak([ONE])
    room.begins(ONE)
    room.speaker.ring()
    room.stage.finish()
    assert room.told.get(timeout=WAIT) is None
    assert len(room.stage.samples) == 1
    room.speaker.ring()

    room.stage.begun.get(timeout=WAIT)  # what was said
    rings(room)


def test_what_is_said_breaks_into_the_chime_and_news_follows_it(room: Room) -> None:
    room.speaker.ring()
    room.stage.begun.get(timeout=WAIT)
    room.speaker.add([ONE])
    room.stage.finish()
    room.begins(ONE)
    room.stage.finish()
    assert room.told.get(timeout=WAIT) is None

    room.speaker.ring()
    for _ in range(2):
        room.stage.begun.get(timeout=WAIT)
    room.speaker.speak([ONE])
    assert room.stage.open[-1].ended.wait(WAIT)
    assert room.told.get(timeout=WAIT) is None
    room.hears(ONE)


def test_a_room_without_a_loudspeaker_hears_nothing() -> None:
    room = Room(Outlet(loudspeaker=False))
    room.speaker.ring()
    assert room.told.get(timeout=WAIT) is None
    room.speaker.close()

    assert room.stage.samples == []
