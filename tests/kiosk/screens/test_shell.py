"""The shell round the screens, in a process of its own: nobody gets out but the one who runs it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.display

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.kiosk.screens.shell_program"


@pytest.fixture
def systemd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[socket.socket]:
    """Where the program tells that it lives, if anywhere."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path_factory.mktemp("systemd") / "notify"))
        line.settimeout(20)
        yield line


@pytest.fixture
def shown(tmp_path: Path, systemd: socket.socket) -> Iterator[subprocess.Popen[str]]:
    """Run the program below a supervisor that wants a sign each 10 ms; wait until it is shown."""
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        cwd=ROOT,
        env={
            **os.environ,
            "SDL_VIDEODRIVER": "offscreen",
            "HOME": str(tmp_path),
            "NOTIFY_SOCKET": systemd.getsockname(),
            "WATCHDOG_USEC": "30000",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "shown\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(shown: subprocess.Popen[str], number: signal.Signals) -> None:
    shown.send_signal(number)
    out, _ = shown.communicate(timeout=20)

    assert out == "clean exit\n"
    assert shown.returncode == 0


def test_nothing_of_kivy_is_left_at_home_and_nothing_told(
    shown: subprocess.Popen[str], tmp_path: Path
) -> None:
    shown.send_signal(signal.SIGTERM)
    _, err = shown.communicate(timeout=20)

    assert list(tmp_path.iterdir()) == []
    assert [line for line in err.splitlines() if "kivy" in line.lower()] == []


def test_no_key_and_no_wish_to_close_it_is_a_way_out(shown: subprocess.Popen[str]) -> None:
    assert shown.poll() is None  # it has tried them all
    shown.send_signal(signal.SIGTERM)
    out, _ = shown.communicate(timeout=20)

    assert out == "clean exit\n"


@pytest.mark.usefixtures("shown")
def test_systemd_hears_of_the_first_picture_and_then_that_the_screen_lives(
    systemd: socket.socket,
) -> None:
    assert [systemd.recv(100) for _ in range(4)] == [b"READY=1", *3 * [b"WATCHDOG=1"]]
