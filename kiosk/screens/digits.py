"""The digits screen: a question that is answered by digits, such as the number of a letter."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.contract.questions import Digits
from kiosk.questionnaire import fits
from kiosk.screens import bidi
from kiosk.screens.field import Slots
from kiosk.screens.keys import PictureKey
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import NumberTile, Tile

BACK = "back"

PADS = {
    False: (3, ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", BACK)),
    True: (6, ("1", "2", "3", "4", "5", BACK, "6", "7", "8", "9", "0", "")),
}
"""In landscape or not: how many keys stand in a row, and which, from the left."""


class DigitsScreen(KioskScreen):
    """Asks for digits, on tiles as large as those of the party. They stand in the field only.

    Attributes:
        question: As the site file has it.
        entered: The digits so far.
        landscape: True where all keys stand in two rows.

    """

    question: Digits | None = ObjectProperty(None, allownone=True)
    entered = StringProperty()
    landscape = BooleanProperty(None, allownone=True)

    @property
    def answer(self) -> str:
        """What was entered."""
        return str(self.entered)

    def ask(self, question: Digits) -> None:
        """Show this question, with nothing entered."""
        self.forget()
        self.question = question
        if not self._keys():
            self._lay()
        self._show()

    def on_landscape(self, *_: object) -> None:
        """Lay the keys anew, if they are there: the first picture needs none."""
        if self._keys():
            self._lay()

    def _lay(self) -> None:
        """Lay the keys as a phone has them, or in two rows."""
        pad = self.ids.pad
        pad.cols, keys = PADS[self.landscape]
        pad.clear_widgets()
        for key in keys:
            pad.add_widget(self._key(key) if key else Widget())

    def key_at(self, x: float, y: float) -> str:
        """Return the key at a place on the screen, or ""."""
        return next((key.tile for key in self._keys() if key.collide_point(x, y)), "")

    def enter(self, digit: str) -> None:
        """Take a digit, where there is room for it."""
        if self.question and len(self.entered) < self.question.length:
            self.entered += digit
            self._show()

    def take_back(self) -> None:
        """Take the last digit back."""
        self.entered = self.entered[:-1]
        self._show()

    def forget(self) -> None:
        """Lose what was entered, also where it was measured and drawn."""
        was_asked, self.question = self.question is not None, None
        self.entered = self.ids.slots.text = ""
        self.primary_ready = False
        if was_asked:
            bidi.forget()

    def _key(self, key: str) -> Tile:
        if key == BACK:
            tile: Tile = PictureKey(tile="key:back", name="backspace", direction="ltr")
            tile.bind(on_release=lambda _: self.take_back())
        else:
            tile = NumberTile(tile=f"key:{key}", text=key)
            tile.bind(on_release=lambda _: self.enter(key))
        return tile

    def _keys(self) -> list[Tile]:
        return [key for key in self.ids.pad.children if isinstance(key, Tile)]

    def _show(self) -> None:
        if self.question is None:
            return
        slots: Slots = self.ids.slots
        slots.length = self.question.length
        slots.text = self.entered
        full = len(self.entered) >= self.question.length
        for key in self._keys():
            key.offered = not full or isinstance(key, PictureKey)
            key.tone = "card" if key.offered else "pale"
        self.primary_ready = fits(self.question, self.entered)
