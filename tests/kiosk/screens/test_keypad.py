"""The whole flow by a keypad: arrows, the middle key, back and help."""

from collections.abc import Callable
from itertools import combinations

import pytest

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site_file import read_site_file
from kiosk.keypad import USAGES, Command
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.screens.conftest import SMALL, Stand
from tests.kiosk.screens.fake_desk import SITE_FILE, FakeDesk, FakeOffice
from tests.kiosk.screens.keypad_hand import KeypadHand

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

LYING = ScreenSettings(width=960, height=540)
SCREENS = pytest.mark.parametrize("screen", [SMALL, LYING], ids=["portrait", "landscape"])
LANGUAGES = pytest.mark.parametrize("language", ["uk", "ar"])


def to_needs(hand: KeypadHand, language: str) -> None:
    hand.choose(f"language:{language}", "next", "adults:2", "children:1", "next", "before:no")


def test_no_focus_is_shown_before_a_key_is_pressed(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    assert (hand.focus, hand.stand.driver.app.keypad._ring.is_drawn) == ("", False)
    hand.press("enter")

    assert (hand.focus, hand.stand.state) == ("language:uk", "language")


def test_a_touch_takes_the_focus_away(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.press("right", "right")
    assert hand.focus == "language:ru"
    hand.stand.tap("language:de")
    assert (hand.focus, hand.stand.driver.app.keypad._ring.is_drawn) == ("", False)
    hand.press("down")

    assert hand.focus == "next"


NEEDS = [
    ("need:sleep",),
    ("need:register", "need:money", "need:travel"),
    ("need:document", "need:food"),
    ("need:ask",),
]
PLACES = ("need:food", "need:toilet", "need:baby-things")


@SCREENS
@LANGUAGES
def test_every_need_by_keys_alone(kiosk: Kiosk, screen: ScreenSettings, language: str) -> None:
    hand = KeypadHand(kiosk(FakeDesk(), screen))
    for needs in NEEDS:
        to_needs(hand, language)
        hand.choose(*needs, "next", "wait:nobody")
        hand.stand.until("done")
        answers = hand.stand.desk.asked[-1]
        assert (answers.language, answers.party.adults, answers.party.children) == (language, 2, 1)
        assert answers.chosen["need"] == tuple(need.removeprefix("need:") for need in needs)
        hand.choose("done")
        assert hand.stand.state == "language"


@SCREENS
@LANGUAGES
def test_places_by_keys_alone(kiosk: Kiosk, screen: ScreenSettings, language: str) -> None:
    hand = KeypadHand(kiosk(FakeDesk(), screen))
    to_needs(hand, language)
    hand.choose(*PLACES, "next")
    assert hand.stand.state == "places"
    hand.choose("done")

    assert (hand.stand.state, hand.stand.desk.asked) == ("language", [])


@LANGUAGES
def test_a_child_alone_calls_for_help_by_keys_alone(kiosk: Kiosk, language: str) -> None:
    hand = KeypadHand(kiosk())
    hand.choose(f"language:{language}", "next", "adults:0", "children:1", "next")

    assert hand.stand.desk.calls == [(HelpKind.CHILD_ALONE, language)]
    hand.choose("done")
    assert hand.stand.state == "language"


@pytest.mark.parametrize("mode", ["large", "low"])
def test_pages_are_turned_by_keys_and_the_focus_goes_with_them(kiosk: Kiosk, mode: str) -> None:
    hand = KeypadHand(kiosk())
    hand.choose(f"tool:{mode}")
    pages = 1
    while "language:vi" not in hand.stand.driver.tiles():
        hand.choose("page:after")
        assert hand.focus in hand.stand.driver.tiles()
        pages += 1
    assert pages > 1
    hand.choose("language:vi")

    assert hand.stand.driver.app.flow.conversation.language == "vi"


@SCREENS
@LANGUAGES
def test_every_tile_of_every_screen_is_reached_by_arrows(
    kiosk: Kiosk, screen: ScreenSettings, language: str
) -> None:
    hand = KeypadHand(kiosk(FakeDesk(), screen))
    seen = []

    def look_round() -> None:
        hand.press("right")
        table = hand.table()
        tiles = {name for name, _ in table}
        assert tiles == set(hand.stand.driver.tiles())
        assert all(there.name != here for (here, _), there in table.items())
        for tile in sorted(tiles)[:: max(1, len(tiles) // 3)]:  # a few of them by hand, too
            hand.go(tile)
        seen.append(hand.stand.state)

    look_round()
    for tiles in ([f"language:{language}"], ["next"], ["adults:1", "next"], ["before:no"]):
        hand.choose(*tiles)
        look_round()
    hand.choose("need:sleep", "next")
    look_round()
    hand.choose("wait:nobody")
    hand.stand.until("done")
    look_round()
    hand.press("f1", "enter")
    look_round()

    assert seen == ["language", "notice", "party", *["question"] * 3, "ticket ready", "help"]


def test_an_arrow_leads_where_it_points_in_either_direction_of_reading(kiosk: Kiosk) -> None:
    for language, onward in (("uk", "right"), ("ar", "left")):
        hand = KeypadHand(kiosk())
        hand.choose(f"language:{language}", "next")
        hand.go("adults:1")
        one = hand.stand.driver.find("adults:1")
        hand.press(onward)
        two = hand.stand.driver.find("adults:2")
        assert hand.focus == "adults:2"
        assert (two.x > one.x) == (onward == "right")
        hand.stand.driver.stop()


def test_back_goes_back_and_does_nothing_where_there_is_no_way_back(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    to_needs(hand, "de")
    seen = []
    for _ in range(5):
        seen.append(hand.stand.state)
        hand.press("backspace")

    assert seen == ["question", "question", "party", "notice", "language"]
    assert (hand.stand.state, hand.stand.desk.left) == ("language", [])


def test_help_goes_to_the_person_and_calls_nobody_by_itself(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.press("f1")
    assert (hand.focus, hand.stand.desk.calls) == ("help:person", [])
    hand.press("enter")

    assert (hand.stand.state, hand.stand.desk.calls) == ("help", [(HelpKind.PERSON, None)])


def test_help_by_key_is_there_on_every_screen(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    for tiles in ((), ("language:ar",), ("next",), ("adults:1", "next"), ("before:no",)):
        hand.choose(*tiles)
        hand.press("help")
        assert hand.focus == "help:person"
    hand.press("enter")

    assert hand.stand.desk.calls == [(HelpKind.PERSON, "ar")]


def test_the_middle_key_that_trembles_counts_once(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.press("f1")
    hand.stand.clock.advance()
    for _ in range(2):
        hand.down("enter")
        hand.up("enter")
        hand.stand.clock.advance(0.3)
    hand.stand.driver.frames(5)

    assert len(hand.stand.desk.calls) == 1


def test_an_arrow_that_trembles_goes_one_step(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.press("right")
    for pause, focus in ((1, "language:ru"), (0.1, "language:ru"), (0.25, "language:de")):
        hand.stand.clock.advance(pause)
        hand.down("right")
        hand.up("right")
        assert hand.focus == focus


def test_a_key_that_is_held_counts_once_and_is_not_dead_afterwards(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.press("right")
    for _ in range(30):  # as a keyboard repeats it
        hand.stand.clock.advance(0.5)
        hand.down("right")
    assert hand.focus == "language:ru"
    hand.stand.clock.advance(3)  # its release was lost
    hand.down("right")

    assert hand.focus == "language:de"


def test_any_key_says_that_someone_is_there_and_does_nothing_else(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    to_needs(hand, "uk")
    hand.choose("need:sleep")
    hand.stand.clock.advance(65)
    hand.stand.until("go-on")
    hand.stand.driver.frames(5)
    assert hand.focus == "go-on"
    hand.look()
    hand.press("enter")

    assert hand.stand.state == "question"
    assert "go-on" not in hand.stand.driver.tiles()
    assert hand.stand.driver.app.flow._presenter.screens.question.chosen == ["sleep"]
    assert hand.focus == "need:sleep"
    hand.look()


def test_keys_are_a_sign_of_life(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    to_needs(hand, "uk")
    for _ in range(4):
        hand.stand.clock.advance(50)
        hand.press("right")
    hand.stand.driver.frames(20)

    assert "go-on" not in hand.stand.driver.tiles()
    assert hand.stand.state == "question"


def test_the_focus_goes_with_the_party(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    hand.choose("language:uk", "cancel")
    assert (hand.stand.state, hand.focus) == ("language", "")


def test_an_answer_about_the_slip_keeps_the_focus_on_the_screen(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk(FakeDesk(slip=SlipState.UNCONFIRMED)))
    to_needs(hand, "uk")
    hand.choose("need:sleep", "next", "wait:nobody")
    hand.stand.until("slip:yes")
    hand.choose("slip:no")

    assert hand.stand.desk.came_out == [False]
    assert hand.focus == "done"


def test_what_is_offered_no_longer_loses_the_focus_to_what_is(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    to_needs(hand, "uk")
    hand.choose("need:sleep", "need:register", "need:money")
    assert hand.focus == "need:money"
    hand.go("next")
    hand.stand.tap("need:sleep", "need:register", "need:money")
    hand.press("up")

    assert hand.focus in hand.stand.driver.tiles()


def test_the_staff_menu_keeps_the_focus_to_itself(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk(FakeDesk(staff=FakeOffice(has_code=True))))
    for _ in range(5):
        hand.stand.driver.tap(hand.stand.driver.app.frame.ids.head)
    hand.press("right")
    pad = {name for name, _ in hand.table()}
    assert {"code:1", "staff:close"} <= pad
    assert all(name.startswith(("code:", "staff:")) for name in pad)
    hand.press("help", "backspace")
    assert hand.focus in pad
    assert (hand.stand.state, hand.stand.desk.calls) == ("language", [])
    hand.choose(*(f"code:{digit}" for digit in "402671"), "code:try")
    hand.stand.driver.app.staff_door.tick()
    hand.press("right")

    assert hand.focus.startswith("staff:")
    assert all(name.startswith("staff:") for name, _ in hand.table())


@pytest.fixture
def own(kiosk: Kiosk) -> Callable[..., KeypadHand]:
    """Open a kiosk whose site asks for a town and for the number of a letter."""

    def open_kiosk(screen: ScreenSettings) -> KeypadHand:
        told = read_site_file(SITE_FILE.with_name("own-questions.toml"))
        return KeypadHand(kiosk(FakeDesk(told), screen))

    return open_kiosk


@SCREENS
@LANGUAGES
def test_digits_and_letters_are_entered_by_arrows(
    own: Callable[..., KeypadHand], screen: ScreenSettings, language: str
) -> None:
    hand = own(screen)
    hand.choose(f"language:{language}", "next", "adults:1", "next", "before:collect")
    hand.choose(*(f"key:{digit}" for digit in "004219"))
    assert hand.focus in hand.stand.driver.tiles()
    hand.choose("next")
    hand.stand.until("done")
    hand.choose("done", f"language:{language}", "next", "adults:1", "next", "before:no")
    letters = {"uk": "льв", "ar": "دمش"}[language]
    hand.choose(*(f"key:{letter}" for letter in letters), "key:back", "key:page", "next")
    hand.stand.until("done")

    chosen = [answers.chosen for answers in hand.stand.desk.asked]
    assert [answer.get("letter") for answer in chosen] == [("004219",), None]
    assert chosen[1]["town"][0].casefold() == letters[:2]


def test_a_keyboard_types_nothing_and_ends_nothing(own: Callable[..., KeypadHand]) -> None:
    hand = own(SMALL)
    hand.choose("language:uk", "next", "adults:1", "next", "before:no")
    text = hand.stand.driver.app.flow._presenter.screens.text
    told = [
        name for name, usage in USAGES.items() if usage not in hand.stand.driver.app.settings.keys
    ]
    for name in told:
        assert hand.down(name), "the key goes on to others"
        hand.up(name)

    assert (text.entered, hand.stand.state) == ("", "question")


def test_a_combination_of_keys_does_nothing(kiosk: Kiosk) -> None:
    hand = KeypadHand(kiosk())
    for count in (1, 2, 3):
        for chord in combinations(("alt", "ctrl", "meta"), count):
            for name in ("escape", "f1", "f4", "enter", "up", "tab"):
                hand.press(name, held_with=chord)
    assert (hand.focus, hand.stand.state) == ("", "language")
    hand.press("right", held_with=("numlock", "capslock"))

    assert hand.focus == "language:uk"


def test_the_settings_say_which_key_does_what(kiosk: Kiosk) -> None:
    keys = {USAGES["f20"]: Command.RIGHT, USAGES["f24"]: Command.ENTER}
    hand = KeypadHand(kiosk(FakeDesk(), ScreenSettings(width=540, height=960, keys=keys)))
    hand.press("right", "f20", "f20", "f24")

    assert hand.stand.driver.app.flow.conversation.language == "ru"
