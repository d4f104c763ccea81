"""The head of a slip: the site, what the slip is, and pairs of lines in two languages."""

from printer.layout_grid import RULE, Grid, ascent, inked_marks, line_height, middle_baseline
from printer.marks import Block, Box, Mark, Style
from printer.slip import Bilingual

_TOP = 6  # air above the first line


def header(site_name: str, printed_at: str, grid: Grid, *, copy: int = 1) -> Block:
    """The site, and when it was printed; a copy shows its 2 in a box at the end."""
    sizes, end = grid.sizes, grid.right
    side = sizes.site + 6
    site, date = Style(sizes.site, bold=True), Style(sizes.date)
    baseline = _TOP + middle_baseline(side, site)
    boxed: tuple[Mark, ...] = ()
    if copy > 1:
        digit = grid.centred(str(copy), site, middle=end - side // 2, baseline=baseline)
        boxed = (Box(end - side, _TOP, side, side, radius=6, line=3), digit)
        end -= side + 16
    time, date = grid.fit(printed_at, date, grid.room * 3 // 5)
    when = grid.line(time, date, baseline=baseline, end=end)
    name, site = grid.fit(site_name, site, when.x - 16 - grid.left)
    where = grid.line(name, site, baseline=baseline)
    marks = inked_marks(*boxed, when, where, grid.rule(_TOP + side + 8))
    return Block("header", _TOP + side + 8 + RULE + 10, marks)


def heading(what: Bilingual, grid: Grid) -> Block:
    """What it is: the party's language first, German at the other side."""
    own, german = grid.own(grid.sizes.heading, bold=True), Style(grid.sizes.heading_german)
    first = grid.line(what.own, own, baseline=ascent(own))
    second = grid.line(what.german, german, baseline=first.baseline, end=grid.right)
    if first.width + 24 + second.width <= grid.room:
        return Block("heading", line_height(own), inked_marks(first, second))
    return pair("heading", what, grid, own)


def pair(name: str, both: Bilingual, grid: Grid, style: Style) -> Block:
    """One line in the party's language, German beneath it."""
    own, style = grid.fit(both.own, style, grid.room)
    first = grid.line(own, style, baseline=ascent(style))
    if not both.german:
        return Block(name, line_height(style), inked_marks(first))
    german, small = grid.fit(both.german, Style(grid.sizes.german), grid.room)
    top = line_height(style) - small.size // 4
    second = grid.line(german, small, baseline=top + ascent(small))
    return Block(name, top + line_height(small), inked_marks(first, second))
