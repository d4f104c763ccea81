"""Pictures and blank paper as ``GS v 0``, cut so that no known printer stumbles."""

from collections.abc import Iterator

from PIL import Image

from printer.profile import Profile
from printer.raster import Raster, defused, to_raster

GS = b"\x1d"
ESC = b"\x1b"

_TALLEST = 255
"""Rows of one raster: more would need the second height byte, which some printers ignore."""

_FEW = 8
"""So few blank rows are cheaper inside a picture than as a feed between two."""


def picture(ink: Image.Image, profile: Profile, *, coarse: bool = False) -> bytes:
    """Return a mask ('L', 255 is ink) as rasters of its inked rows and feeds for the others.

    Args:
        ink: As wide as the paper.
        profile: What the printer can do.
        coarse: Half the resolution, a quarter of the bytes, where the printer can double.

    """
    doubled = coarse and profile.doubled_raster
    raster = to_raster(ink.reduce(2) if doubled else ink)
    scale = 2 if doubled else 1
    parts = []
    for top, bottom, blank in _runs(raster):
        if blank:
            parts.append(feed((bottom - top) * scale, profile))
        else:
            parts.append(_bands(_cut_out(raster, top, bottom), profile, doubled=doubled))
    return b"".join(parts)


def feed(dots: int, profile: Profile) -> bytes:
    """Return a paper feed of exactly that many dots.

    ``ESC J`` counts in half dots on several models, so by default blank rows one byte wide
    are printed instead: exact everywhere, at one byte a dot.
    """
    parts = []
    while dots > 0:
        rows = min(dots, _TALLEST) if profile.dot_feed else good_height(dots)
        if profile.dot_feed:
            parts.append(ESC + b"J" + bytes([rows]))
        else:
            parts.append(raster_command(Raster(1, rows, bytes(rows))))
        dots -= rows
    return b"".join(parts)


def good_height(rows: int) -> int:
    """Return how many rows to send at once: at most `rows`, and no height that is known bad.

    Multiples of 48 print garbage on some printers and multiples of 64 stop others
    (python-escpos #424, escpos-coffee #92); one row less never does.
    """
    rows = min(rows, _TALLEST)
    return rows - 1 if rows % 48 == 0 or rows % 64 == 0 else rows


def raster_command(raster: Raster, *, doubled: bool = False) -> bytes:
    """Return ``GS v 0`` m xL xH yL yH and the rows, twice as large both ways if `doubled`."""
    sizes = raster.row_bytes.to_bytes(2, "little") + raster.rows.to_bytes(2, "little")
    mode = b"\x03" if doubled else b"\x00"
    return GS + b"v0" + mode + sizes + defused(raster.data)


Run = tuple[int, int, bool]
"""First row, row after the last, and whether they are blank."""


def _runs(raster: Raster) -> list[Run]:
    """Return the rows in runs of inked and blank ones, from top to bottom."""
    runs = list(_strict_runs(raster))
    joined: list[Run] = []
    for index, (top, bottom, blank) in enumerate(runs):
        feeds = blank and (bottom - top >= _FEW or index in (0, len(runs) - 1))
        if joined and not joined[-1][2] and not feeds:
            joined[-1] = (joined[-1][0], bottom, False)
        else:
            joined.append((top, bottom, feeds))
    return joined


def _strict_runs(raster: Raster) -> Iterator[Run]:
    size, nothing, begin = raster.row_bytes, bytes(raster.row_bytes), 0
    blanks = [raster.data[row * size : (row + 1) * size] == nothing for row in range(raster.rows)]
    for row in range(1, raster.rows + 1):
        if row == raster.rows or blanks[row] != blanks[begin]:
            yield begin, row, blanks[begin]
            begin = row


def _cut_out(raster: Raster, top: int, bottom: int) -> Raster:
    """Return the rows from `top` to before `bottom`."""
    data = raster.data[top * raster.row_bytes : bottom * raster.row_bytes]
    return Raster(raster.row_bytes, bottom - top, data)


def _bands(raster: Raster, profile: Profile, *, doubled: bool) -> bytes:
    """Return a picture as one or more rasters, trimmed to the bytes that hold ink."""
    left, right = inked_bytes(raster)
    # GS L costs eight bytes, twice; and it moves whole bytes only, so that dots stay in place.
    if not profile.left_margin or left * raster.rows <= 16:
        left = 0
    trimmed = columns(raster, left, right)
    parts, top = [], 0
    while top < trimmed.rows:
        height = good_height(trimmed.rows - top)
        parts.append(raster_command(_cut_out(trimmed, top, top + height), doubled=doubled))
        top += height
    commands = b"".join(parts)
    return _indented(commands, left * 8 * (2 if doubled else 1)) if left else commands


def columns(raster: Raster, left: int, right: int) -> Raster:
    """Return the bytes of each row from `left` to before `right`."""
    size, data = raster.row_bytes, raster.data
    if (left, right) == (0, size):
        return raster
    rows = b"".join(data[row + left : row + right] for row in range(0, raster.rows * size, size))
    return Raster(right - left, raster.rows, rows)


def inked_bytes(raster: Raster) -> tuple[int, int]:
    """Return the first column of bytes with ink, and the one after the last."""
    size = raster.row_bytes
    ink = 0
    for row in range(0, len(raster.data), size):
        ink |= int.from_bytes(raster.data[row : row + size], "big")
    row_of_all = ink.to_bytes(size, "big")
    return size - len(row_of_all.lstrip(b"\0")), len(row_of_all.rstrip(b"\0"))


def _indented(commands: bytes, dots: int) -> bytes:
    """Return the commands between GS L (left margin) and its return to 0."""
    return GS + b"L" + dots.to_bytes(2, "little") + commands + GS + b"L\x00\x00"
