import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.contract.site import SERIES_PAIRS
from kiosk.language import LANGUAGES, catalogue
from kiosk.moment import told
from kiosk.speech.utterance import plain
from kiosk.speech.wording import (
    LETTERS,
    SPEECH,
    SpeechDataError,
    load_wording,
    messages,
    wording,
)

VOWELS = "[\u064b-\u0652\u0670]"
ARABIC = re.compile("[\u0621-\u064a]")
UNSEEN = re.compile(f"{VOWELS}|\u0640|[\u2066-\u2069]")


def letters_of(text: str) -> str:
    return UNSEEN.sub("", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_form_for_all_that_is_only_spoken(language: str) -> None:
    said = wording(language)

    assert set(said.letters) == set(LETTERS)
    assert all(said.text(message) for message in messages(language))
    assert messages(language) == messages("en")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en", "de"}))
def test_no_spoken_sentence_was_left_in_english_or_german(language: str) -> None:
    own, english, german = wording(language), wording("en"), wording("de")

    for name, sentence in own.sentences.items():
        if name != "children":
            assert sentence not in {english.sentences[name], german.sentences[name]}
    for landmark, word in own.landmarks.items():
        assert word not in {english.landmarks[landmark], german.landmarks[landmark]}


def test_every_arabic_text_has_its_vowels_and_the_letters_of_what_is_shown() -> None:
    said, shown = wording("ar"), catalogue("ar")

    for message in messages("ar"):
        assert message in said.vowelled, f"assets/speech/ar.toml lacks {message!r}"
        assert letters_of(said.vowelled[message]) == letters_of(shown.text(message))
    with_values = {message for message in said.vowelled if "{" in message}
    assert with_values == {"Opens: {when}", "Closed. Opens: {when}"}, "what is said with a time"
    assert set(said.vowelled) - with_values <= set(messages("ar")), "not in the catalogue any more"
    for message in with_values:
        assert letters_of(said.vowelled[message]) == letters_of(shown.text(message))
    assert letters_of(said.name) == LANGUAGES["ar"].name


def test_an_arabic_opening_time_is_said_with_its_vowels() -> None:
    said, now = wording("ar"), datetime(2026, 1, 1, 8, tzinfo=UTC)

    for month in range(1, 13):
        for day in range(1, 8):
            shown = told(datetime(2027, month, day, 8, 30, tzinfo=UTC), "ar", now=now)
            spoken = said.date(shown)
            assert letters_of(spoken) == shown
            assert all(re.search(VOWELS, word) for word in spoken.split() if ARABIC.search(word))


def test_an_opening_time_is_said_as_it_is_shown_where_no_vowels_are_missing() -> None:
    assert wording("de").date("Montag, 08:00") == "Montag, 08:00"


def test_every_arabic_word_that_is_said_carries_vowels() -> None:
    said = wording("ar")
    texts = [*said.vowelled.values(), *said.sentences.values(), *said.landmarks.values()]
    texts += said.dates.values()
    bare = [
        word
        for text in [*texts, *said.letters.values(), said.name]
        for word in text.split()
        if ARABIC.search(word) and not re.search(VOWELS, word)
    ]

    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_letters_of_a_series_sound_alike(language: str) -> None:
    spoken = wording(language).letters
    phonemes = subprocess.run(
        ["espeak-ng", "--stdin", "-b", "1", "-q", "-x", "-v", language],
        input="\n\n".join(f"{name}." for name in spoken.values()).encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    sounds = [re.sub(r"[_|!']", "", line).strip() for line in re.split(r"\n+", phonemes.strip())]

    assert "(en)" not in phonemes, "spelled in a script that the voice does not read"
    assert len(set(sounds)) == len(spoken)


def phonemes(text: str) -> str:
    """What espeak-ng makes of Arabic, without its marks of stress."""
    command = ["espeak-ng", "-q", "-x", "-v", "ar", text]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return re.sub(r"[,'.]", "", said).strip()


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("س\u064e\u0651", "s:a"),  # the order of Unicode's normal form, a vowel before its shadda
        ("س\u0651\u064e", "s:a"),
        ("ب\u0650\u0627لح\u064e", "bilHa"),  # the alef after "bi-" is silent
    ],
)
def test_the_voice_is_given_arabic_as_it_reads_it(written: str, heard: str) -> None:
    assert phonemes(plain(f"{written}ب\u0650")) == f"{heard}bi"


def test_a_number_is_said_sign_by_sign() -> None:
    assert wording("uk").spelled("D214") == "де, 2, 1, 4"
    assert wording("de").spelled("JU105") == "Jott, Uh, 1, 0, 5"


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_letters_of_a_number_are_said(language: str) -> None:
    said = wording(language)

    for first, second in SERIES_PAIRS:
        names = f"{said.letters[first]}, {said.letters[second]}"
        assert said.spelled(f"{first}{second}214") == f"{names}, 2, 1, 4"


def test_a_door_is_said_as_it_is_read() -> None:
    assert wording("uk").door("12") == "12"
    assert wording("de").door("4d") == "4 De"
    assert wording("de").door("4b") == "4 b"


def test_a_sites_own_text_is_said_in_the_language_it_is_written_in() -> None:
    said = wording("uk")

    assert said.of_site({"uk": "Їжа", "en": "Food"}) == ("uk", "Їжа")
    assert said.of_site({"de": "Essen", "en": "Food"}) == ("en", "Food")
    assert said.of_site({"de": "Essen"}) == ("de", "Essen")
    assert said.of_site("Money") == ("uk", "Гроші")


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("letters.toml", 'D = "де"\n', "", "letters.toml: uk: missing or not known: D"),
        ("sentences/uk.toml", "{door}", "{dor}", "uk.toml: first: must hold door, landmark"),
        ("sentences/uk.toml", 'cat = "кіт"', "", "uk.toml: missing or not known: cat"),
        ("sentences/uk.toml", "[landmarks]", "[land", "uk.toml: cannot be read"),
    ],
)
def test_a_damaged_file_of_speech_is_told(
    tmp_path: Path, file: str, before: str, after: str, told: str
) -> None:
    folder = shutil.copytree(SPEECH, tmp_path / "speech")
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1))

    with pytest.raises(SpeechDataError, match=re.escape(told)):
        load_wording("uk", folder)
