"""Nothing is cut, nothing overlaps, everything can be touched: measured, not looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.questions import Option
from kiosk.contract.signs import LANDMARKS, Place
from kiosk.contract.site import Site, Stage
from kiosk.conversation import State
from kiosk.help_line import HelpProgress
from kiosk.language import LANGUAGES
from kiosk.questionnaire import Party
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.measuring import faults, pages_of

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
"""Where letters are as large as in a mode that is measured in every language: what moves, as in low
reach and on small screens, are touch, gap and height, and the words are the same."""

EVERY_LANGUAGE = {"usual", "large"}
"""The modes in which letters differ: any language may have the word that is too long."""

MODES = {
    "portrait": ("usual", "large", "low", "large low"),
    "landscape": ("usual", "large", "low", "large low"),
    # The least and the most there is to show: the two between them have the letters of the one and
    # the room of the other.
    "small portrait": ("usual", "large low"),
    "small landscape": ("usual", "large"),  # all of it lies low already
}


@pytest.fixture(scope="module")
def letters() -> set[int]:
    with TTFont(FONT, lazy=True) as font:
        return set(font.getBestCmap())


class Walk:
    """Goes through every screen in one language after the other, and measures each page."""

    def __init__(self, stand: Stand, letters: set[int], *, large: bool = False, low: bool = False):
        self.stand, self.letters = stand, letters
        self.app = stand.driver.app
        self.flow = self.app.flow
        self.language = ""
        self.found: dict[str, list[str]] = {}
        self.seen: list[str] = []
        stand.keep_look(large=large, low=low)
        self.start()

    def start(self) -> None:
        """Begin with a new party, on the first screen."""
        if self.flow.conversation.state is not State.LANGUAGE:
            self.flow.leave()

    def look(self, name: str, *, layer: str = "root") -> None:
        """Measure the screen, each page of it, by the arrows that lead there and back."""
        shown = self.app.root if layer == "root" else getattr(self.app.frame, layer)
        self.stand.driver.frames(3)
        self.seen.append(name)
        self.measure(shown, name)
        for pages in list(pages_of(shown)):
            for page in range(1, pages.pages):
                self.turn(pages, "page:after")
                self.measure(shown, f"{name}, page {page}")
            while pages.page:
                self.turn(pages, "page:before")

    def measure(self, shown: object, name: str) -> None:
        wrong = faults(
            shown, theme=self.app.theme, settings=self.app.settings, letters=self.letters
        )
        if wrong:
            self.found[f"{self.language} {name}"] = wrong

    def turn(self, pages: Any, arrow: str) -> None:
        (tile,) = (one for one in pages.walk(restrict=True) if getattr(one, "tile", "") == arrow)
        assert tile.offered
        before = pages.page
        tile.dispatch("on_release")
        self.stand.driver.frames(2)
        assert pages.page != before

    def everywhere(self, language: str) -> None:
        self.language = language
        self.start()
        self.until_the_ticket()
        self.with_the_ticket()
        self.without_a_ticket()
        if self.stand.desk.site.questions[0].id == "before":
            self.only_places()

    def before_a_language(self) -> None:
        self.look("language")
        self.flow.call_help(HelpKind.DOCTOR)
        self.help_calls()
        self.start()

    def begin(self, party: Party) -> None:
        self.start()
        self.flow.choose_language(self.language)
        self.flow.go_on()
        self.flow._take(self.flow.conversation.answer_party(party))

    def until_the_ticket(self) -> None:
        flow, frame = self.flow, self.app.frame
        flow.choose_language(self.language)
        self.look("notice")
        frame.ask_still_there(15)
        self.look("are you still there", layer="_still_there")
        frame.stop_asking()
        flow.go_on()
        self.look("party")
        party = flow._presenter.screens.party
        party.ids.adults.page = party.ids.children.page = 1
        self.look("party, more")
        self.stand.desk.holds_back = True
        self.begin(Party(10, 12))
        self.questions(look=True)
        self.look("issuing")

    def questions(self, *, look: bool = False) -> None:
        """Answer all questions, with as many tiles as there may be."""
        flow = self.flow
        while question := flow.conversation.question:
            if look:
                self.look(f"question {question.id}")
            needs = [option.id for option in question.options if not option.place][:2]
            places = [option.id for option in question.options if option.place]
            chosen = (*needs, *places)[: question.most]
            if question.most > 1 and look:
                flow._presenter.screens.question.chosen = list(chosen)
                self.look(f"question {question.id}, full")
            flow.answer(chosen)

    def only_places(self) -> None:
        self.begin(Party(1, 0))
        first, need = self.stand.desk.site.questions[:2]
        places = tuple(option.id for option in need.options if option.place)[: need.most]
        self.flow.answer((first.options[0].id,))
        self.flow.answer(places)
        self.look("places")

    def with_the_ticket(self) -> None:
        stand = self.stand
        stand.desk.issue()
        stand.until("done")
        ticket = self.flow._presenter.screens.ticket_ready
        for state in (SlipState.WAITING, SlipState.FAILED, SlipState.UNCONFIRMED):
            # The screen asks the desk now and then; a test does not wait for it.
            stand.desk.slip = ticket.slip = state
            self.look(f"ticket, {state}")
        self.flow.call_help(HelpKind.PERSON)
        self.help_calls()

    def help_calls(self) -> None:
        screen = self.flow._presenter.screens.help
        for progress in HelpProgress:
            self.stand.desk.watch.state = screen.progress = progress
            self.look(f"help, {progress.value}")

    def without_a_ticket(self) -> None:
        desk = self.stand.desk
        desk.fails, desk.holds_back = True, False
        self.begin(Party(1, 0))
        self.questions()
        self.stand.until("done")
        self.look("ask staff")
        desk.fails = False


def test_where_low_reach_is_not_measured_it_is_not_offered() -> None:
    lowered = {screen for screen, modes in MODES.items() if any("low" in mode for mode in modes)}

    assert lowered == {name for name, settings in SCREENS.items() if settings.can_lower}


@pytest.mark.parametrize(
    ("screen", "mode"), [(screen, mode) for screen, modes in MODES.items() for mode in modes]
)
def test_nothing_is_cut_or_overlaps_and_all_can_be_read_and_touched(
    kiosk: Callable[..., Stand], letters: set[int], screen: str, mode: str
) -> None:
    stand = kiosk(FakeDesk(url=URL), SCREENS[screen])
    stand.driver.app.frame.has_sound = stand.driver.app.frame.speaks = True  # all tools there are
    walk = Walk(stand, letters, large="large" in mode, low="low" in mode)
    walk.before_a_language()
    every = mode in EVERY_LANGUAGE and not screen.startswith("small")
    languages = tuple(LANGUAGES) if every else WIDEST
    for language in languages:
        walk.everywhere(language)

    assert walk.found == {}
    assert len(walk.seen) == 5 + 18 * len(languages)


def test_contrast_moves_nothing(kiosk: Callable[..., Stand], letters: set[int]) -> None:
    """So what fits in the usual colours fits in these, and is not measured again."""
    stand = kiosk(FakeDesk(url=URL), SCREENS["portrait"])
    lain: list[list[tuple[float, ...]]] = []

    class Places(Walk):
        def measure(self, shown: Any, name: str) -> None:
            assert name
            lain[-1] += [(*widget.pos, *widget.size) for widget in shown.walk(restrict=True)]

    for palette in ("light", "contrast"):
        lain.append([])
        stand.driver.app.theme.palette = palette
        walk = Places(stand, letters)
        walk.before_a_language()
        walk.everywhere("uk")
        walk.start()

    assert lain[0] == lain[1]
    assert len(lain[0]) > 1000


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


@pytest.mark.parametrize("screen", ["portrait", "landscape"])
@pytest.mark.parametrize("mode", ["usual", "large low"])
@pytest.mark.parametrize("places", [0, 4])
def test_a_site_with_all_that_a_site_file_may_have_fits(
    kiosk: Callable[..., Stand], letters: set[int], screen: str, places: int, mode: str
) -> None:
    desk = FakeDesk(url=URL)
    desk.site = busy(desk.site, places=places)
    both = mode == "large low"
    walk = Walk(kiosk(desk, SCREENS[screen]), letters, large=both, low=both)
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
