from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.language import LANGUAGES
from kiosk.speech import voice as voices
from kiosk.speech.sentences import number
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice, VoiceError
from kiosk.speech.wording import LETTERS


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_really_said_and_two_numbers_sound_different(
    voice: Voice, language: str
) -> None:
    (first,), (second,) = number(language, "D214"), number(language, "D215")
    heard, other = voice.render(first), voice.render(second)

    assert heard.rate == 22_050
    assert 1 < heard.seconds < 10
    assert max(heard.samples) > 0
    assert heard.samples != other.samples
    assert voice.render(first) == heard


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_digits_with_another_letter_sound_different(voice: Voice, language: str) -> None:
    sounds = {voice.render(number(language, f"{letter}101")[0]).samples for letter in LETTERS}

    assert len(sounds) == len(LETTERS)


@pytest.mark.slow
def test_no_two_languages_share_a_voice(voice: Voice) -> None:
    sounds = {voice.render(Utterance(language, "2, 1, 4.")).samples for language in LANGUAGES}

    assert len(sounds) == len(LANGUAGES)


def test_a_slower_voice_takes_longer(voice: Voice) -> None:
    said = Utterance("de", "Wir fragen nur, was wir brauchen.")

    assert voice.render(said).seconds > 1.2 * Voice(rate=175).render(said).seconds


def test_a_voice_that_gives_way_says_the_same(voice: Voice) -> None:
    said = Utterance("de", "Bitte warten.")

    assert voice.render(said, idle=True) == voice.render(said)


def test_no_text_stands_on_a_command_line(tmp_path: Path, program: Callable[[str], str]) -> None:
    seen = tmp_path / "arguments"
    said = Voice(program=program(f'echo "$@" > {seen}; exec espeak-ng "$@"')).render(
        Utterance("de", "Zitronenfalter", personal=True)
    )

    assert said.seconds > 0.5
    assert seen.read_text() == "--stdin --stdout -b 1 -v de -s 130\n"


def test_a_voice_tells_its_version_and_rate(voice: Voice) -> None:
    assert voice.id.startswith("eSpeak NG text-to-speech: 1.")
    assert voice.id.endswith(" at 130")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 3", "espeak-ng ended with code 3"),
        ("echo no sound", "espeak-ng made no sound in de: not a WAV file"),
        ("exec sleep 60", "espeak-ng took over 0 s"),
    ],
)
def test_a_voice_that_fails_says_why_and_never_what(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[str], str], script: str, told: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(voices, "LIMIT_SECONDS", 0.05)

    with pytest.raises(VoiceError) as error:
        Voice(program=program(script)).render(Utterance("de", "Zitronenfalter"))

    assert told in str(error.value)
    assert "Zitronenfalter" not in str(error.value)


def test_what_cannot_be_said_is_told(voice: Voice) -> None:
    with pytest.raises(VoiceError, match="no voice for language rom"):
        voice.render(Utterance("rom", "Baxt"))
    with pytest.raises(VoiceError, match="nothing to say"):
        voice.render(Utterance("de", "\u2066\u2069"))
    with pytest.raises(VoiceError, match="there is no espeak-gone: apt-get install espeak-ng"):
        _ = Voice(program="espeak-gone").id


def test_text_with_phonemes_in_it_is_read_as_text(voice: Voice) -> None:
    assert voice.render(Utterance("de", "[[h@l'o:]]")) == voice.render(Utterance("de", "h@l'o:"))
