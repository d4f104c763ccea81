"""Nothing is cut, nothing overlaps, everything can be touched: measured, not looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Option
from kiosk.contract.signs import LANDMARKS, Place
from kiosk.contract.site import Site, Stage
from kiosk.help_line import HelpProgress
from kiosk.language import LANGUAGES
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.measuring import faults

pytestmark = pytest.mark.display

FONT = Path(__file__).parents[3] / "assets" / "fonts" / "AnkunftSans-Regular.ttf"
URL = "https://reception-point.ankunft.example/t/0123456789abcdefghijkl"
SCREENS = {
    "portrait": PORTRAIT,
    "landscape": LANDSCAPE,
    "small portrait": ScreenSettings(width=1080, height=1920, diagonal_inches=15.6),
    "small landscape": ScreenSettings(width=1366, height=768, diagonal_inches=15.6),
}
WIDEST = ("uk", "de", "fa", "fr", "ka", "vi")
"""Where small screens are measured: they differ in touch and gap, the words do not."""


@pytest.fixture(scope="module")
def letters() -> set[int]:
    with TTFont(FONT, lazy=True) as font:
        return set(font.getBestCmap())


class Walk:
    """Goes through every screen in one language after the other, and measures each."""

    def __init__(self, stand: Stand, letters: set[int]) -> None:
        self.stand = stand
        self.letters = letters
        self.language = ""
        self.found: dict[str, list[str]] = {}
        self.seen: list[str] = []

    def look(self, name: str, *, layer: str = "root") -> None:
        app = self.stand.driver.app
        self.stand.driver.frames(3)
        shown = app.root if layer == "root" else getattr(app.frame, layer)
        wrong = faults(shown, touch=app.theme.touch, gap=app.theme.gap, letters=self.letters)
        self.seen.append(name)
        if wrong:
            self.found[f"{self.language} {name}"] = wrong

    def everywhere(self, language: str) -> None:
        self.language = language
        self.until_the_ticket()
        self.with_the_ticket()
        self.without_a_ticket()
        if self.stand.desk.site.questions[0].id == "before":
            self.only_places()

    def before_a_language(self) -> None:
        self.look("language")
        self.stand.tap("help:doctor")
        self.help_calls()
        self.stand.tap("done")

    def until_the_ticket(self) -> None:
        stand = self.stand
        stand.tap(f"language:{self.language}")
        self.look("notice")
        stand.clock.advance(65)
        stand.until("go-on")
        self.look("are you still there", layer="_still_there")
        stand.tap("go-on", "next")
        self.look("party")
        stand.tap("adults:more", "children:more")
        self.look("party, more")
        stand.tap("children:12", "adults:10", "next")
        stand.desk.holds_back = True
        self.questions(look=True)
        self.look("issuing")

    def questions(self, *, look: bool = False) -> None:
        """Answer all questions, with as many tiles as there may be."""
        stand, flow = self.stand, self.stand.driver.app.flow
        while question := flow.conversation.question:
            if look:
                self.look(f"question {question.id}")
            needs = [option.id for option in question.options if not option.place][:2]
            places = [option.id for option in question.options if option.place]
            stand.tap(*(f"{question.id}:{o}" for o in (*needs, *places)[: question.most]))
            if question.most > 1:
                if look:
                    self.look(f"question {question.id}, full")
                stand.tap("next")

    def only_places(self) -> None:
        stand = self.stand
        stand.tap(f"language:{self.language}", "next", "adults:1", "next")
        first, need = stand.desk.site.questions[:2]
        places = [option.id for option in need.options if option.place][: need.most]
        stand.tap(f"{first.id}:{first.options[0].id}", *(f"{need.id}:{p}" for p in places), "next")
        self.look("places")
        stand.tap("done")

    def with_the_ticket(self) -> None:
        stand = self.stand
        stand.desk.issue()
        stand.until("done")
        ticket = stand.driver.app.flow._presenter.screens.ticket_ready
        for state in SlipState:
            # The screen asks the desk now and then; a test does not wait for it.
            stand.desk.slip = ticket.slip = state
            self.look(f"ticket, {state}")
        stand.tap("help:person")
        self.help_calls()
        stand.tap("done")

    def help_calls(self) -> None:
        screen = self.stand.driver.app.flow._presenter.screens.help
        for progress in HelpProgress:
            self.stand.desk.watch.state = screen.progress = progress
            self.look(f"help, {progress.value}")

    def without_a_ticket(self) -> None:
        stand = self.stand
        stand.desk.fails, stand.desk.holds_back = True, False
        stand.tap(f"language:{self.language}", "next", "adults:1", "next")
        self.questions()
        stand.until("done")
        self.look("ask staff")
        stand.tap("done")
        stand.desk.fails = False


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_cut_or_overlaps_and_all_can_be_touched(
    kiosk: Callable[..., Stand], letters: set[int], screen: str
) -> None:
    walk = Walk(kiosk(FakeDesk(url=URL), SCREENS[screen]), letters)
    walk.before_a_language()
    languages = WIDEST if screen.startswith("small") else tuple(LANGUAGES)
    for language in languages:
        walk.everywhere(language)

    assert walk.found == {}
    assert len(walk.seen) == 5 + 20 * len(languages)


def busy(site: Site, *, places: int) -> Site:
    """As many options, places and stages as a site file may have."""
    need = site.questions[1]
    text, doors = "A place to sleep", tuple(enumerate(LANDMARKS, 10))
    leading = [
        Option(id=f"need-{n}", text=text, icon="bed", stages=(f"stage-{n}",))
        for n in range(12 - places)
    ]
    standing = [
        Option(id=f"p-{n}", text=text, icon="food", place=Place(landmark=sign, door=f"{n}AB"))
        for n, sign in doors[:places]
    ]
    stages = tuple(
        Stage(id=f"stage-{n - 10}", name={"de": "x", "en": "x"}, landmark=sign, door=f"{n}AB")
        for n, sign in doors
    )
    asked = {"options": (*leading, *standing), "most": 6, "when": {}}
    return site.model_copy(
        update={
            "stages": stages,
            "first_stages": tuple(stage.id for stage in stages),
            "questions": (need.model_copy(update=asked),),
        }
    )


@pytest.mark.parametrize("places", [0, 4])
@pytest.mark.parametrize("screen", ["portrait", "landscape"])
def test_a_site_with_all_that_a_site_file_may_have_fits(
    kiosk: Callable[..., Stand], letters: set[int], screen: str, places: int
) -> None:
    desk = FakeDesk(url=URL)
    desk.site = busy(desk.site, places=places)
    walk = Walk(kiosk(desk, SCREENS[screen]), letters)
    walk.before_a_language()
    walk.everywhere("uk")

    assert walk.found == {}


@pytest.mark.parametrize("screen", ["portrait", "landscape"])
@pytest.mark.parametrize("count", [1, 3, 4, 6, 7, 10, 13])
def test_any_number_of_languages_fits(
    kiosk: Callable[..., Stand], letters: set[int], screen: str, count: int
) -> None:
    # The last ones have the longest names.
    languages = tuple(LANGUAGES)[-count:]
    desk = FakeDesk()
    desk.site = desk.site.model_copy(update={"languages": languages})
    walk = Walk(kiosk(desk, SCREENS[screen]), letters)
    walk.before_a_language()

    assert walk.found == {}
