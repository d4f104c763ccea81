"""The keys of a language on the screen: letters, shift, space, backspace, and the way to digits."""

from typing import Any, TypeVar

from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.layout import Layout

from kiosk.keyboard import DOTTED_CIRCLE, Keyboard, Page, is_mark
from kiosk.screens.widgets import Tile

FEWEST, FEWEST_ROWS = 4, 2
"""With room for fewer keys in a row, or fewer rows, the screen has not laid itself out yet."""

FEWEST_BELOW = 6
"""As many letters as the row below them is wide at least."""

ROOMY, WIDE = 10, 1.5
"""With so many keys in a row, shift, page and backspace are as wide as one letter and a half."""

Kind = TypeVar("Kind", bound="Key")


class Key(Tile):
    """One key.

    Attributes:
        span: How many letters it is wide.

    """

    span = NumericProperty(1)


class LetterKey(Key):
    """A key with a letter, or a mark that goes onto one.

    Attributes:
        letter: What it enters, as the keyboard has it.
        text: What is written on it.

    """

    letter = StringProperty()
    text = StringProperty()


class PageKey(Key):
    """The key that leads to other keys.

    Attributes:
        text: The first of them.

    """

    text = StringProperty()


class PictureKey(Key):
    """A key with a picture.

    Attributes:
        name: The picture.
        direction: "rtl" where it turns round.

    """

    name = StringProperty()


class Keys(Layout):
    """All keys of a page, as large as there is room; the rest is a page further.

    Attributes:
        keyboard: Whose keys; None shows none.
        page: Which of its pages is shown.
        shifted: True where the next letter is a capital.
        full: True where no letter is taken any more.
        touch: The smallest side of a key, in pixels.
        gap: The distance between two, in pixels.
        highest: The largest height of a key, in pixels.

    """

    keyboard: Keyboard | None = ObjectProperty(None, allownone=True)
    page = NumericProperty(0)
    shifted = BooleanProperty(defaultvalue=False)
    full = BooleanProperty(defaultvalue=False)
    touch = NumericProperty(1)
    gap = NumericProperty(0)
    highest = NumericProperty("150dp")

    __events__ = ("on_letter", "on_mark", "on_take_back")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        super().__init__(**kwargs)
        self._rows: list[list[Key]] = []
        self._made: tuple[object, ...] = ()
        self._letters: list[LetterKey] = []
        self._used = 0
        self._make = Clock.create_trigger(self._make_page, -1)
        self.bind(pos=self._trigger_layout, size=self._make, keyboard=self._make, page=self._make)

    def on_letter(self, letter: str) -> None:
        """Tell that a letter, a digit, a sign or a space was struck."""

    def on_mark(self, mark: str) -> None:
        """Tell that a mark was struck, which goes onto a letter."""

    def on_take_back(self) -> None:
        """Tell that the last letter is to go."""

    def on_shifted(self, *_: object) -> None:
        """Write the letters as they will come."""
        for key in self._struck(LetterKey):
            key.text = DOTTED_CIRCLE + key.letter if is_mark(key.letter) else self._case(key.letter)
        for key in self._struck(PictureKey):
            key.chosen = self.shifted and key.name == "shift"

    def on_full(self, *_: object) -> None:
        """Make the letters pale that do nothing now; a mark makes no text longer."""
        for key in self._struck(LetterKey):
            key.offered = not self.full or is_mark(key.letter)
            key.tone = "card" if key.offered else "pale"

    def key_at(self, x: float, y: float) -> str:
        """Return the key at a place on the screen, or ""."""
        return next((key.tile for key in self.children if key.collide_point(x, y)), "")

    def do_layout(self, *_: object) -> None:
        """Lay the rows out from the bottom, near the hand, each in the middle."""
        if not self._rows:
            return
        columns = max(sum(key.span for key in row) for row in self._rows)
        letter = (self.width - (columns - 1) * self.gap) / columns
        count = len(self._rows)
        height = min(self.highest, (self.height - (count - 1) * self.gap) / count)
        for index, row in enumerate(reversed(self._rows)):
            widths = [key.span * letter + (key.span - 1) * self.gap for key in row]
            x = self.center_x - (sum(widths) + (len(row) - 1) * self.gap) / 2
            for key, width in zip(row, widths, strict=True):
                key.pos = (x, self.y + index * (height + self.gap))
                key.size = (width, height)
                x += width + self.gap

    def _make_page(self, *_: object) -> None:
        """Make the keys anew where the page, the language or the room has changed."""
        columns, rows = (int((side + self.gap) // (self.touch + self.gap)) for side in self.size)
        if self.keyboard is None or columns < FEWEST or rows < FEWEST_ROWS:
            return
        made = (self.keyboard, columns, rows, self.page)
        if made != self._made:
            self._made = made
            pages = self.keyboard.pages(columns=columns, rows=rows - 1)
            here = int(self.page)
            self._show(pages[here], following=pages[(here + 1) % len(pages)], count=len(pages))
        self._trigger_layout()

    def _show(self, page: Page, *, following: Page, count: int) -> None:
        self.clear_widgets()
        self._used = 0
        self._rows = [[self._letter(key) for key in row] for row in page.rows]
        way = PageKey(tile="key:page", text="".join(map(self._capital, following.name)))
        way.bind(on_release=lambda _: setattr(self, "page", (self.page + 1) % count))
        self._rows.append(self._row_of_space(page, way))
        for row in self._rows:
            for key in row:
                self.add_widget(key)
        self.on_shifted()
        self.on_full()

    def _row_of_space(self, page: Page, way: PageKey) -> list[Key]:
        """Return the row below the letters; where people read from the right, turned round."""
        from_right = self.keyboard is not None and self.keyboard.right_to_left
        columns = max(FEWEST_BELOW, *map(len, page.rows))
        space = LetterKey(tile="key:space", letter=" ")
        space.bind(on_release=self._strike)
        back = PictureKey(tile="key:back", name="backspace", direction="rtl" if from_right else "")
        back.bind(on_release=lambda _: self.dispatch("on_take_back"))
        ways: list[Key] = [way, back]
        row = [way, *map(self._letter, page.beside), space, back]
        if self.keyboard is not None and self.keyboard.capitals:
            shift = PictureKey(tile="key:shift", name="shift")
            shift.bind(on_release=lambda _: setattr(self, "shifted", not self.shifted))
            ways.append(shift)
            row.insert(0, shift)
        for key in ways:
            key.span = WIDE if columns >= ROOMY else 1
        space.span = columns - sum(key.span for key in row if key is not space)
        return row[::-1] if from_right else row

    def _letter(self, letter: str) -> LetterKey:
        """Return a key for a letter; one that another page has left serves again."""
        if self._used == len(self._letters):
            made = LetterKey()
            made.bind(on_release=self._strike)
            self._letters.append(made)
        key = self._letters[self._used]
        self._used += 1
        key.tile, key.letter, key.span = f"key:{letter}", letter, 1
        return key

    def _strike(self, key: LetterKey) -> None:
        event = "on_mark" if is_mark(key.letter) else "on_letter"
        self.dispatch(event, self._case(key.letter))

    def _struck(self, kind: type[Kind]) -> list[Kind]:
        return [key for key in self.children if isinstance(key, kind)]

    def _case(self, letter: str) -> str:
        return self._capital(letter) if self.shifted else letter

    def _capital(self, letter: str) -> str:
        return self.keyboard.capital(letter) if self.keyboard else letter
