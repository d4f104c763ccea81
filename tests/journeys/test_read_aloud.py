"""A kiosk that speaks: real voice, real aplay, and a file where the sound device would be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.speech import sentences
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice
from tests.stand.arrivals import MAN_ALONE, check_in, leave, wait_for_slip
from tests.stand.kiosk import open_kiosk
from tests.stand.touch import KioskDriver

WAIT = 60.0


@dataclass
class Hearing:
    """A kiosk, the file that gets what the sound device would play, and what was begun."""

    kiosk: KioskDriver
    device: Path
    begun: list[Utterance] = field(default_factory=list)

    def __post_init__(self) -> None:
        speaker = self.kiosk.app._speech.speaker
        tell = speaker.on_utterance

        def keep(utterance: Utterance | None) -> None:
            if utterance is not None:
                self.begun.append(utterance)
            tell(utterance)

        speaker.on_utterance = keep

    def plays(self, utterance: Utterance) -> bool:
        """Return whether it is on the device, at the usual volume."""
        played = self.device.read_bytes() if self.device.exists() else b""
        return Voice().render(utterance).halved(2).samples in played


@pytest.fixture
def hearing(settings, tmp_path) -> Iterator[Hearing]:
    device = tmp_path / "heard"
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'\n[speech]\ndevice = "file:FILE={device},FORMAT=raw"\n')
    with open_kiosk(settings, speaks=True, hurries=True) as kiosk:
        kiosk.wait_until(lambda: "tool:ear" in kiosk.tiles(), WAIT)
        yield Hearing(kiosk, device)


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_ear_says_every_language_by_its_name(hearing):
    names = sentences.names(hearing.kiosk.app.flow.conversation.site.languages)
    hearing.kiosk.tap_id("tool:ear")
    hearing.kiosk.wait_until(lambda: len(hearing.begun) == len(names), WAIT)

    assert hearing.begun == list(names)
    hearing.kiosk.wait_until(lambda: hearing.plays(names[-1]), WAIT)


def test_a_number_is_heard_in_headphones_and_is_in_no_file_of_the_kiosk(server, hearing, tmp_path):
    server.start()
    kiosk = hearing.kiosk
    kiosk.app._speech.speaker.plug(plugged=True)
    kiosk.wait_until(lambda: kiosk.app.frame.speaks, WAIT)
    ticket = check_in(kiosk, MAN_ALONE)
    number = sentences.number(ticket.language, ticket.number)[0]
    kiosk.wait_until(lambda: number in hearing.begun, WAIT)
    wait_for_slip(kiosk, ticket)
    leave(kiosk)

    piece = Voice().render(number).samples[10_000:12_000]
    assert any(piece)
    assert piece not in files_of(tmp_path / "kiosk")
    assert number.text.encode() not in files_of(tmp_path / "kiosk")
    assert kiosk.app._speech.speaker._last == ()


def test_staff_read_that_romani_is_wanted(server, kiosk, staff):
    server.start()
    anna = staff()
    kiosk.tap_id("audio:rom")

    kiosk.wait_until(lambda: any("Romani" in told for told in anna.words()))
