"""Two hundred and fifty touches of a monkey at the real kiosk, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.results import Result
from tests.stand.server import ROOT

pytestmark = pytest.mark.display

TOUCHES, SEED = 250, 7


def test_a_monkey_breaks_no_promise_in_two_hundred_and_fifty_touches(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    told = subprocess.run(
        [
            *(sys.executable, "-m", "tests.chaos.monkey", "--count", str(TOUCHES)),
            *("--seed", str(SEED), "--result", str(result)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
    found = Result.read(result)
    assert len(found.promises) == 4
    assert found.figures["touches"] == TOUCHES
    reached = {"language", "notice", "party", "question", "ticket ready", "help"}
    assert reached <= set(found.figures["states"])
