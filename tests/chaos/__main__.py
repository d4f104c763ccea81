"""``make chaos``: hard on the kiosk for some minutes; a table, and ``build/chaos.json``."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.results import Promise, Result, commit, table, write
from tests.stand.server import ROOT

FILE = ROOT / "build" / "chaos.json"
TOUCHES, PARTIES = 10_000, 1500


def main() -> int:
    """Run all parts at once, each in a process of its own; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    parser.add_argument("--touches", type=int, default=TOUCHES, help="of the monkey")
    parser.add_argument("--parties", type=int, default=PARTIES, help="that memory is measured over")
    parser.add_argument("--only", choices=["monkey", "memory"], help="one part alone")
    options = parser.parse_args()
    parts = {
        "monkey": ("--touches", str(options.touches), "--kills"),
        "memory": ("--parties", str(options.parties)),
    }
    began = time.monotonic()
    print(f"commit {commit()}, seed {options.seed}", flush=True)
    wanted = [part for part in parts if options.only in {None, part}]
    with ThreadPoolExecutor(len(wanted)) as pool:  # each waits for a process of its own
        results = list(pool.map(lambda part: _run(part, parts[part], options.seed), wanted))
    write(results, FILE)
    print(f"\n{table(results)}\n\n{(time.monotonic() - began) / 60:.1f} minutes", end="; ")
    print(f"written to {FILE.relative_to(ROOT)}")
    return 0 if all(result.kept for result in results) else 1


def _run(part: str, arguments: tuple[str, ...], seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", f"tests.chaos.{part}", *arguments]
        done = subprocess.run(
            [*command, "--seed", str(seed), "--result", str(file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            check=False,
        )
        if file.exists():
            return Result.read(file)
    died = Promise("it runs to its end", f"ended with code {done.returncode}", kept=False)
    return Result(part, seed, (died,))


if __name__ == "__main__":
    sys.exit(main())
