import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.speech import player as players
from kiosk.speech.player import AplayPlayer, SilentPlayer
from kiosk.speech.sound import Sound


def to_file(path: Path) -> str:
    """ALSA's name of a device that writes what it would play."""
    return f"file:FILE={path},FORMAT=raw"


def test_every_sample_reaches_the_sound_device(tmp_path: Path, tone: Sound) -> None:
    player = AplayPlayer(device=to_file(tmp_path / "heard"))
    playing = player.start(tone)

    assert playing is not None
    assert playing.wait()
    assert (tmp_path / "heard").read_bytes().startswith(tone.samples)
    assert player.sound == "ready"


def test_the_sound_reaches_aplay_as_anonymous_memory(
    tmp_path: Path, program: Callable[[str], str], tone: Sound
) -> None:
    script = f'readlink /proc/self/fd/0 > {tmp_path}/stdin; echo "$@" > {tmp_path}/arguments'
    playing = AplayPlayer(program=program(script)).start(tone)

    assert playing is not None
    assert playing.wait()
    assert (tmp_path / "stdin").read_text() == "/memfd:speech (deleted)\n"
    assert (tmp_path / "arguments").read_text() == "-q -D default -\n"


def test_a_device_that_is_not_there_is_told_once_and_tried_again(
    tone: Sound, caplog: pytest.LogCaptureFixture
) -> None:
    player = AplayPlayer(device="nosuch")
    for _ in range(2):
        playing = player.start(tone)
        assert playing is not None
        assert not playing.wait()
        assert player.sound == "none"

    player._device = "null"

    assert player.probe() == "ready"
    assert caplog.text.count("sound device away") == 1


def test_a_machine_without_aplay_is_silent_and_says_what_to_install(
    tone: Sound, caplog: pytest.LogCaptureFixture
) -> None:
    player = AplayPlayer(program="aplay-gone")

    assert player.probe() == "none"
    assert player.start(tone) is None
    assert "there is no aplay-gone: apt-get install alsa-utils" in caplog.text


def test_a_program_that_cannot_run_is_no_exception(tmp_path: Path, tone: Sound) -> None:
    (tmp_path / "aplay").write_bytes(b"\x7fELF but not really")
    (tmp_path / "aplay").chmod(0o700)
    player = AplayPlayer(program=str(tmp_path / "aplay"))

    assert player.start(tone) is None
    assert player.sound == "none"


def test_a_stop_ends_the_sound_from_another_thread_and_is_no_fault(
    program: Callable[[str], str], tone: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(players, "SPARE_SECONDS", 60.0)
    player = AplayPlayer(program=program("exec sleep 60"))
    playing = player.start(tone)
    assert playing is not None
    results: list[bool] = []
    waiter = threading.Thread(target=lambda: results.append(playing.wait()))
    waiter.start()

    playing.stop()
    waiter.join(10)

    assert results == [False]
    assert player.sound == "ready"
    playing.stop()  # once more is nothing


def test_a_device_that_takes_no_sound_is_given_up(
    program: Callable[[str], str], tone: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(players, "SPARE_SECONDS", 0.0)
    player = AplayPlayer(program=program("exec sleep 60"))
    playing = player.start(tone)

    assert playing is not None
    assert not playing.wait()
    assert player.sound == "none"


def test_a_silent_player_plays_nothing(tone: Sound) -> None:
    player = SilentPlayer()

    assert player.probe() == player.sound == "none"
    assert player.start(tone) is None
