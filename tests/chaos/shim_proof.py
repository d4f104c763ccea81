"""The proof that the forgetful disk forgets: SQLite by itself, safe and careless, cut off.

A disk that forgot nothing would lose nothing of the careless ones; one that forgot too much would
lose what is safe. Both would be found here.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos.forgetful_disk import Disk
from tests.stand.server import ROOT

ROWS = 12
"""Told before the power is cut."""


@dataclass(frozen=True, slots=True)
class Way:
    """How SQLite is told to store, and whether that is safe by its own documentation."""

    journal_mode: str
    synchronous: str
    is_safe: bool
    lies: bool = False

    @property
    def name(self) -> str:
        """For the table."""
        return f"{self.journal_mode}, {self.synchronous}{', a disk that lies' if self.lies else ''}"


WAYS = (
    Way("DELETE", "EXTRA", is_safe=True),
    Way("WAL", "FULL", is_safe=True),
    Way("WAL", "NORMAL", is_safe=False),
    Way("DELETE", "OFF", is_safe=False),
    Way("DELETE", "EXTRA", is_safe=False, lies=True),
    Way("WAL", "FULL", is_safe=False, lies=True),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was gone after power cuts: rows that had been told, and files damaged as a whole."""

    cuts: int
    told: int
    rows: int
    files: int


def cut_off(way: Way, folder: Path, library: Path, *, dice: Random, cuts: int) -> Lost:
    """Cut the power so often while rows are stored, each time on a new file."""
    told = rows = files = 0
    for number in range(cuts):
        place = folder / f"{way.name} {number}"
        place.mkdir()
        disk = Disk(place, folder / "log", library)
        last = _store(place / "rows.db", way, disk)
        disk.cut(dice)
        found = _found(place / "rows.db")
        told += last
        files += found is None
        rows += sum(one not in (found or set()) for one in range(1, last + 1))
    return Lost(cuts, told, rows, files)


def _store(file: Path, way: Way, disk: Disk) -> int:
    """Store until enough rows are told; return the last."""
    program = [sys.executable, "-m", "tests.chaos.careless_writer"]
    with subprocess.Popen(
        [*program, str(file), way.journal_mode, way.synchronous],
        cwd=ROOT,
        env={**os.environ, **disk.environment(lies=way.lies)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) >= ROWS:
                break
        process.send_signal(signal.SIGKILL)
        return max([int(line), *map(int, process.stdout.read().split())])


def _found(file: Path) -> set[int] | None:
    """Return the rows that are there; None where the file is damaged or gone."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file)) as db:
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                return None
            return {number for (number,) in db.execute("SELECT number FROM told")}
    except sqlite3.DatabaseError:
        return None
