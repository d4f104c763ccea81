"""Where nobody answers a call, the party is told so and shown where people are."""

from collections.abc import Callable

import pytest

from kiosk.contract.signs import Place
from kiosk.help_line import HelpProgress
from kiosk.language import catalogue
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

NOBODY, THERE, DESK = (
    "Nobody has answered yet.",
    "Please go there:",
    "Please go to the staffed desk.",
)


def call(kiosk: Kiosk, *tiles: str, desk: Place | None, progress: HelpProgress) -> Stand:
    site = FakeDesk().site.model_copy(update={"desk": desk})
    stand = kiosk(FakeDesk(site=site))
    stand.desk.watch.state = progress
    stand.tap(*tiles, "help:person")
    stand.driver.app.flow.tick()
    stand.driver.frames(3)
    return stand


def said(stand: Stand) -> str:
    return " ".join(stand.driver.texts())


def pictures(stand: Stand) -> set[str]:
    shown = [w for w in stand.driver.widgets() if w.width > 0 and w.height > 0]
    return {w.name for w in shown if getattr(w, "name", "")}


def test_the_way_is_a_landmark_and_a_door(kiosk: Kiosk) -> None:
    place = Place(landmark="bell", door="9")
    stand = call(kiosk, "language:de", desk=place, progress=HelpProgress.NOT_REACHED)
    de = catalogue("de").text

    assert "landmark-bell" in pictures(stand)
    assert "9" in stand.driver.texts()
    assert f"{de(NOBODY)}\n{de(THERE)}" in stand.driver.texts()
    assert de("Please stay here.") not in said(stand)


def test_before_a_language_is_chosen_all_of_them_say_so(kiosk: Kiosk) -> None:
    place = Place(landmark="bell", door="9")
    stand = call(kiosk, desk=place, progress=HelpProgress.NOT_REACHED)

    assert "landmark-bell" in pictures(stand)
    for language in stand.desk.site.languages:
        text = catalogue(language).text
        assert f"{text(NOBODY)} {text(THERE)}" in stand.driver.texts()


def test_a_site_that_names_no_place_says_it_in_words(kiosk: Kiosk) -> None:
    stand = call(kiosk, "language:de", desk=None, progress=HelpProgress.NOT_REACHED)
    de = catalogue("de").text

    assert f"{de(NOBODY)}\n{de(DESK)}" in stand.driver.texts()
    assert not [name for name in pictures(stand) if name.startswith("landmark-")]


@pytest.mark.parametrize(
    "progress", [one for one in HelpProgress if one is not HelpProgress.NOT_REACHED]
)
def test_nobody_is_sent_away_from_a_call_that_is_heard(
    kiosk: Kiosk, progress: HelpProgress
) -> None:
    place = Place(landmark="bell", door="9")
    stand = call(kiosk, "language:de", desk=place, progress=progress)
    de = catalogue("de").text

    assert "landmark-bell" not in pictures(stand)
    assert de(THERE) not in said(stand)
    assert de("Please stay here.") in said(stand)


def test_the_way_goes_when_someone_comes_after_all(kiosk: Kiosk) -> None:
    place = Place(landmark="bell", door="9")
    stand = call(kiosk, "language:de", desk=place, progress=HelpProgress.NOT_REACHED)
    stand.desk.watch.state = HelpProgress.SOMEONE_COMING
    stand.until_text(catalogue("de").text("Someone is coming."))

    assert "landmark-bell" not in pictures(stand)


@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_all_languages_say_it_on_one_page(kiosk: Kiosk, settings: ScreenSettings) -> None:
    stand = kiosk(FakeDesk(), settings)
    stand.desk.watch.state = HelpProgress.NOT_REACHED
    stand.tap("help:person")
    stand.driver.app.flow.tick()
    stand.driver.frames(4)

    assert len(stand.desk.site.languages) == 14
    assert "page:after" not in stand.driver.tiles()
    for language in stand.desk.site.languages:
        assert catalogue(language).text(THERE) in said(stand)
