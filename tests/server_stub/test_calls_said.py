"""What the wall writes and says of a call, and where its sound comes from."""

import asyncio
import io
import logging
import threading
import tomllib
import unicodedata
import wave
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from starlette.concurrency import run_in_threadpool

from server_stub.call_sounds import MOST_KEPT, CallSounds
from server_stub.call_texts import SPEECH, call_texts, languages_of_call
from server_stub.interpreter import THREADS_THAT_ANSWER, run_in_few_threads
from server_stub.page_texts import LOCALES
from server_stub.voice import Voice, VoiceError
from tests.server_stub.conftest import ROOT

CALLS = tomllib.loads((SPEECH / "calls.toml").read_text(encoding="utf-8"))
LANGUAGES = sorted(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/kiosk.po"))


class CountingVoice:
    """Says anything at once, and counts how often; or has nothing to say it with."""

    def __init__(self, fault: str | None = None) -> None:
        self.said: list[tuple[str, str]] = []
        self._fault = fault

    def fault(self) -> str | None:
        return self._fault

    def wav(self, text: str, *, language: str) -> bytes:
        if self._fault:
            raise VoiceError(self._fault)
        self.said.append((language, text))
        return wav(b"\x01\x00" * 10)


def wav(samples: bytes, *, rate: int = 8_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(rate)
        made.writeframes(samples)
    return file.getvalue()


def read(content: bytes) -> tuple[int, bytes]:
    with wave.open(io.BytesIO(content)) as opened:
        return opened.getframerate(), opened.readframes(opened.getnframes())


def record(folder: Path, **parts: bytes) -> None:
    """Record the parts of calls in Ukrainian; ``come_5`` stands for ``come-5``."""
    for name, content in parts.items():
        path = folder / "uk" / f"{name.replace('_', '-')}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_every_language_of_the_site_has_all_texts_of_a_call():
    site = tomllib.loads((ROOT / "assets/sites/duesseldorf.toml").read_text(encoding="utf-8"))

    assert sorted(CALLS) == LANGUAGES
    assert set(LANGUAGES) >= set(site["languages"])
    for language, texts in CALLS.items():
        assert texts.keys() - {"say"} == {"number", "come", "counter"}, language
        for text in (texts["come"], texts.get("say", texts)["come"]):
            fields = [field for _, field, _, _ in Formatter().parse(text) if field is not None]
            assert fields == ["counter"], language


def test_no_language_borrows_the_texts_of_another():
    for key in ("come", "counter"):
        texts = [texts[key] for texts in CALLS.values()]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_wall_calls_a_counter_as_the_ticket_page_does(language):
    with (LOCALES / language / "LC_MESSAGES" / "ticket.po").open("rb") as po:
        counter = read_po(po)["Counter"].string or "Counter"

    assert call_texts()[language].counter == counter


def test_what_is_said_in_arabic_is_what_is_shown_but_for_its_vowels():
    said, shown = CALLS["ar"]["say"], CALLS["ar"]

    def bare(text: str) -> str:
        return "".join(sign for sign in text if unicodedata.category(sign) != "Mn")

    assert {bare(said[key]) == bare(shown[key]) for key in said} == {True}
    assert all(said[key] != shown[key] for key in said)


@pytest.mark.parametrize(
    ("language", "shown"),
    [("uk", ("uk", "de")), ("de", ("de",)), (None, ("de", "en")), ("rom", ("de", "en"))],
)
def test_a_call_is_in_the_language_of_the_party_then_german(language, shown):
    assert languages_of_call(language) == shown


def test_a_number_is_said_sign_by_sign_and_a_counter_as_a_number():
    assert call_texts()["uk"].said("D214", "12") == (
        "Номер де, 2, 1, 4. Будь ласка, підійдіть до віконця 12."
    )
    assert call_texts()["de"].said("DF214", "a-3") == (
        "Nummer De, Eff, 2, 1, 4. Bitte kommen Sie zu Schalter a 3."
    )


def test_the_sign_of_a_counter_is_isolated_in_what_is_shown():
    assert call_texts()["ar"].direction == "rtl"
    assert call_texts()["ar"].invitation("5").endswith("<bdi>5</bdi>")
    assert "<bdi>&lt;5&gt;</bdi>" in call_texts()["de"].invitation("<5>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_voice_says_a_call_in_every_language(language):
    text = call_texts()[language].said("D214", "5")

    rate, samples = read(Voice().wav(text, language=language))

    assert 2 < len(samples) / 2 / rate < 9, "shorter than the time of one call, but a sentence"
    assert samples.count(b"\x00\x00") < len(samples) / 4, "not silence"


def test_a_voice_that_fails_says_why_and_never_what(tmp_path):
    broken = tmp_path / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o700)

    with pytest.raises(VoiceError, match="espeak-ng ended with code 3 in uk"):
        Voice(str(broken)).wav("Номер", language="uk")
    broken.write_text("#!/bin/sh\necho nothing\n")
    with pytest.raises(VoiceError, match="espeak-ng made no sound"):
        Voice(str(broken)).wav("Номер", language="uk")
    with pytest.raises(VoiceError, match="there is no nowhere: apt-get install espeak-ng"):
        Voice("nowhere").wav("Номер", language="uk")


def test_displays_that_ask_for_the_same_call_share_its_sound(tmp_path):
    voice = CountingVoice()
    sounds = CallSounds(tmp_path, voice=voice)

    assert sounds.wav("D214", "5", language="uk") == sounds.wav("D214", "5", language="uk")
    assert len(voice.said) == 1


def test_sounds_of_a_long_day_do_not_fill_the_memory(tmp_path):
    voice = CountingVoice()
    sounds = CallSounds(tmp_path, voice=voice)
    for number in range(100, 100 + MOST_KEPT + 1):
        sounds.wav(f"D{number}", "5", language="uk")

    assert len(sounds._kept) == MOST_KEPT
    sounds.wav("D101", "5", language="uk")
    assert len(voice.said) == MOST_KEPT + 1, "the newer ones are kept"
    sounds.wav("D100", "5", language="uk")
    assert len(voice.said) == MOST_KEPT + 2, "the oldest has gone"


def test_a_server_without_a_voice_says_so_once(tmp_path, caplog):
    sounds = CallSounds(tmp_path, voice=CountingVoice("there is no espeak-ng"))

    sounds.tell_fault()
    assert [sounds.wav(n, "5", language="uk") for n in ("D214", "D215")] == [None, None]

    assert caplog.messages == ["calls are not spoken reason='there is no espeak-ng'"]


def test_a_voice_that_hangs_holds_up_no_request(tmp_path):
    class Hanging(CountingVoice):
        def wav(self, text: str, *, language: str) -> bytes:
            assert may_speak.wait(timeout=60)
            return super().wav(text, language=language)

    may_speak = threading.Event()
    sounds = CallSounds(tmp_path, voice=Hanging())

    async def a_burst_of_calls() -> list[bytes | None]:
        run_in_few_threads()
        numbers = [f"D{n}" for n in range(101, 101 + 2 * THREADS_THAT_ANSWER)]
        said = asyncio.gather(*(sounds.said(n, "5", language="uk") for n in numbers))
        await asyncio.sleep(0)  # all of them have asked
        await run_in_threadpool(may_speak.set)  # which is a request like any other
        return await said

    assert None not in asyncio.run(a_burst_of_calls())


def test_recorded_parts_are_joined_into_the_call(tmp_path):
    one = {name: bytes([value, 0]) * 4 for value, name in enumerate("D214", start=1)}
    record(
        tmp_path,
        number=wav(b"\x09\x00" * 4),
        come_5=wav(b"\x08\x00" * 4),
        **{name: wav(samples) for name, samples in one.items()},
    )
    voice = CountingVoice()

    rate, samples = read(CallSounds(tmp_path, voice=voice).wav("D214", "5", language="uk"))

    assert voice.said == []
    assert rate == 8_000
    spoken = samples.replace(b"\x00\x00", b"")
    assert spoken == b"".join(bytes([value, 0]) * 4 for value in (9, *range(1, 5), 8))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({}, None),
        ({"come_5": b"RIFF"}, "recording not usable file=uk/come-5.wav"),
        ({"come_5": wav(b"\x01\x00", rate=16_000)}, "recordings of uk differ in rate"),
    ],
    ids=["missing", "broken", "other rate"],
)
def test_where_a_part_cannot_be_used_the_voice_says_the_whole_call(odd, told, tmp_path, caplog):
    record(tmp_path, number=wav(b"\x01\x00"), **{s: wav(b"\x01\x00") for s in "D214"}, **odd)
    voice = CountingVoice()

    CallSounds(tmp_path, voice=voice).wav("D214", "5", language="uk")

    assert [language for language, _ in voice.said] == ["uk"]
    assert [r.levelno for r in caplog.records] == ([logging.WARNING] if told else [])
    assert not told or told in caplog.text
