"""The slip without a number: that it is closed, when it opens, and what to do until then."""

from dataclasses import replace

from printer.layout_foot import Line, height_of, paragraph, stacked
from printer.layout_grid import RULE, Grid, ascent, inked_marks, line_height, middle_baseline
from printer.layout_head import header, heading
from printer.layout_route import sign
from printer.marks import Block, Box, Icon, Mark, Style
from printer.slip import Advice, Bilingual, Directions


def directions(slip: Directions, grid: Grid, *, tight: bool) -> tuple[Block, ...]:
    """Return the blocks of a slip without a number; `tight` gives each advice its least."""
    return (
        header(slip.site_name, slip.printed_at, grid),
        _above_a_bar(heading(slip.heading, grid)),
        *_opens(slip.opens, grid),
        *(block for advice in slip.advice for block in _advice(advice, grid, tight=tight)),
        _foot(slip, grid),
    )


def _above_a_bar(block: Block) -> Block:
    return replace(block, height=block.height + 6)


def _opens(opens: Bilingual | None, grid: Grid) -> list[Block]:
    """When it opens, in a bar, for it is what people look for."""
    if opens is None:
        return []
    bar, side = grid.sizes.bar, grid.sizes.bar - 16
    x = grid.left + 10 + side + 16
    own, style = grid.fit(opens.own, grid.own(grid.sizes.language, bold=True), grid.right - 16 - x)
    marks = inked_marks(
        Box(grid.left, 0, grid.room, bar, radius=12),
        Icon(grid.left + 10, 8, side, "clock", white=True),
        grid.line(own, style, baseline=middle_baseline(bar, style), x=x, white=True),
    )
    blocks = [Block("opens", bar + 4, marks, coarse=True)]
    german, small = grid.fit(opens.german, Style(grid.sizes.german), grid.right - x)
    if german:
        line = grid.line(german, small, baseline=ascent(small), x=x)
        blocks.append(Block("opens", line_height(small), (line,)))
    return [*blocks[:-1], replace(blocks[-1], height=blocks[-1].height + 14)]


def _advice(advice: Advice, grid: Grid, *, tight: bool) -> list[Block]:
    """What to do beside its pictogram; below it the address and the German.

    These are a block of their own, so that a compact slip sends them as text.
    """
    if tight:  # the party's own language is what the slip is for
        advice = replace(advice, text=Bilingual(advice.text.own, ""))
    side = 2 * grid.sizes.follow
    x, end = grid.left + side + 20, grid.right
    marks: list[Mark] = [Icon(grid.left, 0, side, advice.icon)]
    if advice.place:
        width, _ = sign(advice.place, grid, x=0, side=side)
        end -= width - side // 3
        marks += sign(advice.place, grid, x=end, side=side)[1]
        end -= 20
    bold = grid.own(grid.sizes.follow, bold=True)
    own = paragraph(Bilingual(advice.text.own, ""), grid, bold, end - x, most=1 if tight else 2)
    height = max(side, height_of(own))
    top = (height - height_of(own)) // 2 if len(own) == 1 else 0
    marks += stacked(own, grid, top, x=x)
    below = _below(advice, grid, x=x, tight=tight)
    last = height + 2 if below else height + 12
    blocks = [Block("advice", last, inked_marks(*marks))]
    if below:
        blocks.append(
            Block("advice", height_of(below) + 12, inked_marks(*stacked(below, grid, 0, x=x)))
        )
    return blocks


def _below(advice: Advice, grid: Grid, *, x: int, tight: bool) -> list[Line]:
    room = grid.right - x
    lines: list[Line] = []
    if advice.detail:
        # In its own direction, whatever the party's is; mirrored with the rest it ends there.
        lines += _address(advice.detail, grid, room, most=1 if tight else 2)
    if advice.text.german:
        lines += paragraph(
            Bilingual("", advice.text.german), grid, Style(grid.sizes.german), room, most=1
        )
    return lines


def _address(detail: str, grid: Grid, room: int, *, most: int) -> list[Line]:
    """Return an address on one line where it can be read there, else on up to `most`."""
    style, smallest = Style(grid.sizes.keep, bold=True), Style(grid.sizes.german, bold=True)
    if most == 1 or grid.measure(detail, smallest) <= room:
        return [(*grid.fit(detail, style, room), False)]
    wrapped = grid.wrap(detail, style, room, lines=most)
    return [(text, style, number < len(wrapped)) for number, (text, style) in enumerate(wrapped, 1)]


def _foot(slip: Directions, grid: Grid) -> Block:
    """A rule, then that it has no number, when to come again, and whom to call in danger."""
    keep, bold = grid.own(grid.sizes.keep), grid.own(grid.sizes.keep, bold=True)
    come_again = Bilingual(
        f"{slip.no_number.own} {slip.come_again.own}",
        f"{slip.no_number.german} {slip.come_again.german}".strip(),
    )
    top = 6 + RULE + 8
    marks: list[Mark] = [grid.rule(6)]
    for pair, style in ((come_again, keep), (slip.emergency, bold)):
        lines = paragraph(pair, grid, style, grid.room, most=2)
        marks += stacked(lines, grid, top)
        top += height_of(lines) + 8
    return Block("foot", top, inked_marks(*marks))
