"""Large letters, high contrast, low reach: one tile each on any screen, gone with the party."""

from collections.abc import Callable

import pytest

from kiosk.contract.site import SERIES_PAIRS
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, SMALL, Stand
from tests.kiosk.screens.fake_desk import FakeDesk

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


def palette(stand: Stand) -> str:
    return str(stand.driver.app.theme.palette)


def test_contrast_is_switched_on_and_off_by_one_tile(kiosk: Kiosk) -> None:
    stand = kiosk()
    words = next(w for w in stand.driver.widgets() if getattr(w, "text", "") == "Українська")
    usual = list(words.color)
    stand.tap("tool:contrast")
    assert list(words.color) == [1, 1, 1, 1] != usual
    assert stand.driver.find("tool:contrast").chosen
    stand.tap("tool:contrast")
    assert list(words.color) == usual


def test_contrast_stays_from_screen_to_screen_and_back_to_the_first(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("tool:contrast", "language:ar", "next", "adults:1", "next", "before:no")
    assert palette(stand) == "contrast"
    stand.tap("back", "back", "back", "back")
    assert (stand.state, palette(stand)) == ("language", "contrast")


def test_contrast_is_gone_with_the_party(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "tool:contrast", "cancel")
    assert palette(stand) == "light"


def test_contrast_switched_on_the_first_screen_goes_when_nobody_touches_it(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("tool:contrast")
    stand.clock.advance(79)
    stand.driver.app.flow.tick()
    assert palette(stand) == "contrast"
    stand.clock.advance(1)
    stand.driver.app.flow.tick()
    assert palette(stand) == "light"


def test_a_look_switched_while_out_of_service_goes_when_nobody_touches_it(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(trouble="disk-full"))
    stand.tap("tool:contrast", "tool:low")
    stand.clock.advance(80)
    stand.driver.app.flow.tick()
    assert modes(stand) == (False, False, "light")


def test_a_page_of_languages_turned_to_goes_when_nobody_touches_it(kiosk: Kiosk) -> None:
    stand = kiosk(settings=ScreenSettings(width=1080, height=1920, diagonal_inches=15))
    stand.tap("page:after")
    assert "language:uk" not in stand.driver.tiles()
    stand.clock.advance(80)
    stand.driver.app.flow.tick()
    stand.driver.frames(2)
    assert "language:uk" in stand.driver.tiles()


def modes(stand: Stand) -> tuple[bool, bool, str]:
    theme = stand.driver.app.theme
    return theme.large, theme.low, theme.palette


def test_each_tool_switches_its_mode_and_is_marked(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("tool:large", "tool:contrast", "tool:low", "language:de")
    assert modes(stand) == (True, True, "contrast")
    for tool in ("tool:large", "tool:contrast", "tool:low"):
        assert stand.driver.find(tool).chosen
        stand.tap(tool)
    assert modes(stand) == (False, False, "light")


def test_all_modes_are_gone_with_the_party(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "tool:large", "tool:low", "tool:contrast", "cancel")
    assert modes(stand) == (False, False, "light")


def test_a_capital_is_as_high_as_the_theme_says(kiosk: Kiosk) -> None:
    """Drawn and measured, not believed: EN 301 549, 5.1.4 asks for 7.3 mm."""
    from kivy.core.text import Label

    from kiosk.screens.widgets import FONT

    theme = kiosk(settings=PORTRAIT).driver.app.theme
    for bold in (False, True):
        drawn = Label(text="H", font_name=FONT, font_size=theme.letters(1, True), bold=bold)  # noqa: FBT003
        drawn.refresh()
        width, height = drawn.texture.size
        alpha = drawn.texture.pixels[3::4]
        rows = [any(alpha[row * width : (row + 1) * width]) for row in range(height)]
        assert sum(rows) / PORTRAIT.pixels_per_mm >= 7.3


@pytest.mark.parametrize("units", [20, 30, 36, 44, 60, 75, 110])
def test_large_letters_are_a_quarter_larger_up_to_a_bound(kiosk: Kiosk, units: int) -> None:
    letters = kiosk(settings=PORTRAIT).driver.app.theme.letters
    usual, large = letters(units, False), letters(units, True)  # noqa: FBT003

    assert usual == units
    assert large >= min(units * 1.25, 75)
    assert large >= usual


def test_low_reach_is_what_the_settings_make_of_it() -> None:
    assert PORTRAIT.reach == pytest.approx(250 * PORTRAIT.pixels_per_mm)
    assert (PORTRAIT.can_lower, LANDSCAPE.can_lower) == (True, True)
    hung_low = ScreenSettings(mounting_mm=500)  # 527 mm of picture end at 1027 mm
    assert (hung_low.reach, hung_low.can_lower, hung_low.low_trouble) == (1920, False, None)
    hung_high = ScreenSettings(mounting_mm=1000)
    assert not hung_high.can_lower
    assert "813 or less would do" in str(hung_high.low_trouble)
    assert ScreenSettings(mounting_mm=813).can_lower
    assert not ScreenSettings(mounting_mm=2000).can_lower


def test_low_reach_is_not_offered_where_it_cannot_be(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ScreenSettings(width=540, height=960, mounting_mm=1000)
    stand = kiosk(settings=settings)

    assert "tool:low" not in stand.driver.tiles()
    assert [r.getMessage() for r in caplog.records if "low reach not offered" in r.getMessage()]
    stand.driver.app.theme.switch_low()
    assert not stand.driver.app.theme.low


def test_low_reach_is_not_offered_where_all_lies_low_already(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    stand = kiosk(settings=ScreenSettings(width=540, height=960, mounting_mm=500))

    assert "tool:low" not in stand.driver.tiles()
    assert "low reach" not in caplog.text


def test_the_ear_is_there_with_sound_and_how_loud_while_it_reads(kiosk: Kiosk) -> None:
    frame = kiosk(settings=SMALL).driver.app.frame

    def tools() -> list[str]:
        return [tile.tile for tile in frame.ids.tools.children[::-1]]

    usual = ["tool:large", "tool:contrast", "tool:low"]
    assert tools() == usual
    frame.speaks = True
    assert tools() == usual
    frame.has_sound = True
    assert tools() == ["tool:ear", *usual, "tool:softer", "tool:louder"]
    frame.speaks = False
    assert tools() == ["tool:ear", *usual]


def test_a_touch_on_the_head_is_told(kiosk: Kiosk) -> None:
    stand = kiosk()
    told: list[object] = []
    stand.driver.app.frame.bind(on_head_touched=told.append)
    stand.driver.tap(stand.driver.app.frame.ids.head)
    stand.tap("tool:large")

    assert len(told) == 1


@pytest.mark.parametrize("letters", SERIES_PAIRS)
def test_a_number_of_two_letters_is_no_wider_than_its_room(kiosk: Kiosk, letters: str) -> None:
    kiosk()  # opens the window and makes the font known
    from kiosk.screens.widgets import ems, widest_word

    assert widest_word(f"{letters}999") <= ems(f"{letters}999")
