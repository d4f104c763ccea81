"""The keys and the fields, measured in every language on every screen."""

from collections.abc import Callable

import pytest
from fontTools.ttLib import TTFont

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import State
from kiosk.entry import letters
from kiosk.language import LANGUAGES
from kiosk.questionnaire import Party
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.fake_desk import SITE_FILE, FakeDesk
from tests.kiosk.screens.measuring import faults
from tests.kiosk.screens.test_layout import FONT, MODES, SCREENS

pytestmark = pytest.mark.display

OWN_QUESTIONS = SITE_FILE.with_name("own-questions.toml")
WIDE = "Щ" * 60


@pytest.fixture(scope="module")
def drawn() -> set[int]:
    with TTFont(FONT, lazy=True) as font:
        return set(font.getBestCmap())


class Look:
    """Goes to the questions for keys in one language after the other, and measures each."""

    def __init__(self, stand: Stand, drawn: set[int]) -> None:
        self.stand, self.drawn = stand, drawn
        self.flow = stand.driver.app.flow
        self.screens = self.flow._presenter.screens
        self.found: dict[str, list[str]] = {}
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        app = self.stand.driver.app
        self.stand.driver.frames(3)
        wrong = faults(app.root, theme=app.theme, settings=app.settings, letters=self.drawn)
        self.seen.append(name)
        if wrong:
            self.found[name] = wrong

    def go_to(self, language: str, before: str) -> None:
        if self.flow.conversation.state is not State.LANGUAGE:
            self.flow.leave()
        self.flow.choose_language(language)
        self.flow.go_on()
        self.flow._take(self.flow.conversation.answer_party(Party(1, 0)))
        self.flow.answer((before,))

    def text(self, language: str) -> list[str]:
        """Look at every page of the keys, and return them all."""
        self.go_to(language, "no")
        self.stand.driver.frames(3)
        screen = self.screens.text
        found: list[str] = []
        while not set(keys := self.keys()) <= set(found):
            found += [key for key in keys if key not in found]
            self.look(f"{language} page {screen.ids.board.page}")
            self.turn_page()
            self.stand.driver.frames(3)
        for letter in WIDE:
            screen.enter(letter)
        assert len(letters(screen.entered)) == screen.question.longest
        self.look(f"{language} full")
        return found

    def turn_page(self) -> None:
        (way,) = (key for key in self.screens.text.ids.board.children if key.tile == "key:page")
        way.dispatch("on_release")

    def keys(self) -> list[str]:
        return [
            key.letter for key in self.screens.text.ids.board.children if hasattr(key, "letter")
        ]

    def digits(self, language: str) -> None:
        self.go_to(language, "collect")
        self.look(f"{language} no digit")
        for _ in range(21):
            self.screens.digits.enter("8")
        assert self.screens.digits.entered == "8" * self.screens.digits.question.length
        self.look(f"{language} all digits")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_of_every_language_can_be_touched_and_nothing_is_cut(
    kiosk: Callable[..., Stand], drawn: set[int], screen: str
) -> None:
    look = Look(kiosk(FakeDesk(read_site_file(OWN_QUESTIONS)), SCREENS[screen]), drawn)
    for language in LANGUAGES:
        keys = look.text(language)
        board = look.screens.text.ids.board
        assert set(board.keyboard.keys) <= set(keys)
        assert set("0123456789- ") <= set(keys)
        look.digits(language)

    assert look.found == {}
    assert len(look.seen) >= 5 * len(LANGUAGES)


@pytest.mark.parametrize(
    ("screen", "mode"),
    [(screen, mode) for screen, modes in MODES.items() for mode in modes if mode != "usual"],
)
def test_keys_are_large_and_low_where_that_is_wanted(
    kiosk: Callable[..., Stand], drawn: set[int], screen: str, mode: str
) -> None:
    look = Look(kiosk(FakeDesk(read_site_file(OWN_QUESTIONS)), SCREENS[screen]), drawn)
    look.stand.keep_look(large="large" in mode, low="low" in mode)
    for language in ("uk", "ar", "ka", "vi"):
        look.text(language)
        look.digits(language)

    assert look.found == {}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("length", [1, 20])
def test_as_many_digits_as_a_site_file_may_ask_for_have_their_places(
    kiosk: Callable[..., Stand], drawn: set[int], screen: str, length: int
) -> None:
    site = read_site_file(OWN_QUESTIONS)
    questions = tuple(
        question.model_copy(update={"length": length}) if isinstance(question, Digits) else question
        for question in site.questions
    )
    desk = FakeDesk(site.model_copy(update={"questions": questions}))
    look = Look(kiosk(desk, SCREENS[screen]), drawn)
    look.digits("ar")

    assert look.found == {}


@pytest.mark.parametrize("language", ["uk", "ar"])
def test_the_longest_text_shows_its_end_and_the_caret_inside_the_field(
    kiosk: Callable[..., Stand], drawn: set[int], language: str
) -> None:
    site = read_site_file(OWN_QUESTIONS)
    questions = tuple(
        question.model_copy(update={"longest": 60}) if isinstance(question, FreeText) else question
        for question in site.questions
    )
    desk = FakeDesk(site.model_copy(update={"questions": questions}))
    look = Look(kiosk(desk, SCREENS["portrait"]), drawn)
    look.go_to(language, "no")
    text = {"uk": "Щ", "ar": "ض"}[language] * 59 + "1"
    for letter in text:
        look.screens.text.enter(letter)
    look.look("full")
    field = look.screens.text.ids.field

    assert look.found == {}
    assert field.text == text
    assert field.shown.startswith("…")
    assert text.endswith(field.shown[1:])
    assert field.count == "60 / 60"
    assert 0 < field.caret <= field.room
