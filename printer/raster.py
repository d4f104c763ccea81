"""A line of text in any script as a picture, and pictures as rows of dots."""

import re
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from printer.artwork import Artwork
from printer.marks import Style

THRESHOLD = 112
"""Ink of 0 to 255 from which a dot is printed: a little below half, because hairlines vanish
on paper sooner than they clot."""


@lru_cache(maxsize=2048)
def measure(artwork: Artwork, text: str, style: Style) -> int:
    """Return how many dots wide a line is, side bearings included."""
    font = artwork.font(style.size, bold=style.bold)
    return round(font.getlength(text, direction=_direction(style))) if text else 0


def draw_line(
    mask: Image.Image, artwork: Artwork, text: str, style: Style, *, at: tuple[int, int]
) -> None:
    """Draw a line into an 'L' mask (255 is ink), its left end and baseline at `at`."""
    ImageDraw.Draw(mask).text(
        at,
        text,
        fill=255,
        font=artwork.font(style.size, bold=style.bold),
        anchor="ls",
        direction=_direction(style),
    )


def _direction(style: Style) -> str:
    return "rtl" if style.right_to_left else "ltr"


@dataclass(frozen=True, slots=True)
class Raster:
    """One-bit rows as ``GS v 0`` wants them: most significant bit left, 1 is black."""

    row_bytes: int
    rows: int
    data: bytes


def to_raster(ink: Image.Image) -> Raster:
    """Return a mask ('L', 255 is ink) as dots: thresholded, never dithered."""
    dots = ink.point(_IS_PAPER, "1")
    # "1;I" writes paper (white, 1) as 0 and also leaves the padding bits 0; ImageOps.invert on
    # a '1' picture would come out all black.
    return Raster((ink.width + 7) // 8, ink.height, dots.tobytes("raw", "1;I"))


_IS_PAPER = [255 if level < THRESHOLD else 0 for level in range(256)]

_REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")


def defused(data: bytes) -> bytes:
    """Return raster bytes that hold no real-time command.

    Printers obey DLE EOT, DLE ENQ and DLE DC4 even inside a picture; 10 14 01 would open a
    cash drawer. One more dot, beside one that is black already, breaks the sequence.
    """
    while match := _REAL_TIME.search(data):
        position = match.start() + 1
        data = data[:position] + bytes([data[position] | 0x08]) + data[position + 1 :]
    return data
