"""One part of a chaos run, in a process of its own: its folder, its seed, its bound, its result."""

import argparse
import logging
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.chaos.results import Result, table
from tests.stand.server import ROOT

TOLD_SECONDS = 15.0
"""A line of progress comes no more often."""


class Bound:
    """How long a part goes on: so many rounds, and none is begun after so many minutes.

    Args:
        name: Of the part, for its lines of progress.
        count: Of rounds.
        minutes: From now on; one round is always done.

    """

    def __init__(self, name: str, *, count: int, minutes: float = math.inf) -> None:
        self.name = name
        self.count = count
        self._began = self._told = time.monotonic()
        self._end = self._began + minutes * 60

    @property
    def minutes(self) -> float:
        """Minutes since the part began."""
        return (time.monotonic() - self._began) / 60

    @property
    def is_over(self) -> bool:
        """Whether no further round may begin."""
        return time.monotonic() >= self._end

    def rounds(self) -> Iterator[int]:
        """Yield 0, 1, 2 … for each round that may begin."""
        for number in range(self.count):
            if number and self.is_over:
                return
            yield number

    def tell(self, done: int, what: str, *, now: bool = False) -> None:
        """Print how far it is, at most every quarter of a minute."""
        if now or time.monotonic() - self._told >= TOLD_SECONDS:
            self._told = time.monotonic()
            print(
                f"{self.name}: {done} of {self.count}, {what}, {self.minutes:.1f} min", flush=True
            )


def run_part(
    parser: argparse.ArgumentParser,
    work: Callable[[Path, argparse.Namespace], Result],
    *,
    count: int = 1,
) -> int:
    """Do a part's work as its command line says; return 1 where a promise is broken.

    Args:
        parser: With what the part alone understands.
        work: Gets an empty folder and the options; `seed`, `count` and `bound` are among them.
        count: Of rounds, where the command line says nothing.

    """
    name = parser.prog.rpartition(".")[2].split()[0]
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    parser.add_argument("--count", type=int, default=count, help=f"of rounds, else {count}")
    parser.add_argument("--minutes", type=float, default=math.inf, help="no round begins later")
    parser.add_argument("--result", type=Path, help="write what was found to this file, as JSON")
    options = parser.parse_args()
    options.bound = Bound(name, count=options.count, minutes=options.minutes)
    for variable, value in (("SDL_VIDEODRIVER", "offscreen"), ("SDL_AUDIODRIVER", "dummy")):
        os.environ.setdefault(variable, value)
    logging.basicConfig(level=logging.CRITICAL)
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=ROOT / "build") as folder:
        result = work(Path(folder), options)
    if options.result:
        result.write(options.result)
    else:
        print(table([result]))
    return 0 if result.kept else 1
