"""The touch test: tiles all over the screen; each that was felt stays dark."""

from kivy.properties import BooleanProperty

from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import NumberTile

COLUMNS, ROWS = 4, 6


class TouchTest(KioskScreen):
    """Lets a technician touch every part of the glass.

    Attributes:
        landscape: True where the screen is wider than high.

    """

    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_close",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for number in range(COLUMNS * ROWS):
            tile = NumberTile(tile=f"touch:{number + 1}", text=str(number + 1))
            tile.bind(on_press=self._felt)
            self.ids.grid.add_widget(tile)

    def key_at(self, x: float, y: float) -> str:
        """Return the tile at a place: two may follow each other fast."""
        return next((tile.tile for tile in self.ids.grid.children if tile.collide_point(x, y)), "")

    def forget(self) -> None:
        """Begin anew."""
        for tile in self.ids.grid.children:
            tile.chosen = False

    def on_touch_down(self, touch: object) -> bool:
        """Let no touch through to what is below."""
        super().on_touch_down(touch)
        return True

    def on_close(self) -> None:
        """Tell that it is done."""

    def _felt(self, tile: NumberTile) -> None:
        tile.chosen = True
