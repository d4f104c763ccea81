import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.speech.headphones import Outlet
from kiosk.speech.sound import Sound
from kiosk.speech.speaker import USUAL_VOLUME, VOLUMES, Speaker
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import VoiceError

WAIT = 10.0
ONE, TWO, THREE = (Utterance("de", text) for text in ("eins", "zwei", "drei"))
NUMBER = Utterance("de", "D214", personal=True)
UNSPEAKABLE = Utterance("rom", "Baxt")


class Shelf:
    """A library whose sound is the text itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def sound(self, utterance: Utterance) -> Sound:
        self.asked.append(utterance.text)
        if utterance == UNSPEAKABLE:
            raise VoiceError("there is no voice for language rom")
        return Sound(utterance.text.encode("utf-16-le"), 22_050)


class Stage:
    """A player whose sounds end when the test says so."""

    def __init__(self) -> None:
        self.sound = "ready"
        self.begun: queue.Queue[str] = queue.Queue()
        self.samples: list[bytes] = []
        self.open: list[Stage.Playing] = []
        self.overlapped = False

    def probe(self) -> str:
        return self.sound

    def start(self, sound: Sound) -> "Stage.Playing | None":
        if self.sound == "none":
            return None
        self.overlapped |= any(playing.running for playing in self.open)
        playing = Stage.Playing()
        self.open.append(playing)
        self.samples.append(sound.samples)
        self.begun.put(sound.samples.decode("utf-16-le", "replace"))
        return playing

    def finish(self) -> None:
        self.open[-1].ended.set()

    class Playing:
        def __init__(self) -> None:
            self.ended = threading.Event()
            self.running = True
            self.stopped = False

        def wait(self) -> bool:
            assert self.ended.wait(WAIT)
            self.running = False
            return not self.stopped

        def stop(self) -> None:
            self.stopped = True
            self.ended.set()


class Room:
    """A speaker, what it plays to, and what it told."""

    def __init__(self, outlet: Outlet) -> None:
        self.shelf, self.stage = Shelf(), Stage()
        self.told: queue.Queue[Utterance | None] = queue.Queue()
        self.plugs: list[bool] = []
        self.speaker = Speaker(
            self.shelf,  # type: ignore[arg-type]
            self.stage,
            outlet=outlet,
            on_utterance=self.told.put,
            on_headphones=self.plugs.append,
        )
        self.speaker.open()

    def hears(self, *utterances: Utterance) -> None:
        """Let each of these be said to its end, at the usual volume's own samples."""
        for utterance in utterances:
            assert self.told.get(timeout=WAIT) == utterance
            self.stage.finish()
        assert self.told.get(timeout=WAIT) is None

    def begins(self, utterance: Utterance) -> None:
        assert self.told.get(timeout=WAIT) == utterance


@pytest.fixture
def enter() -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def enter(**outlet: bool) -> Room:
        rooms.append(Room(Outlet(**outlet)))
        return rooms[-1]

    yield enter
    for room in rooms:
        room.speaker.close()
        assert not room.speaker._thread.is_alive()
        assert not room.stage.overlapped


def test_a_list_is_said_in_order_and_each_utterance_told(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.speak([ONE, TWO, THREE])

    room.hears(ONE, TWO, THREE)
    assert room.shelf.asked == ["eins", "zwei", "drei"]


def test_a_new_list_takes_the_place_of_the_old_and_nothing_overlaps(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    room.speaker.speak([ONE, TWO])
    room.begins(ONE)
    room.speaker.speak([THREE])

    assert room.told.get(timeout=WAIT) is None
    room.hears(THREE)
    assert len(room.stage.open) == 2


def test_news_is_said_after_what_is_being_said_and_old_news_not_at_all(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    room.speaker.speak([ONE, UNSPEAKABLE, TWO])
    room.begins(ONE)
    room.speaker.add([THREE], instead_of=[TWO])
    room.stage.finish()

    room.hears(THREE)
    room.speaker.repeat()
    room.hears(ONE, THREE)


def test_news_is_said_at_once_where_nothing_is_being_said(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.add([ONE])
    room.hears(ONE)
    room.speaker.speak([ONE, TWO])
    room.begins(ONE)
    room.speaker.stop()
    assert room.told.get(timeout=WAIT) is None
    room.speaker.add([THREE])

    room.hears(THREE)


def test_news_that_comes_while_the_last_is_said_follows_it(enter: Callable[..., Room]) -> None:
    room = enter()
    for new in (ONE, TWO, THREE):
        room.speaker.add([new])
        room.begins(new) if new is ONE else None
    room.stage.finish()

    room.hears(TWO, THREE)
    assert len(room.stage.open) == 3


def test_a_stop_is_silence_at_once_and_repeat_begins_again(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.speak([ONE, TWO])
    room.begins(ONE)
    room.speaker.stop()

    assert room.stage.open[0].stopped
    assert room.told.get(timeout=WAIT) is None
    room.speaker.repeat()
    room.hears(ONE, TWO)


def test_a_stop_before_the_first_sound_leaves_silence(enter: Callable[..., Room]) -> None:
    room = enter()
    with room.speaker._changed:  # the thread cannot begin in here
        room.speaker.speak([ONE])
        room.speaker.stop()
    room.speaker.speak([TWO])

    room.hears(TWO)


def test_a_party_that_has_gone_leaves_nothing_to_repeat_and_the_usual_volume(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    room.speaker.speak([ONE])
    room.hears(ONE)
    room.speaker.louder()
    room.speaker.reset()

    assert room.speaker.volume == USUAL_VOLUME
    with room.speaker._changed:  # the thread cannot begin in here
        room.speaker.repeat()
        assert room.speaker._waiting is None


def test_what_is_personal_is_said_only_with_headphones(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.speak([NUMBER, ONE])
    room.hears(ONE)
    assert room.shelf.asked == ["eins"], "not even rendered"

    room.speaker.plug(plugged=True)
    assert (room.plugs, room.speaker.plugged) == ([True], True)
    room.speaker.repeat()
    room.hears(NUMBER, ONE)


def test_pulling_the_plug_ends_what_is_being_said(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.plug(plugged=True)
    room.speaker.speak([NUMBER, ONE])
    room.begins(NUMBER)
    room.speaker.plug(plugged=False)

    assert room.stage.open[0].stopped
    assert room.told.get(timeout=WAIT) is None
    assert room.plugs == [True, False]


def test_a_stop_while_a_sound_is_made_keeps_it_unsaid(
    enter: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = enter()
    made = room.shelf.sound

    def stopped_meanwhile(utterance: Utterance) -> Sound:
        room.speaker.stop()
        return made(utterance)

    monkeypatch.setattr(room.shelf, "sound", stopped_meanwhile)
    room.speaker.speak([ONE])

    assert room.told.get(timeout=WAIT) is None
    assert room.stage.open == []


def test_a_stop_while_the_next_sound_is_made_keeps_it_unsaid(
    enter: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = enter()
    made = room.shelf.sound

    def stopped_meanwhile(utterance: Utterance) -> Sound:
        if utterance == TWO:
            room.speaker.stop()
        return made(utterance)

    monkeypatch.setattr(room.shelf, "sound", stopped_meanwhile)
    room.speaker.speak([ONE, TWO])

    room.begins(ONE)
    assert room.told.get(timeout=WAIT) is None
    assert len(room.stage.open) == 1


def test_a_stop_at_the_last_moment_before_a_sound_keeps_it_unsaid(
    enter: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = enter()

    class StopsMeanwhile:
        def __getitem__(self, _step: int) -> int:
            room.speaker.stop()
            return 0

    monkeypatch.setattr("kiosk.speech.speaker.VOLUMES", StopsMeanwhile())
    room.speaker.speak([ONE])

    assert room.told.get(timeout=WAIT) is None
    assert room.stage.open == []


def test_a_plug_that_is_pulled_while_a_sound_is_made_keeps_it_unsaid(
    enter: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = enter()
    room.speaker.plug(plugged=True)
    made = room.shelf.sound

    def pulled_meanwhile(utterance: Utterance) -> Sound:
        room.speaker._outlet.plugged = False
        return made(utterance)

    monkeypatch.setattr(room.shelf, "sound", pulled_meanwhile)
    room.speaker.speak([NUMBER])

    assert room.told.get(timeout=WAIT) is None
    assert room.stage.open == []


def test_without_a_loudspeaker_nothing_is_said_before_the_plug(enter: Callable[..., Room]) -> None:
    room = enter(loudspeaker=False)
    room.speaker.speak([ONE])

    assert room.told.get(timeout=WAIT) is None
    assert room.stage.open == []


def test_volume_goes_in_steps_and_no_further(enter: Callable[..., Room]) -> None:
    room = enter()

    assert [room.speaker.louder() for _ in range(4)] == [3, 4, 4, 4]
    room.speaker.speak([ONE])
    room.hears(ONE)
    assert [room.speaker.softer() for _ in range(6)] == [3, 2, 1, 0, 0, 0]
    room.speaker.speak([ONE])
    room.hears(ONE)

    made = Sound("eins".encode("utf-16-le"), 22_050)
    assert room.stage.samples == [made.samples, made.halved(VOLUMES[0]).samples]


def test_what_cannot_be_said_is_left_out_and_told_once(
    enter: Callable[..., Room], caplog: pytest.LogCaptureFixture
) -> None:
    room = enter()
    for _ in range(2):
        room.speaker.speak([UNSPEAKABLE, ONE, UNSPEAKABLE])
        room.hears(ONE)

    assert caplog.text.count("not said language=rom") == 1
    assert "Baxt" not in caplog.text


def test_without_a_sound_device_a_list_is_over_at_once(enter: Callable[..., Room]) -> None:
    room = enter()
    room.stage.sound = "none"
    room.speaker.speak([ONE, TWO, THREE])

    assert room.told.get(timeout=WAIT) is None
    assert room.speaker.sound == "none"
    room.stage.sound = "ready"
    room.speaker.repeat()
    room.hears(ONE, TWO, THREE)


def test_a_screens_mistake_does_not_silence_the_speaker(
    enter: Callable[..., Room], caplog: pytest.LogCaptureFixture
) -> None:
    room = enter()
    hear = room.speaker.on_utterance

    def stumble(utterance: Utterance | None) -> None:
        hear(utterance)
        raise RuntimeError("Zitronenfalter")

    room.speaker.on_utterance = stumble
    room.speaker.speak([ONE, TWO])

    room.hears(ONE, TWO)
    assert "speech callback stumbled" in caplog.text
    assert "Zitronenfalter" not in caplog.text


def test_closing_ends_a_sound_and_the_thread(enter: Callable[..., Room]) -> None:
    room = enter()
    room.speaker.speak([ONE])
    room.begins(ONE)
    room.speaker.close()

    assert room.stage.open[0].stopped
    assert not room.speaker._thread.is_alive()
