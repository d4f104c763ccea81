"""`make load`: a day of 2,500 persons pressed into minutes, on one real server, and its figures."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.results import RunOf
from tests.load.page import put_into_page
from tests.load.report import heading, markdown, told
from tests.load.run import run
from tests.load.size import Size
from tests.stand.server import ROOT

RESULT = ROOT / "build" / "load.json"
DEFAULT = Size()


def main() -> int:
    """Run it; return 1 where there was an error or the books do not agree."""
    options = _options()
    size = Size(
        persons=options.persons,
        kiosks=options.kiosks,
        counters=options.counters,
        displays=options.displays,
        phones=options.phones,
        minutes=options.minutes,
        seed=options.seed,
    )
    size = size.with_more_people(options.times).grown(options.grow)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ankunft-load-", dir=ROOT / "build") as folder:
        loaded = run(Path(folder), size, database=options.database)
    ran = RunOf.now(minutes=(time.monotonic() - began) / 60)
    print(f"\n{heading(loaded)}\n\n{markdown(loaded, ran)}")
    rest = loaded.notes.seen.get("rest", [])
    for line in (*loaded.notes.told, *loaded.books.wrong_figures, *rest):
        print(f"  WRONG: {line}")
    RESULT.write_text(
        json.dumps(told(loaded, ran), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(f"\n{ran.minutes:.1f} minutes; written to {RESULT.relative_to(ROOT)}")
    if options.write:
        put_into_page(f"load {options.write}", f"{heading(loaded)}.\n\n{markdown(loaded, ran)}")
    return 0 if loaded.is_good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    for name in ("persons", "kiosks", "counters", "displays", "phones", "seed"):
        value = getattr(DEFAULT, name)
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default: {value}")
    parser.add_argument(
        "--minutes",
        type=float,
        default=DEFAULT.minutes,
        help=f"into which the day is pressed: {DEFAULT.minutes:g}",
    )
    parser.add_argument(
        "--times", type=int, default=1, metavar="N", help="N times the people, the same devices"
    )
    parser.add_argument(
        "--grow", type=int, default=1, metavar="N", help="N times the people and the devices"
    )
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="default: sqlite"
    )
    parser.add_argument(
        "--write", metavar="NAME", help="put the table into docs/load.md, in the place of that name"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
