"""`make day`: a synthetic day is lived, and each of its figures compared with what happened."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.day.comparison import Compared, compare
from tests.day.replay import Replayed, replay

PERSONS = 2500


def main() -> int:
    """Live a day; return 1 where a figure is wrong or the database is not sound."""
    parser = argparse.ArgumentParser(prog="make day", description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS, help=f"who come: {PERSONS}")
    parser.add_argument("--seed", type=int, default=7, help="the same gives the same day: 7")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ankunft-day-") as folder:
        day = replay(Path(folder), persons=options.persons, seed=options.seed)
    compared = compare(day.account, day.lines)
    _say("\n".join(_lines(day, compared)))
    _say(f"\n{(time.monotonic() - began) / 60:.1f} minutes")
    return 0 if day.is_sound and all(one.agrees for one in compared) else 1


def _lines(day: Replayed, compared: list[Compared]) -> list[str]:
    unusual = ", ".join(f"{what}: {count}" for what, count in day.account.happenings.items())
    head = f"{'section':10} {'figure':26} {'stage':14} {'hour':>4} {'measure':11} {'unit':8}"
    return [
        f"{head} {'happened':>8} {'reported':>8}",
        *(_line(one) for one in compared),
        "",
        f"{day.actions} actions of staff; {unusual}",
        f"{day.late} check-ins came late, {day.twice} came twice",
        day.check.strip().splitlines()[-1],
        f"{sum(one.agrees for one in compared)} of {len(compared)} figures agree",
    ]


def _line(one: Compared) -> str:
    section, figure, stage, hour, measure, unit = one.name
    reported = one.note if one.reported is None else one.reported
    at = "" if hour is None else hour
    line = f"{section:10} {figure:26} {stage or '':14} {at:>4} {measure:11} {unit:8}"
    return f"{line} {one.happened:>8} {reported:>8}{'' if one.agrees else '   WRONG'}"


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
