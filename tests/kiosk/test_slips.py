import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from kiosk.contract.messages import StageWait
from kiosk.language import LANGUAGES
from kiosk.questionnaire import Party
from kiosk.slips import make_slip
from kiosk.ticket import Ticket
from printer.slip import Bilingual, Place
from tests.kiosk.arrivals import NINE, SITE

TICKET = Ticket(
    id=UUID(int=1),
    number="D214",
    language="uk",
    party=Party(2, 1),
    route=SITE.stages[:2],
    url="https://ankunft.example/t/abc",
)
WAIT = StageWait(stage="information", parties_ahead=3, minutes_from=10, minutes_to=20)


def in_language(language: str) -> Ticket:
    return replace(TICKET, language=language)


def test_a_slip_says_all_that_the_ticket_says() -> None:
    slip = make_slip(TICKET, site=SITE, made_at=NINE)

    assert (slip.number, slip.site_name, slip.ticket_url) == ("D214", "Info-Point", TICKET.url)
    assert (slip.adults, slip.children, slip.copy) == (2, 1, 1)
    assert slip.places == (Place("tree", "1"), Place("fish", "2"))


@pytest.mark.parametrize(
    ("language", "name", "heading", "right_to_left"),
    [
        ("uk", "Українська", "Ваш номер", False),
        ("ru", "Русский", "Ваш номер", False),
        ("de", "Deutsch", "Ihre Nummer", False),
        ("en", "English", "Your number", False),
        ("ar", "العربية", "رقمكم", True),
    ],
)
def test_a_slip_speaks_the_partys_language(
    language: str,
    name: str,
    heading: str,
    right_to_left: bool,  # noqa: FBT001
) -> None:
    slip = make_slip(in_language(language), site=SITE, made_at=NINE)

    assert (slip.language, slip.language_name) == (language, name)
    assert slip.right_to_left is right_to_left
    assert slip.heading.own == heading


@pytest.mark.parametrize("language", LANGUAGES)
def test_german_stands_beside_every_sentence_except_in_german(language: str) -> None:
    slip = make_slip(in_language(language), site=SITE, made_at=NINE, wait=WAIT)

    german = make_slip(in_language("de"), site=SITE, made_at=NINE, wait=WAIT)
    for own, de in zip(
        (slip.heading, slip.keep, slip.waiting, slip.follow),
        (german.heading, german.keep, german.waiting, german.follow),
        strict=True,
    ):
        assert own
        assert de
        assert own.german == ("" if language == "de" else de.own)
        assert language == "de" or own.own != de.own


def test_no_time_is_printed_when_the_clock_is_not_trusted() -> None:
    assert make_slip(TICKET, site=SITE, made_at=None).printed_at == ""


@pytest.mark.parametrize(
    ("hours", "printed"),
    [
        (0, "Mo. 02.03.2026 10:00"),
        (14, "Di. 03.03.2026 00:00"),
        (24 * 60, "Fr. 01.05.2026 11:00"),
    ],
)
def test_the_time_is_the_sites_own(hours: int, printed: str) -> None:
    slip = make_slip(TICKET, site=SITE, made_at=NINE + timedelta(hours=hours))

    assert slip.printed_at == printed


def test_a_wait_that_is_not_fresh_is_not_printed() -> None:
    assert make_slip(TICKET, site=SITE, made_at=NINE).waiting is None


@pytest.mark.parametrize(
    ("ahead", "german"),
    [(0, "0 Gruppen vor Ihnen"), (1, "1 Gruppe vor Ihnen"), (22, "22 Gruppen vor Ihnen")],
)
def test_parties_ahead_are_counted_by_the_languages_own_rule(ahead: int, german: str) -> None:
    wait = StageWait(stage="information", parties_ahead=ahead)

    slip = make_slip(in_language("de"), site=SITE, made_at=NINE, wait=wait)

    assert slip.waiting == Bilingual(german, "")


@pytest.mark.parametrize(
    ("ahead", "word"), [(1, "група"), (2, "групи"), (5, "груп"), (21, "група")]
)
def test_ukrainian_has_three_forms(ahead: int, word: str) -> None:
    wait = StageWait(stage="information", parties_ahead=ahead)

    slip = make_slip(TICKET, site=SITE, made_at=NINE, wait=wait)

    assert slip.waiting
    assert slip.waiting.own == f"{ahead} {word} перед вами"


def test_a_range_of_minutes_follows_where_it_is_known() -> None:
    slip = make_slip(TICKET, site=SITE, made_at=NINE, wait=WAIT)

    assert slip.waiting
    assert slip.waiting.own == "Перед вами: 3 · 10–20 хв"  # noqa: RUF001


@pytest.mark.parametrize("language", LANGUAGES)
def test_parties_and_both_ends_of_the_range_are_told_in_every_language(language: str) -> None:
    wait = StageWait(stage="information", parties_ahead=157, minutes_from=360, minutes_to=480)

    slip = make_slip(in_language(language), site=SITE, made_at=NINE, wait=wait)

    assert slip.waiting
    assert set(re.findall("[0-9]+", slip.waiting.own)) == {"157", "360", "480"}


@pytest.mark.parametrize("known", [{"minutes_from": 10}, {"minutes_to": 20}])
def test_half_a_range_is_none(known: dict[str, int]) -> None:
    wait = StageWait(stage="information", parties_ahead=3, **known)

    slip = make_slip(TICKET, site=SITE, made_at=NINE, wait=wait)

    assert slip.waiting
    assert "·" not in slip.waiting.own


def test_a_site_without_a_ticket_page_prints_no_address() -> None:
    slip = make_slip(replace(TICKET, url=None), site=SITE, made_at=NINE)

    assert (slip.ticket_url, slip.follow) == (None, None)
