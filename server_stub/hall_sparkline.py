"""Sparklines: how many came in each quarter of an hour, as one small drawing. Pure.

Bars and no line: a count of a quarter of an hour has no course between it and the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BAR = 6
GAP = 2
HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing."""

    x: int
    y: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A drawing of bars.

    Attributes:
        bars: From left to right; one of no height where nobody came.
        width: Of the drawing.
        height: Of it.
        most: What a bar of full height stands for; at least 1.

    """

    bars: tuple[Bar, ...]
    width: int
    height: int
    most: int


def sparkline(counts: Sequence[int], *, most: int | None = None) -> Sparkline:
    """Return the drawing of counts; all that have the same `most` can be compared by eye."""
    top = max([*counts, most or 0, 1])
    bars = tuple(
        Bar(
            x=place * (BAR + GAP),
            y=round(HEIGHT - HEIGHT * count / top, 2),
            height=round(HEIGHT * count / top, 2),
            count=count,
        )
        for place, count in enumerate(counts)
    )
    return Sparkline(bars, max(len(counts) * (BAR + GAP) - GAP, 1), HEIGHT, top)
