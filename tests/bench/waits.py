"""What parties are told of their waits, measured on simulated days: the table of `docs/waits.md`.

``python -m tests.bench.waits``; no part of ``make bench``, for it measures no machine.
"""

import math

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
    print("| persons a day, counters | told by | said | RMSE, min | in range | shorter | width |")
    print("|---|---|---|---|---|---|---|")
    for persons, days in DAYS.items():
        for staffing, counters in STAFFING.items():
            waits = waits_told(persons, days, staffing=staffing)
            longer = [wait for wait in waits if wait.minutes > SHORT]
            for name, some in (("", waits), (f", waits > {SHORT} min", longer)):
                for way in (QUEUE, LAST, MEAN):
                    day = f"{persons}, {counters}{name} ({len(some)})"
                    print(f"| {day} | {way} | {_row(some, way)} |")


def _row(waits: list[Waited], way: str) -> str:
    made = score(waits, way)
    if math.isnan(made.within):
        return f"{made.told:.0%} | {made.error:.1f} | - | - | -"
    return (
        f"{made.told:.0%} | {made.error:.1f} | {made.within:.0%} | {made.below:.0%} | "
        f"{made.width:.0f} min"
    )


if __name__ == "__main__":
    main()
