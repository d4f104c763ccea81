"""The line buffer: letters and column pictures side by side until something prints them."""

from PIL import Image

from printer.virtual.glyphs import CELLS, enlarged, glyph
from printer.virtual.roll import Roll
from printer.virtual.setting import Setting


class TextLine:
    """One line that is not yet on paper.

    Args:
        roll: What it is printed on.

    Attributes:
        setting: How the next letter looks and where lines begin and end.

    """

    def __init__(self, roll: Roll) -> None:
        self.setting = Setting()
        self._roll = roll
        self.clear()

    def clear(self) -> None:
        """Forget what is in the line."""
        self._items: list[tuple[int, Image.Image]] = []
        self._x = self.setting.left

    @property
    def empty(self) -> bool:
        """Whether this is the beginning of a line."""
        return not self._items

    @property
    def right(self) -> int:
        """The first dot beyond the printing area."""
        area = self.setting.area or self._roll.width
        return min(self._roll.width, self.setting.left + area)

    @property
    def height(self) -> int:
        """Dots of the highest thing in the line."""
        return max((image.height for _, image in self._items), default=0)

    def write(self, text: str) -> None:
        """Add letters; a letter that does not fit begins a new line."""
        for character in text:
            image = self._letter(character)
            if self._x + image.width > self.right:
                self.feed()
            self.add(image)

    def add(self, image: Image.Image) -> None:
        """Add a picture at the place of the next letter; what reaches beyond the area is lost."""
        room = max(self.right - self._x, 0)
        if room:
            self._items.append((self._x, image.crop((0, 0, min(image.width, room), image.height))))
        self._x += image.width

    def move_to(self, x: int) -> None:
        """Go to a place, counted in dots from the left margin."""
        self._x = self.setting.left + x

    def move_by(self, dots: int) -> None:
        """Go right, or left where `dots` is negative; never beyond margin and area."""
        if self.setting.left <= self._x + dots <= self.right:
            self._x += dots

    def tab(self) -> None:
        """Go to the next tab stop, where there is one."""
        here = self._x - self.setting.left
        self.move_to(next((stop for stop in self.setting.tabs if stop > here), here))

    def feed(self, dots: int | None = None) -> None:
        """Print the line and feed: by the line spacing, or by `dots`, at least its height."""
        height, ends_a_line = self.height, dots is None or not self.empty
        shift = self.indent(max((x + i.width for x, i in self._items), default=0))
        for x, image in self._items:
            self._roll.put(image, x + shift, height - image.height)
        self.clear()
        if ends_a_line:
            self._roll.notes.text.append("")
        self._roll.advance(max(height, self.setting.spacing if dots is None else dots))

    def flush(self) -> None:
        """Print what is in the line before something that needs a line of its own."""
        if not self.empty:
            self.feed()

    def indent(self, end: int) -> int:
        """Return how far ESC a moves what ends at dot `end`."""
        free = max(self.right - end, 0)
        return (0, free // 2, free)[self.setting.align % 3]

    def place(self, image: Image.Image) -> None:
        """Print a picture on lines of its own, between the margins."""
        left = self.setting.left
        image = image.crop((0, 0, max(min(image.width, self.right - left), 0), image.height))
        self._roll.put(image, left + self.indent(left + image.width), 0)
        self._roll.advance(image.height)

    def _letter(self, character: str) -> Image.Image:
        setting = self.setting
        width, height = CELLS[setting.font]
        image = glyph(character, setting.font, bold=setting.bold)
        if setting.pitch:
            image = image.crop((0, 0, width + setting.pitch, height))
        if setting.underline:
            image = image.copy()
            image.paste(255, (0, height - setting.underline, image.width, height))
        image = enlarged(image, setting.across, setting.down, smooth=setting.smooth)
        return image.point([255 - level for level in range(256)]) if setting.reverse else image
