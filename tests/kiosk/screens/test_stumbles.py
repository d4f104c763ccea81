"""What nobody expected: the kiosk forgets the party, says so calmly, and goes on or ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.screens.fake_desk import HandClock
from tests.kiosk.screens.stumbling_program import SECRET

pytestmark = pytest.mark.display

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.kiosk.screens.stumbling_program"


def stumble(how: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", PROGRAM, how],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("how", ["tick", "touch"])
def test_a_stumble_forgets_the_party_and_the_kiosk_goes_on(how: str, tmp_path: Path) -> None:
    ended = stumble(how, tmp_path)

    assert ended.stdout == "out of service, ticking, staff told 1\nclean exit\n"
    assert ended.stderr.count("screens stumbled error='KeyError at stumbling_program.py") == 1
    assert SECRET not in ended.stderr


def test_stumbling_on_and_on_ends_the_program_for_the_supervisor_to_start_it_anew(
    tmp_path: Path,
) -> None:
    ended = stumble("always", tmp_path)

    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.count("screens stumbled") == 5


@pytest.fixture
def stumbles(_kivy: None):
    from kiosk.screens.stumbles import Stumbles

    clock, recovered = HandClock(), []
    return Stumbles(lambda: recovered.append("calm"), monotonic=clock), clock, recovered


def test_stumbles_far_apart_never_end_it(stumbles) -> None:
    from kivy.base import ExceptionManager

    handler, clock, recovered = stumbles
    for _ in range(20):
        assert handler.handle_exception(ValueError()) == ExceptionManager.PASS
        clock.advance(16)

    assert len(recovered) == 20


@pytest.mark.usefixtures("_kivy")
def test_where_there_is_no_calm_screen_either_the_program_ends() -> None:
    from kivy.base import ExceptionManager

    from kiosk.screens.stumbles import Stumbles

    def fails() -> None:
        raise KeyError(SECRET)

    handler = Stumbles(fails, monotonic=HandClock())

    assert handler.handle_exception(ValueError()) == ExceptionManager.RAISE


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_what_is_meant_to_end_it_ends_it(stumbles, end: type[BaseException]) -> None:
    from kivy.base import ExceptionManager

    handler, _, recovered = stumbles

    assert handler.handle_exception(end()) == ExceptionManager.RAISE
    assert recovered == []
