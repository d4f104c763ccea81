"""``make failover``: the leader of a real cluster dies in many ways; what it costs and loses.

Three machines are network namespaces, with PostgreSQL, Patroni and etcd by the files of
`assets/cluster`; server processes, kiosks, printers, counters and followers are real too.
Ends with 1 where something is lost or doubled, and with 3 where this machine cannot run it.
"""

import argparse
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.results import RunOf
from tests.failover import ground, report
from tests.failover.faults import FAULTS
from tests.failover.rounds import Run
from tests.stand.postgres import DEBIAN, programs
from tests.stand.server import ROOT

FILE = ROOT / "build" / "failover.json"
CONTRAST = "paused"
"""The fault that shows what synchronous replication is for."""


def main() -> int:
    """Run all rounds; return the exit code."""
    options = _options()
    try:
        where = _programs(options.postgresql)
        ground.require()
    except ground.CannotRunError as error:
        print(f"make failover cannot run here: {error}", file=sys.stderr)
        return ground.CANNOT_RUN
    began = time.monotonic()
    print(f"seed {options.seed}, PostgreSQL's programs in {where}", flush=True)
    runs: list[Run] = []
    try:
        for number in range(options.times):
            seed = options.seed + number
            names = options.only or list(FAULTS)
            random.Random(seed).shuffle(names)  # noqa: S311  # the same order each time
            runs.append(_run(names, where=where, seed=seed, between=options.between))
            if not options.without_contrast:
                alone = {"between": options.between / 4, "synchronous": False}
                runs.append(_run([CONTRAST], where=where, seed=seed, **alone))
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    done = report.Report(RunOf.now(minutes=round((time.monotonic() - began) / 60, 1)), tuple(runs))
    FILE.write_text(done.to_json(), encoding="utf-8")
    if options.write:
        report.write(done, report.PARTS[options.postgresql])
    print(f"\n{report.markdown(done)}\n\nwritten to {FILE.relative_to(ROOT)}")
    return 0 if done.kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make failover", description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="how often all faults are done")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    parser.add_argument(
        "--only", type=lambda told: told.split(","), help=f"some of: {', '.join(FAULTS)}"
    )
    parser.add_argument("--postgresql", choices=["wheel", "debian"], help="whose; Debian's has TLS")
    parser.add_argument(
        "--between", type=float, default=1.0, help="seconds between two parties at each kiosk"
    )
    parser.add_argument("--without-contrast", action="store_true", help="no asynchronous run")
    parser.add_argument("--write", action="store_true", help="into docs/scaling.md")
    return parser.parse_args()


def _programs(whose: str) -> Path:
    """Return the folder of PostgreSQL's programs."""
    if whose != "debian":
        return programs()
    found = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise ground.CannotRunError(
            "Debian's PostgreSQL is not installed: apt-get install postgresql"
        )
    return found[-1]


def _run(
    faults: Sequence[str], *, where: Path, seed: int, between: float, synchronous: bool = True
) -> Run:
    """Run one cluster in a world of its own; raise RuntimeError where it broke off."""
    # A short name: a socket's may have 107 letters.
    with tempfile.TemporaryDirectory(prefix="ankunft-failover-", dir="/tmp") as name:
        folder, result = Path(name) / "run", Path(name) / "result.json"
        folder.mkdir()
        code = ground.run_inside(
            [
                "tests.failover.rounds",
                *("--folder", str(folder), "--result", str(result), "--programs", str(where)),
                *("--faults", ",".join(faults), "--seed", str(seed), "--between", str(between)),
                *(() if synchronous else ("--asynchronous",)),
            ]
        )
        if code == 130:
            raise KeyboardInterrupt
        if not result.exists():
            raise RuntimeError(f"the run ended with code {code}")
        return report.run_of(json.loads(result.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
