import os
import queue
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.speech import headphones
from kiosk.speech.headphones import Outlet, SwitchJack, Watcher, find_switches

WAIT = 10.0


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("@llHHi", 1_700_000_000, 0, kind, code, value)


IN, OUT = event(5, 2, 1), event(5, 2, 0)


class Wire:
    """A pipe in the place of an input device, and what a watcher made of it."""

    def __init__(self, *, plugged: bool = False) -> None:
        device, self.end = os.pipe()
        self.changes: queue.Queue[bool] = queue.Queue()
        jack = SwitchJack([device], asks=lambda _: plugged)
        self.watcher = Watcher(jack, self.changes.put)

    def send(self, events: bytes) -> None:
        os.write(self.end, events)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    wire.watcher.open()
    yield wire
    wire.watcher.close()
    if wire.end >= 0:
        os.close(wire.end)


def test_a_plug_and_its_pulling_are_told(wire: Wire) -> None:
    wire.send(IN)
    assert wire.changes.get(timeout=WAIT) is True

    wire.send(event(0, 0, 0) + OUT + event(0, 0, 0))
    assert wire.changes.get(timeout=WAIT) is False


def test_other_switches_and_keys_are_none_of_its_concern(wire: Wire) -> None:
    wire.send(event(5, 4, 1) + event(1, 2, 1) + IN + IN)
    assert wire.changes.get(timeout=WAIT) is True

    wire.send(event(5, 2, 1) + OUT)
    assert wire.changes.get(timeout=WAIT) is False
    assert wire.changes.empty()


def test_a_device_that_went_away_has_no_plug_in_it(wire: Wire) -> None:
    wire.send(IN)
    assert wire.changes.get(timeout=WAIT) is True

    os.close(wire.end)
    wire.end = -1

    assert wire.changes.get(timeout=WAIT) is False


def test_headphones_that_were_in_before_the_kiosk_began_are_told() -> None:
    wire = Wire(plugged=True)
    wire.watcher.open()

    assert wire.changes.get(timeout=WAIT) is True
    wire.watcher.close()
    os.close(wire.end)


def test_a_machine_without_a_jack_never_tells_of_a_plug() -> None:
    watcher = Watcher(SwitchJack(()), lambda _: pytest.fail("there is no jack"))
    watcher.open()
    watcher.close()


def test_a_device_that_cannot_be_asked_has_no_plug_in_it() -> None:
    device, end = os.pipe()  # a pipe knows no ioctl of input devices
    changes: list[bool] = []
    watcher = Watcher(SwitchJack([device]), changes.append)
    watcher.open()
    watcher.close()
    os.close(end)

    assert changes == []


def test_the_requests_are_those_of_the_kernels_header() -> None:
    # As a C compiler gives them for EVIOCGSW(8) and EVIOCGBIT(EV_SW, 8) of linux/input.h.
    assert headphones.EVIOCGSW == 0x8008451B
    assert headphones.EVIOCGBIT_SW == 0x80084525
    assert headphones.EVENT.size == struct.calcsize("llHHi")


def test_a_switch_is_the_third_bit() -> None:
    assert headphones._has_bit(bytes([0b0000_0100, *bytes(7)]))
    assert not headphones._has_bit(bytes([0b1111_1011, *bytes([255] * 7)]))


def test_files_that_are_no_jacks_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "event0").write_bytes(b"")
    (tmp_path / "event1").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))

    assert find_switches(tmp_path) == []
    assert find_switches(tmp_path / "gone") == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(
    ("loudspeaker", "handset", "plugged", "aloud", "personal"),
    [
        (True, False, False, True, False),
        (True, False, True, True, True),
        (False, False, False, False, False),
        (False, False, True, True, True),
        (False, True, False, True, True),
    ],
)
def test_a_loudspeaker_never_says_what_is_personal(
    loudspeaker, handset, plugged, aloud, personal
) -> None:
    outlet = Outlet(loudspeaker=loudspeaker, handset=handset)
    outlet.plugged = plugged

    assert outlet.lets(personal=False) is aloud
    assert outlet.lets(personal=True) is personal


def test_a_handset_beside_a_loudspeaker_is_refused() -> None:
    with pytest.raises(ValueError, match="handset"):
        Outlet(loudspeaker=True, handset=True)
