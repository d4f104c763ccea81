from kiosk.screens.attract import EACH_SECONDS, QUIET_SECONDS, Attract
from tests.kiosk.screens.fake_desk import HandClock

LANGUAGES = ("uk", "ar", "de")


def test_the_heading_waits_and_then_goes_through_all_languages_round_and_round() -> None:
    clock = HandClock()
    attract = Attract(clock)
    clock.advance(QUIET_SECONDS - 0.1)
    assert attract.language(LANGUAGES, at_once=False) is None
    clock.advance(0.1)
    seen = []
    for _ in range(8):
        seen.append(attract.language(LANGUAGES, at_once=False))
        clock.advance(EACH_SECONDS / 2)

    assert seen == ["uk", "uk", "ar", "ar", "de", "de", "uk", "uk"]


def test_a_touch_makes_it_wait_again() -> None:
    clock = HandClock()
    attract = Attract(clock)
    clock.advance(QUIET_SECONDS + EACH_SECONDS)
    assert attract.language(LANGUAGES, at_once=False) == "ar"
    attract.sign_of_life()

    assert attract.language(LANGUAGES, at_once=False) is None


def test_what_cannot_wait_is_told_at_once() -> None:
    assert Attract(HandClock()).language(LANGUAGES, at_once=True) == "uk"
