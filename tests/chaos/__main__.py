"""``make chaos``: hard on kiosk and server for some minutes; a table, and ``build/chaos.json``."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.chaos import page
from tests.chaos.results import Promise, Result, RunOf, commit, table, write
from tests.stand.server import ROOT

FILE = ROOT / "build" / "chaos.json"
MINUTES = 15.0
AT_ONCE = 2
"""Parts that run at the same time: more would only wait for a processor."""


@dataclass(frozen=True, slots=True)
class Part:
    """A module of this package that is run in a process of its own.

    Attributes:
        name: Of the module.
        share: How much of the time it gets, beside the others.
        arguments: What it is told besides seed, count and minutes.

    """

    name: str
    share: float
    arguments: tuple[str, ...] = ()


PARTS = (
    Part("kills", 6),
    Part("monkey", 5, ("--kills",)),
    Part("memory", 4),
    Part("network", 4),
    Part("power", 4),
    Part("printer", 2),
    Part("disk", 2),
    Part("copies", 1),
    Part("clock", 1),
)
"""The longest first. One whose module is not there is left out."""


def main() -> int:
    """Run the parts, each in a process of its own; return 1 where a promise is broken."""
    there = [part for part in PARTS if find_spec(f"tests.chaos.{part.name}")]
    options = _options([part.name for part in there])
    wanted = [part for part in there if not options.only or part.name in options.only]
    minutes = options.minutes
    if minutes is None and options.count is None:
        minutes = MINUTES
    began = time.monotonic()
    print(f"commit {commit()}, seed {options.seed}, {len(wanted)} parts", flush=True)
    lanes = min(AT_ONCE, len(wanted))
    shares = sum(part.share for part in wanted)

    def run(part: Part) -> Result:
        told = [*part.arguments, "--seed", str(options.seed)]
        if minutes is not None:
            told += ["--minutes", f"{minutes * min(1, lanes * part.share / shares):.2f}"]
        if options.count is not None:
            told += ["--count", str(options.count)]
        return _run(part, told, seed=options.seed)

    with ThreadPoolExecutor(lanes) as pool:  # each waits for a process of its own
        results = list(pool.map(run, wanted))
    write(results, FILE)
    print(f"\n{table(results)}\n\n{(time.monotonic() - began) / 60:.1f} minutes", end="; ")
    print(f"written to {FILE.relative_to(ROOT)}")
    if options.write:
        page.write(results, add=options.add)
        print(f"and to {page.PAGE.relative_to(ROOT)}")
    return 0 if all(result.kept for result in results) else 1


def _options(there: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    parser.add_argument(
        "--minutes", type=float, help=f"about so many in all: {MINUTES:.0f}, any with --count"
    )
    parser.add_argument("--count", type=int, help="rounds of each part: kills, touches, cuts …")
    parser.add_argument(
        "--only", action="append", choices=there, help="this part, or these; else all"
    )
    parser.add_argument("--write", action="store_true", help="the table of docs/reliability.md")
    parser.add_argument("--add", action="store_true", help="count kills on from those there")
    return parser.parse_args()


def _run(part: Part, arguments: Sequence[str], *, seed: int) -> Result:
    began = time.monotonic()
    result = _run_process(part, arguments, seed=seed)
    minutes = round((time.monotonic() - began) / 60, 1)
    print(f"{part.name}: {'kept' if result.kept else 'BROKEN'}, {minutes} min", flush=True)
    return result.of_run(RunOf.now(minutes=minutes))


def _run_process(part: Part, arguments: Sequence[str], *, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        done = subprocess.run(
            [sys.executable, "-m", f"tests.chaos.{part.name}", *arguments, "--result", str(file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            check=False,
        )
        if file.exists():
            return Result.read(file)
    died = Promise("it runs to its end", f"ended with code {done.returncode}", kept=False)
    return Result(part.name, seed, (died,))


if __name__ == "__main__":
    sys.exit(main())
