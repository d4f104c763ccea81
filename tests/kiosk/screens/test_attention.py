from kiosk.screens.attention import Attention, Presence
from tests.kiosk.screens.fake_desk import HandClock


def test_silence_is_asked_about_before_anything_is_forgotten() -> None:
    clock = HandClock()
    attention = Attention(60, 20, monotonic=clock)
    seen = []
    for seconds in (59.9, 0.1, 19.9, 0.1):
        clock.advance(seconds)
        seen.append(attention.presence)

    assert seen == [Presence.THERE, Presence.ASKED, Presence.ASKED, Presence.GONE]


def test_seconds_left_are_those_until_everything_is_forgotten() -> None:
    clock = HandClock()
    attention = Attention(60, 20, monotonic=clock)
    clock.advance(60)

    assert attention.seconds_left == 20
    clock.advance(19.5)
    assert attention.seconds_left == 1
    clock.advance(100)
    assert attention.seconds_left == 0


def test_a_sign_of_life_begins_the_count_again() -> None:
    clock = HandClock()
    attention = Attention(60, 20, monotonic=clock)
    clock.advance(79)
    attention.sign_of_life()
    clock.advance(59)

    assert attention.presence is Presence.THERE


def test_without_a_warning_nobody_is_asked() -> None:
    clock = HandClock()
    attention = Attention(45, 0, monotonic=clock)
    clock.advance(45)

    assert attention.presence is Presence.GONE
