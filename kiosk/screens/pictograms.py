"""Pictograms as textures, each in about the size it is drawn in.

A picture drawn much smaller than it is would fray. The usual remedy, mipmaps, takes a processor
without a graphics card ten times as long as the picture itself: here each size in use is made
by halving, once.
"""

import logging
from functools import cache
from pathlib import Path

from kivy.graphics.texture import Texture
from PIL import Image, ImageOps

from kiosk.trouble import trouble

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "assets" / "icons" / "png"

SIDE = 256
"""Of the square that each is drawn in, in pixels."""

HALVINGS = (3, 2, 1, 0)
"""An eighth of it is the smallest."""


def pictogram(name: str, side: float, *, turned: bool = False) -> Texture | None:
    """Return a pictogram, white on nothing; None where there is none of that name.

    Args:
        name: A file in assets/icons/png.
        side: How large it will be drawn, in pixels: the texture is not smaller, if it can be.
        turned: True for its mirror picture.

    """
    halvings = next((n for n in HALVINGS if SIDE >> n >= side), 0)
    return _texture(name, halvings, turned)


def draw_one() -> bool:
    """Draw one pictogram that was asked for and is not drawn yet; return whether there was one."""
    if not _not_drawn:
        return False
    _not_drawn.popitem()[1].bind()
    return True


_not_drawn: dict[tuple[str, int, bool], Texture] = {}
"""Textures are filled when they are first on the screen, or in a pause before."""


@cache
def _texture(name: str, halvings: int, turned: bool) -> Texture | None:  # noqa: FBT001  # cached
    path = FOLDER / f"{name}.png"
    if not path.is_file():
        return None

    def fill(texture: Texture) -> None:
        _not_drawn.pop((name, halvings, turned), None)
        pixels = _pixels(path, 2**halvings, turned=turned)
        texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")

    side = SIDE >> halvings
    texture = Texture.create(size=(side, side), colorfmt="rgba", callback=fill)
    texture.flip_vertical()  # its rows come from the top
    texture.add_reload_observer(fill)
    _not_drawn[name, halvings, turned] = texture
    return texture


def _pixels(path: Path, smaller: int, *, turned: bool) -> bytes:
    """Return the pixels of a drawing, so many times smaller; nothing where it is damaged."""
    try:
        with Image.open(path) as file:
            picture = file.convert("RGBA").resize((SIDE, SIDE)).reduce(smaller)
    except Exception as error:  # noqa: BLE001  # Pillow's loaders raise whatever they like
        log.error("picture not drawn name=%s error=%r", path.stem, trouble(error))  # noqa: TRY400
        return bytes(4 * (SIDE // smaller) ** 2)
    return (ImageOps.mirror(picture) if turned else picture).tobytes()
