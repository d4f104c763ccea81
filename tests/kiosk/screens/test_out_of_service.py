"""A kiosk that cannot serve says so in every language, and helps all the same."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.contract.signs import Place
from kiosk.language import LANGUAGES, catalogue
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.measuring import faults
from tests.kiosk.screens.test_flow_by_touch import to_ticket

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]
FONT = Path(__file__).parents[3] / "assets" / "fonts" / "AnkunftSans-Regular.ttf"


@pytest.fixture
def stopped(kiosk: Kiosk) -> Stand:
    return kiosk(FakeDesk(trouble="disk-full"))


def turn_pages(stand: Stand) -> Iterator[None]:
    """Show one page after the other."""
    stand.driver.frames(3)
    yield
    while "page:after" in stand.driver.tiles():
        stand.tap("page:after")
        stand.driver.frames(3)
        yield


def says_so(stand: Stand) -> bool:
    texts = [text for _ in turn_pages(stand) for text in stand.driver.texts()]
    ask = [catalogue(code).text("Please ask a person") for code in stand.desk.site.languages]
    return all(text in texts for text in ask)


def test_it_is_told_before_anything_is_asked_in_every_language(stopped: Stand) -> None:
    assert stopped.state == "out of service"
    assert says_so(stopped)
    assert not [tile for tile in stopped.driver.tiles() if tile.startswith("language:")]


def test_help_is_called_as_ever_and_it_still_does_not_work_after_it(stopped: Stand) -> None:
    stopped.tap("help:doctor")
    assert stopped.state == "help"
    stopped.tap("done")

    assert stopped.state == "out of service"
    assert len(stopped.desk.calls) == 1


def test_it_stops_between_two_parties_and_never_within_one(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk")
    stand.desk.trouble = "disk-full"
    stand.tap("next")
    assert stand.state == "party"

    stand.tap("cancel")
    assert stand.state == "out of service"


def test_it_sends_people_to_the_desk_of_a_site_file_that_came_meanwhile(stopped: Stand) -> None:
    desk = Place(landmark="boat", door="77")
    stopped.desk.site = stopped.desk.site.model_copy(update={"desk": desk, "languages": ("de",)})
    stopped.clock.advance(3600)
    stopped.until_text("77")

    ask = {code: catalogue(code).text("Please ask a person") for code in ("de", "uk")}
    assert ask["de"] in stopped.driver.texts()
    assert ask["uk"] not in stopped.driver.texts()
    assert stopped.state == "out of service"


def test_the_first_screen_gives_way_by_itself_and_comes_back_by_itself(kiosk: Kiosk) -> None:
    from kiosk.screens.flow import CALM_SECONDS

    stand = kiosk()
    stand.desk.trouble = "disk-full"
    stand.driver.wait_until(lambda: stand.state == "out of service")
    stand.desk.trouble = None
    stand.clock.advance(CALM_SECONDS)
    stand.driver.wait_until(lambda: stand.state == "language")

    assert stand.desk.left == []  # nobody has given up anything


def test_after_a_number_could_not_be_written_the_next_party_is_not_asked(kiosk: Kiosk) -> None:
    desk = FakeDesk(fails=True)
    stand = kiosk(desk)
    stand.tap("language:uk", "next", "adults:1", "next", "before:no", "need:ask", "next")
    desk.trouble = "disk-full"
    stand.tap("wait:nobody")
    stand.driver.wait_until(lambda: stand.state == "ask staff")
    stand.tap("done")

    assert stand.state == "out of service"


def test_after_a_stumble_nobody_is_shown_the_number_of_the_party_before(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_ticket(stand)

    stand.driver.app.flow.break_down()
    stand.tap("help:person")

    assert stand.state == "help"
    assert "D214" not in stand.driver.texts()
    assert [ticket.number for ticket in stand.desk.left if ticket] == ["D214"]


def test_the_way_to_the_staffed_desk_is_a_picture_and_a_door(kiosk: Kiosk) -> None:
    desk = FakeDesk(trouble="stopped")
    desk.site = desk.site.model_copy(update={"desk": Place(landmark="umbrella", door="9")})
    stand = kiosk(desk)

    assert "9" in stand.driver.texts()
    shown = [getattr(widget, "name", "") for widget in stand.driver.widgets()]
    assert "landmark-umbrella" in shown


@pytest.fixture(scope="module")
def letters() -> set[int]:
    with TTFont(FONT, lazy=True) as font:
        return set(font.getBestCmap())


# Without the desk there is more room for the same lines: that is looked at in one look.
@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize(
    ("look", "desk_is_named"), [("", False), ("", True), ("large", True), ("low", True)]
)
@pytest.mark.parametrize("count", [1, 3, 4, 9, 14])
def test_any_number_of_languages_fits(
    kiosk: Kiosk,
    letters: set[int],
    settings: object,
    count: int,
    look: str,
    *,
    desk_is_named: bool,
) -> None:
    desk = FakeDesk(trouble="disk-full")
    place = Place(landmark="umbrella", door="12A") if desk_is_named else None
    languages = tuple(LANGUAGES)[-count:]
    desk.site = desk.site.model_copy(update={"languages": languages, "desk": place})
    stand = kiosk(desk, settings)
    if look:
        stand.tap(f"tool:{look}")

    app, wrong, said = stand.driver.app, [], set()
    for _ in turn_pages(stand):
        wrong += faults(app.root, theme=app.theme, settings=app.settings, letters=letters)
        said |= set(stand.driver.texts())
    assert wrong == []
    assert {catalogue(code).text("Please ask a person") for code in languages} <= said
