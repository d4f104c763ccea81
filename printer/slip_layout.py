"""Where everything stands on a slip: a pure function from slip and paper to blocks."""

from dataclasses import replace

from printer.layout_foot import foot
from printer.layout_grid import (
    RULE,
    Grid,
    ascent,
    grid_for,
    inked_marks,
    line_height,
    middle_baseline,
)
from printer.marks import (
    DOTS_PER_MM,
    Arrow,
    Block,
    Box,
    Figure,
    Icon,
    Layout,
    Mark,
    Measure,
    Style,
    Text,
    mirrored,
)
from printer.plain_text import printable
from printer.slip import Bilingual, Place, Slip

LONGEST = 110 * DOTS_PER_MM
"""No slip is longer than this many dots."""

LONGEST_ROUTE = 12
"""So many places of a route are shown on either paper: as many stages as a site may have."""


def lay_out(slip: Slip, paper_dots: int, measure: Measure) -> Layout:
    """Return the slip as blocks for paper that is `paper_dots` wide.

    Everything is laid out for readers from the left and then mirrored as a whole for a
    language that runs from the right, so the two can never drift apart.
    """
    slip = _cleaned(slip)
    for ratio in _TIGHTER:
        grid = grid_for(paper_dots, measure, right_to_left=slip.right_to_left, ratio=ratio)
        blocks = _blocks(slip, grid)
        if sum(block.height for block in blocks) <= LONGEST:
            break
    if slip.right_to_left:
        blocks = tuple(_mirror(block, paper_dots) for block in blocks)
    return Layout(paper_dots, blocks)


_TIGHTER = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Sizes to try, of texts and tiles, until the slip is short enough; the number keeps its own."""


def _blocks(slip: Slip, grid: Grid) -> tuple[Block, ...]:
    return (
        _header(slip, grid),
        _heading(slip.heading, grid),
        _number(slip.number, grid),
        _party(slip, grid),
        *_route(slip.places, grid),
        *_waiting(slip.waiting, grid),
        foot(slip, grid),
    )


def _cleaned(slip: Slip) -> Slip:
    """Return the slip with nothing but printable text in it: the one gate for all of it."""
    return replace(
        slip,
        number=printable(slip.number),
        language_name=printable(slip.language_name),
        site_name=printable(slip.site_name),
        printed_at=printable(slip.printed_at),
        heading=_cleaned_pair(slip.heading),
        waiting=slip.waiting and _cleaned_pair(slip.waiting),
        follow=slip.follow and _cleaned_pair(slip.follow),
        keep=_cleaned_pair(slip.keep),
        places=tuple(Place(place.landmark, printable(place.door)) for place in slip.places),
    )


def _cleaned_pair(pair: Bilingual) -> Bilingual:
    return Bilingual(printable(pair.own), printable(pair.german))


def _mirror(block: Block, width: int) -> Block:
    return replace(block, marks=tuple(mirrored(mark, width) for mark in block.marks))


TIMES = "\N{MULTIPLICATION SIGN}"

_TOP = 6  # air above the first line


def _header(slip: Slip, grid: Grid) -> Block:
    """The site, and when it was printed; a copy shows its 2 in a box at the end."""
    sizes, end = grid.sizes, grid.right
    side = sizes.site + 6
    site, date = Style(sizes.site, bold=True), Style(sizes.date)
    baseline = _TOP + middle_baseline(side, site)
    boxed: tuple[Mark, ...] = ()
    if slip.copy > 1:
        digit = grid.centred(str(slip.copy), site, middle=end - side // 2, baseline=baseline)
        boxed = (Box(end - side, _TOP, side, side, radius=6, line=3), digit)
        end -= side + 16
    printed_at, date = grid.fit(slip.printed_at, date, grid.room * 3 // 5)
    when = grid.line(printed_at, date, baseline=baseline, end=end)
    name, site = grid.fit(slip.site_name, site, when.x - 16 - grid.left)
    where = grid.line(name, site, baseline=baseline)
    marks = inked_marks(*boxed, when, where, grid.rule(_TOP + side + 8))
    return Block("header", _TOP + side + 8 + RULE + 10, marks)


def _heading(heading: Bilingual, grid: Grid) -> Block:
    """What the number is: the party's language first, German at the other side."""
    own, german = grid.own(grid.sizes.heading, bold=True), Style(grid.sizes.heading_german)
    first = grid.line(heading.own, own, baseline=ascent(own))
    second = grid.line(heading.german, german, baseline=first.baseline, end=grid.right)
    if first.width + 24 + second.width <= grid.room:
        return Block("heading", line_height(own), inked_marks(first, second))
    return _pair("heading", heading, grid, own)


def _pair(name: str, pair: Bilingual, grid: Grid, style: Style) -> Block:
    """One line in the party's language, German beneath it."""
    own, style = grid.fit(pair.own, style, grid.room)
    first = grid.line(own, style, baseline=ascent(style))
    if not pair.german:
        return Block(name, line_height(style), inked_marks(first))
    german, small = grid.fit(pair.german, Style(grid.sizes.german), grid.room)
    top = line_height(style) - small.size // 4
    second = grid.line(german, small, baseline=top + ascent(small))
    return Block(name, top + line_height(small), inked_marks(first, second))


def _number(number: str, grid: Grid) -> Block:
    """The number, as wide as the paper and at least 20 (15) mm high."""
    height = grid.sizes.figure
    figure = Figure(grid.left, 13, grid.room, height, number, grid.sizes.figure_least)
    return Block("number", 13 + height + 18, (figure,), coarse=True)


def _party(slip: Slip, grid: Grid) -> Block:
    """Who belongs together, in pictures and a digit, and the language they read."""
    bar, side = grid.sizes.bar, grid.sizes.bar - 8
    digit = Style(round(1.2 * grid.sizes.language), bold=True)
    people = _people(slip)
    marks: list[Mark] = [Box(grid.left, 0, grid.room, bar, radius=12)]
    x = grid.left + 10
    for icon, count in people:
        marks.append(Icon(x, 4, side, icon, white=True))
        x += round(side * 0.76)
        if count:
            marks.append(_in_bar(count, grid, digit, x=x + 8))
            x += 8 + marks[-1].width + 14
    if sum(not count for _, count in people) > 0:
        total = str(slip.adults + slip.children)
        marks.append(_in_bar(total, grid, digit, x=x + side // 4))
        x += side // 4 + marks[-1].width
    name = grid.own(grid.sizes.language, bold=True)
    text, name = grid.fit(slip.language_name, name, grid.right - 16 - (x + 16))
    baseline = middle_baseline(bar, name)
    marks.append(grid.line(text, name, baseline=baseline, end=grid.right - 16, white=True))
    return Block("party", bar + 16, inked_marks(*marks), coarse=True)


def _in_bar(text: str, grid: Grid, style: Style, *, x: int) -> Text:
    return grid.line(text, style, baseline=middle_baseline(grid.sizes.bar, style), x=x, white=True)


def _people(slip: Slip) -> list[tuple[str, str]]:
    """Return the pictograms: one for each of up to five persons, else a kind and "times 7"."""
    groups = [("adult", max(slip.adults, 0)), ("child", max(slip.children, 0))]
    if sum(count for _, count in groups) <= 5:
        return [(icon, "") for icon, count in groups for _ in range(count)]
    return [(icon, f"{TIMES}{min(count, 99)}") for icon, count in groups if count]


def _route(places: tuple[Place, ...], grid: Grid) -> list[Block]:
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
        marks.extend(_tile(place, grid, x=x, side=side, filled=first and column == 0))
    return Block("route", height + 14, tuple(marks), coarse=side >= _LARGE)


_LARGE = 80
"""A tile of that side can be read at half the resolution; the door of a smaller one cannot."""


def _tile(place: Place, grid: Grid, *, x: int, side: int, filled: bool) -> tuple[Mark, ...]:
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


def _waiting(waiting: Bilingual | None, grid: Grid) -> list[Block]:
    if waiting is None:
        return []
    return [_pair("waiting", waiting, grid, grid.own(grid.sizes.waiting, bold=True))]
