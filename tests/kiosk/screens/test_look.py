"""High contrast: switched by one tile on any screen, and gone with the party."""

from collections.abc import Callable

import pytest

from tests.kiosk.screens.conftest import Stand

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


def palette(stand: Stand) -> str:
    return str(stand.driver.app.theme.palette)


def test_contrast_is_switched_on_and_off_by_one_tile(kiosk: Kiosk) -> None:
    stand = kiosk()
    words = next(w for w in stand.driver.widgets() if getattr(w, "text", "") == "Українська")
    usual = list(words.color)
    stand.tap("look:contrast")
    assert list(words.color) == [1, 1, 1, 1] != usual
    assert stand.driver.find("look:contrast").chosen
    stand.tap("look:contrast")
    assert list(words.color) == usual


def test_contrast_stays_from_screen_to_screen_and_back_to_the_first(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("look:contrast", "language:ar", "next", "adults:1", "next", "before:no")
    assert palette(stand) == "contrast"
    stand.tap("back", "back", "back", "back")
    assert (stand.state, palette(stand)) == ("language", "contrast")


def test_contrast_is_gone_with_the_party(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "look:contrast", "cancel")
    assert palette(stand) == "light"


def test_contrast_switched_on_the_first_screen_goes_when_nobody_touches_it(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("look:contrast")
    stand.clock.advance(79)
    stand.driver.app.flow.tick()
    assert palette(stand) == "contrast"
    stand.clock.advance(1)
    stand.driver.app.flow.tick()
    assert palette(stand) == "light"
