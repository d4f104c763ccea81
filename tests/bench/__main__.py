"""`make bench`: measures on this machine, prints a table, writes ``build/bench.json``.

`make bench BENCH=check-ins` measures one part, ``BENCH="drain calling"`` two.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.arrivals import measure_arrivals
from tests.bench.calling import measure_calling
from tests.bench.check_ins import measure_check_ins
from tests.bench.drain import measure_drain
from tests.bench.figures import Figure, table, write
from tests.bench.kiosk_speed import measure_kiosk_speed
from tests.bench.live_pages import measure_live_pages
from tests.bench.pages import measure_pages
from tests.bench.slips import measure_slips, slip_figures, slip_tables
from tests.stand.server import ROOT

RESULT = ROOT / "build" / "bench.json"


def _slips(_folder: Path) -> list[Figure]:
    slips = measure_slips()
    print(slip_tables(slips))
    return slip_figures(slips)


PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "slips": _slips,
    "check-ins": measure_check_ins,
    "drain": measure_drain,
    "calling": measure_calling,
    "live-pages": measure_live_pages,
    "pages": measure_pages,
    "arrivals": measure_arrivals,
    "kiosk-speed": measure_kiosk_speed,
}
"""What can be measured, in the order in which it is. Each gets a folder of its own to make."""


def main(wanted: Sequence[str]) -> int:
    """Measure the parts that are named, all where none is."""
    if unknown := set(wanted) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
        return 2
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    figures = []
    with tempfile.TemporaryDirectory(prefix="ankunft-bench-", dir=ROOT / "build") as folder:
        for name, measure in PARTS.items():
            if wanted and name not in wanted:
                continue
            began = time.monotonic()
            print(f"{name} …  (load {_load()})", flush=True)
            figures += measure(Path(folder) / name)
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"\nload of the last 1, 5 and 15 minutes: {_load()}\n\n{table(figures)}")
    write(figures, RESULT)
    print(f"\nwritten to {RESULT.relative_to(ROOT)}")
    return 0


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
