"""Watching the server: what it takes of processor and memory, second by second."""

import os
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Self

from tests.bench.processor import processor_seconds

EVERY_SECONDS = 1.0


def resident_mb(pid: int | str) -> float:
    """Return what a process holds in memory, in megabytes (proc_pid_status(5))."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The server at a moment.

    Attributes:
        at: By `time.monotonic`.
        mb: In memory.
        processor: Seconds it has used so far.
        machine_load: Of the whole machine, over the last minute (proc_loadavg(5)).

    """

    at: float
    mb: float
    processor: float
    machine_load: float


@dataclass
class Watch:
    """Looks at a process every second, from a thread of its own.

    Attributes:
        pid: Of the process.
        seen: What it saw, in order.

    """

    pid: int
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the thread."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_for_ever, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look once more, and no more then."""
        self._done.set()
        self._thread.join()
        self._look()

    def _look_for_ever(self) -> None:
        self._look()
        while not self._done.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        seen = resident_mb(self.pid), processor_seconds(self.pid), os.getloadavg()[0]
        self.seen.append(Seen(time.monotonic(), *seen))

    @property
    def share(self) -> float:
        """Of one core, what it took of the processor."""
        first, last = self.seen[0], self.seen[-1]
        return (last.processor - first.processor) / (last.at - first.at)

    def busiest(self, seconds: float) -> float:
        """Return the share in the busiest so many seconds."""
        shares = [0.0]
        for first in self.seen:
            later = [seen for seen in self.seen if seen.at - first.at >= seconds]
            if later:
                used = later[0].processor - first.processor
                shares.append(used / (later[0].at - first.at))
        return max(shares)

    def mb_at(self, share: float) -> float:
        """Return what was held when this share of the time had passed: the median of five looks."""
        at = round(share * (len(self.seen) - 1))
        first = min(max(0, at - 2), max(0, len(self.seen) - 5))
        return median(seen.mb for seen in self.seen[first : first + 5])


@dataclass(frozen=True, slots=True)
class Growth:
    """How memory grew with what was done.

    Attributes:
        slope: Megabytes for each thousand parties, by least squares.
        spread: Half the width of its 95 % interval, from the scatter around the line.

    """

    slope: float
    spread: float


def growth(points: list[tuple[float, float]]) -> Growth:
    """Return how the second coordinate, in MB, grows with a thousand of the first.

    The scatter is that of means of ten pieces: single looks, a second apart, are not independent.
    """
    pieces = max(3, min(10, len(points) // 2))
    ordered = sorted(points)
    means = _means(ordered, pieces)
    x_mean, y_mean = fmean(x for x, _ in means), fmean(y for _, y in means)
    over = sum((x - x_mean) ** 2 for x, _ in means)
    if not over:
        return Growth(0.0, 0.0)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in means) / over
    rest = sum((y - y_mean - slope * (x - x_mean)) ** 2 for x, y in means)
    error = (rest / (len(means) - 2) / over) ** 0.5
    return Growth(1000 * slope, 1000 * 2 * error)


def _means(ordered: list[tuple[float, float]], pieces: int) -> list[tuple[float, float]]:
    """Return the means of so many pieces of about one size."""
    bounds = [round(n * len(ordered) / pieces) for n in range(pieces + 1)]
    cut = [ordered[a:b] for a, b in pairwise(bounds) if b > a]
    return [(fmean(x for x, _ in piece), fmean(y for _, y in piece)) for piece in cut]


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds.

    Attributes:
        mb: In memory.
        files: Open files and sockets.
        threads: That run or wait.

    """

    mb: float
    files: int
    threads: int


def held_by(pid: int | str) -> Held:
    """Return what a process holds; ``"self"`` for this one."""
    folder = Path(f"/proc/{pid}")
    return Held(
        mb=resident_mb(pid),
        files=len(list((folder / "fd").iterdir())),
        threads=len(list((folder / "task").iterdir())),
    )
