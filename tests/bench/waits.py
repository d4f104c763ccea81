"""What parties are told of their waits, measured on simulated days: the table of `docs/waits.md`.

``python -m tests.bench.waits``; no part of ``make bench``, for it measures no machine.
"""

from statistics import fmean

from tests.server_stub.simulated_day import Waited
from tests.server_stub.waits_of_a_day import LAST, MEAN, QUEUE, score, waits_told

DAYS = {360: range(1, 21), 2500: range(1, 6)}
"""Persons a day, and the seeds of its days."""

STAFFING = {0.8: "too few", 1.0: "just enough", 1.3: "plenty"}
"""Counters for each that the busiest hour keeps busy."""

SHORT = 5
"""Minutes. Of longer waits the range is worth more, so they are counted apart, too."""


def main() -> None:
    """Print the table."""
    print(
        "| persons a day | counters | waits | said | in range | shorter | longer | width | RMSE |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for persons, days in DAYS.items():
        for staffing, counters in STAFFING.items():
            waits = waits_told(persons, days, staffing=staffing)
            longer = [wait for wait in waits if wait.minutes > SHORT]
            for some, which in ((waits, "all"), (longer, f"over {SHORT} min")):
                mean = fmean(wait.minutes for wait in some)
                print(
                    f"| {persons} | {counters} | {which}: {len(some)} of {mean:.0f} min "
                    f"| {_row(some)} |"
                )


def _row(waits: list[Waited]) -> str:
    made = score(waits, QUEUE)
    others = (f"{score(waits, way).error:.1f}" for way in (LAST, MEAN))
    return (
        f"{made.told:.0%} | {made.within:.0%} | {made.below:.0%} "
        f"| {1 - made.within - made.below:.0%} | {made.width:.0f} min "
        f"| **{made.error:.1f}** / {' / '.join(others)}"
    )


if __name__ == "__main__":
    main()
