"""The results of a run: promises with the figure that each was measured by, as table and JSON."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.stand.server import ROOT

LONGEST, MOST_TOLD = 160, 3
"""Of what is wrong, letters and sentences that fit in a table."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table."""

    what: str
    figure: str
    kept: bool


def promises_of(wrong: Mapping[str, Sequence[str]], figures: Sequence[str]) -> tuple[Promise, ...]:
    """Return each promise with its figure; of a broken one also what was first found wrong."""
    return tuple(
        Promise(what, figure if not found else f"{figure}; {found[0]}"[:300], kept=not found)
        for (what, found), figure in zip(wrong.items(), figures, strict=True)
    )


@dataclass(frozen=True, slots=True)
class RunOf:
    """Which program was tried, when and on what."""

    commit: str
    date: str
    machine: str
    minutes: float

    @classmethod
    def now(cls, *, minutes: float) -> "RunOf":
        """Return it for a run that has just ended."""
        python = f"Python {platform.python_version()}"
        machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"
        return cls(commit(), f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", machine, minutes)


@dataclass(frozen=True, slots=True)
class Result:
    """What one part of a run found.

    Attributes:
        part: Its name.
        seed: To do it again.
        promises: Kept or broken.
        figures: Whatever else was counted.
        run: What was tried and when, once the part has ended.

    """

    part: str
    seed: int
    promises: tuple[Promise, ...]
    figures: dict[str, object] = field(default_factory=dict)
    run: RunOf | None = None

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return all(promise.kept for promise in self.promises)

    def of_run(self, run: RunOf) -> "Result":
        """Return it with what was tried."""
        return replace(self, run=run)

    def write(self, path: Path) -> None:
        """Keep it for whoever started this part."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> "Result":
        """Return what a part has written."""
        return Result.from_json(json.loads(path.read_text(encoding="utf-8")))

    @staticmethod
    def from_json(told: dict[str, Any]) -> "Result":
        """Return what was written."""
        promises = tuple(Promise(**promise) for promise in told["promises"])
        run = told.get("run")
        return Result(**{**told, "promises": promises, "run": run and RunOf(**run)})


def added(one: Any, other: Any) -> Any:
    """Return the figures of two runs together: numbers are added up, lists joined."""
    if isinstance(one, Mapping):
        both = [*one, *(name for name in other if name not in one)]
        return {
            name: added(one[name], other[name])
            if name in one and name in other
            else one.get(name, other.get(name))
            for name in both
        }
    return [*one, *other] if isinstance(one, list) else one + other


def promise(what: str, figure: str, *, wrong: Sequence[str]) -> Promise:
    """Return a promise that is kept where nothing is wrong; what is, is printed in full."""
    for sentence in wrong:
        print(f"  BROKEN: {what}: {sentence}", flush=True)
    told = [
        sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…" for sentence in wrong
    ]
    more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
    return Promise(what, "; ".join(told[:MOST_TOLD]) + more if wrong else figure, kept=not wrong)


def table(results: Sequence[Result]) -> str:
    """Return one line for each promise: part, what, figure, kept or broken."""
    rows = [("part", "promise", "figure", "")]
    rows += [
        (result.part, promise.what, promise.figure, "kept" if promise.kept else "BROKEN")
        for result in results
        for promise in result.promises
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


@cache
def commit() -> str:
    """Return the commit that is run, with a + where the program's files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    program = ("kiosk", "printer", "server_stub", "assets", "tests/chaos", "tests/stand")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", *program)
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def write(results: Sequence[Result], path: Path) -> None:
    """Write everything as JSON, with the commit that was run."""
    told = {"commit": commit(), "results": [asdict(result) for result in results]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
