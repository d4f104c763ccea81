# ruff: noqa: RUF001 - letters that look alike are what this is about
import unicodedata
from pathlib import Path

import pytest

from kiosk.entry import appended, marked
from kiosk.keyboard import (
    KEYBOARDS,
    MOST_BESIDE,
    MOST_IN_A_ROW,
    Keyboard,
    KeyboardError,
    Page,
    is_mark,
    keyboard,
    load_keyboard,
)
from kiosk.language import LANGUAGES
from tests.assets.test_fonts import LETTERS

ROOMS = [(11, 5), (11, 3), (10, 3), (10, 2), (7, 5), (5, 4)]
"""Columns and rows of screens, wide and narrow."""


def struck(page: Page) -> list[str]:
    return [key for row in (*page.rows, page.beside) for key in row]


def typed(keys: Keyboard) -> set[str]:
    """Return every letter that comes of one key, or of a key and the marks struck after it."""
    texts = {key for key in keys.keys if not is_mark(key)}
    for _ in range(2):
        texts |= {marked(text, mark, among=keys.marks) for text in texts for mark in keys.marks}
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_a_language_can_be_typed(language: str) -> None:
    keys = keyboard(language)
    alphabet = [c for c in LETTERS[language] if unicodedata.category(c) in {"Ll", "Lo"}]

    assert len(alphabet) >= 26
    assert set(alphabet) - typed(keys) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_capital_of_a_language_can_be_typed_and_no_other_sign_comes_of_shift(
    language: str,
) -> None:
    keys = keyboard(language)
    capitals = {keys.capital(key) for key in keys.keys if not is_mark(key)}

    assert {len(capital) for capital in capitals} == {1}
    own = {*LETTERS[language], *LETTERS[language].upper(), *"qwxjfzzʼ", *"QWXJFZʼ", "İ", "ẞ"}
    assert capitals - own == set()


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_there_twice_and_none_is_lost_however_small_the_screen(
    language: str, room: tuple[int, int]
) -> None:
    keys, (columns, rows) = keyboard(language), room
    *own, signs = keys.pages(columns=columns, rows=rows)

    all_keys = [key for page in (*own, signs) for key in struck(page)]
    assert len(all_keys) == len(set(all_keys))
    assert set(keys.keys) <= set(all_keys)
    assert set("0123456789-’") <= {*all_keys, *("’" if "ʼ" in all_keys else "")}
    for page in (*own, signs):
        assert len(page.rows) <= rows
        assert max(map(len, page.rows)) <= columns
        assert len(page.beside) <= MOST_BESIDE
    assert len({page.name for page in (*own, signs)}) == len(own) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_of_eleven_keys_shows_the_rows_that_people_know(language: str) -> None:
    keys = keyboard(language)

    own, _signs = keys.pages(columns=MOST_IN_A_ROW, rows=4)
    assert own.rows == keys.rows
    assert own.beside == keys.beside


def test_a_narrow_screen_shows_the_alphabet_from_where_people_read() -> None:
    ukrainian, _ = keyboard("uk").pages(columns=7, rows=5)
    arabic, _ = keyboard("ar").pages(columns=8, rows=5)

    assert ukrainian.rows[0] == tuple("абвгґде")
    assert arabic.rows[0] == tuple(reversed("اأإآبتثج"))


def test_a_low_screen_has_more_pages() -> None:
    pages = keyboard("uk").pages(columns=10, rows=2)

    assert [page.name for page in pages] == ["абв", "ноп", "123"]


def test_capitals_are_those_of_the_language() -> None:
    turkish, azerbaijani, georgian = keyboard("tr"), keyboard("az"), keyboard("ka")

    assert [turkish.capital(letter) for letter in "iış"] == ["İ", "I", "Ş"]
    assert [azerbaijani.capital(letter) for letter in "iıə"] == ["İ", "I", "Ə"]
    assert keyboard("de").capital("ß") == "ẞ"
    assert georgian.capital("ა") == "ა"
    assert keyboard("uk").capital("ʼ") == "ʼ"


def test_the_script_of_a_passport_is_latin_whatever_the_language() -> None:
    assert keyboard("uk", script="latin") == keyboard("en")
    assert keyboard("pl", script="latin") == keyboard("pl")


def test_there_is_a_keyboard_for_each_language_and_no_other() -> None:
    assert {path.stem for path in KEYBOARDS.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ('rows = ["ab"]\nalphabet = "abc"', "the same keys, each once"),
        ('rows = ["aab"]\nalphabet = "aab"', "the same keys, each once"),
        ('rows = ["abcdefghijkl"]\nalphabet = "abcdefghijkl"', "a row has at most 11 keys"),
        ('rows = ["a"]\nbeside = "bcde"\nalphabet = "abcde"', "3 stand beside space"),
        ('rows = ["ab"]', "cannot be used"),
        ('rows = ["ab"]\nalphabet = "ab"\nshift = true', "cannot be used"),
        ("rows =", "cannot be used"),
    ],
)
def test_a_broken_keyboard_is_told_by_its_file(tmp_path: Path, told: str, reason: str) -> None:
    (tmp_path / "xx.toml").write_text(told)

    with pytest.raises(KeyboardError, match=rf"xx\.toml: .*{reason}"):
        load_keyboard("xx", tmp_path)


def test_a_mark_is_not_an_answer_by_itself() -> None:
    french = keyboard("fr")

    assert french.marks == ("\u0302", "\u0308")
    assert appended("", french.keys[0], longest=1) == "a"
