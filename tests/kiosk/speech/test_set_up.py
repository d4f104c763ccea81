from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from kiosk.__main__ import main
from kiosk.contract.site_file import parse_site
from kiosk.settings import Settings, SettingsError, read_settings
from kiosk.speech import sentences
from kiosk.speech.recordings import recording_name
from kiosk.speech.set_up import set_up_speech
from kiosk.speech.sound import Sound, whole_wav
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice
from tests.kiosk.arrivals import SETTINGS

WAIT = 120.0
SITE = parse_site(
    """
id = "hbf"
name = "Info-Point"
languages = ["de"]
first_stages = ["information"]
stages = [{ id = "information", name = { de = "I", en = "I" }, landmark = "tree", door = "1" }]
counters = [{ id = "1", stage = "information" }]
privacy_notice = [{ de = "Nur ein Satz.", en = "One sentence only." }]
""",
    source="site.toml",
)
SPEAKING = f"""{SETTINGS}
[speech]
"""


@pytest.fixture
def settings(folder: Path) -> Callable[[str], Settings]:
    """Reads settings with such a speech table."""

    def read(speech: str) -> Settings:
        (folder / "kiosk.toml").write_text(SPEAKING + speech)
        return read_settings(folder / "kiosk.toml")

    return read


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hears(told: "Queue[Utterance | None]") -> list[Utterance]:
    heard = list(iter(lambda: told.get(timeout=WAIT), None))
    assert all(heard)
    return heard


@pytest.mark.slow
def test_what_a_party_told_reaches_its_ear_and_no_file(
    settings: Callable[[str], Settings],
    folder: Path,
    tmp_path: Path,
    voice: Voice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(folder))
    heard_at = tmp_path / "heard"  # the sound device; it alone may get the canary
    canary = Utterance("de", "Zitronenfalter, 2, 1, 4.", personal=True)
    made = voice.render(canary)
    own = made.halved(2).samples
    told: Queue[Utterance | None] = Queue()
    speech = set_up_speech(
        settings(f'device = "file:FILE={heard_at},FORMAT=raw"\nloudspeaker = false'),
        on_utterance=told.put,
    )
    speech.open()
    speech.prepare(SITE)
    assert speech._ahead.wait(WAIT)
    before = contents(folder)

    speech.speaker.plug(plugged=True)
    speech.speaker.speak([canary])
    assert hears(told) == [canary]
    assert own in heard_at.read_bytes()
    assert contents(folder) == before, "while it may be repeated"
    speech.speaker.reset()
    speech.close()

    assert contents(folder) == before
    for path, content in before.items():
        for samples in (made.samples, own):
            piece = samples[10_000:12_000]
            assert any(piece)
            assert piece not in content, path
        assert b"Zitronenfalter" not in content, path


@pytest.mark.slow
def test_all_fixed_sentences_of_a_site_lie_ready_and_old_ones_go(
    settings: Callable[[str], Settings], folder: Path, voice: Voice
) -> None:
    cache = folder / "data" / "speech"
    cache.mkdir(parents=True)
    (cache / "old.wav").write_bytes(b"RIFF")
    speech = set_up_speech(settings('device = "null"'))
    speech.open()
    speech.prepare(SITE)
    assert speech._ahead.wait(WAIT)
    speech.close()

    wanted = sentences.fixed(SITE)
    kept = {whole_wav(content).samples for content in contents(cache).values()}
    assert len(contents(cache)) == len(wanted)
    assert voice.render(sentences.notice("de", SITE)[1]).samples in kept


def test_a_kiosk_whose_speech_is_turned_off_is_silent(
    settings: Callable[[str], Settings], folder: Path
) -> None:
    told: Queue[Utterance | None] = Queue()
    speech = set_up_speech(settings("enabled = false"), on_utterance=told.put)
    speech.open()
    speech.prepare(SITE)
    speech.speaker.speak(sentences.names(["de"]))

    assert hears(told) == []
    speech.close()
    assert (speech.sound, speech.speaker.sound) == ("off", "none")
    assert not (folder / "data").exists()


def test_a_kiosk_without_espeak_or_aplay_is_silent_and_says_why(
    settings: Callable[[str], Settings],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    told: Queue[Utterance | None] = Queue()
    speech = set_up_speech(settings(""), on_utterance=told.put)
    speech.open()
    speech.speaker.speak(sentences.names(["de"]))

    assert hears(told) == []
    speech.close()
    assert (speech.sound, speech.speaker.sound) == ("none", "none")
    assert "no voice reason='there is no espeak-ng: apt-get install espeak-ng'" in caplog.text
    assert "there is no aplay: apt-get install alsa-utils" in caplog.text


def test_recordings_lie_beside_the_settings_file(
    settings: Callable[[str], Settings], folder: Path
) -> None:
    assert settings('recorded = "voices"').speech.recorded == folder / "voices"
    assert settings("").speech.recorded is None


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("handset = true", "speech: handset is only for a kiosk without a loudspeaker"),
        ("rate = 20", "speech.rate: "),
        ("volume = 3", "speech.volume: "),
    ],
)
def test_settings_of_speech_that_cannot_be_are_told(
    settings: Callable[[str], Settings], table: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        settings(table)


def test_a_technician_hears_a_sentence(
    settings: Callable[[str], Settings], folder: Path, tmp_path: Path, voice: Voice
) -> None:
    settings(f'device = "file:FILE={tmp_path / "heard"},FORMAT=raw"')

    assert (
        main(["speak", "--language", "ka", "გამარჯობა", "--settings", f"{folder}/kiosk.toml"]) == 0
    )
    said = voice.render(Utterance("ka", "გამარჯობა")).samples
    assert (tmp_path / "heard").read_bytes().startswith(said)


def test_a_technician_gets_every_sentence_as_a_file_with_its_text(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    voice: Voice,
) -> None:
    monkeypatch.setattr("kiosk.speech.command.messages", lambda _: ("Please wait", "Yes"))

    assert main(["speak", "--all", "--language", "uk", "--out", f"{tmp_path}/out"]) == 0

    listed = (tmp_path / "out" / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    name = recording_name(Utterance("uk", "Так."))
    assert f"{name}\t{name[3:6].title()}." in listed
    assert len(listed) == 3, "the language's name and two texts"
    assert whole_wav((tmp_path / "out" / name).read_bytes()) == voice.render(
        Utterance("uk", "Так.")
    )
    assert capsys.readouterr().out.startswith("3 sentences, ")


def test_what_was_recorded_is_taken(
    settings: Callable[[str], Settings], folder: Path, tmp_path: Path, tone: Sound
) -> None:
    settings('recorded = "voices"')
    path = folder / "voices" / recording_name(Utterance("uk", "Так."))
    path.parent.mkdir(parents=True)
    path.write_bytes(tone.to_wav())
    options = ["--settings", f"{folder}/kiosk.toml", "--out", f"{tmp_path}/out"]

    assert main(["speak", "--language", "uk", "Так.", *options]) == 0
    assert whole_wav((tmp_path / "out" / "uk" / path.name).read_bytes()) == tone


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], 'say what to speak: "a text", or --all'),
        (["ja", "--all"], 'say what to speak: "a text", or --all'),
        (["ja"], "say in which language: --language uk, ru, de"),
        (["--all"], "say where to write it, --out DIR"),
        (["--language", "de", " "], "there is nothing to say"),
        (["--language", "de", "ja", "--out", "/proc/nowhere"], "/proc/nowhere: cannot be written"),
    ],
)
def test_wrong_use_of_speak_is_told_in_a_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["speak", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_a_technician_without_a_sound_device_is_told_what_to_do(
    settings: Callable[[str], Settings], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings('device = "nosuch"')

    assert main(["speak", "--language", "de", "ja", "--settings", f"{folder}/kiosk.toml"]) == 2
    assert "there is no sound: look at `aplay -l`" in capsys.readouterr().err
