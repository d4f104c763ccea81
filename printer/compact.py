"""A block of the layout as steps a printer can take itself: lines of text, QR codes, pictures.

The layout is one; this only decides, for each of its lines, whether the printer's own font
will do. Nothing is laid out a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from printer.marks import Block, Box, Figure, Flush, Icon, Layout, Mark, QrCode, Text
from printer.plain_text import inked
from printer.profile import CODECS, Profile
from printer.rows import bottom_of, moved, rows_of, top_of, unboxed

LETTER, LINE = 12, 24
"""Width and height of a letter of font A, in dots."""

LARGEST = 8
"""The largest multiple of a letter that ``GS !`` knows."""

_ASCENT = 19  # from the top of a letter's cell to its baseline, about, on all models
_AIR = 3  # feed between the steps of a block that no longer follows the design
_PADDING = 4  # rows that kept pictures may have more, against heights that are known bad
_FINEST = 3  # dots of a module that phones still read
_QUIET = 3  # modules of white above and below a QR code, and the white in the lines' own cells


@dataclass(frozen=True, slots=True)
class Words:
    """A run of text in the printer's font, `across` by `down` times its size, from dot `x`.

    Attributes:
        page: Code page that covers the text; empty where ASCII needs none.
        white: On black.

    """

    x: int
    text: str
    page: str
    bold: bool
    across: int
    down: int
    white: bool = False

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

    A QR code has its lines to itself, which makes the slip longer; it gets smaller so that the
    slip is at most `longest` dots.
    """
    parts: list[list[Step]] = [
        list(_steps(block, layout.width, profile)) for block in layout.blocks
    ]
    excess = sum(map(_total, parts)) - longest + _PADDING
    for place, block in enumerate(layout.blocks):
        if code := _code_of(block):
            fitting = _fitting(code, excess, profile)
            parts[place] = (
                [_with_code(fitting, code, step, layout.width, profile) for step in parts[place]]
                if fitting
                else [PictureStep(block, coarse=False)]  # as designed, side by side
            )
    if sum(map(_total, parts)) > longest - _PADDING:
        parts = [
            part if _total(part) <= block.height else [_as_designed(block)]
            for part, block in zip(parts, layout.blocks, strict=True)
        ]
    return [step for part in parts for step in part]


def _as_designed(block: Block) -> Step:
    """Return a block as one picture that is no higher than it is: doubled rows are even."""
    rows = block.height // 2 * 2 if block.coarse else block.height  # the last row is blank
    return PictureStep(replace(block, height=rows), coarse=block.coarse)


def _total(steps: list[Step]) -> int:
    return sum(map(_height, steps))


def _with_code(code: QrCode, old: QrCode, step: Step, width: int, profile: Profile) -> Step:
    """Return a step of a block with another code in it: the code itself, and the white round it."""
    if isinstance(step, FeedStep):
        return FeedStep(_QUIET * code.module) if step.dots == _QUIET * old.module else step
    return _code_step(code, width, profile) if _is_code(step) else step


def _is_code(step: Step) -> bool:
    return isinstance(step, QrStep) or (isinstance(step, PictureStep) and step.block.name == "code")


def _fitting(code: QrCode, excess: int, profile: Profile) -> QrCode | None:
    """Return the code with modules so small that it takes `excess` dots less, or None."""
    side = code.width // code.module
    # A picture of the code can be doubled where its modules are even: a quarter of the bytes.
    even = profile.doubled_raster and not profile.native_qr
    sizes = (4, _FINEST) if even else range(code.module, _FINEST - 1, -1)
    for module in sizes:
        spared = (code.module - module) * (side + 2 * _QUIET)
        if module <= code.module and spared >= excess:
            return code if not spared else replace(code, module=module, width=side * module)
    return None


def _code_of(block: Block) -> QrCode | None:
    return next((mark for mark in block.marks if isinstance(mark, QrCode)), None)


def _height(step: Step) -> int:
    if isinstance(step, TextStep):
        return step.height
    if isinstance(step, QrStep):
        return step.code.width
    if isinstance(step, FeedStep):
        return step.dots
    return step.block.height + step.block.height % 2 * step.coarse  # doubled rows are even


def _steps(block: Block, width: int, profile: Profile) -> Iterator[Step]:
    if any(isinstance(mark, Icon) for mark in block.marks):
        # Blank rows are cheaper as a feed, on the wire and in a printer's memory.
        inked_rows = max(map(bottom_of, block.marks))
        yield PictureStep(replace(block, height=inked_rows), coarse=block.coarse)
        yield FeedStep(block.height - inked_rows)
        return
    # What stood beside the code now stands above and below it: the design's gaps are void.
    code, quiet = _code_of(block), False
    paper = 0
    for row in rows_of(block, width):
        top, step = _step(row, block, width, profile)
        gap = top - paper
        if code is not None:
            gap = _QUIET * code.module if quiet or code in row else _AIR
            quiet = code in row
        if gap > 0:
            yield FeedStep(gap)
            paper += gap
        yield step
        paper += _height(step)
    if block.height > paper and code is None:
        yield FeedStep(block.height - paper)


def _step(row: list[Mark], block: Block, width: int, profile: Profile) -> tuple[int, Step]:
    """Return where a row begins in the design, and how to send it."""
    first = row[0]
    if isinstance(first, QrCode):
        return first.y, _code_step(first, width, profile)
    if isinstance(first, Figure):
        line = number_step(first, width, profile)
        whole = Block(block.name, first.height, (moved(first, -first.y),))
        return (0, line) if line else (first.y, PictureStep(whole, coarse=True))
    texts = tuple(mark for mark in unboxed(row) if isinstance(mark, Text))
    if len(texts) == len(unboxed(row)):
        line = text_step(texts, width, profile)
        if line is not None:
            return texts[0].baseline - line.height * _ASCENT // LINE, line
    top, bottom = min(map(top_of, row)), max(map(bottom_of, row))
    marks = tuple(moved(mark, -top) for mark in row)
    rule = all(isinstance(mark, Box) for mark in row)
    return top, PictureStep(Block("row", bottom - top, marks), coarse=rule)


def _code_step(code: QrCode, width: int, profile: Profile) -> Step:
    if profile.native_qr:
        return QrStep(code)
    centred = replace(code, x=(width - code.width) // 4 * 2, y=0)
    return PictureStep(Block("code", code.width, (centred,)), coarse=code.module % 2 == 0)


def number_step(figure: Figure, width: int, profile: Profile) -> TextStep | None:
    """Return the number in the printer's own font; None where it would be too small or wide."""
    if not profile.capital_dots or not figure.text.isascii():
        return None
    down = -(-figure.least // profile.capital_dots)
    margin = figure.x
    for across in range(min(down, LARGEST), down // 2, -1):
        gap = LETTER * across // 2 * (len(figure.parts) - 1)
        length = len(figure.text) * LETTER * across + gap
        if down <= LARGEST and length <= width - 2 * margin:
            return TextStep(tuple(_apart(figure.parts, (width - length) // 2, gap, across, down)))
    return None


def _apart(parts: tuple[str, ...], x: int, gap: int, across: int, down: int) -> Iterator[Words]:
    for part in parts:
        words = Words(x, part, "", bold=True, across=across, down=down)
        yield words
        x = words.end + gap


def text_step(texts: tuple[Text, ...], width: int, profile: Profile) -> TextStep | None:
    """Return one printer line for texts that share a baseline; None where it cannot be.

    It cannot be for a language that runs from the right (printers neither join nor order its
    letters), for a text that no single page of the profile covers, and for one too wide.
    """
    return _text_step(texts, width, tuple(profile.code_pages), reverses=profile.reversed_text)


# Fixed sentences, times and waits; numbers and addresses never come here.
@lru_cache(maxsize=256)
def _text_step(
    texts: tuple[Text, ...], width: int, pages: tuple[str, ...], *, reverses: bool
) -> TextStep | None:
    if any(text.style.right_to_left or (text.white and not reverses) for text in texts):
        return None
    # What is too wide gets smaller, and at the smallest size as wide as the head prints.
    for smaller, wider in ((0, 0), (1, 0), (2, 0), (2, min(text.x for text in texts))):
        words = [_words(text, pages, smaller, wider=wider) for text in texts]
        found = tuple(sorted((word for word in words if word), key=lambda word: word.x))
        if len(found) < len(texts):
            return None
        if _fits(found, width):
            return TextStep(found)
    return None


def _words(text: Text, pages: tuple[str, ...], smaller: int, *, wider: int) -> Words | None:
    """Return a text as printer words, `smaller` steps below the size that it should have.

    Its fixed edge stands `wider` dots nearer to the edge of the paper.
    """
    printed = inked(text.text)
    page = _page_for(printed, pages)
    if page is None:  # CP852 has all letters of Hungarian and Polish, and no dash
        printed = printed.translate(_PLAINER)
        page = _page_for(printed, pages)
    if page is None:
        return None
    across, down = _SCALES[_scale(text.style.size, smaller)]
    free = text.width - len(printed) * LETTER * across
    shift = {Flush.LEFT: -wider, Flush.CENTRE: free // 2, Flush.RIGHT: free + wider}[text.flush]
    return Words(text.x + shift, printed, page, text.style.bold, across, down, text.white)


# What says the same in any code page; letters are never replaced.
_PLAINER = str.maketrans(
    {
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MIDDLE DOT}": "|",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)

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


def _page_for(text: str, pages: tuple[str, ...]) -> str | None:
    """Return the first code page that covers all of `text`, or None."""
    return next((page for page in pages if _covers(page, text)), None)


def _covers(page: str, text: str) -> bool:
    try:
        text.encode(CODECS[page])
    except UnicodeEncodeError:
        return False
    return True
