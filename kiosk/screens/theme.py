"""The look: colours, measures and the way a screen lies.

Drawings are made in units of a screen of 1080 by 1920 (portrait) or 1920 by 1080 (landscape):
"dp" for lengths and "sp" for letters, which Kivy's density turns into pixels.
"""

from typing import Any

from kivy.event import EventDispatcher
from kivy.metrics import Metrics
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.utils import get_color_from_hex

from kiosk.screens.palette import PALETTES, TONES
from kiosk.screens.screen_settings import ScreenSettings

TOUCH_MM = 20
"""The smallest side of anything that can be touched."""

GAP_MM = 5
"""The smallest distance between two things that can be touched."""

Colour = list[float]


class Theme(EventDispatcher):
    """What every rule of the .kv files binds to.

    Attributes:
        palette: Which colours are in use, a key of `PALETTES`. A rule names it in each call, so
            that it is evaluated again when the palette changes.
        landscape: True where the screen is wider than high.
        touch: The smallest side of a touch target, in pixels.
        gap: The smallest distance between touch targets, in pixels.

    """

    palette = StringProperty("light")
    landscape = BooleanProperty(defaultvalue=False)
    touch = NumericProperty()
    gap = NumericProperty()

    def __init__(self, settings: ScreenSettings, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        super().__init__(**kwargs)
        Metrics.density = settings.density
        self.landscape = settings.is_landscape
        self.touch = TOUCH_MM * settings.pixels_per_mm
        self.gap = GAP_MM * settings.pixels_per_mm

    def colour(self, name: str, palette: str) -> Colour:
        """Return a colour of the palette."""
        colour: Colour = get_color_from_hex(PALETTES[palette][name])
        return colour

    def switch_contrast(self) -> None:
        """Take the colours of high contrast, or the usual ones again."""
        self.palette = "light" if self.palette == "contrast" else "contrast"

    def reset(self) -> None:
        """Look as usual: the next party has chosen nothing."""
        self.palette = "light"

    def fill(self, tone: str, look: str, palette: str) -> Colour:
        """Return what a tile is filled with; `look` is "fill", "down" or "chosen"."""
        return self.colour(getattr(TONES[tone], look), palette)

    def ink(self, tone: str, look: str, palette: str) -> Colour:
        """Return the colour of the letters on a tile."""
        names = TONES[tone]
        return self.colour(names.ink_chosen if look == "chosen" else names.ink, palette)
