"""The fonts and pictograms that slips are drawn with, loaded once and kept."""

import hashlib
from functools import cache, cached_property
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

ASSETS = Path(__file__).resolve().parent.parent / "assets"
"""Where the project's fonts and icons lie."""


class ArtworkError(Exception):
    """Slips cannot be drawn on this machine; the message says what to install."""


class Artwork:
    """Fonts and pictograms of one assets folder.

    Args:
        assets: Folder with ``fonts/AnkunftSans-*.ttf`` and ``icons/png/*.png``.

    Raises:
        ArtworkError: Text could not be shaped here, or a font is missing.

    """

    def __init__(self, assets: Path = ASSETS) -> None:
        require_shaping()
        self._icons = assets / "icons" / "png"
        self._known = frozenset(path.stem for path in self._icons.glob("*.png"))
        self._font_files = {
            bold: assets / "fonts" / f"AnkunftSans-{'Bold' if bold else 'Regular'}.ttf"
            for bold in (False, True)
        }
        self._fonts: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}
        self._masks: dict[tuple[str, int], Image.Image] = {}
        self.font(24, bold=False)
        self.font(24, bold=True)

    @cached_property
    def fingerprint(self) -> str:
        """A name for exactly these fonts and pictograms, the same on every machine."""
        files = (*self._font_files.values(), *sorted(self._icons.glob("*.png")))
        content = hashlib.sha256()
        for path in files:
            content.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
        return content.hexdigest()

    def font(self, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
        """Return the font at `size` dots to the em."""
        if (size, bold) not in self._fonts:
            path = self._font_files[bold]
            try:
                font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)
            except OSError as error:
                raise ArtworkError(f"font {path}: {error}; is `assets` complete?") from error
            self._fonts[size, bold] = font
        return self._fonts[size, bold]

    def icon(self, name: str, size: int) -> Image.Image:
        """Return the pictogram as a mask ('L', 255 is ink), `size` dots square.

        An unknown name gives an empty ring, so that a new landmark never costs a slip.
        """
        if name not in self._known:
            return _ring(size)
        if (name, size) not in self._masks:
            self._masks[name, size] = self._load_icon(name, size)
        return self._masks[name, size]

    def _load_icon(self, name: str, size: int) -> Image.Image:
        with Image.open(self._icons / f"{name}.png") as picture:
            mask = picture.convert("RGBA").getchannel("A")
        if name.startswith("landmark-"):
            mask = _filled(mask)  # on a tile of 8 mm every dot of a landmark counts
        return mask.resize((size, size), Image.Resampling.LANCZOS)


@cache
def default_artwork() -> Artwork:
    """Return the artwork of the project's own assets, loaded at the first call."""
    return Artwork()


def require_shaping() -> None:
    """Raise ArtworkError unless Pillow can join and order letters (raqm).

    Without it Arabic and Persian come out unjoined and backwards, which is worse than no slip.
    """
    if not features.check("raqm"):
        raise ArtworkError(
            "Pillow cannot shape text here (raqm is missing): Arabic would be unreadable; "
            "install Pillow's own wheel or the package libfribidi0"
        )


def _filled(mask: Image.Image) -> Image.Image:
    """Return the square around the ink, so that the picture touches its box on two sides."""
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    side = max(right - left, bottom - top)
    square = Image.new("L", (side, side), 0)
    place = ((side - right + left) // 2, (side - bottom + top) // 2)
    square.paste(mask.crop((left, top, right, bottom)), place)
    return square


def _ring(size: int) -> Image.Image:
    mask = Image.new("L", (size, size), 0)
    line = max(2, size // 12)
    ImageDraw.Draw(mask).ellipse((line, line, size - line, size - line), outline=255, width=line)
    return mask
