"""The look: colours, measures and the way a screen lies.

Drawings are made in units of a screen of 1080 by 1920 (portrait) or 1920 by 1080 (landscape):
"dp" for lengths and "sp" for letters, which Kivy's density turns into pixels.
"""

import logging
from math import ceil
from typing import Any

from kivy.event import EventDispatcher
from kivy.metrics import Metrics, sp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.utils import get_color_from_hex

from kiosk.screens.palette import PALETTES, TONES
from kiosk.screens.screen_settings import ScreenSettings

TOUCH_MM = 20
"""The smallest side of anything that can be touched."""

GAP_MM = 5
"""The smallest distance between two things that can be touched."""

LARGE_MM = 7.3
"""The height of a capital that is 0.7 degrees high at 600 mm (EN 301 549, 5.1.4)."""

CAPITAL = 0.714
"""The height of a capital of our font, in sizes of its letters."""

LARGER, LARGE_ENOUGH = 1.25, 75
"""Large letters are so many times larger, up to so many units."""

Colour = list[float]

log = logging.getLogger(__name__)


class Theme(EventDispatcher):
    """What every rule of the .kv files binds to.

    Attributes:
        palette: Which colours are in use, a key of `PALETTES`. A rule names it in each call, so
            that it is evaluated again when the palette changes.
        large: True while letters are large.
        low: True while all that can be touched lies within low reach.
        can_lower: True where that would change anything, and can be.
        reach: The highest that low reach goes, in pixels above the picture's lower edge.
        landscape: True where the screen is wider than high.
        touch: The smallest side of a touch target, in pixels.
        gap: The smallest distance between touch targets, in pixels.

    """

    palette = StringProperty("light")
    large = BooleanProperty(defaultvalue=False)
    low = BooleanProperty(defaultvalue=False)
    can_lower = BooleanProperty(defaultvalue=False)
    reach = NumericProperty()
    landscape = BooleanProperty(defaultvalue=False)
    touch = NumericProperty()
    gap = NumericProperty()

    def __init__(self, settings: ScreenSettings, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        super().__init__(**kwargs)
        self._density = settings.density
        self.landscape = settings.is_landscape
        self.touch = TOUCH_MM * settings.pixels_per_mm
        self.gap = GAP_MM * settings.pixels_per_mm
        self.reach = settings.reach
        self.can_lower = settings.can_lower
        self._smallest = ceil(LARGE_MM * settings.pixels_per_mm / CAPITAL)
        if settings.low_trouble:
            log.warning("low reach not offered reason=%r", settings.low_trouble)

    def scale(self) -> None:
        """Draw in the units of this screen from now on; once the app has this theme.

        Every length in units is then worked out anew, in whatever rule it stands.
        """
        Metrics.density = self._density

    def letters(self, units: float, large: bool) -> float:  # noqa: FBT001  # a .kv rule's
        """Return the size of letters that are drawn with so many units, in pixels.

        Large ones are a quarter larger, and their capitals at least 7.3 mm high on this screen.
        """
        if not large:
            return float(sp(units))
        return float(max(self._smallest, sp(max(units, min(units * LARGER, LARGE_ENOUGH)))))

    def colour(self, name: str, palette: str) -> Colour:
        """Return a colour of the palette."""
        colour: Colour = get_color_from_hex(PALETTES[palette][name])
        return colour

    def switch_large(self) -> None:
        """Write all in large letters, or as usual again."""
        self.large = not self.large

    def switch_low(self) -> None:
        """Put all that can be touched within low reach, or as usual again."""
        self.low = self.can_lower and not self.low

    def switch_contrast(self) -> None:
        """Take the colours of high contrast, or the usual ones again."""
        self.palette = "light" if self.palette == "contrast" else "contrast"

    def reset(self) -> None:
        """Look as usual: the next party has chosen nothing."""
        self.palette = "light"
        self.large = self.low = False

    def fill(self, tone: str, look: str, palette: str) -> Colour:
        """Return what a tile is filled with; `look` is "fill", "down" or "chosen"."""
        return self.colour(getattr(TONES[tone], look), palette)

    def ink(self, tone: str, look: str, palette: str) -> Colour:
        """Return the colour of the letters on a tile."""
        names = TONES[tone]
        return self.colour(names.ink_chosen if look == "chosen" else names.ink, palette)
