"""What is spoken keeps the rules of what is shown, and both speak to parties in one way."""

import re
import subprocess
import unicodedata

import pytest

from kiosk.language import LANGUAGES, catalogue
from kiosk.speech.wording import messages, wording
from tests.assets.test_fonts import LETTERS

ADDRESS = {
    "uk": r"(?i)\b(?:ти|тебе|тобі|твій|твоя|твоє|твої|твого|твою)\b",
    "ru": r"(?i)\b(?:ты|тебя|тебе|твой|твоя|твоё|твои|твоего|твою)\b",
    "de": r"\b(?:du|dir|dich|dein\w*|ihr|euch|euer|eure\w*)\b",
    # "Your" of one man, and of one woman: heard, not seen. "That" and "there" end like it.
    "ar": r"(?<!ذَلِ)(?<!هُنَا)ك[\u064e\u0650](?![\u0621-\u0652\u0670])",
    "fa": r"(?i)\b(?:تو|خودت|هستی)\b",
    "ro": r"(?i)\b(?:tu|tău|ta|tale|tine|ție|îți|te)\b",
    "hu": r"\b(?:[Tt]e|[Tt]éged|[Nn]eked|[Tt]ied|[Vv]agy|Önök\w*)\b",
    "fr": r"(?i)\b(?:tu|toi|ton|ta|tes)\b",
    "tr": r"(?i)\b(?:sen|sana|seni|senin)\b",
    "pl": r"\b(?:Pan|Pani|Pana|Panu|Państw\w*)\b",
    "ka": r"(?i)\b(?:შენ|შენი|შენს)\b",
    "az": r"(?i)\b(?:sən|sənə|səni|sənin)\b",
    "vi": r"(?i)\b(?:quý vị|anh|chị|ông|bà)\b",
}
"""The address that a language does not use here; docs/translating.md has the one it does."""

BORROWED = {"de": {"Baby"}}
"""Words that a voice rightly reads as English."""


def shown(language: str) -> list[str]:
    return [catalogue(language).text(message) for message in messages(language)]


def spoken_only(language: str) -> list[str]:
    said = wording(language)
    return [*said.sentences.values(), *said.landmarks.values()]


def spoken(language: str) -> list[str]:
    said = wording(language)
    return [*(said.text(message) for message in messages(language)), *spoken_only(language)]


def without_fields(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_written_in_the_languages_own_letters(language: str) -> None:
    own = {*LETTERS[language], *LETTERS[language].upper()}
    text = without_fields(" ".join(spoken_only(language)))

    assert {c for c in text if unicodedata.category(c)[0] in "LM"} - own == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spoken_text_is_set_as_in_print(language: str) -> None:
    before = {"fr": r"(?<!\u202f)[?!:;]"}.get(language, r"\s[?!:;؟؛،]")
    foreign = r"[,;?]" if LANGUAGES[language].right_to_left else r"[،؛؟]"
    wrong = [
        text
        for text in spoken_only(language)
        if text != unicodedata.normalize("NFC", text.strip())
        or re.search(rf"['\"]|  |\.\.\.|{before}|{foreign}", text)
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_abbreviation_is_spoken(language: str) -> None:
    """A voice says "dvs." letter by letter."""
    assert [text for text in spoken(language) if re.search(r"\w\.(?!$)[^ ]|\bdvs\b", text)] == []


@pytest.mark.parametrize("language", ADDRESS)
def test_a_party_is_addressed_in_one_way_on_screen_and_aloud(language: str) -> None:
    texts = [*shown(language), *spoken(language)]

    assert [text for text in texts if re.search(ADDRESS[language], text)] == []


def test_arabic_is_spelled_so_that_the_voice_reads_it_rightly() -> None:
    """Each of these was heard in phonemes: "al-tasjil", "akhtiyar", "ali-antizar"."""
    said = wording("ar")
    texts = [*spoken("ar"), *said.dates.values()]
    wrong = [
        text
        for text in texts
        if re.search("\u0627\u064e\u0644[تثدذرزسشصضطظن]", text)  # the article's l is not said
        or re.search("(?:^| )\u0627[تثحجخدذرزسشصضطظعغفقكمنوهي]", text)  # begins with no vowel
        or re.search("\u0644\u0650\u0627[تثحجخدذرزسشصضطظعغفقكمن]", text)  # a long a instead of i
    ]

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_the_voice_of_a_language_reads_all_of_its_texts(language: str) -> None:
    """A sign that a voice does not know makes it spell the word, or read on in English."""
    texts = [without_fields(text) for text in spoken(language)]
    words = BORROWED.get(language, set())
    phonemes = subprocess.run(
        ["espeak-ng", "--stdin", "-b", "1", "-q", "-x", "-v", language],
        input="\n\n".join(_without(text, words) for text in texts).encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()

    assert [line for line in phonemes.splitlines() if "(en)" in line] == []


def _without(text: str, words: set[str]) -> str:
    return " ".join(word for word in text.split() if word.rstrip(".,?") not in words) + "."
