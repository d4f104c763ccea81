"""Durations: how many took how many minutes, so that days add up exactly. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, zip_longest
from math import ceil

MOST_MINUTES = 24 * 60
"""The last minute that is told apart; what took longer counts as this long."""

HALF = Fraction(1, 2)
NINE_OF_TEN = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Durations:
    """Waits or services, each rounded up to whole minutes.

    Rounded up, so that what is told of them is true to the word: "nine of ten waited at most
    12 minutes". Medians of days cannot be added up to the median of a month; counts can.

    Attributes:
        counts: At index m, how many took at most m minutes and more than m - 1. The last is
            above 0.

    """

    counts: tuple[int, ...] = ()

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Durations":
        """Count durations, in any order; below 0, when a clock was set back, counts as 0."""
        minutes = [min(max(ceil(s / 60), 0), MOST_MINUTES) for s in seconds]
        counts = [0] * (max(minutes, default=-1) + 1)
        for minute in minutes:
            counts[minute] += 1
        return cls(tuple(counts))

    @property
    def number(self) -> int:
        """How many were counted."""
        return sum(self.counts)

    @property
    def longest(self) -> int | None:
        """Minutes that none took longer than; None where there are none."""
        return len(self.counts) - 1 if self.counts else None

    def within(self, share: Fraction) -> int | None:
        """Return the fewest minutes within which at least this share was done (nearest rank).

        `within(HALF)` is the median. None where there are none.
        """
        if not self.counts:
            return None
        rank = ceil(share * self.number)
        reached = accumulate(self.counts)
        return next(minute for minute, done in enumerate(reached) if done >= rank)


NO_DURATIONS = Durations()


def together(parts: Sequence[Durations]) -> Durations:
    """Return the durations of all parts as if they had been counted as one."""
    if len(parts) == 1:
        return parts[0]
    return Durations(tuple(map(sum, zip_longest(*(part.counts for part in parts), fillvalue=0))))
