"""Letters and digits by touches, and nothing of them left when the party has gone."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

from collections.abc import Callable

import pytest

from kiosk.contract.site_file import read_site_file
from kiosk.questionnaire import Answers
from tests.kiosk.screens.conftest import SMALL, Stand
from tests.kiosk.screens.fake_desk import SITE_FILE, FakeDesk
from tests.kiosk.screens.keypad_hand import KeypadHand
from tests.kiosk.screens.remains import remains

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


class ForgetfulDesk(FakeDesk):
    """Remembers no answers, so that whatever is left of them is the screens' own."""

    def check_in(self, answers: Answers):
        future = super().check_in(answers)
        self.asked.clear()
        return future


@pytest.fixture
def own(kiosk: Kiosk) -> Kiosk:
    """Open a kiosk whose site asks for a town and for the number of a letter."""

    def open_kiosk(**site: object) -> Stand:
        told = read_site_file(SITE_FILE.with_name("own-questions.toml"))
        return kiosk(ForgetfulDesk(told.model_copy(update=site)), SMALL)

    return open_kiosk


def to_text(stand: Stand, language: str) -> None:
    stand.tap(f"language:{language}", "next", "adults:1", "next", "before:no")


def to_digits(stand: Stand, language: str) -> None:
    stand.tap(f"language:{language}", "next", "adults:1", "next", "before:collect")


def strike(stand: Stand, keys: str) -> None:
    stand.tap(*(f"key:{'space' if key == ' ' else key}" for key in keys))


def entered(stand: Stand) -> str:
    text: str = stand.driver.app.flow._presenter.screens.text.entered
    return text


@pytest.mark.parametrize(
    ("language", "keys", "seen"),
    [
        ("uk", "київ", "Київ"),
        ("uk", "камʼянець", "Камʼянець"),
        ("de", "bad ems", "Bad Ems"),
        ("tr", "izmir", "İzmir"),
        ("az", "ismayıllı", "İsmayıllı"),
        ("ka", "თბილისი", "თბილისი"),
        ("ar", "دمشق", "دمشق"),
        ("fr", "ni\u0302mes", "Nîmes"),
        ("vi", "ha\u0300 nôi\u0323", "Hà Nội"),
    ],
)
def test_a_town_is_written_as_its_people_write_it(
    own: Kiosk, language: str, keys: str, seen: str
) -> None:
    stand = own()
    to_text(stand, language)
    assert "next" not in stand.driver.tiles()
    strike(stand, keys)

    assert entered(stand) == seen
    assert seen in stand.driver.texts()
    stand.tap("next")
    stand.until("done")
    assert seen not in " ".join(stand.driver.texts())


def test_an_answer_by_keys_goes_to_the_desk(own: Kiosk) -> None:
    stand = own()
    answered = []
    desk_takes = stand.desk.check_in
    stand.desk.check_in = lambda answers: answered.append(answers.chosen) or desk_takes(answers)
    to_text(stand, "uk")
    strike(stand, "львів ")
    stand.tap("next")
    stand.until("done")
    stand.tap("done")
    to_digits(stand, "ar")
    strike(stand, "004219")
    stand.tap("next")

    assert answered == [
        {"before": ("no",), "town": ("Львів",)},
        {"before": ("collect",), "letter": ("004219",)},
    ]


def test_shift_makes_one_capital_and_takes_one_away(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "en")
    assert stand.driver.find("key:q").text == "Q"
    stand.tap("key:shift", "key:u", "key:l")
    assert stand.driver.find("key:q").text == "q"
    stand.tap("key:shift", "key:m", "key:a")

    assert entered(stand) == "ulMa"


def test_georgian_and_arabic_have_no_shift(own: Kiosk) -> None:
    stand = own()
    for language in ("ka", "ar", "fa"):
        to_text(stand, language)
        assert "key:shift" not in stand.driver.tiles()
        stand.tap("cancel")


def test_digits_and_signs_are_a_page_further_and_the_letters_come_back(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "fa")
    strike(stand, "آب")
    stand.tap("key:page")
    strike(stand, "12-")
    stand.tap("key:page", "key:ت")

    assert entered(stand) == "آب12-ت"


def test_backspace_takes_one_letter_with_its_marks(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "vi")
    strike(stand, "huê\u0323")
    assert entered(stand) == "Huệ"
    stand.tap("key:back")
    assert entered(stand) == "Hu"
    stand.tap("key:back", "key:back", "key:back")

    assert entered(stand) == ""
    assert "next" not in stand.driver.tiles()


def test_no_letter_is_taken_beyond_the_limit(own: Kiosk) -> None:
    site = read_site_file(SITE_FILE.with_name("own-questions.toml"))
    town = site.questions[-1].model_copy(update={"longest": 3})
    stand = own(questions=(site.questions[0], town))
    to_text(stand, "fr")
    strike(stand, "ete")
    assert "3 / 3" in stand.driver.texts()
    strike(stand, "z ")

    assert entered(stand) == "Ete"
    assert "key:z" not in stand.driver.tiles()
    assert "key:space" not in stand.driver.tiles()
    stand.tap("key:\u0302")
    assert entered(stand) == "Etê"
    stand.tap("key:back")
    assert "key:z" in stand.driver.tiles()


def test_a_passports_letters_are_latin_and_run_from_the_left(own: Kiosk) -> None:
    site = read_site_file(SITE_FILE.with_name("own-questions.toml"))
    town = site.questions[-1].model_copy(update={"script": "latin"})
    stand = own(questions=(site.questions[0], town))
    to_text(stand, "ar")
    strike(stand, "aleppo")

    assert entered(stand) == "Aleppo"
    assert not stand.driver.app.flow._presenter.screens.text.ids.field.rtl


@pytest.mark.parametrize("language", ["uk", "ar", "fa", "vi"])
def test_digits_are_western_and_stand_from_the_left(own: Kiosk, language: str) -> None:
    stand = own()
    to_digits(stand, language)
    assert stand.driver.find("key:1").x < stand.driver.find("key:3").x
    strike(stand, "40721")
    assert "next" not in stand.driver.tiles()
    strike(stand, "9")

    slots = stand.driver.app.flow._presenter.screens.digits.ids.slots
    assert [slot.digit for slot in reversed(slots.children)] == list("407219")
    assert slots.children[-1].x < slots.children[0].x
    assert [tile for tile in stand.driver.tiles() if tile.startswith("key:")] == ["key:back"]
    stand.tap("key:back")
    assert "next" not in stand.driver.tiles()


def test_letters_may_follow_each_other_faster_than_a_trembling_hand(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "en")
    for letter in "ulmm":
        stand.driver.touch(stand.driver.find(f"key:{letter}"))

    assert entered(stand) == ""  # the tile before was touched a moment ago
    stand.clock.advance()
    for letter in "ulmm":
        stand.driver.touch(stand.driver.find(f"key:{letter}"))
    assert entered(stand) == "Ulm"


def test_going_back_forgets_what_was_entered(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "uk")
    strike(stand, "київ")
    stand.tap("back", "before:no")

    assert entered(stand) == ""
    assert "next" not in stand.driver.tiles()


def test_the_keys_do_not_tell_afterwards_how_a_text_ended(own: Kiosk) -> None:
    stand = own()
    to_text(stand, "de")
    strike(stand, "ulm ")
    board = stand.driver.app.flow._presenter.screens.text.ids.board
    assert [key.tile for key in board.children if key.chosen] == ["key:shift"]
    stand.tap("cancel")

    assert [key.tile for key in board.children if key.chosen] == []


WAYS_OUT: dict[str, Callable[[Stand], None]] = {
    "back": lambda stand: stand.tap("back"),
    "back by key": lambda stand: KeypadHand(stand).press("backspace"),
    "help by key": lambda stand: KeypadHand(stand).press("help", "enter"),
    "cancel": lambda stand: stand.tap("cancel"),
    "help": lambda stand: stand.tap("help:person"),
    "time-out": lambda stand: (stand.clock.advance(100), stand.driver.frames(60)),
    "ticket": lambda stand: (stand.tap("next"), stand.until("done")),
    "done": lambda stand: (stand.tap("next"), stand.until("done"), stand.tap("done")),
}


def enter_a_canary(own: Kiosk, question: str) -> tuple[Stand, str]:
    """Enter so much that it can be told from all else; return the kiosk, and what to look for."""
    site = read_site_file(SITE_FILE.with_name("own-questions.toml"))
    before, letter, town = site.questions
    stand = own(questions=(before, letter.model_copy(update={"length": 12, "shortest": 8}), town))
    if question == "text":
        to_text(stand, "en")
        keys = ["q", "x", "w", "z", "j", "k", "v"]
    else:
        to_digits(stand, "en")
        keys = ["7", "3", "9", "0", "5", "8", "8", "1", "6", "2", "4"]
    strike(stand, "".join(keys))
    return stand, "".join(keys[1:-1])  # the first letter is a capital, and less may be kept


@pytest.mark.parametrize("question", ["text", "digits"])
def test_what_is_being_entered_is_found_or_the_next_test_could_not_fail(
    own: Kiosk, question: str
) -> None:
    _, canary = enter_a_canary(own, question)

    assert remains(canary)


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("question", ["text", "digits"])
def test_nothing_that_was_entered_is_left_after_any_way_out(
    own: Kiosk, way: str, question: str
) -> None:
    stand, canary = enter_a_canary(own, question)
    WAYS_OUT[way](stand)
    stand.driver.frames(5)
    assert not way.startswith("help") or stand.state == "help"

    assert remains(canary) == []
