# ruff: noqa: RUF001 - letters that look alike are what this is about
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.entry import VIETNAMESE_TONES, appended, begins_word, letters, marked, shortened, told

CIRCUMFLEX, DIAERESIS = "\u0302", "\u0308"
FRENCH = (CIRCUMFLEX, DIAERESIS)
TONES = dict(zip("`?~'.", VIETNAMESE_TONES, strict=True))


def vietnamese(struck: str) -> str:
    """Return what stands in the field after these keys; `?~'. are the tones."""
    text = ""
    for key in struck:
        if key in TONES:
            text = marked(text, TONES[key], among=VIETNAMESE_TONES)
        else:
            text = appended(text, key, longest=60)
    return text


@pytest.mark.parametrize(
    ("struck", "seen"),
    [
        ("Nguyên~", "Nguyễn"),
        ("Viêt.", "Việt"),
        ("Đưc'", "Đức"),
        ("mua`", "mùa"),
        ("tai`", "tài"),
        ("hoa`", "hoà"),
        ("hoan`", "hoàn"),
        ("thuy?", "thuỷ"),
        ("quy'", "quý"),
        ("quôc'", "quốc"),
        ("gia`", "già"),
        ("gi`", "gì"),
        ("khuyu?", "khuỷu"),
        ("ngươi`", "người"),
        ("Thanh` phô'", "Thành phố"),
    ],
)
def test_a_tone_at_the_end_of_a_syllable_finds_its_vowel(struck: str, seen: str) -> None:
    assert vietnamese(struck) == unicodedata.normalize("NFC", seen)


def test_a_tone_may_come_right_after_its_vowel() -> None:
    assert vietnamese("Nguyê~n") == vietnamese("Nguyên~")


def test_another_tone_takes_the_place_of_the_first_and_the_same_takes_it_away() -> None:
    assert vietnamese("ta`'") == "tá"
    assert vietnamese("ta``") == "ta"
    assert vietnamese("tê``") == "tê"


@pytest.mark.parametrize("struck", ["`", "b`", "tan `", "an1`"])
def test_a_tone_without_a_vowel_changes_nothing(struck: str) -> None:
    assert vietnamese(struck) == struck[:-1]


@pytest.mark.parametrize(
    ("text", "mark", "seen"),
    [
        ("e", CIRCUMFLEX, "ê"),
        ("E", CIRCUMFLEX, "Ê"),
        ("Noe", DIAERESIS, "Noë"),
        ("ê", DIAERESIS, "ë"),
        ("é", CIRCUMFLEX, "ê"),
        ("ê", CIRCUMFLEX, "e"),
        ("b", CIRCUMFLEX, "b"),
        ("", CIRCUMFLEX, ""),
        ("e ", CIRCUMFLEX, "e "),
    ],
)
def test_an_accent_goes_onto_the_last_letter_where_there_is_such_a_letter(
    text: str, mark: str, seen: str
) -> None:
    assert marked(text, mark, among=FRENCH) == seen


def test_a_letter_with_its_marks_is_one_letter() -> None:
    assert letters("ệb\u064f") == ("ệ", "b\u064f")
    assert shortened("ạệ") == "ạ"
    assert shortened("م\u064f\u0651") == ""
    assert shortened("") == ""


def test_a_letter_beyond_the_limit_is_not_taken() -> None:
    assert appended("abc", "d", longest=4) == "abcd"
    assert appended("abcd", "e", longest=4) == "abcd"
    assert appended("abc\u064f", "d", longest=4) == "abc\u064fd"


def test_a_space_stands_alone_between_words() -> None:
    assert appended("", " ", longest=9) == ""
    assert appended("a", " ", longest=9) == "a "
    assert appended("a ", " ", longest=9) == "a "
    assert told("Bad Ems ") == "Bad Ems"


def test_each_word_of_a_name_begins_with_a_capital() -> None:
    assert [begins_word(text) for text in ("", "Bad ", "Anna-", "Bad", "O’")] == [
        *(True, True, True),
        *(False, False),
    ]


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(st.lists(st.sampled_from([*"aeouyươgqin AE1", *VIETNAMESE_TONES]), max_size=12))
def test_whatever_is_struck_stays_composed_and_within_the_limit(struck: list[str]) -> None:
    text = ""
    for key in struck:
        if unicodedata.combining(key):
            text = marked(text, key, among=VIETNAMESE_TONES)
        else:
            text = appended(text, key, longest=5)
        assert text == unicodedata.normalize("NFC", text)
        assert len(letters(text)) <= 5
    for _ in range(5):
        text = shortened(text)
    assert text == ""
