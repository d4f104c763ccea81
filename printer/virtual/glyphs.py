"""The virtual printer's own letters: code pages by slot, and a 12 x 24 dot font."""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# ESC t n of Epson's TM printers with Cyrillic tables, and Python's codec for each.
CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 16: "cp1252",
    17: "cp866", 18: "cp852", 19: "cp858", 34: "cp855", 37: "cp864", 44: "cp1125",
    45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 49: "cp1255", 50: "cp1256",
}  # fmt: skip

CELLS = {0: (12, 24), 1: (9, 17)}
"""Width and height of a letter of fonts A and B, in dots."""

_FONT = Path(__file__).resolve().parents[2] / "assets" / "fonts" / "AnkunftSans-Regular.ttf"


def decoded(data: bytes, slot: int) -> str:
    """Return what the printer prints for these bytes; an unknown slot prints as slot 0."""
    return data.decode(CODE_PAGES.get(slot, "cp437"), errors="replace")


@lru_cache(maxsize=2048)
def glyph(character: str, font: int, *, bold: bool) -> Image.Image:
    """Return a letter in its cell as a mask ('L', 255 is ink), squeezed where it is wide."""
    width, height = CELLS[font]
    face = ImageFont.truetype(_FONT, round(height * 0.82))
    left, _, right, _ = face.getbbox(character, anchor="ls")
    natural = Image.new("L", (max(round(right - left), 1), height), 0)
    ImageDraw.Draw(natural).text(
        (-left, round(height * 0.78)), character, fill=255, font=face, anchor="ls"
    )
    room = width - 1
    if natural.width > room:
        natural = natural.resize((room, height), Image.Resampling.LANCZOS)
    cell = Image.new("L", (width, height), 0)
    cell.paste(natural, ((width - natural.width) // 2, 0))
    cell = cell.point([255 if level > 100 else 0 for level in range(256)])
    if bold:
        shifted = Image.new("L", cell.size, 0)
        shifted.paste(cell, (1, 0))
        cell.paste(255, (0, 0), shifted)
    return cell
