"""What was entered, as the party sees it: a line of text with its caret, or a place per digit."""

from math import inf

from kivy.core.text import Label as CoreLabel
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.entry import letters
from kiosk.screens.widgets import FONT, ROUNDING

ELLIPSIS = "…"


class Field(FloatLayout):
    """One line, written from where its script begins, with a caret where the next letter comes.

    A long text is written smaller, and one that is longer still shows its end.

    Attributes:
        text: What was entered.
        rtl: True where it runs from right to left.
        count: How full it is, once it is nearly full: ``"18 / 20"``.
        shown: As much of the text as there is room for.
        size_of_letters: In pixels, between `smallest` and `largest`.
        caret: How far the caret stands from where the text begins, in pixels.
        beside: The width of the count, in pixels.
        room: How wide the line may be, in pixels.

    """

    text = StringProperty()
    rtl = BooleanProperty(defaultvalue=False)
    count = StringProperty()
    shown = StringProperty()
    size_of_letters = NumericProperty("64sp")
    smallest = NumericProperty("40sp")
    largest = NumericProperty("64sp")
    caret = NumericProperty(0)
    beside = NumericProperty(150)
    room = NumericProperty(100)

    def on_text(self, *_: object) -> None:
        """Write the text anew."""
        whole = self._width(self.text, self.largest)
        size = min(self.largest, self.largest * self.room * ROUNDING / whole if whole else inf)
        self.size_of_letters = int(max(self.smallest, size))
        self.shown = self.text if size >= self.smallest else self._end()
        self.caret = self._width(self.shown, self.size_of_letters)

    def on_room(self, *_: object) -> None:
        """Write the text as it fits now."""
        self.on_text()

    def on_rtl(self, *_: object) -> None:
        """Write the text the other way."""
        self.on_text()

    def _end(self) -> str:
        parts = letters(self.text)
        for index in range(1, len(parts)):
            shown = ELLIPSIS + "".join(parts[index:])
            if self._width(shown, self.size_of_letters) <= self.room * ROUNDING:
                return shown
        return ""

    def _width(self, text: str, size: float) -> float:
        """Return how wide a text is in letters of a size, in pixels."""
        if not text:
            return 0
        measure = CoreLabel(
            text=text,
            font_name=FONT,
            font_size=size,
            base_direction="rtl" if self.rtl else "ltr",
        )
        return float(measure.get_extents(text)[0])


class Slot(BoxLayout):
    """A place for one digit.

    Attributes:
        digit: Or "" while there is none.
        is_next: True where the next one comes.

    """

    digit = StringProperty()
    is_next = BooleanProperty(defaultvalue=False)


class Slots(BoxLayout):
    """A place for each digit, from the left in every language.

    Attributes:
        length: How many.
        text: What was entered.

    """

    length = NumericProperty(0)
    text = StringProperty()

    def on_length(self, *_: object) -> None:
        """Make as many places as digits are asked for."""
        self.clear_widgets()
        for _index in range(int(self.length)):
            self.add_widget(Slot())
        self.on_text()

    def on_text(self, *_: object) -> None:
        """Write each digit into its place."""
        for index, slot in enumerate(reversed(self.children)):
            slot.digit = self.text[index : index + 1]
            slot.is_next = index == len(self.text)
