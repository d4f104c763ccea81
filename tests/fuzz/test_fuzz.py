"""A short run of each target, and that the engine finds what is there to be found."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import TARGETS
from tests.fuzz.engine import fuzz
from tests.fuzz.target import Target, feeding, some

MORE = 25
"""Inputs beside the corpus."""


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_holds_what_it_promises(target: Target, tmp_path: Path) -> None:
    before, folder = tmp_path / "before", tmp_path / "fuzzed"
    before.mkdir()
    folder.mkdir()
    known = len(target.corpus(before))

    result = fuzz(target, folder, seed=3, seconds=60.0, most=known + MORE)

    assert result.faults == []
    assert result.inputs == known + MORE
    assert result.lines


def stumbles(data: bytes) -> None:
    """Stumble over what only three right bytes in a row lead to."""
    if data[:1] == b"\x1d":
        if data[1:2] == b"(":
            if data[2:3] == b"k":
                raise ZeroDivisionError
            return
        return


def target(feed, seconds: float = 1.0) -> Target:
    known = some([b"\x1bxxx", b"xx(k", b"\x1d???"])
    return Target("a parser", "holds", known, feeding(feed), (__name__,), seconds)


def test_an_input_that_nobody_thought_of_is_found(tmp_path: Path) -> None:
    result = fuzz(target(stumbles), tmp_path, seed=1, seconds=30, most=40_000)

    (fault,) = result.faults
    assert fault.startswith("ZeroDivisionError")
    assert r"\x1d(k" in fault


def test_the_same_seed_gives_the_same_inputs(tmp_path: Path) -> None:
    seen: list[list[bytes]] = []
    for _ in range(2):
        seen.append([])
        fuzz(target(seen[-1].append), tmp_path, seed=1, seconds=30, most=50)

    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 30


def test_an_input_that_takes_too_long_is_a_fault(tmp_path: Path) -> None:
    slow = target(lambda _: list(range(2_000_000)).sort(), seconds=0.001)

    result = fuzz(slow, tmp_path, seed=1, seconds=30, most=3)

    assert result.faults[0].startswith("too slow")
