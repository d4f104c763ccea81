"""The targets of a screen: which one is next when somebody presses an arrow. Pure, no Kivy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kiosk.keypad import Command

ARROWS = (Command.UP, Command.DOWN, Command.LEFT, Command.RIGHT)

SAME_LINE = 0.5
"""Two targets stand in one row when they share so much of the lower one's height."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be touched, where it lies.

    Attributes:
        name: As no other target on the screen.
        x: Of its left side; pixels, like all that follow.
        y: Of its lower side; up is more.
        width: From left to right.
        height: From below to above.

    """

    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Its upper side."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


def first(targets: Iterable[Target], *, from_right: bool) -> Target | None:
    """Return where reading begins; None where there is nothing to touch."""
    rows = _rows(targets)
    return _begin(rows[0], from_right=from_right) if rows else None


def nearest(targets: Iterable[Target], place: Target) -> Target | None:
    """Return the target nearest to a place; None where there is none."""
    return min(targets, key=lambda there: (_apart(there, place), there.name), default=None)


@lru_cache(maxsize=2)
def ways(targets: tuple[Target, ...], *, from_right: bool) -> Mapping[tuple[str, Command], Target]:
    """Return where each arrow leads from each target, by its name; each is reached from each.

    An arrow leads to the next that is drawn there. At an end it goes on where reading goes on:
    behind the end of a row in the next row, below the last row in the first one. Only a target
    that is alone leads to itself.
    """
    drawn = {
        (here.name, way): _neighbour(targets, here, way, from_right=from_right)
        for here in targets
        for way in ARROWS
    }
    if _is_all_reached(targets, drawn):
        return drawn
    # Targets that lie so oddly that one is nobody's neighbour: along the rows, all come in turn.
    return drawn | _along_rows(targets, from_right=from_right)


def _is_all_reached(targets: Sequence[Target], table: Mapping[tuple[str, Command], Target]) -> bool:
    """Return whether each is reached from each, going any way."""
    onward = {here.name: {table[here.name, way].name for way in ARROWS} for here in targets}
    return all(_reached_from(here.name, onward) == set(onward) for here in targets)


def _reached_from(start: str, onward: Mapping[str, set[str]]) -> set[str]:
    seen, to_go = {start}, {start}
    while to_go:
        to_go = set().union(*(onward[name] for name in to_go)) - seen
        seen |= to_go
    return seen


def _along_rows(
    targets: Sequence[Target], *, from_right: bool
) -> dict[tuple[str, Command], Target]:
    in_order = [
        target for row in _rows(targets) for target in (reversed(row) if from_right else row)
    ]
    on, back = (Command.LEFT, Command.RIGHT) if from_right else (Command.RIGHT, Command.LEFT)
    after = in_order[1:] + in_order[:1]
    pairs = list(zip(in_order, after, strict=True))
    return {(one.name, on): other for one, other in pairs} | {
        (other.name, back): one for one, other in pairs
    }


def _neighbour(
    targets: Sequence[Target], here: Target, way: Command, *, from_right: bool
) -> Target:
    others = [there for there in targets if there != here]
    if not others:
        return here
    if way in {Command.LEFT, Command.RIGHT}:
        return _beside(others, here, way) or _next_row(targets, here, way, from_right=from_right)
    return _above_or_below(others, here, way)


def _beside(others: list[Target], here: Target, way: Command) -> Target | None:
    """Return the nearest that shares some height with `here`, on one side of it."""
    there = [other for other in others if _share(other.y, other.top, here.y, here.top) > 0]
    sign = 1 if way is Command.RIGHT else -1
    there = [other for other in there if sign * (other.center[0] - here.center[0]) > 0]
    return min(there, key=lambda other: (_apart(other, here), *_off(other, here)), default=None)


def _next_row(targets: Sequence[Target], here: Target, way: Command, *, from_right: bool) -> Target:
    """Return the begin of the row after, or the end of the row before, as reading goes."""
    rows = _rows(targets)
    row = next(index for index, row in enumerate(rows) if here in row)
    onward = (way is Command.LEFT) == from_right
    other = rows[(row + (1 if onward else -1)) % len(rows)]
    return _begin(other, from_right=from_right == onward)


def _above_or_below(others: list[Target], here: Target, way: Command) -> Target:
    sign = 1 if way is Command.UP else -1
    ahead = [there for there in others if sign * (there.center[1] - here.center[1]) > 0]
    ahead = [there for there in ahead if not _is_in_row(there, here)]
    if ahead:
        below = [there for there in ahead if _share(there.x, there.right, here.x, here.right) > 0]
        return min(below or ahead, key=lambda there: (_apart(there, here), *_off(there, here)))
    # Round to the other end, in the same column where there is one.
    turned = [there for there in others if not _is_in_row(there, here)] or others
    in_column = [there for there in turned if _share(there.x, there.right, here.x, here.right) > 0]
    return min(
        in_column or turned, key=lambda there: (sign * there.center[1], *_off(there, here)[::-1])
    )


def _rows(targets: Iterable[Target]) -> list[list[Target]]:
    """Return the targets in rows from above to below, each from left to right."""
    left = sorted(targets, key=lambda target: (-target.top, target.x))
    rows = []
    while left:
        row = [target for target in left if _is_in_row(target, left[0])]
        left = [target for target in left if target not in row]
        rows.append(sorted(row, key=lambda target: target.x))
    return rows


def _is_in_row(one: Target, other: Target) -> bool:
    shared = _share(one.y, one.top, other.y, other.top)
    return shared >= SAME_LINE * min(one.height, other.height)


def _begin(row: list[Target], *, from_right: bool) -> Target:
    return row[-1] if from_right else row[0]


def _share(low: float, high: float, other_low: float, other_high: float) -> float:
    return min(high, other_high) - max(low, other_low)


def _apart(one: Target, other: Target) -> float:
    """Return how much room is between two targets."""
    aside = max(one.x - other.right, other.x - one.right, 0.0)
    above = max(one.y - other.top, other.y - one.top, 0.0)
    return float((aside**2 + above**2) ** 0.5)


def _off(one: Target, other: Target) -> tuple[float, float]:
    """Return how far apart their middles are, across and upwards; for ties."""
    (x, y), (u, v) = one.center, other.center
    return abs(y - v), abs(x - u)
