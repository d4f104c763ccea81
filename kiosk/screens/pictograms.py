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


@cache
def _texture(name: str, halvings: int, turned: bool) -> Texture | None:  # noqa: FBT001  # cached
    path = FOLDER / f"{name}.png"
    if not path.is_file():
        return None
    try:
        with Image.open(path) as file:
            picture = file.convert("RGBA").reduce(2**halvings)
    except Exception as error:  # noqa: BLE001  # Pillow's loaders raise whatever they like
        log.error("picture not drawn name=%s error=%r", name, trouble(error))  # noqa: TRY400
        return None
    texture = Texture.create(size=picture.size, colorfmt="rgba")
    texture.flip_vertical()  # its rows come from the top
    pixels = (ImageOps.mirror(picture) if turned else picture).tobytes()
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    return texture
