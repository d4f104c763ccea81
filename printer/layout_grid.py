"""The grid of a slip: margins, type sizes, and text that always fits the place it gets."""

from dataclasses import dataclass, replace

from printer.marks import DOTS_PER_MM, Box, Flush, Mark, Measure, Style, Text

MARGIN = 16
"""Two millimetres on both sides."""

RULE = 3
"""Thickness of a rule: just under 0.4 mm."""

_LINE = 1.36  # from baseline to baseline, in ems: Arabic and Vietnamese need the room
_ASCENT = 1.02  # from the top of a line to its baseline, in ems
_CAPITALS = 0.714  # height of capitals and digits, in ems


@dataclass(frozen=True, slots=True)
class Sizes:
    """Type sizes and heights in dots, for one width of paper."""

    site: int
    date: int
    heading: int
    heading_german: int
    figure: int
    figure_least: int
    bar: int
    language: int
    waiting: int
    follow: int
    keep: int
    german: int
    smallest: int
    tile: int
    gap: int
    tiles_in_a_row: int
    qr: int
    keep_beside: bool


WIDE = Sizes(
    site=28,
    date=24,
    heading=40,
    heading_german=27,
    figure=166,
    figure_least=20 * DOTS_PER_MM,
    bar=72,
    language=34,
    waiting=35,
    follow=31,
    keep=27,
    german=24,
    smallest=18,
    tile=104,
    gap=42,
    tiles_in_a_row=7,
    qr=180,
    keep_beside=True,
)
NARROW = Sizes(
    site=24,
    date=20,
    heading=33,
    heading_german=23,
    figure=124,
    figure_least=15 * DOTS_PER_MM,
    bar=56,
    language=28,
    waiting=28,
    follow=25,
    keep=23,
    german=20,
    smallest=16,
    tile=88,
    gap=32,
    tiles_in_a_row=4,
    qr=150,
    keep_beside=False,
)


@dataclass(frozen=True, slots=True)
class Grid:
    """One slip's grid. Positions are those for readers from the left; mirroring comes later.

    Attributes:
        width: Printable dots of the paper.
        sizes: What fits that paper.
        measure: How wide a text is.
        right_to_left: Base direction of the party's language.

    """

    width: int
    sizes: Sizes
    measure: Measure
    right_to_left: bool

    @property
    def left(self) -> int:
        """First dot inside the margin."""
        return MARGIN

    @property
    def right(self) -> int:
        """First dot of the right margin."""
        return self.width - MARGIN

    @property
    def room(self) -> int:
        """Dots between the margins."""
        return self.width - 2 * MARGIN

    def rule(self, y: int) -> Box:
        """Return a line from margin to margin."""
        return Box(self.left, y, self.room, RULE)

    def own(self, size: int, *, bold: bool = False) -> Style:
        """Return the style of a text in the party's language."""
        return Style(size, bold, self.right_to_left)

    def fit(self, text: str, style: Style, room: int) -> tuple[str, Style]:
        """Return text and style so that the line is at most `room` wide.

        The size gives way first, down to the smallest that is readable; then the text is cut.
        """
        size = style.size
        while True:
            sized = Style(size, style.bold, style.right_to_left)
            width = self.measure(text, sized)
            if width <= room:
                return text, sized
            if size <= self.sizes.smallest:
                return self._cut(text, sized, room), sized
            size = self._smaller(size, room / width)

    def _smaller(self, size: int, ratio: float) -> int:
        """Return a size about that much smaller, at least by one, at least the smallest.

        Jumping there by arithmetic saves measuring the text at every size between.
        """
        return max(min(size - 1, int(size * ratio) + 1), self.sizes.smallest)

    def _cut(self, text: str, style: Style, room: int) -> str:
        if self.measure(text, style) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle].rstrip() + "…", style) <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…" if low else ""

    def wrap(self, text: str, style: Style, room: int, *, lines: int) -> list[tuple[str, Style]]:
        """Return `text` broken at spaces into at most `lines` lines of at most `room` dots.

        The lines are about equally long. Where the text is too much it gets smaller as a
        whole, and at the smallest size its end is cut.
        """
        size = style.size
        while True:
            sized = Style(size, style.bold, style.right_to_left)
            broken = self._balanced(text, sized, room)
            if len(broken) <= lines and all(self.measure(t, sized) <= room for t in broken):
                return [(line, sized) for line in broken]
            if size <= self.sizes.smallest:
                kept = [*broken[: lines - 1], " ".join(broken[lines - 1 :])]
                return [(self._cut(line, sized, room), sized) for line in kept]
            size = self._smaller(size, lines * room / self.measure(text, sized))

    def _balanced(self, text: str, style: Style, room: int) -> list[str]:
        """Break at spaces into as few lines as possible, the longest as short as possible."""
        if self.measure(text, style) <= room:
            return [text]
        widths = [(word, self.measure(word, style)) for word in _words(text)]
        space = self.measure(" ", style)
        best = _broken(widths, space, room)
        for narrower in range(room - 8, room // 2, -8):
            lines = _broken(widths, space, narrower)
            if len(lines) > len(best):
                break
            best = lines
        return best

    def line(
        self,
        text: str,
        style: Style,
        *,
        baseline: int,
        x: int | None = None,
        end: int | None = None,
        white: bool = False,
    ) -> Text:
        """Return a text on `baseline` that begins at `x` (the left margin), or ends at `end`."""
        width = self.measure(text, style)
        if end is not None:
            return Text(end - width, baseline, width, text, style, Flush.RIGHT, white)
        return Text(self.left if x is None else x, baseline, width, text, style, white=white)

    def centred(
        self, text: str, style: Style, *, middle: int, baseline: int, white: bool = False
    ) -> Text:
        """Return a text centred on the column `middle`."""
        width = self.measure(text, style)
        return Text(middle - width // 2, baseline, width, text, style, Flush.CENTRE, white)


def inked_marks(*marks: Mark) -> tuple[Mark, ...]:
    """Return the marks without the texts that say nothing."""
    return tuple(mark for mark in marks if not isinstance(mark, Text) or mark.text)


def _words(text: str) -> list[str]:
    """Return what a line may begin with: words, but no dash."""
    words: list[str] = []
    for word in text.split(" "):
        if words and word in _DASHES:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


_DASHES = ("\N{EM DASH}", "\N{EN DASH}", "-")


def _broken(widths: list[tuple[str, int]], space: int, room: int) -> list[str]:
    lines: list[str] = []
    used = 0
    for word, width in widths:
        if lines and used + space + width <= room:
            lines[-1] += f" {word}"
            used += space + width
        else:
            lines.append(word)
            used = width
    return lines


def line_height(style: Style) -> int:
    """Return the dots from one line's top to the next one's."""
    return round(_LINE * style.size)


def ascent(style: Style) -> int:
    """Return the dots from a line's top to its baseline."""
    return round(_ASCENT * style.size)


def middle_baseline(height: int, style: Style) -> int:
    """Return the baseline that centres capitals and digits in `height` dots."""
    return round(height / 2 + _CAPITALS / 2 * style.size)


def grid_for(paper_dots: int, measure: Measure, *, right_to_left: bool, ratio: float = 1.0) -> Grid:
    """Return the grid for a width of paper, its sentences and tiles `ratio` times their size."""
    sizes = WIDE if paper_dots >= 512 else NARROW
    return Grid(paper_dots, _tighter(sizes, ratio), measure, right_to_left)


def _tighter(sizes: Sizes, ratio: float) -> Sizes:
    def smaller(size: int) -> int:
        return max(round(size * ratio), sizes.smallest)

    return replace(
        sizes,
        heading=smaller(sizes.heading),
        heading_german=smaller(sizes.heading_german),
        waiting=smaller(sizes.waiting),
        follow=smaller(sizes.follow),
        keep=smaller(sizes.keep),
        german=smaller(sizes.german),
        tile=round(sizes.tile * ratio),
    )
