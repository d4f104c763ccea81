"""A block of the layout as steps a printer can take itself: lines of text, QR codes, pictures.

The layout is one; this only decides, for each of its lines, whether the printer's own font
will do. Nothing is laid out a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from printer.marks import Block, Box, Flush, Layout, Mark, QrCode, Text
from printer.plain_text import inked
from printer.profile import CODECS, Profile

LETTER, LINE = 12, 24
"""Width and height of a letter of font A, in dots."""

_ASCENT = 19  # from the top of a letter's cell to its baseline, about, on all models
_AIR = 3  # feed between the steps of a block that no longer follows the design


@dataclass(frozen=True, slots=True)
class Words:
    """A run of text in the printer's font, `across` by `down` times its size, from dot `x`."""

    x: int
    text: str
    page: str
    bold: bool
    across: int
    down: int

    @property
    def end(self) -> int:
        """First dot after the last letter."""
        return self.x + len(self.text) * LETTER * self.across


@dataclass(frozen=True, slots=True)
class TextStep:
    """One line of text."""

    words: tuple[Words, ...]

    @property
    def height(self) -> int:
        """Dots from the top to the bottom of its highest letter's cell."""
        return LINE * max(words.down for words in self.words)


@dataclass(frozen=True, slots=True)
class QrStep:
    """A QR code that the printer draws, in the middle of the paper."""

    code: QrCode


@dataclass(frozen=True, slots=True)
class PictureStep:
    """Marks that are sent as a picture, at half the resolution if `coarse`."""

    block: Block
    coarse: bool


@dataclass(frozen=True, slots=True)
class FeedStep:
    """Blank paper."""

    dots: int


Step = TextStep | QrStep | PictureStep | FeedStep


def compact_steps(layout: Layout, profile: Profile, *, longest: int) -> list[Step]:
    """Return what to send for a layout, from top to bottom.

    A QR code that the printer draws has its lines to itself, which makes the slip longer; it
    gets smaller until the slip is at most `longest` dots.
    """
    for module in (None, 4, 3):
        steps = [
            step
            for block in layout.blocks
            for step in _steps(_with_module(block, module), layout.width, profile)
        ]
        if sum(map(_height, steps)) <= longest:
            break
    return steps


def _with_module(block: Block, module: int | None) -> Block:
    if module is None:
        return block
    marks = tuple(
        replace(mark, module=module, width=mark.width // mark.module * module)
        if isinstance(mark, QrCode) and mark.module > module
        else mark
        for mark in block.marks
    )
    return replace(block, marks=marks)


def _height(step: Step) -> int:
    if isinstance(step, TextStep):
        return step.height
    if isinstance(step, QrStep):
        return step.code.width
    return step.dots if isinstance(step, FeedStep) else step.block.height


def _steps(block: Block, width: int, profile: Profile) -> Iterator[Step]:
    if block.coarse or not profile.code_pages:
        yield PictureStep(block, coarse=block.coarse)
        return
    steps = [_step(row, block, width, profile) for row in _rows(block, width, profile)]
    # What stood beside the code now stands above and below it: the design's gaps are void.
    flows = any(isinstance(step, QrStep) for _, step in steps)
    paper = 0
    for top, step in steps:
        gap = _AIR if flows else top - paper
        if flows and isinstance(step, QrStep):
            gap = 2 * _AIR
        if gap > 0:
            yield FeedStep(gap)
            paper += gap
        yield step
        paper += _height(step)
    if block.height > paper and not flows:
        yield FeedStep(block.height - paper)


def _step(row: list[Mark], block: Block, width: int, profile: Profile) -> tuple[int, Step]:
    """Return where a row begins in the design, and how to send it."""
    if isinstance(row[0], QrCode) and profile.native_qr:
        return row[0].y, QrStep(row[0])
    texts = tuple(mark for mark in row if isinstance(mark, Text))
    if len(texts) == len(row):
        line = text_step(texts, width, profile)
        if line is not None:
            return texts[0].baseline - line.height * _ASCENT // LINE, line
    top, bottom = min(map(_top, row)), max(map(_bottom, row))
    moved = tuple(_moved(mark, -top) for mark in row)
    rule = all(isinstance(mark, Box) for mark in row)
    return top, PictureStep(Block(block.name, bottom - top, moved), coarse=rule)


def _rows(block: Block, width: int, profile: Profile) -> list[list[Mark]]:
    """Return the marks row by row: what stands side by side, but a QR code by itself.

    Lines of one sentence that were broken only to make room for the QR code are joined again.
    """
    rows: list[list[Mark]] = []
    for mark in block.marks:
        last = rows[-1] if rows else []
        joined = _joined(last[-1], mark, width, profile) if last else None
        if joined is not None:
            last[-1] = joined
        elif last and not _alone(mark, last) and _beside(mark, last):
            last.append(mark)
        else:
            rows.append([mark])
    return rows


def _joined(last: Mark, mark: Mark, width: int, profile: Profile) -> Text | None:
    """Return two lines of one sentence as one, where the printer can set it in one line."""
    if not (isinstance(last, Text) and isinstance(mark, Text) and last.continues):
        return None
    text = f"{last.text} {mark.text}"
    edge = mark.x if mark.flush is Flush.LEFT else width - mark.x - mark.width
    fits = edge + (len(text) + 1) * LETTER <= width
    if not (profile.native_qr and fits) or mark.style.right_to_left:
        return None
    return replace(mark, text=text) if page_for(inked(text), profile) else None


def _alone(mark: Mark, row: list[Mark]) -> bool:
    return isinstance(mark, QrCode) or isinstance(row[-1], QrCode)


def _beside(mark: Mark, row: list[Mark]) -> bool:
    middle = (_top(mark) + _bottom(mark)) // 2
    return min(map(_top, row)) <= middle < max(map(_bottom, row))


def _top(mark: Mark) -> int:
    return max(mark.baseline - mark.style.size * 53 // 50, 0) if isinstance(mark, Text) else mark.y


def _bottom(mark: Mark) -> int:
    if isinstance(mark, Text):
        return mark.baseline + mark.style.size * 9 // 25
    return mark.y + (
        mark.width if isinstance(mark, QrCode) else getattr(mark, "height", mark.width)
    )


def _moved(mark: Mark, down: int) -> Mark:
    if isinstance(mark, Text):
        return replace(mark, baseline=mark.baseline + down)
    return replace(mark, y=mark.y + down)


def text_step(texts: tuple[Text, ...], width: int, profile: Profile) -> TextStep | None:
    """Return one printer line for texts that share a baseline; None where it cannot be.

    It cannot be for a language that runs from the right (printers neither join nor order its
    letters), for a text that no single page of the profile covers, and for one too wide.
    """
    if any(text.style.right_to_left or text.white for text in texts):
        return None
    for smaller in range(3):
        words = [_words(text, profile, smaller) for text in texts]
        found = tuple(sorted((word for word in words if word), key=lambda word: word.x))
        if len(found) == len(texts) and _fits(found, width):
            return TextStep(found)
    return None


def _words(text: Text, profile: Profile, smaller: int) -> Words | None:
    """Return a text as printer words, `smaller` steps below the size that it should have."""
    printed = inked(text.text)
    page = page_for(printed, profile)
    if page is None:
        return None
    across, down = _SCALES[_scale(text.style.size, smaller)]
    free = text.width - len(printed) * LETTER * across
    shift = {Flush.LEFT: 0, Flush.CENTRE: free // 2, Flush.RIGHT: free}[text.flush]
    return Words(text.x + shift, printed, page, text.style.bold, across, down)


# Multiples of font A, smallest first.
_SCALES = ((1, 1), (1, 2), (2, 2))


def _scale(size: int, smaller: int) -> int:
    designed = 2 if size >= 34 else 1 if size >= 32 else 0
    return max(designed - smaller, 0)


def _fits(words: tuple[Words, ...], width: int) -> bool:
    """Whether the words stand on the paper, in order, at least a letter apart."""
    starts = [*(word.x for word in words[1:]), width + LETTER]
    return words[0].x >= 0 and all(
        word.end + LETTER <= start for word, start in zip(words, starts, strict=True)
    )


def page_for(text: str, profile: Profile) -> str | None:
    """Return the first code page of the profile that covers all of `text`, or None."""
    return next((page for page in profile.code_pages if _covers(page, text)), None)


def _covers(page: str, text: str) -> bool:
    try:
        text.encode(CODECS[page])
    except UnicodeEncodeError:
        return False
    return True
