"""The things that stand on a slip, with their places: what the layout says and others draw.

All lengths are dots of a 203 dpi head, 8 to the millimetre; x grows to the right, y down
from the top of the mark's block.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

DOTS_PER_MM = 8


class Flush(Enum):
    """The edge of a text that stays in place when another font makes it longer or shorter."""

    LEFT = "left"
    RIGHT = "right"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set.

    Attributes:
        size: Height of the font's em.
        bold: Whether the bold cut is used.
        right_to_left: Base direction of the line; what stands inside it finds its own.

    """

    size: int
    bold: bool = False
    right_to_left: bool = False


Measure = Callable[[str, Style], int]
"""Returns how wide a line of text is in a style."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text standing on `baseline`.

    Attributes:
        flush: The edge that stays where it is in another font.
        white: Stands on something black.
        continues: The sentence goes on in the next text, for want of room.

    """

    x: int
    baseline: int
    width: int
    text: str
    style: Style
    flush: Flush = Flush.LEFT
    white: bool = False
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """The number: fills its box, is squeezed where it is too wide.

    Attributes:
        least: How high its digits must be at least, in whatever font.

    """

    x: int
    y: int
    width: int
    height: int
    text: str
    least: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The letters and the digits, which stand a little apart.

        "D214" is read out as "D, two hundred and fourteen".
        """
        split = next((i for i, c in enumerate(self.text) if c.isdigit()), 0)
        return tuple(part for part in (self.text[:split], self.text[split:]) if part)


@dataclass(frozen=True, slots=True)
class Icon:
    """A square pictogram."""

    x: int
    y: int
    width: int
    name: str
    white: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners; filled where `line` is 0, else an outline that thick."""

    x: int
    y: int
    width: int
    height: int
    radius: int = 0
    line: int = 0
    white: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow along the reading direction, `width` long, `height` from tip to tip."""

    x: int
    y: int
    width: int
    height: int
    to_left: bool = False


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code of version `version`, level M, without its quiet zone."""

    x: int
    y: int
    width: int
    url: str
    version: int
    module: int


Mark = Text | Figure | Icon | Box | Arrow | QrCode


@dataclass(frozen=True, slots=True)
class Block:
    """A band of the slip that is sent on its own.

    Attributes:
        name: What it is, for people who debug.
        height: Dots from its top to the top of the next block.
        marks: What stands in it, in reading order; later ones are drawn over earlier ones.
        coarse: Whether half the resolution will do where bytes are dear.

    """

    name: str
    height: int
    marks: tuple[Mark, ...]
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole slip: blocks from top to bottom."""

    width: int
    blocks: tuple[Block, ...]

    @property
    def height(self) -> int:
        """Dots from the first to the last; divide by DOTS_PER_MM for millimetres."""
        return sum(block.height for block in self.blocks)


def mirrored(mark: Mark, width: int) -> Mark:
    """Return the mark as it stands on a slip that is read from the right."""
    x = width - mark.x - mark.width
    if isinstance(mark, Text):
        return replace(mark, x=x, flush=_OTHER_SIDE[mark.flush])
    if isinstance(mark, Arrow):
        return replace(mark, x=x, to_left=not mark.to_left)
    return replace(mark, x=x)


_OTHER_SIDE = {
    Flush.LEFT: Flush.RIGHT,
    Flush.RIGHT: Flush.LEFT,
    Flush.CENTRE: Flush.CENTRE,
}
