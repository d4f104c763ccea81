"""The equipment: the texts, fonts and pictures that screens are made of, and whether all is there.

What is missing stops as little as it can: a language without texts is not offered, a picture that
cannot be read is not drawn. Staff are told.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from PIL import ImageFont

from kiosk.contract.messages import TEXTS_OF, Trouble
from kiosk.contract.site import Site
from kiosk.language import spoken

ASSETS = Path(__file__).parent.parent / "assets"

FONTS = ("AnkunftSans-Regular.ttf", "AnkunftSans-Bold.ttf")
"""In assets/fonts; where one cannot be used the other takes its place."""

_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"  # ISO/IEC 15948, 5.2 and 11.2.5


def troubles(site: Site, *, assets: Path = ASSETS) -> Iterator[str]:
    """Yield what staff should look at, as a heartbeat names it. Reads files."""
    yield from damaged_texts(site)
    usable = usable_fonts(assets)
    if not usable:
        yield Trouble.FONT
    if not all_pictures_are_there(assets) or len(usable) == 1:
        yield Trouble.PICTURES


def damaged_texts(site: Site) -> Iterator[str]:
    """Yield a trouble for each language of the site that has no texts, and one where none has."""
    whole = spoken(site.languages)
    if not whole:
        yield Trouble.TEXTS
    yield from (f"{TEXTS_OF}{code}" for code in site.languages if code not in whole)


def usable_fonts(assets: Path = ASSETS) -> tuple[Path, ...]:
    """Return the fonts that letters can be drawn with, the regular one first."""
    return tuple(path for name in FONTS if _draws(path := assets / "fonts" / name))


def all_pictures_are_there(assets: Path = ASSETS) -> bool:
    """Whether each drawing has its picture, and every picture is whole."""
    icons = assets / "icons"
    drawn = {path.stem for path in icons.glob("*.svg")}
    pictures = {path.stem: path for path in (icons / "png").glob("*.png")}
    return drawn <= pictures.keys() and all(_is_whole(path) for path in pictures.values())


def _draws(font: Path) -> bool:
    try:
        return _has_all_tables(font) and ImageFont.truetype(font, 20).getlength("Ąж") > 0
    except (OSError, ValueError, struct.error):
        return False


def _has_all_tables(font: Path) -> bool:
    """Whether no table is cut off: FreeType itself looks at a table only when it needs it."""
    with font.open("rb") as file:
        # OpenType 1.9, "Organization of an OpenType Font": 12 bytes, then 16 for each table.
        (tables,) = struct.unpack(">4xH6x", file.read(12))
        ends = [sum(struct.unpack(">8xLL", file.read(16))) for _ in range(tables)]
        return max(ends, default=0) <= file.seek(0, os.SEEK_END)


def _is_whole(picture: Path) -> bool:
    try:
        content = picture.read_bytes()
    except OSError:
        return False
    return content.startswith(_PNG_BEGINS) and content.endswith(_PNG_ENDS)
