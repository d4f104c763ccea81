from kiosk.screens.touch_guard import DEAF_SECONDS, TouchGuard
from tests.kiosk.screens.fake_desk import HandClock


def test_a_second_tap_within_half_a_second_does_not_count() -> None:
    clock = HandClock()
    guard = TouchGuard(clock)

    assert guard.lets_through()
    clock.advance(DEAF_SECONDS - 0.01)
    assert not guard.lets_through()
    clock.advance(0.01)
    assert guard.lets_through()


def test_the_half_second_begins_when_the_finger_is_lifted() -> None:
    clock = HandClock()
    guard = TouchGuard(clock)
    guard.lets_through()
    clock.advance(3)
    guard.touched()

    assert not guard.is_open


def test_a_trembling_hand_does_not_keep_the_guard_closed() -> None:
    clock = HandClock()
    guard = TouchGuard(clock)
    counted = 0
    for _ in range(10):
        counted += guard.lets_through()
        clock.advance(0.2)

    assert counted == 4
