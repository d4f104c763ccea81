"""Suppression: small counts are withheld where they could reveal someone. Pure.

A table of counts is told with its true total. A count below five is withheld, as statistical
offices do; and as many more as it takes, so that nobody can work a withheld one out.
"""

from collections.abc import Mapping

FEWEST = 5
"""A lower count is withheld; 0 too, unless no count of its table is from 1 to 4."""

MOST_WITHHELD = FEWEST - 1


def suppressed(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts of a table, with None for each that is withheld.

    Whoever knows the total, the counts that are told and even these rules finds at least two
    values for every withheld count (`tests/server_stub/test_suppression.py` tries all tables).
    For that, of n counts:

    - A single withheld count would be the rest of the total, and counts below five that add up
      to nearly four each would all be four: then the smallest one that is told goes too, with
      all that equal it, for the choice among equals would tell as well.
    - Where the total is 4n - 2 to 4n and a count is withheld, all are: that all of them are
      below five would tell too much there.

    A table of one count tells nothing but its total, so it is told as it is.
    """
    total = sum(counts.values())
    if len(counts) < 2 or not any(0 < count < FEWEST for count in counts.values()):
        return dict(counts)
    if nearly_all_of(MOST_WITHHELD * len(counts), total) and total <= MOST_WITHHELD * len(counts):
        return dict.fromkeys(counts)
    withheld = {name for name, count in counts.items() if count < FEWEST}
    rest = sum(counts[name] for name in withheld)
    if len(withheld) == 1 or nearly_all_of(MOST_WITHHELD * len(withheld), rest):
        smallest_told = min((c for c in counts.values() if c >= FEWEST), default=None)
        withheld |= {name for name, count in counts.items() if count == smallest_told}
    return {name: None if name in withheld else count for name, count in counts.items()}


def nearly_all_of(most: int, total: int) -> bool:
    """Tell whether a total leaves hardly any choice below the most that it could be."""
    return total >= most - 2
