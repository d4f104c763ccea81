"""What is said of each screen and tile, from plain data."""

from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from kiosk.contract.messages import HelpKind, StageWait
from kiosk.contract.questions import Option
from kiosk.contract.signs import Place
from kiosk.conversation import Conversation, State
from kiosk.language import LANGUAGES, Language
from kiosk.questionnaire import Party
from kiosk.screens import narration
from kiosk.screens.narration import SCREENS, TILES, View
from kiosk.speech import sentences
from kiosk.speech.utterance import Utterance
from kiosk.speech.wording import messages, wording
from kiosk.ticket import Ticket
from tests.kiosk.screens.fake_desk import SITE_FILE, read_site_file

SITE = read_site_file(SITE_FILE)
FOOD = Option(
    id="food", text="Food and drink", icon="food", place=Place(landmark="star", door="10")
)
TICKET = Ticket(
    id=UUID(int=1),
    number="D214",
    language="uk",
    party=Party(2, 1),
    route=SITE.stages[:2],
    wait=StageWait(stage="information", parties_ahead=3),
)


@dataclass
class Shown:
    """A tile, as far as it is spoken of."""

    tile: str
    text: str = ""
    letter: str = ""
    chosen: bool = False
    option: Option | None = None
    language: Language | None = field(default=None)


def at(state: State, language: str | None = "uk") -> View:
    language = None if state is State.LANGUAGE else language
    chosen = {"before": ("no",)} if state is State.QUESTION else {}
    kind = HelpKind.PERSON if state is State.HELP else None
    conversation = Conversation(SITE, state, language, None, chosen, kind)
    ticket = TICKET if state is State.TICKET_READY else None
    return View(conversation, ticket, way_on="next")


def said(utterances: sentences.Utterances) -> list[str]:
    return [utterance.text for utterance in utterances]


def test_there_is_something_to_say_of_every_state() -> None:
    assert set(SCREENS) == set(State)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_said_in_the_language_that_it_is_shown_in(language: str) -> None:
    for state in set(State) - {State.LANGUAGE}:
        spoken = narration.whole(at(state, language))
        assert spoken, state
        streets = {"de"} if state is State.CLOSED else set()  # an address is said as it stands
        assert {utterance.language for utterance in spoken} - streets <= {language}, state
        assert spoken[-1].text == sentences.texts(language, "Next")[0].text


def test_the_first_screen_says_the_names_and_leads_nowhere() -> None:
    assert narration.whole(at(State.LANGUAGE)) == sentences.names((*SITE.languages, "rom"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tile_has_a_name_in_every_language(language: str) -> None:
    assert set(TILES.values()) <= set(messages(language))
    for tile in TILES:
        (spoken,) = narration.tile(language, Shown(tile))
        assert spoken.text.strip(".") == wording(language).text(TILES[tile]).strip(".")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (Shown("adults:3", text="3"), "3"),
        (Shown("need:food", option=FOOD), "Food and drink."),
        (Shown("need:food", option=FOOD, chosen=True), "Chosen: Food and drink."),
        (Shown("key:d", letter="d"), "dee."),
        (Shown("key:7", text="7"), "7"),
        (Shown("slip:yes"), "Yes."),
        (Shown("key:back"), "Take back."),
        (Shown("who knows", text="something"), "something"),
    ],
)
def test_a_hand_at_an_answer_is_personal(shown: Shown, text: str) -> None:
    assert narration.tile("en", shown) == (Utterance("en", text, personal=True),)


@pytest.mark.parametrize("tile", ["back", "next", "help:doctor", "tool:ear", "page:after"])
def test_a_hand_at_what_is_no_answer_is_not(tile: str) -> None:
    assert not narration.tile("en", Shown(tile))[0].personal


def test_a_language_is_called_by_its_own_name() -> None:
    tile = Shown("language:ka", language=LANGUAGES["ka"])

    assert narration.tile("uk", tile) == sentences.names(["ka"])


def test_a_tile_without_a_word_is_silent() -> None:
    assert narration.tile("en", Shown("who knows")) == ()


def test_what_was_already_answered_is_said_with_the_question() -> None:
    party = replace(at(State.PARTY, "en"), adults=2, children=1)
    question = replace(at(State.QUESTION, "en"), chosen=("sleep",))

    assert said(narration.whole(party))[-3:] == ["Adults: 2.", "Children: 1.", "Next."]
    assert said(narration.whole(question))[-2:] == ["Chosen: A place to sleep.", "Next."]


def test_nobody_is_counted_before_a_number_was_touched() -> None:
    assert "Children: 0." not in said(narration.whole(at(State.PARTY, "en")))


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        ("", "4", ["4."]),
        ("4", "47", ["7."]),
        ("47", "4", ["Take back.", "7."]),
        ("Ng", "Nga", ["a."]),
        ("a", "á", ["á."]),
    ],
)
def test_each_key_is_said(before: str, now: str, text: list[str]) -> None:
    view = replace(at(State.QUESTION, "en"), entered=now)
    spoken = narration.entered(view, before=before)

    assert [one.casefold() for one in said(spoken)] == [one.casefold() for one in text]
    assert spoken[-1].personal


def test_a_call_before_a_language_is_told_in_all_of_the_sites() -> None:
    view = replace(at(State.HELP, None), news=("Someone is coming.",))

    assert [one.language for one in narration.whole(view)] == list(SITE.languages)


def test_a_call_tells_the_number_of_whoever_has_one() -> None:
    view = replace(at(State.HELP, "en"), news=("Someone is coming.",), ticket=TICKET)
    spoken = narration.whole(view)

    assert said(spoken) == ["Help.", "Someone is coming.", "Your number: dee, 2, 1, 4.", "Next."]
    assert [one.personal for one in spoken] == [False, False, True, False]
