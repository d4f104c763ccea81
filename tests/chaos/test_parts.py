"""A small run of each part that kills, cuts the power, or spoils the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos import page
from tests.chaos.kills import promises_of
from tests.chaos.results import Result, RunOf
from tests.stand.server import ROOT

pytestmark = pytest.mark.slow

RUN = RunOf("abc", "2026-11-22 16:00 UTC", "a machine", 1.5)


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
    some = ("--database", "SQLite", "--count", "6", "--seed", "2")
    found = run("kills", *some, result=tmp_path / "result.json")

    assert sum(found.figures["SQLite"]["kills"].values()) == 6
    assert found.figures["SQLite"]["numbers"] > 0


def test_a_power_cut_takes_nothing_that_was_told(tmp_path: Path) -> None:
    some = ("--short", "--count", "5", "--seed", "4")
    found = run("power", *some, result=tmp_path / "result.json")

    assert sum(found.figures["cuts"].values()) == 5
    assert found.figures["numbers"] > 0


def test_a_bad_disk_is_told_of_and_gives_nobody_a_number_that_is_not_on_it(tmp_path: Path) -> None:
    bad = ("--fault", "unflushable", "--count", "1", "--seed", "1")
    found = run("disk", *bad, result=tmp_path / "result.json")

    assert [promise.what for promise in found.promises[:2]] == [
        "kiosk's disk: unflushable",
        "server's disk: unflushable",
    ]


def test_kills_of_several_runs_are_counted_together(tmp_path: Path) -> None:
    path = tmp_path / "reliability.md"
    path.write_text(f"{page.BEGIN}\n{page.END}\n", encoding="utf-8")
    counted = {"kills": {"kiosk": 2}, "runs": 1, "numbers": 3, "slips": 1, "stored": 3}
    counted |= {"calls": 4, "presses_repeated": 5}
    counted |= {f"wrong_{where}": [] for where in ("in_books", "at_counters", "at_kiosks")}
    other = counted | {"kills": {"server": 1}, "wrong_in_books": ["D101 is gone"]}
    for seed, figures in enumerate((counted, other)):
        run = Result("kills", seed, promises_of({"SQLite": figures}), {"SQLite": figures}, RUN)
        page.write([run], path, add=True)

    text = path.read_text(encoding="utf-8")
    assert "SQLite: after 3 kills in 2 runs all books agree" in text
    assert "| D101 is gone | **BROKEN** |" in text
    assert "8 calls, 10 presses repeated" in text
    assert "| kills | 0 | abc | 2026-11-22 16:00 UTC | 3 | a machine |" in text
