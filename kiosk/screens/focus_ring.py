"""The focus ring: a line round the tile that the middle key of a keypad would touch."""

from typing import Any

from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.metrics import dp

from kiosk.screens.theme import Theme

CLEARANCE = 9
"""From the tile to the middle of the line, in units of the drawings."""

LINE, HALO = 3, 7
"""Half the thickness of the line, and of the halo below it, as Kivy counts.

The halo is seen on both sides of the line, so that the line stands out from it wherever the
tile lies: its contrast depends on no other colour.
"""


class FocusRing:
    """Drawn above everything, and only while there is a focus: other screens pay nothing for it.

    Args:
        over: What it is drawn above.
        theme: Its colours.

    """

    def __init__(self, over: Any, theme: Theme) -> None:  # noqa: ANN401  # a widget
        self._over = over
        self._theme = theme
        self._drawing = InstructionGroup()
        self._drawn: tuple[object, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """True while it can be seen."""
        return bool(self._drawn)

    def surround(self, tile: Any) -> None:  # noqa: ANN401  # a Tile or None
        """Draw it round a tile; round none where it is None."""
        if tile is None:
            self.hide()
            return
        theme = self._theme
        drawn = (*tile.to_window(*tile.pos), *tile.size, tile.radius, theme.palette)
        if drawn == self._drawn:
            return
        self._drawing.clear()
        off = dp(CLEARANCE)
        x, y, width, height, radius = drawn[:5]
        line = (x - off, y - off, width + 2 * off, height + 2 * off, radius + off)
        for name, thickness in (("focus_halo", HALO), ("focus", LINE)):
            self._drawing.add(Color(*theme.colour(name, theme.palette)))
            self._drawing.add(SmoothLine(width=dp(thickness), rounded_rectangle=line))
        if not self._drawn:
            self._over.canvas.after.add(self._drawing)
        self._drawn = drawn

    def hide(self) -> None:
        """Draw nothing."""
        if self._drawn:
            self._over.canvas.after.remove(self._drawing)
            self._drawing.clear()
            self._drawn = ()
