"""The virtual printer's own letters: code pages by slot, and fonts of 12 x 24 and 9 x 17 dots."""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737",
    15: "iso8859_7", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 32: "cp720",
    33: "cp775", 34: "cp855", 35: "cp861", 36: "cp862", 37: "cp864", 38: "cp869",
    39: "iso8859_2", 40: "iso8859_15", 44: "cp1125", 45: "cp1250", 46: "cp1251", 47: "cp1253",
    48: "cp1254", 49: "cp1255", 50: "cp1256", 51: "cp1257", 52: "cp1258", 53: "kz1048",
}  # fmt: skip
"""ESC t n of Epson's TM printers, and Python's codec for each page."""

CELLS = {0: (12, 24), 1: (9, 17)}
"""Width and height of a letter of fonts A and B, in dots."""

_CAPITALS = {0: 20, 1: 14}
"""Height of capitals and digits of fonts A and B, in dots; they stand a dot below the top."""

_FONT = Path(__file__).resolve().parents[2] / "assets" / "fonts" / "AnkunftSans-Regular.ttf"
_DRAWN = 96  # dots of the em at which letters are drawn before they are fitted into a cell
_INK = 110  # of 255: what is darker becomes a dot


def decoded(data: bytes, slot: int) -> str:
    """Return what the printer prints for these bytes; an unknown slot prints as slot 0."""
    return data.decode(CODE_PAGES.get(slot, "cp437"), errors="replace")


@lru_cache(maxsize=2048)
def glyph(character: str, font: int, *, bold: bool) -> Image.Image:
    """Return a letter in its cell as a mask ('L', 255 is ink), fitted as printers' letters are.

    A plain capital or digit is exactly 20 of 24 dots high (14 of 17 in font B); accents and
    descenders are squeezed into what the cell leaves them.
    """
    width, height = CELLS[font]
    cell = Image.new("L", (width, height), 0)
    above, below = _drawn(character)
    scale = _CAPITALS[font] / _capital()
    across = min(round(above.width * scale), width - 2)
    if not across:
        return cell
    base = _CAPITALS[font] + 1
    if below.height * scale < 1 or _stands_on_the_line(character):
        above, below = _joined(above, below), below.crop((0, 0, below.width, 0))
    rise = _CAPITALS[font] if _is_capital(character) else min(round(above.height * scale), base)
    drop = min(round(below.height * scale), height - base)
    x = (width - across) // 2
    for part, top, rows in ((above, base - rise, rise), (below, base, drop)):
        if rows and part.height:
            fitted = part.resize((across, rows), Image.Resampling.BOX)
            cell.paste(fitted.point([255 if level > _INK else 0 for level in range(256)]), (x, top))
    return _emboldened(cell) if bold else cell


def enlarged(letter: Image.Image, across: int, down: int, *, smooth: bool) -> Image.Image:
    """Return a letter that many times as large; `smooth` rounds its steps, as GS b does."""
    size = (letter.width * across, letter.height * down)
    large = letter.resize(size, Image.Resampling.NEAREST)
    if not smooth or min(across, down) < 2:
        return large
    rounded = large.filter(ImageFilter.GaussianBlur(min(across, down) * 0.3))
    return rounded.point([255 if level >= 128 else 0 for level in range(256)])


def _emboldened(cell: Image.Image) -> Image.Image:
    shifted = Image.new("L", cell.size, 0)
    shifted.paste(cell, (1, 0))
    both = cell.copy()
    both.paste(255, (0, 0), shifted)
    return both


@cache
def _face() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, _DRAWN)


@cache
def _capital() -> int:
    _, top, _, bottom = _face().getbbox("H", anchor="ls")
    return round(bottom - top)


def _drawn(character: str) -> tuple[Image.Image, Image.Image]:
    """Return a letter drawn large, cut at its base line, without blank rows and columns."""
    size, base = (4 * _DRAWN, 4 * _DRAWN), 2 * _DRAWN
    sheet = Image.new("L", size, 0)
    ImageDraw.Draw(sheet).text((_DRAWN, base), character, fill=255, font=_face(), anchor="ls")
    left, top, right, bottom = sheet.getbbox() or (0, base, 0, base)
    above = sheet.crop((left, min(top, base), right, base))
    return above, sheet.crop((left, base, right, max(bottom, base)))


def _joined(above: Image.Image, below: Image.Image) -> Image.Image:
    whole = Image.new("L", (above.width, above.height + below.height), 0)
    whole.paste(above, (0, 0))
    whole.paste(below, (0, above.height))
    return whole


def _is_capital(character: str) -> bool:
    plain = not unicodedata.decomposition(character)
    return plain and (character.isupper() or character.isdecimal())


def _stands_on_the_line(character: str) -> bool:
    return character.isascii() and _is_capital(character)
