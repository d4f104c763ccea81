"""The route on a slip: landmarks over their door numbers, and when a closed door opens."""

from dataclasses import replace

from printer.layout_foot import Line, height_of, paragraph, stacked
from printer.layout_grid import Grid, inked_marks, middle_baseline
from printer.marks import Arrow, Block, Box, Icon, Mark, Style
from printer.slip import Bilingual, Later, Place

LONGEST_ROUTE = 12
"""So many places of a route are shown on either paper: as many stages as a site may have."""


def route(places: tuple[Place, ...], grid: Grid) -> list[Block]:
    """The places in order; the first, where to go now, is the filled one."""
    most = grid.sizes.tiles_in_a_row
    shown = places[:LONGEST_ROUTE]
    rows = -(-len(shown) // most)
    in_a_row = -(-len(shown) // rows) if rows else 0
    return [
        _route_row(
            shown[row * in_a_row : (row + 1) * in_a_row], grid, in_a_row=in_a_row, first=row == 0
        )
        for row in range(rows)
    ]


def _route_row(places: tuple[Place, ...], grid: Grid, *, in_a_row: int, first: bool) -> Block:
    gap = grid.sizes.gap if in_a_row <= 4 else max(20, grid.sizes.gap - 8 * (in_a_row - 4))
    side = min(grid.sizes.tile, (grid.room - (in_a_row - 1) * gap) // in_a_row)
    if in_a_row >= 4:  # a full row ends at the margin
        gap = (grid.room - in_a_row * side) // (in_a_row - 1)
    height = side + 12
    marks: list[Mark] = []
    for column, place in enumerate(places):
        x = grid.left + column * (side + gap)
        if column:
            tip = min(24, gap * 3 // 5)
            marks.append(Arrow(x - gap + 6, (height - tip) // 2, gap - 12, tip))
        marks.extend(tile(place, grid, x=x, side=side, filled=first and column == 0))
    return Block("route", height + 14, tuple(marks), coarse=side >= _LARGE)


_LARGE = 80
"""A tile of that side can be read at half the resolution; the door of a smaller one cannot."""


def tile(place: Place, grid: Grid, *, x: int, side: int, filled: bool) -> tuple[Mark, ...]:
    """A landmark over its door number, as it stands on the door itself."""
    height, size = side + 12, max(22, side * 32 // 100)
    door, style = grid.fit(place.door, Style(size, bold=True), side - 12)
    picture = min(side - 12, height - round(size * 0.72) - 10 - side // 5)
    return inked_marks(
        Box(x, 0, side, height, radius=side // 7, line=0 if filled else 4),
        Icon(
            x + (side - picture) // 2,
            side // 10,
            picture,
            f"landmark-{place.landmark}",
            white=filled,
        ),
        grid.centred(door, style, middle=x + side // 2, baseline=height - 10, white=filled),
    )


def later(closed: tuple[Later, ...], grid: Grid, *, tight: bool) -> list[Block]:
    """When places open that are closed now: their signs, and the time beside them.

    `tight` gives each the least height: smaller signs, and nothing in German.
    """
    if tight:  # the party's own language is what the slip is for
        closed = tuple(
            replace(group, opens=Bilingual(group.opens.own, "")) if group.opens.own else group
            for group in closed
        )
    side = min(2 * grid.sizes.follow, grid.sizes.bar - 16) if tight else grid.sizes.bar - 16
    return [block for group in closed for block in _opening(group, grid, side=side)]


def _opening(group: Later, grid: Grid, *, side: int) -> list[Block]:
    *above, (x, marks) = _signs(group.places[:LONGEST_ROUTE], grid, side=side)
    style = grid.own(grid.sizes.follow, bold=True)
    readable = grid.own(grid.sizes.german, bold=True)
    below: list[Line] = []
    if grid.measure(group.opens.own, readable) <= grid.right - x:
        own, style = grid.fit(group.opens.own, style, grid.right - x)
        marks.append(grid.line(own, style, baseline=middle_baseline(side, style), x=x))
    else:
        below, x = (
            paragraph(Bilingual(group.opens.own, ""), grid, style, grid.room, most=1),
            grid.left,
        )
    german = Bilingual("", group.opens.german)
    below += paragraph(german, grid, style, grid.right - x, most=1)
    rows = [*(row for _, row in above), marks]
    blocks = [Block("later", side + 4, inked_marks(*row)) for row in rows]
    if below:
        blocks.append(Block("later", height_of(below), tuple(stacked(below, grid, 0, x=x))))
    return blocks


def _signs(places: tuple[Place, ...], grid: Grid, *, side: int) -> list[tuple[int, list[Mark]]]:
    """Return one or more rows of signs: where the next would begin in it, and its marks."""
    x, marks = grid.left, list[Mark]()
    rows = []
    for place in places:
        end, signs = sign(place, grid, x=x, side=side)
        if marks and max(mark.x + mark.width for mark in signs) > grid.right:
            rows.append((x, marks))
            marks = []
            end, signs = sign(place, grid, x=grid.left, side=side)
        marks.extend(signs)
        x = end
    return [*rows, (x, marks)]


def sign(place: Place, grid: Grid, *, x: int, side: int) -> tuple[int, tuple[Mark, ...]]:
    """Return a landmark with its door beside it, `side` dots high, and where it ends.

    A door that is a whole sentence is cut: others stand beside it.
    """
    text, style = grid.fit(place.door, Style(round(side * 0.6), bold=True), 2 * side)
    door = grid.line(text, style, baseline=middle_baseline(side, style), x=x + side + 4)
    return door.x + door.width + side // 3, inked_marks(
        Icon(x, 0, side, f"landmark-{place.landmark}"), door
    )
