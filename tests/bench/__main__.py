"""`make bench`: measures on this machine, prints a table, writes ``build/bench.json``."""

import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench.arrivals import measure_arrivals
from tests.bench.check_ins import measure_check_ins
from tests.bench.figures import table, write
from tests.bench.kiosk_speed import measure_kiosk_speed
from tests.bench.slips import measure_slips, slip_figures, slip_tables
from tests.stand.server import ROOT

RESULT = ROOT / "build" / "bench.json"


def main() -> int:
    """Measure everything; later work adds rows."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="ankunft-bench-", dir=ROOT / "build") as name:
        folder = Path(name)
        print("slips …", flush=True)
        slips = measure_slips()
        print("check-ins …", flush=True)
        figures += measure_check_ins(folder / "check-ins")
        print("arrivals …", flush=True)
        figures += measure_arrivals(folder / "arrivals")
        print("the kiosk's speed …", flush=True)
        figures += measure_kiosk_speed(folder / "kiosk-speed")
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load of the last 1, 5 and 15 minutes: {load}\n")
    print(slip_tables(slips))
    print()
    print(table(figures))
    write([*slip_figures(slips), *figures], RESULT)
    print(f"\nwritten to {RESULT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
