import logging
from pathlib import Path

import pytest

from kiosk.speech.ahead import Ahead
from kiosk.speech.cache import CacheFullError, SpeechCache
from kiosk.speech.library import Library
from kiosk.speech.recordings import Recordings, recording_name
from kiosk.speech.sentences import called_in
from kiosk.speech.sound import Sound
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice, VoiceError

WAIT = Utterance("de", "Bitte warten.")
NUMBER = Utterance("de", "Ihre Nummer: De, 2, 1, 4.", personal=True)
GONE = "voice-that-is-gone"


@pytest.fixture
def cache(tmp_path: Path) -> SpeechCache:
    return SpeechCache(tmp_path / "speech", voice="voice 1")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def record(folder: Path, utterance: Utterance, sound: Sound) -> Path:
    path = folder / recording_name(utterance)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound.to_wav())
    return path


def test_a_sentence_is_kept_and_found_again(cache: SpeechCache, tone: Sound) -> None:
    assert cache.find(WAIT) is None

    cache.put(WAIT, tone)

    assert cache.holds(WAIT)
    assert cache.find(WAIT) == tone


def test_another_text_language_or_voice_is_another_sound(
    tmp_path: Path, cache: SpeechCache, tone: Sound
) -> None:
    cache.put(WAIT, tone)

    assert cache.find(Utterance("de", "Bitte warten!")) is None
    assert cache.find(Utterance("en", "Bitte warten.")) is None
    assert SpeechCache(tmp_path / "speech", voice="voice 2").find(WAIT) is None


def test_what_is_said_no_more_is_removed_and_what_a_power_cut_left(
    tmp_path: Path, cache: SpeechCache, tone: Sound
) -> None:
    cache.put(WAIT, tone)
    cache.put(Utterance("de", "Alt."), tone)
    (tmp_path / "speech" / "half.part").write_bytes(b"RIFF")

    assert cache.keep_only([WAIT]) == 2
    assert len(files(tmp_path)) == 1
    assert cache.find(WAIT) == tone


@pytest.mark.parametrize("left", [0, 30, 1000])
def test_a_damaged_file_is_never_played_and_made_anew(
    tmp_path: Path, cache: SpeechCache, tone: Sound, left: int
) -> None:
    cache.put(WAIT, tone)
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:left])

    assert cache.find(WAIT) is None
    assert not cache.holds(WAIT)


def test_a_file_is_whole_before_it_has_its_name(
    tmp_path: Path, cache: SpeechCache, tone: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_descriptor: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("os.fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        cache.put(WAIT, tone)

    assert not cache.holds(WAIT)
    assert [path.suffix for path in files(tmp_path)] == [".part"]


def test_a_full_cache_takes_no_more(tmp_path: Path, tone: Sound) -> None:
    cache = SpeechCache(tmp_path, voice="voice 1", most_bytes=2 * len(tone.to_wav()))
    for text in ("eins", "zwei"):
        cache.put(Utterance("de", text), tone)

    with pytest.raises(CacheFullError):
        cache.put(WAIT, tone)
    cache.keep_only([Utterance("de", "eins")])
    cache.put(WAIT, tone)

    assert len(files(tmp_path)) == 2


def test_nothing_personal_can_be_put_into_the_cache(
    tmp_path: Path, cache: SpeechCache, tone: Sound
) -> None:
    with pytest.raises(ValueError, match="personal"):
        cache.put(NUMBER, tone)

    assert files(tmp_path) == []


def test_a_recording_is_taken_before_the_cache_and_the_cache_before_the_voice(
    tmp_path: Path, cache: SpeechCache, tone: Sound
) -> None:
    library = Library(
        Voice(program=GONE), recordings=Recordings(tmp_path / "recorded"), cache=cache
    )
    with pytest.raises(VoiceError):
        library.sound(WAIT)

    cache.put(WAIT, tone)
    assert library.sound(WAIT) == tone

    record(tmp_path / "recorded", WAIT, tone.halved(1))
    assert library.sound(WAIT) == tone.halved(1)


def test_a_recordings_name_says_what_it_is_and_changes_with_the_text() -> None:
    arabic = Utterance("ar", "يُرْجَى الِانْتِظَارُ.")

    assert recording_name(WAIT).startswith("de/bitte-warten-")
    assert recording_name(arabic).startswith("ar/يرجى-الانتظار-")
    assert recording_name(WAIT) != recording_name(Utterance("de", "Bitte warten!"))
    assert "/" not in recording_name(Utterance("de", "../../etc/passwd")).removeprefix("de/")


def test_a_recording_that_cannot_be_used_is_told_once_asked_and_never_by_a_personal_name(
    tmp_path: Path, tone: Sound, caplog: pytest.LogCaptureFixture
) -> None:
    for utterance in (WAIT, NUMBER):
        record(tmp_path, utterance, tone).write_bytes(b"OggS")
        assert Recordings(tmp_path).find(utterance) is None

    assert "recording not usable file=de/bitte-warten-" in caplog.text
    assert "file=(personal)" in caplog.text
    assert "nummer" not in caplog.text


def test_a_language_without_a_voice_is_said_where_people_recorded_it(
    tmp_path: Path, tone: Sound
) -> None:
    romani = Utterance("rom", "Please stay here.")
    record(tmp_path, romani, tone)

    assert Library(Voice(program=GONE), recordings=Recordings(tmp_path)).sound(romani) == tone


def test_the_page_for_technicians_names_the_recordings_in_romani() -> None:
    page = (Path(__file__).parents[3] / "docs" / "kiosk.md").read_text(encoding="utf-8")

    assert all(recording_name(utterance) in page for utterance in called_in("rom"))


def test_what_is_asked_for_while_a_party_is_there_is_never_written(
    tmp_path: Path, cache: SpeechCache, voice: Voice
) -> None:
    library = Library(voice, cache=cache)

    assert library.sound(WAIT).seconds > 0.5
    assert library.sound(NUMBER).seconds > 1
    assert files(tmp_path) == []


def test_fixed_sentences_are_rendered_ahead_and_old_ones_go(
    tmp_path: Path, cache: SpeechCache, voice: Voice, tone: Sound
) -> None:
    recorded = Utterance("de", "Aufgenommen.")
    record(tmp_path / "recorded", recorded, tone)
    cache.put(Utterance("de", "Alt."), tone)
    library = Library(voice, recordings=Recordings(tmp_path / "recorded"), cache=cache)
    ahead = Ahead(library)
    ahead.open()
    ahead.prepare(lambda: (WAIT, recorded))

    assert ahead.wait(10)
    ahead.close()
    assert cache.find(WAIT) == voice.render(WAIT)
    assert len(files(tmp_path / "speech")) == 1


def test_a_disk_that_takes_nothing_is_told_once(
    tmp_path: Path, voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "speech").write_text("in the way")
    ahead = Ahead(Library(voice, cache=SpeechCache(tmp_path / "speech", voice="voice 1")))
    ahead.open()
    ahead.prepare(lambda: (WAIT, Utterance("de", "Ja."), Utterance("de", "Nein.")))

    assert ahead.wait(10)
    ahead.close()
    assert caplog.text.count("speech not rendered ahead") == 1


def test_a_voice_that_is_not_there_is_told_once_per_language(
    cache: SpeechCache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    ahead = Ahead(Library(Voice(program=GONE), cache=cache))
    ahead.open()
    ahead.prepare(lambda: (WAIT, Utterance("de", "Ja."), Utterance("uk", "Так.")))

    assert ahead.wait(10)
    ahead.close()
    assert caplog.text.count("speech not rendered ahead language=") == 2


def test_closing_what_was_never_opened_waits_for_nothing(voice: Voice) -> None:
    Ahead(Library(voice)).close()
