"""Who finds the way by keys hears where the focus is."""

from collections.abc import Callable, Iterator

import pytest

from kiosk.language import LANGUAGES, catalogue
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.keypad_hand import KeypadHand
from tests.kiosk.screens.listener import Listener

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener(plugged=True)
    yield listener
    listener.close()


def heard(listener: Listener) -> list[str]:
    return [one.text.rstrip(".") for one in listener.hears()]


def test_the_first_key_says_what_keys_do_and_where_they_begin(
    kiosk: Kiosk, listener: Listener
) -> None:
    hand = KeypadHand(kiosk(speech=listener))
    hand.press("right")
    how = catalogue("uk").text("Use the arrows, then the middle key.").rstrip(".")
    assert heard(listener) == [how, LANGUAGES["uk"].name]
    hand.press("right")

    assert heard(listener) == [LANGUAGES["ru"].name]


def test_a_screen_that_comes_is_read_before_the_tile_that_has_the_focus(
    kiosk: Kiosk, listener: Listener
) -> None:
    hand = KeypadHand(kiosk(speech=listener))
    hand.press("right")
    heard(listener)
    hand.press("enter")
    said = heard(listener)

    assert said[0] == catalogue("uk").text("Good to know")
    assert said[-1] == catalogue("uk").text("Next")


def test_a_focus_that_nobody_listens_to_is_silent(kiosk: Kiosk) -> None:
    listener = Listener()
    hand = KeypadHand(kiosk(speech=listener))
    hand.press("right", "right", "enter")

    assert heard(listener) == []
    listener.close()


def test_a_key_begins_to_read_aloud(kiosk: Kiosk) -> None:
    listener = Listener()
    hand = KeypadHand(kiosk(speech=listener))
    hand.stand.driver.app.flow.tick()
    hand.stand.driver.frames(3)
    hand.press("f2")

    assert heard(listener)[:2] == [LANGUAGES["uk"].name, LANGUAGES["ru"].name]
    listener.close()
