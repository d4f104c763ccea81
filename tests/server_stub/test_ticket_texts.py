"""Every text of the ticket page is there, in every language that a kiosk writes in."""

import importlib.util
import re
import unicodedata
from gettext import c2py

import pytest
from babel import Locale

from assets.locales import update_ticket
from assets.locales.catalogues import faults, forms
from kiosk import language as kiosk_language
from server_stub.page_texts import LOCALES, preferred_language
from server_stub.ticket_texts import LANGUAGES, TicketTexts, direction
from tests.assets.test_fonts import LETTERS

SAME = {
    ("fr", "{low}–{high} min"),  # noqa: RUF001  # a range
    ("pl", "{low}–{high} min"),  # noqa: RUF001
    ("ro", "{low}–{high} min"),  # noqa: RUF001
}
"""Rightly the same as the English: a minute is "min" in these languages, too."""

MOST_WORDS = 12


KEPT = update_ticket.CATALOGUES
CATALOGUES = {language: KEPT.read(language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def template():
    return update_ticket.texts()


def messages(language):
    return [message for message in CATALOGUES[language] if message.id]


def written(language):
    return [form for message in messages(language) for form in forms(message.string)]


def fields(text):
    return set(re.findall(r"\{\w+\}", text))


def test_the_page_speaks_every_language_of_the_kiosk_in_its_direction():
    assert set(LANGUAGES) == set(kiosk_language.LANGUAGES) == set(KEPT.languages())
    for code, language in kiosk_language.LANGUAGES.items():
        assert direction(code) == ("rtl" if language.right_to_left else "ltr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language, template):
    assert len(template) > 20
    assert faults(CATALOGUES[language], template) == []


def test_missing_and_unused_texts_are_noticed(template):
    catalogue = KEPT.read("uk")
    catalogue["Door"].string = ""
    catalogue.delete("Counter")
    catalogue.add("Nowhere", "Ніде")

    assert faults(catalogue, template) == [
        "not in the catalogue: 'Counter'",
        "not translated: 'Door'",
        "nowhere used: 'Nowhere'",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_are_those_of_the_english(language):
    for message in messages(language):
        for form in forms(message.string):
            assert fields(form) == fields(forms(message.id)[-1])


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_translation_is_not_the_english(language):
    same = {
        (language, message.id)
        for message in messages(language)
        if {*forms(message.string)} & {*forms(message.id)}
    }

    assert same == {known for known in SAME if known[0] == language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_takes_the_plural_form_of_its_kind(language):
    rule = Locale(language).plural_form
    form = c2py(CATALOGUES[language].plural_expr)
    pairs = {(form(count), rule(count)) for count in range(1000)}

    assert len(pairs) == len({kind for _, kind in pairs}) == CATALOGUES[language].num_plurals
    assert {len(m.string) for m in messages(language) if isinstance(m.id, tuple)} == {len(pairs)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_signs_are_the_languages_own(language):
    text = re.sub(r"\{\w+\}", "", " ".join(written(language)))
    borrowed = {"fa": "\u064b"}.get(language, "")
    own = {*LETTERS[language], *LETTERS[language].upper(), *borrowed}

    assert {c for c in text if unicodedata.category(c)[0] in "LM"} - own == set()
    assert not [c for c in text if c.isdigit()]
    for form in written(language):
        assert form == unicodedata.normalize("NFC", form.strip())
        assert not re.search(r"['\"]|  |\.\.\.", form)
        before = {"fr": r"(?<!\u202f)[?!:;]"}.get(language, r"\s[?!:;؟؛،]")
        foreign = r"[,;?]" if direction(language) == "rtl" else r"[،؛؟]"
        assert not re.search(f"{before}|{foreign}", form), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_and_say_that_they_need_review(language):
    for form in written(language):
        for sentence in re.split(r"(?<=[.!?؟]) ", form):
            assert len(sentence.split()) <= MOST_WORDS
    assert "needs review by a native speaker" in CATALOGUES[language].header_comment


def test_what_is_filled_in_keeps_its_order_and_is_never_markup():
    texts = TicketTexts("ar")

    door = texts.text("Please ask at door {door}", door="4<b>")
    assert door.endswith('<bdi dir="ltr">4&lt;b&gt;</bdi>')
    ahead = texts.plural("{count} party ahead of you", "{count} parties ahead of you", 11)
    assert '<bdi dir="ltr">11</bdi>' in ahead


def test_plurals_follow_the_language():
    uk = TicketTexts("uk")
    ahead = ("{count} party ahead of you", "{count} parties ahead of you")

    assert [uk.plural(*ahead, count).striptags() for count in (1, 2, 5, 21)] == [
        "1 група перед вами",
        "2 групи перед вами",
        "5 груп перед вами",
        "21 група перед вами",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_has_a_name(language):
    assert TicketTexts(language).landmark("tree")


def test_a_browser_gets_the_language_that_it_wants_most():
    assert preferred_language("xx, ka;q=0.8, en;q=0.9", LANGUAGES) == "en"
    assert preferred_language("uk-UA,ru;q=0.9", LANGUAGES) == "uk"
    assert preferred_language("xx", LANGUAGES) == preferred_language(None, LANGUAGES) == "de"


@pytest.mark.parametrize("language", ["uk", "ar"])
def test_the_texts_are_on_the_sheet_that_native_speakers_review(language):
    spec = importlib.util.spec_from_file_location("review_sheet", LOCALES / "review_sheet.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shown = {own for _, _, _, own in module.rows(language)}

    assert {text for text in written(language) if len(text) > 20} <= {
        form for row in shown for form in (row, *row.split(" / "))
    }
