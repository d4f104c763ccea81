"""The parts that screens are made of: words, pictures, mirrored rows and tiles."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import qrcode
from kivy import kivy_data_dir
from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.graphics.texture import Texture
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.equipment import usable_fonts
from kiosk.screens.pictograms import pictogram

ASSETS = Path(__file__).parents[2] / "assets"
FONT = "Ankunft Sans"
SPARE_FONT = "DejaVuSans.ttf"
ROUNDING = 0.97
"""Letters of a size that is no whole number may be a little wider than measured."""

DIRECTED = {"back", "backspace", "next"}
"""Pictures with a direction, which turn round where people read from the right."""


def register_font() -> None:
    """Make the one font of all languages known to Kivy."""
    # Without any of ours one of Kivy's says in all languages to ask a person.
    fonts = [str(path) for path in usable_fonts(ASSETS)] or [f"{kivy_data_dir}/fonts/{SPARE_FONT}"]
    regular, bold = fonts[0], fonts[-1]
    LabelBase.register(FONT, regular, regular, bold, bold)


class Words(Label):
    """A text that is as high as it needs to be in its width.

    Attributes:
        letters: How large it is drawn, in units; `Theme.letters` makes pixels of them.
        size_of_letters: In pixels, where that is not for the theme to say; 0 where it is.
        tone: A colour of the palette; on a tile, the tile's own tone.
        look: The tile's.
        direction: "ltr" or "rtl" where it has one of its own; "" goes with the screen.
        rtl: True where it runs from right to left.
        centred: True where it stands in the middle.

    """

    letters = NumericProperty(36)
    size_of_letters = NumericProperty(0)
    tone = StringProperty("ink")
    look = StringProperty("fill")
    direction = StringProperty()
    rtl = BooleanProperty(defaultvalue=False)
    centred = BooleanProperty(defaultvalue=False)

    def need(self, width: float) -> float | None:
        """Return how high it is at a width, in pixels; None where a word would break."""
        if not self.text:
            return 0
        if not holds(self.text, width, self.font_size):
            return None
        return height_of(self.text, self.font_size, width, bold=self.bold, rtl=self.rtl)


@lru_cache(4096)
def height_of(text: str, size: float, width: float, *, bold: bool, rtl: bool) -> float:
    """Return how high a text of the program or the site is in a width, in pixels."""
    measure = CoreLabel(
        text=text,
        font_name=FONT,
        font_size=size,
        bold=bold,
        text_size=(width, None),
        base_direction="rtl" if rtl else "ltr",
    )
    return float(measure.render(real=False)[1])


def holds(text: str, width: float, size: float) -> bool:
    """Return whether no word is broken in letters of a size, in pixels."""
    return widest_word(text) * size <= width * ROUNDING


def ems(number: str) -> float:
    """Return how wide a number can be at most, in heights of its letters."""
    return sum(0.6 if character.isdigit() else 1.0 for character in number) or 1.0


@cache
def widest_word(text: str) -> float:
    """Return how wide the longest word is in bold letters, in heights of these letters."""
    measure = CoreLabel(font_name=FONT, font_size=100, bold=True)
    return max((measure.get_extents(word)[0] / 100 for word in text.split()), default=0)


def fitting(text: str, width: float, largest: float) -> float:
    """Return the size of letters in which no word is broken, in pixels; at most `largest`."""
    widest = widest_word(text)
    return min(largest, max(width, 1) / widest * ROUNDING) if widest else largest


class Number(Label):
    """A number on one line, the same in every language, as large as it fits.

    Attributes:
        tone: A colour of the palette.
        largest: The size of its letters where there is room enough, in pixels.

    """

    tone = StringProperty("ink")
    largest = NumericProperty("48sp")


class Picture(Widget):
    """A pictogram in one colour.

    Attributes:
        name: A file in assets/icons/png; "" draws nothing.
        ink: Its colour.
        direction: "ltr" or "rtl" where it has one of its own; "" goes with the screen.
        mirrored: True where people read from the right: pictures with a direction turn round.

    """

    name = StringProperty()
    ink = ColorProperty("white")
    direction = StringProperty()
    mirrored = BooleanProperty(defaultvalue=False)
    texture = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        super().__init__(**kwargs)
        # Once all of a layout's sizes are settled.
        take = Clock.create_trigger(self._take, -1)
        self.bind(name=take, mirrored=take, size=take)
        take()

    def _take(self, *_: object) -> None:
        turned = self.mirrored and self.name in DIRECTED
        self.texture = pictogram(self.name, min(self.size), turned=turned) if self.name else None


class Disc(Widget):
    """A large picture in a circle: the middle of a screen that says one thing.

    Attributes:
        name: The picture.
        tone: The circle's colours, a key of `palette.TONES`.
        diameter: In pixels.

    """

    name = StringProperty()
    tone = StringProperty("card")
    diameter = NumericProperty(0)


class Row(BoxLayout):
    """A row that begins where people begin to read.

    Attributes:
        direction: "ltr" or "rtl" where it has one of its own; "" goes with the screen.
        mirrored: True where it begins on the right.

    """

    direction = StringProperty()
    mirrored = BooleanProperty(defaultvalue=False)

    def on_mirrored(self, *_: object) -> None:
        """Lay the row out again."""
        self._trigger_layout()

    def do_layout(self, *args: Any) -> None:  # noqa: ANN401  # Kivy's
        """Lay out from the left, then turn the whole round."""
        super().do_layout(*args)
        if self.mirrored and self.orientation == "horizontal":
            for child in self.children:
                child.x = self.x + self.right - child.right


class Tile(ButtonBehavior, Row):
    """Something to touch.

    Attributes:
        tile: What it is, the same in every language: ``"need:sleep"``, ``"next"``.
        tone: Its colours, a key of `palette.TONES`.
        chosen: True where it is part of the answer.
        offered: False where it stays in its place and offers nothing now.
        look: "fill", "down" or "chosen".

    """

    tile = StringProperty()
    tone = StringProperty("card")
    chosen = BooleanProperty(defaultvalue=False)
    offered = BooleanProperty(defaultvalue=True)
    look = StringProperty("fill")
    radius = NumericProperty("28dp")

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401  # Kivy's
        """Take the touch; but not on a tile that offers nothing now."""
        return self.offered and bool(super().on_touch_down(touch))


class PictureTile(Tile):
    """A tile with a picture above a word."""

    name = StringProperty()
    text = StringProperty()


class WideTile(Tile):
    """A tile with a word and a picture beside it."""

    name = StringProperty()
    text = StringProperty()


class NumberTile(Tile):
    """A tile with a number."""

    text = StringProperty()
    name = StringProperty()
    touch = NumericProperty(0)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where the number breaks."""
        need: float | None = self.ids.words.need(width)
        return None if need is None or width < self.touch else max(self.touch, need)


class TileGrid(GridLayout):
    """Tiles in rows, filled from where people begin to read.

    Attributes:
        direction: "ltr" or "rtl" where it has one of its own; "" goes with the screen.
        mirrored: True where rows begin on the right.

    """

    direction = StringProperty()
    mirrored = BooleanProperty(defaultvalue=False)


class QrCode(Widget):
    """A QR code of a URL, black on white, with its quiet zone.

    Attributes:
        url: What it holds; "" draws nothing.
        modules: How many small squares it is wide.
        side: Its width and height in pixels.

    """

    url = StringProperty()
    modules = NumericProperty(1)
    side = NumericProperty(0)
    texture = ObjectProperty(None, allownone=True)

    def on_url(self, *_: object) -> None:
        """Draw the code of the URL; error correction M, 4 modules around (ISO/IEC 18004)."""
        self.texture = _qr_texture(self.url) if self.url else None
        self.modules = self.texture.width if self.texture else 1


def _qr_texture(url: str) -> Texture:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(url)
    rows = code.get_matrix()
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    pixels = bytes(0 if dark else 255 for row in reversed(rows) for dark in row)
    texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
    return texture
