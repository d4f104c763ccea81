"""A small run of each part that kills, cuts the power, or spoils the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.results import Result
from tests.stand.server import ROOT

pytestmark = pytest.mark.slow


def run(part: str, *arguments: str, result: Path) -> Result:
    told = subprocess.run(
        [sys.executable, "-m", f"tests.chaos.{part}", *arguments, "--result", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return Result.read(result)


def test_whatever_is_killed_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    some = ("--database", "SQLite", "--count", "8", "--seed", "2")
    found = run("kills", *some, result=tmp_path / "result.json")

    assert sum(found.figures["SQLite"]["kills"].values()) == 8
    assert found.figures["SQLite"]["numbers"] > 0


def test_a_power_cut_takes_nothing_that_was_told(tmp_path: Path) -> None:
    some = ("--short", "--count", "6", "--seed", "3")
    found = run("power", *some, result=tmp_path / "result.json")

    assert sum(found.figures["cuts"].values()) == 6
    assert found.figures["numbers"] > 0


def test_a_bad_disk_is_told_of_and_gives_nobody_a_number_that_is_not_on_it(tmp_path: Path) -> None:
    bad = ("--fault", "unflushable", "--count", "1", "--seed", "1")
    found = run("disk", *bad, result=tmp_path / "result.json")

    assert [promise.what for promise in found.promises[:2]] == [
        "kiosk's disk: unflushable",
        "server's disk: unflushable",
    ]
