"""The staff pad: the digits of the staff code, shown as dots and kept no longer than the try."""

from kivy.properties import BooleanProperty, StringProperty

from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import NumberTile, PictureTile, Tile
from kiosk.staff_code import LONGEST, SHORTEST

TAKE_BACK, TRY = "back", "try"

KEYS = {
    False: (3, ("1", "2", "3", "4", "5", "6", "7", "8", "9", TAKE_BACK, "0", TRY)),
    True: (6, ("1", "2", "3", "4", "5", TAKE_BACK, "6", "7", "8", "9", "0", TRY)),
}
"""In landscape or not: how many keys stand in a row, and which."""

DOT = "•"


class StaffPad(KioskScreen):
    """Asks for the staff code, above everything else. Nothing of it is ever said aloud.

    Attributes:
        dots: One for each digit.
        says: What became of the last try, or why none is taken now.
        locked: True while no code is taken.
        landscape: True where all keys stand in two rows.

    """

    dots = StringProperty()
    says = StringProperty()
    locked = BooleanProperty(defaultvalue=False)
    landscape = BooleanProperty(None, allownone=True)

    __events__ = ("on_try", "on_close")

    def __init__(self, **kwargs: object) -> None:
        self._digits: list[str] = []
        super().__init__(**kwargs)

    def on_landscape(self, *_: object) -> None:
        """Lay the keys."""
        pad = self.ids.pad
        pad.cols, keys = KEYS[self.landscape]
        pad.clear_widgets()
        for key in keys:
            pad.add_widget(self._key(key))
        self._show()

    def on_locked(self, *_: object) -> None:
        """Offer the keys, or none."""
        self.forget()

    def take_code(self) -> str:
        """Return what was entered, and forget it."""
        code = "".join(self._digits)
        self.forget()
        return code

    def key_at(self, x: float, y: float) -> str:
        """Return the key at a place: two keys may follow each other fast."""
        return next((key.tile for key in self.ids.pad.children if key.collide_point(x, y)), "")

    def forget(self) -> None:
        """Lose what was entered."""
        self._digits.clear()
        self._show()

    def on_touch_down(self, touch: object) -> bool:
        """Let no touch through to what is below."""
        super().on_touch_down(touch)
        return True

    def on_try(self) -> None:
        """Tell that a code is to be tried."""

    def on_close(self) -> None:
        """Tell that nobody wants in any more."""

    def _key(self, key: str) -> Tile:
        if key == TAKE_BACK:
            tile: Tile = PictureTile(tile="code:back", name="backspace", direction="ltr")
            tile.bind(on_release=lambda _: self._take_back())
        elif key == TRY:
            tile = PictureTile(tile="code:try", name="check", direction="ltr")
            tile.bind(on_release=lambda _: self.dispatch("on_try"))
        else:
            tile = NumberTile(tile=f"code:{key}", text=key)
            tile.bind(on_release=lambda _: self._enter(key))
        return tile

    def _enter(self, digit: str) -> None:
        if len(self._digits) < LONGEST:
            self._digits.append(digit)
            self.says = ""
            self._show()

    def _take_back(self) -> None:
        del self._digits[-1:]
        self._show()

    def _show(self) -> None:
        self.dots = " ".join(DOT for _ in self._digits)
        for key in self.ids.pad.children:
            is_ready = key.tile != "code:try" or len(self._digits) >= SHORTEST
            key.offered = is_ready and not self.locked
            key.tone = "pale" if not key.offered else "brand" if key.tile == "code:try" else "card"
