"""`make fuzz`: each parser is fed with what no sane sender sends, and must hold its promise."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.chaos.results import RunOf
from tests.fuzz import contract, kiosk_files, presses, printers
from tests.fuzz.apis import Asked, ask_apis
from tests.fuzz.engine import Fuzzed, fuzz
from tests.fuzz.target import Target
from tests.load.page import put_into_page
from tests.stand.server import ROOT

TARGETS: tuple[Target, ...] = (
    *printers.TARGETS,
    *contract.TARGETS,
    *presses.TARGETS,
    *kiosk_files.TARGETS,
)
RESULT = ROOT / "build" / "fuzz.json"
PAGE = ROOT / "docs" / "fuzz.md"
MINUTES = 5.0
API_SHARE = 0.25
"""Of the time, for the two APIs."""


def main() -> int:
    """Fuzz all targets, or those that are named; return 1 where one broke its promise."""
    options = _options()
    seed = random.randrange(10**6) if options.seed is None else options.seed  # noqa: S311  # no secret
    began = time.monotonic()
    targets = [t for t in TARGETS if not options.only or options.only in t.name]
    seconds = options.minutes * 60 * (1 - API_SHARE) / max(1, len(targets))
    print(f"seed {seed}, {seconds:.0f} s for each of {len(targets)} targets", flush=True)
    results = [_fuzz(target, seed=seed, seconds=seconds) for target in targets]
    apis: list[Asked] = []
    if not options.only or options.only in "APIs":
        apis = ask_apis(seed=seed, seconds=options.minutes * 60 * API_SHARE)
    ran = RunOf.now(minutes=(time.monotonic() - began) / 60)
    text = table(results, apis, ran, seed=seed)
    print(f"\n{text}")
    for fault in (f"{one.target}: {fault}" for one in results for fault in one.faults):
        print(f"  BROKEN: {fault}")
    for api in apis:
        print(api.broken)
    told = {"seed": seed, "run": asdict(ran), "targets": [asdict(one) for one in results]}
    told["apis"] = [asdict(api) for api in apis]
    RESULT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.write:
        put_into_page("fuzz", text, page=PAGE)
    return 1 if any(one.faults for one in results) or any(api.broken for api in apis) else 0


def table(results: Sequence[Fuzzed], apis: Sequence[Asked], ran: RunOf, *, seed: int) -> str:
    """Return it as a part of a page."""
    rows = [
        f"| {one.target} | {one.holds} | {one.inputs:,} | {one.kept:,} | {one.lines} "
        f"| {one.slowest * 1000:.0f} ms | {max(0.0, one.grown_mb):.0f} MB | {len(one.faults)} |"
        for one in results
    ]
    tried = sum(one.inputs for one in results)
    asked = [
        f"| {api.name} | {api.operations} | {api.cases:,} | {len(api.broken.splitlines())} |"
        for api in apis
    ]
    apis_too = (
        "",
        "| API, by its OpenAPI document | operations | requests | broken |",
        "|---|---|---|---|",
        *asked,
    )
    of_run = (
        f"Seed {seed}, commit {ran.commit}, {ran.date}; {ran.machine}; "
        f"{ran.minutes:.1f} minutes, {tried:,} inputs."
    )
    head = ("what", "what is held of each input", "inputs", "told something new", "lines reached")
    more = ("slowest", "held more at the end", "broken")
    lines = (
        of_run,
        "",
        f"| {' | '.join((*head, *more))} |",
        f"|{'---|' * 8}",
        *rows,
        *(apis_too if apis else ()),
    )
    return "\n".join(lines)


def _fuzz(target: Target, *, seed: int, seconds: float) -> Fuzzed:
    with tempfile.TemporaryDirectory(prefix="ankunft-fuzz-") as folder:
        result = fuzz(target, Path(folder), seed=seed, seconds=seconds)
    print(f"  {target.name}: {result.inputs:,} inputs, {len(result.faults)} faults", flush=True)
    return result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"default: {MINUTES:g}")
    parser.add_argument("--seed", type=int, help="the same gives the same inputs")
    parser.add_argument("--only", metavar="WORDS", help="targets whose name has them")
    parser.add_argument("--write", action="store_true", help="put the table into docs/fuzz.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
