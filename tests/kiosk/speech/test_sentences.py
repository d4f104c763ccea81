from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kiosk.contract.hours import Elsewhere
from kiosk.contract.messages import StageWait
from kiosk.contract.questions import Choices, Option
from kiosk.contract.signs import Place
from kiosk.contract.site_file import read_site_file
from kiosk.hours import Opening
from kiosk.language import LANGUAGES
from kiosk.questionnaire import Party
from kiosk.speech import sentences
from kiosk.speech.utterance import Utterance, plain
from kiosk.speech.wording import SPEECH
from kiosk.ticket import Ticket
from tests.kiosk.arrivals import SITE

FOOD = Option(
    id="food", text="Food and drink", icon="food", place=Place(landmark="star", door="10")
)
TICKET = Ticket(
    id=UUID(int=1),
    number="D214",
    language="uk",
    party=Party(2, 1),
    route=SITE.stages[:2],
    places=(FOOD,),
)
NEWS = "Please take your slip."


def said(utterances: sentences.Utterances) -> list[str]:
    return [utterance.text for utterance in utterances]


def test_the_first_screen_says_each_language_in_its_own() -> None:
    names = sentences.names(("uk", "ar", "de"))

    assert names == (
        Utterance("uk", "Українська."),
        Utterance("ar", "اَلْعَرَبِيَّةُ."),
        Utterance("de", "Deutsch."),
    )


def test_a_ticket_is_said_as_number_way_wait_places_and_slip() -> None:
    wait = StageWait(stage="information", parties_ahead=3, minutes_from=20, minutes_to=40)
    spoken = sentences.ticket_ready("uk", replace(TICKET, wait=wait), news=[NEWS])

    assert said(spoken) == [
        "Ваш номер: де, 2, 1, 4.",
        *said(sentences.texts("uk", "Follow the pictures, one after the other.")),
        "Спочатку: дерево, двері 1.",
        "Потім: риба, двері 2.",
        "Груп перед вами: 3.",
        "Час очікування в хвилинах: від 20 до 40.",
        "Їжа та вода: зірка, двері 10.",
        "Візьміть, будь ласка, талон.",
    ]
    assert [utterance.personal for utterance in spoken] == [True, False, *[True] * 5, False]


def test_a_wait_without_minutes_says_none() -> None:
    wait = StageWait(stage="information", parties_ahead=0)

    assert "Gruppen vor Ihnen: 0." in said(
        sentences.ticket_ready("de", replace(TICKET, wait=wait), news=[NEWS])
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_a_party_told_or_got_is_personal(language: str) -> None:
    personal = [
        *sentences.party_chosen(language, Party(2, 1)),
        *sentences.option_chosen(language, FOOD),
        *sentences.option_chosen(language, FOOD, chosen=False),
        *sentences.entered(language, "A1"),
        *sentences.number(language, "D214"),
        *sentences.places(language, [FOOD])[2:],
        *sentences.ticket_ready(language, TICKET, news=())[2:],
    ]

    assert len(personal) == 10
    assert all(utterance.personal and utterance.language == language for utterance in personal)
    assert not any("{" in utterance.text for utterance in personal)


def test_a_question_is_said_with_its_hint_and_what_it_offers_places_last() -> None:
    question = Choices(
        id="need",
        kind="choices",
        most=2,
        text="What do you need today?",
        hint="You can choose up to three.",
        options=(FOOD, Option(id="money", text="Money", icon="money")),
    )

    assert said(sentences.question("de", question)) == [
        "Was brauchen Sie heute?",
        *said(sentences.texts("de", "You can choose up to three.", "Money", "Without a number")),
        *said(sentences.texts("de", "Food and drink")),
    ]
    assert not any(utterance.personal for utterance in sentences.question("de", question))


def test_a_text_that_the_site_lacks_in_a_language_is_said_in_the_one_it_is_shown_in() -> None:
    own = FOOD.model_copy(update={"text": {"de": "Suppe", "en": "Soup"}})

    assert sentences.option_chosen("ka", own) == (Utterance("en", "Soup.", personal=True),)
    assert sentences.places("ka", [own])[2:] == (
        Utterance("en", "Soup.", personal=True),
        Utterance("ka", "ვარსკვლავი, კარი 10.", personal=True),
    )


def test_nothing_entered_is_nothing_said() -> None:
    assert sentences.entered("de", " ") == ()


def test_what_is_rendered_ahead_is_every_text_of_the_screens_and_nothing_personal() -> None:
    site = read_site_file(SPEECH.parent / "sites" / "duesseldorf.toml")
    fixed = sentences.fixed(site)

    assert not any(utterance.personal for utterance in fixed)
    assert len(set(fixed)) == len(fixed)
    assert fixed[: len(LANGUAGES)] == sentences.names(LANGUAGES)
    for language in LANGUAGES:
        screens = [
            *sentences.notice(language, site),
            *sentences.how_many(language),
            *(one for asked in site.questions for one in sentences.question(language, asked)),
            *sentences.places(language, ()),
            *sentences.issuing(language),
            *sentences.ask_staff(language),
            *sentences.still_there(language),
            *sentences.texts(language, NEWS, "Did your slip come out?", "Yes", "No", "Back"),
        ]
        assert set(screens) <= set(fixed)


def test_a_text_cannot_command_the_voice() -> None:
    assert plain("\u2066D214\u2069") == "D214"
    assert plain("a [[h@l]] b\x00c\nd\ud800") == "a h@l b c d"
    assert plain("گروه‌های") == "گروه‌های"


def test_a_ukrainian_friday_is_said_as_one_word() -> None:
    assert plain("п\u02bcятниця") == "п\u2019ятниця"  # as CLDR writes it


def test_a_closed_site_says_when_it_opens_and_where_to_go_and_anyone_may_hear_it() -> None:
    zone = ZoneInfo("Europe/Berlin")
    opening = Opening(is_open=False, opens_at=datetime(2026, 11, 23, 8, tzinfo=zone))
    line = Elsewhere(
        icon="bed",
        text="A place to sleep",
        detail="Vogelsanger Weg",
        place=Place(landmark="star", door="10"),
    )
    site = SITE.model_copy(update={"when_closed": (line,)})

    said = sentences.closed("de", site, opening)

    words = [one.text for one in said]
    assert words[:2] == ["Jetzt geschlossen.", "Öffnet: Montag, 08:00."]
    assert "Vogelsanger Weg." in words
    assert any("10" in text for text in words[4:])
    assert words[-1].endswith("112 an.")
    assert not [one for one in said if one.personal]
    ahead = sentences.fixed(site)
    assert [
        one for one in sentences.closed("uk", site, Opening(is_open=False)) if one not in ahead
    ] == []


def test_what_is_closed_now_is_said_with_its_option_and_on_the_way() -> None:
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    housing = SITE.stages[1].id
    opening = Opening(closed_stages={housing: monday}, at=monday - timedelta(hours=12))
    bed = Option(id="bed", text="A place to sleep", icon="bed", stages=(housing,))
    both = (bed, Option(id="money", text="Money", icon="money"))
    asked = Choices(id="need", kind="choices", most=2, text="What do you need today?", options=both)
    route = replace(TICKET, opening=opening)
    told = "Closed. Opens: Monday, 08:00."

    assert said(sentences.question("en", asked, opening))[1:3] == ["A place to sleep.", told]
    assert told not in said(sentences.question("en", asked, Opening()))
    on_the_way = [one for one in sentences.ticket_ready("en", route, news=()) if one.text == told]
    assert [one.personal for one in on_the_way] == [True]
