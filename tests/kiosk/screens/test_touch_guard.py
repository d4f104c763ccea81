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


def test_another_key_may_follow_at_once_but_not_the_same_one_again() -> None:
    clock = HandClock()
    guard = TouchGuard(clock)

    struck = [guard.lets_through(f"key:{letter}") for letter in "anna"]
    assert struck == [True, True, False, True]
    clock.advance(DEAF_SECONDS)
    assert guard.lets_through("key:a")


def test_a_key_does_not_follow_a_tile_at_once_nor_a_tile_a_key() -> None:
    guard = TouchGuard(HandClock())

    assert guard.lets_through()
    assert not guard.lets_through("key:a")
    other = TouchGuard(HandClock())
    assert other.lets_through("key:a")
    assert not other.lets_through()
