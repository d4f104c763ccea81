"""Paging: how many columns, rows and pages things need, so that none is cut or made too small.

No Kivy: lengths in, boxes out. They are counted from where people begin to read and from the top,
so that who draws them may turn them round.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

HEADING = -1
"""The index of a group's heading."""

EXACT = 0.01
"""Pixels by which sums of lengths may differ."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where the boxes go, in pixels.

    Attributes:
        width: Of all of it.
        height: Of all of it.
        gap: Between two boxes.
        arrows: The width of the column of arrows, which is there only with several pages.

    """

    width: float
    height: float
    gap: float
    arrows: float = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind that stand together.

    Attributes:
        count: How many.
        needs: Returns how high each must be at a width; None where that is too narrow.
        columns: How many may stand beside each other, best first; the last one always may.
        grows: Which part of the height to spare each takes; 0 stays as high as it needs to be.
        even: True where all rows are of one height.
        heading: Returns how high the heading must be at a width; 0 is none.
        highest: No row is made higher than this, unless it needs to be.
        share: Its part of the width, where groups stand beside each other.

    """

    count: int
    needs: Callable[[float], Sequence[float] | None]
    columns: tuple[int, ...] = (1,)
    grows: Callable[[int], float] = lambda _: 1.0
    even: bool = True
    heading: Callable[[float], float] = lambda _: 0.0
    highest: float = inf
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """Where one thing lies: from where reading begins, and from the top."""

    group: int
    index: int
    x: float
    y: float
    width: float
    height: float


Page = tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Things beside each other."""

    first: int
    count: int
    need: float
    grows: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of a group on one page, below its heading."""

    group: int
    columns: int
    width: float
    heading: float
    rows: tuple[_Row, ...]
    highest: float

    def needed(self, gap: float) -> float:
        heading = self.heading + gap if self.heading else 0
        return heading + sum(row.need for row in self.rows) + gap * max(len(self.rows) - 1, 0)


def arrange(groups: Sequence[Group], room: Room, *, beside: bool = False) -> tuple[Page, ...]:
    """Return the boxes of each page: everything once and in order, one page where it fits.

    Groups stand below each other, or with `beside` beside each other, while all fit on one page;
    on several pages each group begins a page.
    """
    wanted = [(index, group) for index, group in enumerate(groups) if group.count]
    if not wanted:
        return ((),)
    one = _side_by_side(wanted, room) if beside else _stacked(wanted, room)
    if one is not None:
        return (one,)
    pages: list[Page] = []
    for index, group in wanted:
        pages += _spread(index, group, room)
    return tuple(pages)


def _stacked(wanted: list[tuple[int, Group]], room: Room) -> Page | None:
    """Return all groups below each other on one page, or None where they do not fit."""
    for choice in product(*(group.columns for _, group in wanted)):
        blocks = [
            _block(index, group, columns, room.width, room.gap)
            for (index, group), columns in zip(wanted, choice, strict=True)
        ]
        if None in blocks:
            continue
        found = [block for block in blocks if block is not None]
        needed = sum(block.needed(room.gap) for block in found) + room.gap * (len(found) - 1)
        if needed <= room.height + EXACT:
            return tuple(_placed(found, room, x=0))
    return None


def _side_by_side(wanted: list[tuple[int, Group]], room: Room) -> Page | None:
    """Return all groups beside each other on one page, or None where they do not fit."""
    shares = sum(group.share for _, group in wanted)
    free = room.width - room.gap * (len(wanted) - 1)
    page: list[Box] = []
    x = 0.0
    for index, group in wanted:
        width = free * group.share / shares
        part = Room(width, room.height, room.gap)
        for columns in group.columns:
            block = _block(index, group, columns, width, room.gap)
            if block is not None and block.needed(room.gap) <= room.height + EXACT:
                page += _placed([block], part, x=x)
                break
        else:
            return None
        x += width + room.gap
    return tuple(page)


def _spread(index: int, group: Group, room: Room) -> list[Page]:
    """Return the pages of one group, as few as can be."""
    whole = Room(room.width - room.arrows - room.gap, room.height, room.gap)
    best: list[list[_Block]] = []
    for columns in group.columns:
        block = _block(index, group, columns, whole.width, room.gap)
        if block is None and (best or columns != group.columns[-1]):
            continue
        pages = _cut(block or _forced(index, group, columns, whole), whole)
        if not best or len(pages) < len(best):
            best = pages
    return [tuple(_placed(blocks, whole, x=0)) for blocks in best]


def _block(index: int, group: Group, columns: int, width: float, gap: float) -> _Block | None:
    across = min(columns, group.count)
    one = (width - gap * (columns - 1)) / columns
    needs = group.needs(one) if one > 0 else None
    if needs is None:
        return None
    return _Block(
        index, columns, one, group.heading(width), _rows(group, needs, across), group.highest
    )


def _forced(index: int, group: Group, columns: int, room: Room) -> _Block:
    """Return a block that is too narrow for something in it: better shown cut than not at all."""
    one = max((room.width - room.gap * (columns - 1)) / columns, 1)
    rows = _rows(group, [room.height] * group.count, min(columns, group.count))
    return _Block(index, columns, one, group.heading(room.width), rows, group.highest)


def _rows(group: Group, needs: Sequence[float], across: int) -> tuple[_Row, ...]:
    tallest = max(needs)
    rows = []
    for first in range(0, group.count, across):
        inside = range(first, min(first + across, group.count))
        need = tallest if group.even else max(needs[index] for index in inside)
        rows.append(_Row(first, len(inside), need, max(group.grows(index) for index in inside)))
    return tuple(rows)


def _cut(block: _Block, room: Room) -> list[list[_Block]]:
    """Cut a block into pages: as few as can be, and as even as their rows allow."""
    limit = room.height - (block.heading + room.gap if block.heading else 0)
    fewest = len(_filled(block.rows, limit, room.gap))
    rows_each = -(-len(block.rows) // fewest)
    pages = _filled(block.rows, limit, room.gap, at_most=rows_each)
    if len(pages) > fewest:
        pages = _filled(block.rows, limit, room.gap)
    return [
        [_Block(block.group, block.columns, block.width, block.heading, rows, block.highest)]
        for rows in pages
    ]


def _filled(
    rows: Sequence[_Row], limit: float, gap: float, *, at_most: float = inf
) -> list[tuple[_Row, ...]]:
    pages: list[tuple[_Row, ...]] = []
    here: list[_Row] = []
    for row in rows:
        height = sum(one.need for one in here) + gap * len(here) + row.need
        if here and (height > limit + EXACT or len(here) >= at_most):
            pages.append(tuple(here))
            here = []
        here.append(row)
    return [*pages, tuple(here)]


def _placed(blocks: Sequence[_Block], room: Room, *, x: float) -> Iterator[Box]:
    """Yield the boxes of one page, with the height to spare given out."""
    needed = sum(block.needed(room.gap) for block in blocks) + room.gap * (len(blocks) - 1)
    spare = max(room.height - needed, 0)
    grows = sum(row.grows for block in blocks for row in block.rows)
    y = 0.0
    for block in blocks:
        if block.heading:
            yield Box(block.group, HEADING, x, y, room.width, block.heading)
            y += block.heading + room.gap
        for row in block.rows:
            grown = row.need + (spare * row.grows / grows if grows else 0)
            height = max(row.need, min(grown, block.highest))
            for column in range(row.count):
                left = x + column * (block.width + room.gap)
                yield Box(block.group, row.first + column, left, y, block.width, height)
            y += height + room.gap
