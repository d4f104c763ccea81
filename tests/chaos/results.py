"""The results of a run: promises with the figure that each was measured by, as table and JSON."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.stand.server import ROOT


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table."""

    what: str
    figure: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What one part of a run found.

    Attributes:
        part: Its name.
        seed: To do it again.
        promises: Kept or broken.
        figures: Whatever else was counted.

    """

    part: str
    seed: int
    promises: tuple[Promise, ...]
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return all(promise.kept for promise in self.promises)

    def write(self, path: Path) -> None:
        """Keep it for whoever started this part."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> "Result":
        """Return what a part has written."""
        told = json.loads(path.read_text(encoding="utf-8"))
        told["promises"] = tuple(Promise(**promise) for promise in told["promises"])
        return Result(**told)


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


def commit() -> str:
    """Return the commit that was run, with a + where the tree differs from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain") else "")


def write(results: Sequence[Result], path: Path) -> None:
    """Write everything as JSON, with the commit that was run."""
    told = {"commit": commit(), "results": [asdict(result) for result in results]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
