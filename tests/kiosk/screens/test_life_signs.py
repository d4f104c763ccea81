"""A screen that hangs gives no more signs of life, even where its program lives on."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.contract.supervisor import Supervisor

pytestmark = pytest.mark.display


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(0)
        yield line


def heard(systemd: socket.socket) -> set[bytes]:
    """Return what systemd was told since it last listened."""
    told = set()
    try:
        while True:
            told.add(systemd.recv(100))
    except BlockingIOError:
        return told


@pytest.mark.usefixtures("kiosk")
def test_signs_come_from_the_loop_that_draws_and_end_with_it(systemd: socket.socket) -> None:
    from kivy.clock import Clock

    from kiosk.screens.life_signs import give_signs_of_life

    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "3"}
    signs = give_signs_of_life(Supervisor(environment))
    assert signs
    assert heard(systemd) == {b"READY=1"}
    Clock.tick()
    assert heard(systemd) == {b"WATCHDOG=1"}
    assert heard(systemd) == set()
    Clock.tick()
    assert heard(systemd) == {b"WATCHDOG=1"}
    signs.cancel()
    Clock.tick()
    assert heard(systemd) == set()
