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
        column: Which groups stand below each other, where columns of groups stand side by side.
        share: That column's part of the width.

    """

    count: int
    needs: Callable[[float], Sequence[float] | None]
    columns: tuple[int, ...] = (1,)
    grows: Callable[[int], float] = lambda _: 1.0
    even: bool = True
    heading: Callable[[float], float] = lambda _: 0.0
    highest: float = inf
    column: int = 0
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

    Groups stand below each other; with `beside` their columns stand side by side while all fit on
    one page. On several pages a group shares one with the next only where both end on it. What is
    higher than the room, together with its heading, reaches out of it: shown cut, never left out.
    """
    wanted = [(index, group) for index, group in enumerate(groups) if group.count]
    if not wanted:
        return ((),)
    one = _side_by_side(wanted, room) if beside else _stacked(wanted, room)
    if one is not None:
        return (tuple(one),)
    narrow = Room(room.width - room.arrows - room.gap, room.height, room.gap)
    pages: list[list[_Block]] = []
    for index, group in wanted:
        following = [[block] for block in _spread(index, group, narrow)]
        if pages and len(following) == 1 and _height(pages[-1] + following[0], room) <= room.height:
            pages[-1] += following[0]
        else:
            pages += following
    return tuple(tuple(_placed(blocks, narrow)) for blocks in pages)


def _height(blocks: Sequence[_Block], room: Room) -> float:
    return sum(block.needed(room.gap) for block in blocks) + room.gap * (len(blocks) - 1)


def _stacked(wanted: list[tuple[int, Group]], room: Room, *, x: float = 0) -> list[Box] | None:
    """Return all groups below each other on one page, or None where they do not fit."""
    for choice in sorted(product(*(group.columns for _, group in wanted)), key=_is_uneven(wanted)):
        blocks: list[_Block] = []
        for (index, group), columns in zip(wanted, choice, strict=True):
            block = _block(index, group, columns, room.width, room.gap)
            if block is not None:
                blocks.append(block)
        if len(blocks) == len(wanted) and _height(blocks, room) <= room.height + EXACT:
            return list(_placed(blocks, room, x=x))
    return None


def _is_uneven(wanted: list[tuple[int, Group]]) -> Callable[[tuple[int, ...]], bool]:
    """Return what tells whether groups that are alike would stand in unlike columns."""

    def uneven(choice: tuple[int, ...]) -> bool:
        chosen = {
            (group.columns, columns) for (_, group), columns in zip(wanted, choice, strict=True)
        }
        return len(chosen) > len({columns for columns, _ in chosen})

    return uneven


def _side_by_side(wanted: list[tuple[int, Group]], room: Room) -> list[Box] | None:
    """Return columns of groups side by side on one page, or None where they do not fit."""
    columns: dict[int, list[tuple[int, Group]]] = {}
    for index, group in wanted:
        columns.setdefault(group.column, []).append((index, group))
    shares = sum(groups[0][1].share for groups in columns.values())
    free = room.width - room.gap * (len(columns) - 1)
    page: list[Box] = []
    x = 0.0
    for groups in columns.values():
        width = free * groups[0][1].share / shares
        column = _stacked(groups, Room(width, room.height, room.gap), x=x)
        if column is None:
            return None
        page += column
        x += width + room.gap
    return page


def _spread(index: int, group: Group, room: Room) -> list[_Block]:
    """Return the parts of one group, a page each, as few as can be."""
    best: list[_Block] = []
    for columns in group.columns:
        block = _block(index, group, columns, room.width, room.gap)
        if block is None and (best or columns != group.columns[-1]):
            continue
        parts = _cut(block or _forced(index, group, columns, room), room)
        if not best or len(parts) < len(best):
            best = parts
    return best


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


def _cut(block: _Block, room: Room) -> list[_Block]:
    """Cut a block into parts: as few as can be, and as even as their rows allow."""
    limit = room.height - (block.heading + room.gap if block.heading else 0)
    fewest = len(_filled(block.rows, limit, room.gap))
    rows_each = -(-len(block.rows) // fewest)
    pages = _filled(block.rows, limit, room.gap, at_most=rows_each)
    if len(pages) > fewest:
        pages = _filled(block.rows, limit, room.gap)
    highest = block.highest
    if len(pages) > 1 and len({row.need for row in block.rows}) == 1:
        most = max(len(rows) for rows in pages)  # rows are as high on a page that has fewer
        highest = min(highest, (limit - room.gap * (most - 1)) / most)
    return [
        _Block(block.group, block.columns, block.width, block.heading, rows, highest)
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


def _placed(blocks: Sequence[_Block], room: Room, *, x: float = 0) -> Iterator[Box]:
    """Yield the boxes of one page, with the height to spare given out."""
    spare = max(room.height - _height(blocks, room), 0)
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
