"""The notice, and the QR code to all about the data where a site has such a page."""

from collections.abc import Callable
from typing import Any

import pytest

from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.measuring import faults
from tests.kiosk.screens.test_layout import letters

__all__ = ["letters"]  # a fixture

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

LONGEST = "https://reception-point.ankunft.example/{language}/about-data"


def open_notice(
    kiosk: Kiosk, settings: ScreenSettings, language: str = "uk", *, page: str | None = LONGEST
) -> Stand:
    site = FakeDesk().site.model_copy(update={"privacy_address": page})
    stand = kiosk(FakeDesk(site=site), settings)
    stand.driver.app.flow.choose_language(language)  # its tile may be on another page
    stand.driver.frames(3)
    return stand


def code(stand: Stand) -> Any:
    """Return the QR code that is shown, or None."""
    codes = [w for w in stand.driver.widgets() if type(w).__name__ == "QrCode"]
    return codes[0] if codes else None


def test_the_code_holds_the_page_in_the_partys_language(kiosk: Kiosk) -> None:
    stand = open_notice(kiosk, PORTRAIT)

    assert code(stand).url == "https://reception-point.ankunft.example/uk/about-data"
    stand.tap("back", "language:ar")
    assert code(stand).url == "https://reception-point.ankunft.example/ar/about-data"


def test_a_site_without_such_a_page_shows_no_code(kiosk: Kiosk) -> None:
    assert code(open_notice(kiosk, PORTRAIT, page=None)) is None


def test_a_phone_can_tell_the_squares_apart(kiosk: Kiosk) -> None:
    for settings in (PORTRAIT, LANDSCAPE):
        stand = open_notice(kiosk, settings)
        shown = code(stand)
        pixels = shown.side / shown.modules
        assert pixels == int(pixels)
        assert pixels / settings.pixels_per_mm >= 0.8, "millimetres of a square"
        stand.driver.stop()


@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("mode", ["", "large", "low"])
@pytest.mark.parametrize("language", ["uk", "ka"])
def test_nothing_is_cut_with_the_code(
    kiosk: Kiosk,
    letters: set[int],
    settings: ScreenSettings,
    mode: str,
    language: str,
) -> None:
    stand = open_notice(kiosk, settings, language)
    app = stand.driver.app
    if mode:
        getattr(app.theme, f"switch_{mode}")()
    stand.driver.frames(4)
    codes, found = 0, []
    while True:
        codes += code(stand) is not None
        found += faults(app.root, theme=app.theme, settings=settings, letters=letters)
        if not app.frame.screen.pages.further:
            break
        stand.tap("next")
        stand.driver.frames(3)

    assert found == []
    assert (codes, stand.state) == (1, "notice")
