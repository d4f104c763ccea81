"""The foot of a slip: the QR code, what it is for, and the request to keep the slip."""

from dataclasses import replace

from printer.layout_grid import RULE, Grid, ascent, inked_marks, line_height
from printer.marks import Block, Mark, QrCode, Style
from printer.slip import Bilingual, Slip

Line = tuple[str, Style, bool]
"""Text, style, and whether its sentence goes on in the next line."""


def foot(slip: Slip, grid: Grid) -> Block:
    """A rule, then the QR code with what it is for, and the request to keep the slip."""
    sizes, top = grid.sizes, 6 + RULE + 19
    qr = _qr_code(slip.ticket_url, grid, top)
    side = qr.width if qr else 0
    beside = grid.room - (side + 24 if qr else 0)
    above = paragraph(
        slip.follow if qr else None, grid, grid.own(sizes.follow, bold=True), beside, most=3
    )
    below = paragraph(
        slip.keep, grid, grid.own(sizes.keep), beside if sizes.keep_beside else grid.room, most=2
    )
    if not qr:
        return _foot_without_qr(below, grid, top)
    if sizes.keep_beside:
        # The last line stands on the lower edge of the code, the first hangs from the upper.
        tall = max(side, height_of(above) + 10 + height_of(below) - 10)
        keep_top = top + tall - height_of(below) + 6
    else:
        keep_top = top + max(side, height_of(above)) + 10
        tall = keep_top + height_of(below) - top
    marks = inked_marks(
        grid.rule(6),
        *stacked(above, grid, top - 11),
        qr,
        *stacked(below, grid, keep_top),
    )
    return Block("foot", top + tall + 8, marks)


def _foot_without_qr(keep: list[Line], grid: Grid, top: int) -> Block:
    marks = inked_marks(grid.rule(6), *stacked(keep, grid, top - 11))
    return Block("foot", top + height_of(keep), marks)


def paragraph(
    pair: Bilingual | None, grid: Grid, style: Style, room: int, *, most: int
) -> list[Line]:
    """Up to `most` lines in the party's language, then up to two in German."""
    if pair is None:
        return []
    own = grid.wrap(pair.own, style, room, lines=most) if pair.own else []
    german = grid.wrap(pair.german, Style(grid.sizes.german), room, lines=2)
    return [
        (text, style, index < len(lines) - 1)
        for lines in (own, german)
        for index, (text, style) in enumerate(lines)
        if text
    ]


def height_of(lines: list[Line]) -> int:
    """Return the dots that lines take, one below the other."""
    return sum(line_height(style) for _, style, _ in lines)


def stacked(lines: list[Line], grid: Grid, top: int, *, x: int | None = None) -> list[Mark]:
    """Return lines one below the other, the first from `top`, all from `x` (the left margin)."""
    marks: list[Mark] = []
    for text, style, continues in lines:
        line = grid.line(text, style, baseline=top + ascent(style), x=x)
        marks.append(replace(line, continues=continues))
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
