"""The shell round the screens, in a process of its own: nobody gets out but the one who runs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.display

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.kiosk.screens.shell_program"


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the program, and wait until it is shown."""
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(tmp_path)},
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
