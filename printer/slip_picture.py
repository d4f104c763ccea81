"""Blocks of a slip as pictures: what the layout says, drawn dot by dot."""

from functools import lru_cache, singledispatch

import qrcode
from PIL import Image, ImageDraw

from printer.artwork import Artwork
from printer.marks import (
    Arrow,
    Block,
    Box,
    Figure,
    Icon,
    Layout,
    Mark,
    QrCode,
    Style,
    Text,
)
from printer.raster import THRESHOLD, draw_line

_FINE = 4
"""Round corners and arrows are drawn this much larger and then reduced: Pillow's are jagged."""


def draw_slip(layout: Layout, artwork: Artwork) -> Image.Image:
    """Return the whole slip as it leaves the printer: mode '1', white paper, black ink."""
    paper = Image.new("L", (layout.width, layout.height), 255)
    top = 0
    for block in layout.blocks:
        ink = draw_block(block, layout.width, artwork)
        paper.paste(0, (0, top), ink.point(_IS_INK))
        top += block.height
    return paper.point(_BLACK_OR_WHITE, "1")


_IS_INK = [255 if level >= THRESHOLD else 0 for level in range(256)]
_BLACK_OR_WHITE = [255 if level else 0 for level in range(256)]


def draw_block(block: Block, width: int, artwork: Artwork) -> Image.Image:
    """Return one block as a mask of the paper's full width: mode 'L', 255 is ink."""
    ink = Image.new("L", (width, block.height), 0)
    for mark in block.marks:
        mask, corner = _mask(mark, artwork)
        ink.paste(0 if getattr(mark, "white", False) else 255, corner, mask)
    return ink


def number_picture(figure: Figure, artwork: Artwork) -> Image.Image:
    """Return the number as a mask as large as its box, its digits as high as that.

    A number that is too wide is squeezed, never cut.
    """
    style = Style(figure.height * 7 // 5, bold=True)
    parts = [_inked(part, style, artwork) for part in figure.parts]
    gap = figure.height // 5
    gaps = gap * (len(parts) - 1)
    natural = sum(part.width for part in parts)
    ratio = min(1, (figure.width - gaps) / max(natural, 1))
    canvas = Image.new("L", (figure.width, figure.height), 0)
    x = (figure.width - gaps - natural * ratio) / 2
    for part in parts:
        begin, end = round(x), round(x + part.width * ratio)
        size = (max(end - begin, 1), figure.height)
        canvas.paste(part.resize(size, Image.Resampling.BILINEAR), (begin, 0))
        x += part.width * ratio + gap
    return canvas


def _inked(text: str, style: Style, artwork: Artwork) -> Image.Image:
    """Return the ink of a text. Never kept, nor how wide it is: it is a party's number."""
    font = artwork.font(style.size, bold=style.bold)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
    mask = Image.new("L", (right - left + 4, bottom - top + 4), 0)
    draw_line(mask, artwork, text, style, at=(2 - left, 2 - top))
    return mask.crop(mask.getbbox() or (0, 0, 1, 1))


@singledispatch
def _mask(mark: Mark, _artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    """Return a mark as a mask, and where on the block its upper left corner stands."""
    raise TypeError(f"no way to draw {mark!r}")


@_mask.register
def _(mark: Text, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    mask, (left, top) = _line(mark.text, mark.style, mark.width, artwork)
    return mask, (mark.x - left, mark.baseline - top)


# Most of what a slip says is what the last one in that language said: fixed sentences, and how
# long the queue is. The number and the QR code, which lead to a party, are never kept.
@lru_cache(maxsize=256)
def _line(
    text: str, style: Style, width: int, artwork: Artwork
) -> tuple[Image.Image, tuple[int, int]]:
    """Return a line as a mask, and where in it the line begins on its baseline."""
    # Room on all sides: letters lean out, and Arabic reaches far below the baseline.
    mask = Image.new("L", (width + style.size, 2 * style.size), 0)
    origin = (style.size // 2, round(1.25 * style.size))
    draw_line(mask, artwork, text, style, at=origin)
    return mask, origin


@_mask.register
def _(mark: Figure, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    return number_picture(mark, artwork), (mark.x, mark.y)


@_mask.register
def _(mark: Icon, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    return artwork.icon(mark.name, mark.width), (mark.x, mark.y)


@_mask.register
def _(mark: Box, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    del artwork
    return _box(mark.width, mark.height, mark.radius, mark.line), (mark.x, mark.y)


@lru_cache(maxsize=32)
def _box(width: int, height: int, radius: int, line: int) -> Image.Image:
    if not radius and not line:
        return Image.new("L", (width, height), 255)
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1),
        radius * _FINE,
        fill=0 if line else 255,
        outline=255,
        width=line * _FINE,
    )
    return mask.reduce(_FINE)


@_mask.register
def _(mark: Arrow, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    del artwork
    return _arrow(mark.width, mark.height, to_left=mark.to_left), (mark.x, mark.y)


@lru_cache(maxsize=32)
def _arrow(width: int, height: int, *, to_left: bool) -> Image.Image:
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    pen = ImageDraw.Draw(mask)
    neck, shaft = mask.width - round(mask.height * 0.6), mask.height // 7
    middle = mask.height // 2
    pen.polygon([(neck, 0), (mask.width - 1, middle), (neck, mask.height - 1)], fill=255)
    pen.rectangle((0, middle - shaft // 2 - 1, neck, middle + shaft // 2), fill=255)
    if to_left:
        mask = mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return mask.reduce(_FINE)


@_mask.register
def _(mark: QrCode, artwork: Artwork) -> tuple[Image.Image, tuple[int, int]]:
    del artwork
    # A fixed mask saves scoring all eight (4 ms); every reader reads each of them.
    code = qrcode.QRCode(
        version=mark.version,
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=0,
        mask_pattern=4,
    )
    code.add_data(mark.url.encode("ascii"), optimize=0)
    code.make(fit=False)
    modules = code.get_matrix()
    dots = bytes(255 if dark else 0 for row in modules for dark in row)
    mask = Image.frombytes("L", (len(modules), len(modules)), dots)
    return mask.resize((mark.width, mark.width), Image.Resampling.NEAREST), (mark.x, mark.y)
