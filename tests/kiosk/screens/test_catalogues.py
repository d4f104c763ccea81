"""Every text is there, in every language, and says what it may."""

import re
import shutil
import tomllib
import unicodedata
from copy import deepcopy
from dataclasses import replace
from gettext import c2py
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from fontTools.ttLib import TTFont

from assets.locales import update
from kiosk.language import LANGUAGES, LOCALES
from tests.assets.test_fonts import LETTERS

ROOT = Path(__file__).parents[3]
MOST_WORDS = 12
BORROWED = {"fa": "\u064b"}
"""Letters that a language borrows beside its own: the Arabic mark in the Persian "please"."""
TRANSLATED = [language for language in LANGUAGES if language != "en"]
SAME = tomllib.loads((LOCALES / "same.toml").read_text(encoding="utf-8"))["same"]


KEPT = update.CATALOGUES
CATALOGUES: dict[str, Catalog] = {language: KEPT.read(language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def template() -> Catalog:
    catalog: Catalog = update.texts()
    return catalog


@pytest.fixture(scope="module")
def letters() -> dict[str, set[int]]:
    """What each face of the font can draw."""
    found = {}
    for face in ("Regular", "Bold"):
        with TTFont(ROOT / "assets" / "fonts" / f"AnkunftSans-{face}.ttf", lazy=True) as font:
            found[face] = set(font.getBestCmap())
    return found


def messages(language: str) -> list[Message]:
    return [message for message in CATALOGUES[language] if message.id]


def forms(text: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def written(language: str) -> list[str]:
    return [form for message in messages(language) for form in forms(message.string)]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_every_language_of_the_program_has_a_catalogue_and_no_other_has() -> None:
    assert set(KEPT.languages()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language: str, template: Catalog) -> None:
    assert KEPT.faults(language, template) == []


def test_texts_of_code_markup_and_site_file_are_found(template: Catalog) -> None:
    found = {forms(message.id)[0] for message in template if message.id}

    assert {
        "Someone is coming.",  # marked in code
        "Are you still there?",  # in markup
        "What do you need today?",  # in the site file
        "{count} party ahead of you",  # on the slip
    } <= found


def test_a_missing_and_an_unused_text_are_faults(template: Catalog) -> None:
    other = Catalog()
    for message in template:
        if message.id != "Yes":
            other.add(message.id)
    other.add("Never translated")

    assert KEPT.faults("uk", other) == [
        "uk: not in the catalogue: 'Never translated'",
        "uk: nowhere used: 'Yes'",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_english(language: str) -> None:
    broken = [
        form
        for message in messages(language)
        for form in forms(message.string)
        if placeholders(form) != placeholders(forms(message.id)[-1])
    ]

    assert broken == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_not_the_english_or_german(language: str) -> None:
    german = {m.id: m.string for m in messages("de")} if language != "de" else {}
    same = {
        forms(message.id)[0]
        for message in messages(language)
        if {*forms(message.string)} & {*forms(message.id), *forms(german.get(message.id))} - {""}
    }

    assert same == {entry["text"] for entry in SAME if entry["language"] == language}


def test_a_text_that_may_be_the_same_says_why() -> None:
    assert all(set(entry) == {"language", "text", "reason"} for entry in SAME)
    assert all(entry["reason"].strip() for entry in SAME)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_as_many_forms_as_the_language(language: str) -> None:
    rule = Locale(language).plural_form
    wanted = len({rule(count) for count in range(1000)})
    counts = {len(m.string) for m in messages(language) if isinstance(m.id, tuple)}

    assert CATALOGUES[language].num_plurals == wanted
    assert counts == {wanted}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_takes_the_plural_form_of_its_kind(language: str) -> None:
    rule = Locale(language).plural_form
    form = c2py(CATALOGUES[language].plural_expr)
    pairs = {(form(count), rule(count)) for count in range(1000)}

    # One form for each kind of number of CLDR, and no other.
    assert len(pairs) == CATALOGUES[language].num_plurals
    assert len({kind for _, kind in pairs}) == len(pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    long = [
        sentence
        for message in messages(language)
        for form in forms(message.string)
        for sentence in re.split(r"(?<=[.!?؟]) ", form)
        if len(sentence.split()) > MOST_WORDS
    ]

    assert long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_has_every_letter(language: str, letters: dict[str, set[int]]) -> None:
    used = {c for m in messages(language) for form in forms(m.string) for c in form}
    used |= {*LANGUAGES[language].name, *LANGUAGES[language].welcome, *"0123456789+"}

    for face, drawn in letters.items():
        assert {letter for letter in used if ord(letter) not in drawn} == set(), face


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_are_western(language: str) -> None:
    text = "".join(form for m in messages(language) for form in forms(m.string))

    assert not [c for c in text if c.isdigit() and c not in "0123456789"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_that_it_needs_review(language: str) -> None:
    assert "needs review by a native speaker" in CATALOGUES[language].header_comment
    assert not any(message.fuzzy for message in messages(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_the_languages_own(language: str) -> None:
    """No cedilla in Romanian, no Arabic kaf in Persian, no Russian letter in Ukrainian."""
    texts = [*written(language), LANGUAGES[language].name, LANGUAGES[language].welcome]
    text = re.sub(r"\{\w+\}", "", " ".join(texts))
    own = {*LETTERS[language], *LETTERS[language].upper(), *BORROWED.get(language, "")}
    used = {character for character in text if unicodedata.category(character)[0] in "LM"}

    assert "".join(sorted(used - own)) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_composed_and_set_as_in_print(language: str) -> None:
    wrong = [
        text
        for text in written(language)
        if text != unicodedata.normalize("NFC", text.strip())
        or re.search(r"['\"]|  |\.\.\.|\d-\d", text)
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_stand_where_the_language_has_them(language: str) -> None:
    before = {"fr": r"(?<!\u202f)[?!:;]"}.get(language, r"\s[?!:;؟؛،]")
    foreign = r"[,;?]" if LANGUAGES[language].right_to_left else r"[،؛؟]"

    assert [text for text in written(language) if re.search(f"{before}|{foreign}", text)] == []


def test_persian_joins_its_verbs_without_a_space() -> None:
    assert [text for text in written("fa") if re.search(r"\bن?می ", text)] == []


def test_no_georgian_word_is_in_capitals() -> None:
    assert [text for text in written("ka") if re.search("[\u1c90-\u1cbf\u10a0-\u10c5]", text)] == []


def test_who_reads_a_catalogue_while_it_is_written_anew_reads_the_old_one(
    template: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    kept = Path(shutil.copy(LOCALES / "de" / "LC_MESSAGES" / "kiosk.po", folder))
    copied = replace(KEPT, locales=tmp_path)
    monkeypatch.setattr(update, "CATALOGUES", copied)
    update.compile_all()
    built = kept.with_suffix(".mo")
    before = kept.read_bytes(), built.read_bytes()
    more = deepcopy(template)
    more.add("A new text", "Ein neuer Text")

    with kept.open("rb") as texts, built.open("rb") as words:
        copied.update("de", more)
        update.compile_all()
        assert (texts.read(), words.read()) == before

    assert b"A new text" in kept.read_bytes()
    assert {*folder.iterdir()} == {kept, built}
