"""Durations: how many took how many minutes, so that days add up exactly. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil
from struct import unpack

MOST_MINUTES = 24 * 60
"""The last minute that is told apart; what took longer counts as this long."""

BITS = 32
"""For one minute; four thousand million durations in it are too many, and no city has them."""

HALF = Fraction(1, 2)
NINE_OF_TEN = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Durations:
    """Waits or services, each rounded up to whole minutes.

    Rounded up, so that what is told of them is true to the word: "nine of ten waited at most
    12 minutes". Medians of days cannot be added up to the median of a month; counts can.

    Attributes:
        packed: How many took m minutes, at bit 32 m of one number: parts are added up by one
            addition, a year of all hours of all stages in a few milliseconds.

    """

    packed: int = 0

    def __repr__(self) -> str:  # the number itself may have more digits than Python prints
        return f"Durations(counts={self.counts})"

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Durations":
        """Count durations, in any order; below 0, when a clock was set back, counts as 0."""
        minutes = Counter(min(max(ceil(s / 60), 0), MOST_MINUTES) for s in seconds)
        return cls(sum(number << BITS * minute for minute, number in minutes.items()))

    @property
    def counts(self) -> tuple[int, ...]:
        """At index m, how many took at most m minutes and more than m - 1; the last is not 0."""
        minutes = -(-self.packed.bit_length() // BITS)
        return unpack(f"<{minutes}I", self.packed.to_bytes(minutes * BITS // 8, "little"))

    @property
    def number(self) -> int:
        """How many were counted."""
        return sum(self.counts)

    @property
    def longest(self) -> int | None:
        """Minutes that none took longer than; None where there are none."""
        return len(self.counts) - 1 if self.packed else None

    def within(self, share: Fraction) -> int | None:
        """Return the fewest minutes within which at least this share was done (nearest rank).

        `within(HALF)` is the median. None where there are none.
        """
        if not self.packed:
            return None
        rank = ceil(share * self.number)
        reached = accumulate(self.counts)
        return next(minute for minute, done in enumerate(reached) if done >= rank)


NO_DURATIONS = Durations()


def together(parts: Iterable[Durations]) -> Durations:
    """Return the durations of all parts as if they had been counted as one."""
    return Durations(sum(part.packed for part in parts))
