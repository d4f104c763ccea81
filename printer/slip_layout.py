"""Where everything stands on a slip: a pure function from slip and paper to blocks."""

from dataclasses import replace

from printer.layout_grid import Grid, ascent, grid_for, line_height, middle_baseline
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
    QrCode,
    Style,
    Text,
    mirrored,
)
from printer.slip import Bilingual, Place, Slip

LONGEST = 110 * DOTS_PER_MM
"""No slip is longer than this many dots."""

RULE = 3
"""Thickness of a rule: just under 0.4 mm."""


def lay_out(slip: Slip, paper_dots: int, measure: Measure) -> Layout:
    """Return the slip as blocks for paper that is `paper_dots` wide.

    Everything is laid out for readers from the left and then mirrored as a whole for a
    language that runs from the right, so the two can never drift apart.
    """
    grid = grid_for(paper_dots, measure, right_to_left=slip.right_to_left)
    blocks = (
        _header(slip, grid),
        _heading(slip.heading, grid),
        _number(slip.number, grid),
        _party(slip, grid),
        *_route(slip.places, grid),
        *_waiting(slip.waiting, grid),
        _foot(slip, grid),
    )
    if slip.right_to_left:
        blocks = tuple(_mirror(block, paper_dots) for block in blocks)
    return Layout(paper_dots, blocks)


def _mirror(block: Block, width: int) -> Block:
    return replace(block, marks=tuple(mirrored(mark, width) for mark in block.marks))


def _inked(*marks: Mark) -> tuple[Mark, ...]:
    """Leave out the texts that say nothing."""
    return tuple(mark for mark in marks if not isinstance(mark, Text) or mark.text)


def _rule(grid: Grid, y: int) -> Box:
    return Box(grid.left, y, grid.room, RULE)


def _header(slip: Slip, grid: Grid) -> Block:
    """The site, and when it was printed; a copy shows its 2 in a box at the end."""
    sizes, end = grid.sizes, grid.right
    side = sizes.site + 6
    site, date = Style(sizes.site, bold=True), Style(sizes.date)
    baseline = middle_baseline(side, site)
    boxed: tuple[Mark, ...] = ()
    if slip.copy > 1:
        digit = grid.centred(str(slip.copy), site, middle=end - side // 2, baseline=baseline)
        boxed = (Box(end - side, 0, side, side, radius=6, line=3), digit)
        end -= side + 12
    printed_at, date = grid.fit(slip.printed_at, date, grid.room * 3 // 5)
    when = grid.line(printed_at, date, baseline=baseline, end=end)
    name, site = grid.fit(slip.site_name, site, when.x - 16 - grid.left)
    where = grid.line(name, site, baseline=baseline)
    marks = _inked(*boxed, when, where, _rule(grid, side + 8))
    return Block("header", side + 8 + RULE + 10, marks)


def _heading(heading: Bilingual, grid: Grid) -> Block:
    """What the number is: the party's language first, German at the other side."""
    own, german = grid.own(grid.sizes.heading, bold=True), Style(grid.sizes.heading_german)
    first = grid.line(heading.own, own, baseline=ascent(own))
    second = grid.line(heading.german, german, baseline=first.baseline, end=grid.right)
    if first.width + 24 + second.width <= grid.room:
        return Block("heading", line_height(own), _inked(first, second))
    return _pair("heading", heading, grid, own)


def _pair(name: str, pair: Bilingual, grid: Grid, style: Style) -> Block:
    """One line in the party's language, German beneath it."""
    own, style = grid.fit(pair.own, style, grid.room)
    first = grid.line(own, style, baseline=ascent(style))
    if not pair.german:
        return Block(name, line_height(style), _inked(first))
    german, small = grid.fit(pair.german, Style(grid.sizes.german), grid.room)
    top = line_height(style) - small.size // 4
    second = grid.line(german, small, baseline=top + ascent(small))
    return Block(name, top + line_height(small), _inked(first, second))


def _number(number: str, grid: Grid) -> Block:
    """The number, as wide as the paper and at least 20 (15) mm high."""
    height = grid.sizes.figure
    figure = Figure(grid.left, 4, grid.room, height, number)
    return Block("number", 4 + height + 20, (figure,), coarse=True)


def _party(slip: Slip, grid: Grid) -> Block:
    """Who belongs together, in pictures and a digit, and the language they read."""
    bar, side = grid.sizes.bar, grid.sizes.bar - 16
    digit = Style(round(1.2 * grid.sizes.language), bold=True)
    people = _people(slip)
    marks: list[Mark] = [Box(grid.left, 0, grid.room, bar, radius=12)]
    x = grid.left + 10
    for icon, count in people:
        marks.append(Icon(x, 8, side, icon, white=True))
        x += round(side * 0.8)
        if count:
            marks.append(_in_bar(count, grid, digit, x=x + 6))
            x += 6 + marks[-1].width + 14
    if sum(not count for _, count in people) > 0:
        total = str(slip.adults + slip.children)
        marks.append(_in_bar(total, grid, digit, x=x + side // 4))
        x += side // 4 + marks[-1].width
    name = grid.own(grid.sizes.language, bold=True)
    text, name = grid.fit(slip.language_name, name, grid.right - 16 - (x + 16))
    baseline = middle_baseline(bar, name)
    marks.append(grid.line(text, name, baseline=baseline, end=grid.right - 16, white=True))
    return Block("party", bar + 16, _inked(*marks), coarse=True)


def _in_bar(text: str, grid: Grid, style: Style, *, x: int) -> Text:
    return grid.line(text, style, baseline=middle_baseline(grid.sizes.bar, style), x=x, white=True)


def _people(slip: Slip) -> list[tuple[str, str]]:
    """Return the pictograms: one for each of up to five persons, else one a kind and "×7"."""
    groups = [("adult", max(slip.adults, 0)), ("child", max(slip.children, 0))]
    if sum(count for _, count in groups) <= 5:
        return [(icon, "") for icon, count in groups for _ in range(count)]
    return [(icon, f"×{min(count, 99)}") for icon, count in groups if count]


def _route(places: tuple[Place, ...], grid: Grid) -> list[Block]:
    """The places in order; the first, where to go now, is the filled one."""
    most = grid.sizes.tiles_in_a_row
    shown = places[: 2 * most]
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
    height = side + 12
    marks: list[Mark] = []
    for column, place in enumerate(places):
        x = grid.left + column * (side + gap)
        if column:
            tip = min(24, gap * 3 // 5)
            marks.append(Arrow(x - gap + 6, (height - tip) // 2, gap - 12, tip))
        marks.extend(_tile(place, grid, x=x, side=side, filled=first and column == 0))
    return Block("route", height + 14, tuple(marks), coarse=True)


def _tile(place: Place, grid: Grid, *, x: int, side: int, filled: bool) -> tuple[Mark, ...]:
    """A landmark over its door number, as it stands on the door itself."""
    height, size = side + 12, max(22, side * 32 // 100)
    door, style = grid.fit(place.door, Style(size, bold=True), side - 12)
    picture = min(side - 12, height - round(size * 0.72) - 22)
    return _inked(
        Box(x, 0, side, height, radius=side // 7, line=0 if filled else 4),
        Icon(x + (side - picture) // 2, 7, picture, f"landmark-{place.landmark}", white=filled),
        grid.centred(door, style, middle=x + side // 2, baseline=height - 10, white=filled),
    )


def _waiting(waiting: Bilingual | None, grid: Grid) -> list[Block]:
    if waiting is None:
        return []
    return [_pair("waiting", waiting, grid, grid.own(grid.sizes.waiting, bold=True))]


def _foot(slip: Slip, grid: Grid) -> Block:
    """A rule, then the QR code with what it is for, and the request to keep the slip."""
    sizes, top = grid.sizes, 6 + RULE + 14
    qr = _qr_code(slip.ticket_url, grid, top)
    side = qr.width if qr else 0
    room = grid.room - (side + 24 if qr else 0)
    above = _paragraph(slip.follow if qr else None, grid, grid.own(sizes.follow, bold=True), room)
    below = _paragraph(slip.keep, grid, grid.own(sizes.keep), room)
    tall = max(side, _height(above) + 10 + _height(below))
    marks = _inked(
        _rule(grid, 6),
        *([qr] if qr else []),
        *_stacked(above, grid, top - 6),
        *_stacked(below, grid, top + tall - _height(below) + (6 if qr else -4)),
    )
    return Block("foot", top + tall + 10, marks)


Line = tuple[str, Style]


def _paragraph(pair: Bilingual | None, grid: Grid, style: Style, room: int) -> list[Line]:
    """Up to three lines in the party's language, then up to two in German."""
    if pair is None:
        return []
    own = grid.wrap(pair.own, style, room, lines=3)
    german = Style(grid.sizes.german)
    return own + (grid.wrap(pair.german, german, room, lines=2) if pair.german else [])


def _height(lines: list[Line]) -> int:
    return sum(line_height(style) for _, style in lines)


def _stacked(lines: list[Line], grid: Grid, top: int) -> list[Mark]:
    marks: list[Mark] = []
    for text, style in lines:
        marks.append(grid.line(text, style, baseline=top + ascent(style)))
        top += line_height(style)
    return marks


# Bytes that a QR code of versions 1 to 10 holds at error correction M (ISO/IEC 18004, table 7).
_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


def _qr_code(url: str | None, grid: Grid, top: int) -> QrCode | None:
    """Return the QR code at the far side; None for no address or one that no code can hold.

    A slip without its QR code still brings its party to the counter: better than no slip.
    """
    if not url or not url.isascii() or not url.isprintable():
        return None
    version = next((v for v, held in enumerate(_QR_BYTES, 1) if len(url) <= held), None)
    if version is None:
        return None
    modules = 17 + 4 * version
    module = grid.sizes.qr // modules
    return QrCode(grid.right - modules * module, top, modules * module, url, version, module)
