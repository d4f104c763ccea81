"""The rows of a block: which of its marks stand side by side, and so are sent together."""

from dataclasses import replace

from printer.marks import Block, Box, Flush, Mark, QrCode, Text

_SPACE = 0.26
"""Width of a space, in ems."""


def rows_of(block: Block, width: int) -> list[list[Mark]]:
    """Return the marks row by row, from top to bottom; a QR code has a row to itself.

    Lines of one sentence that were broken only to make room for the QR code are joined again.
    """
    flows = any(isinstance(mark, QrCode) for mark in block.marks)
    rows: list[list[Mark]] = []
    for mark in block.marks:
        last = rows[-1] if rows else []
        joined = _joined(last[-1], mark, width) if last and flows else None
        if joined is not None:
            last[-1] = joined
        elif last and not _alone(mark, last) and _beside(mark, last):
            last.append(mark)
        else:
            rows.append([mark])
    return rows


def _joined(last: Mark, mark: Mark, width: int) -> Text | None:
    """Return two lines of one sentence as one, where they fit into one line."""
    if not (isinstance(last, Text) and isinstance(mark, Text) and last.continues):
        return None
    if last.style != mark.style:
        return None
    length = last.width + round(_SPACE * mark.style.size) + mark.width
    margin = min(last.x, mark.x, *(width - text.x - text.width for text in (last, mark)))
    if length > width - 2 * margin:
        return None
    x = mark.x if mark.flush is Flush.LEFT else mark.x + mark.width - length
    return replace(mark, text=f"{last.text} {mark.text}", x=x, width=length)


def _alone(mark: Mark, row: list[Mark]) -> bool:
    return isinstance(mark, QrCode) or isinstance(row[-1], QrCode)


def _beside(mark: Mark, row: list[Mark]) -> bool:
    middle = (top_of(mark) + bottom_of(mark)) // 2
    return min(map(top_of, row)) <= middle < max(map(bottom_of, row))


def top_of(mark: Mark) -> int:
    """Return the first dot down that a mark may ink: accents and all, for a text."""
    return max(mark.baseline - mark.style.size * 53 // 50, 0) if isinstance(mark, Text) else mark.y


def bottom_of(mark: Mark) -> int:
    """Return the first dot below what a mark may ink."""
    if isinstance(mark, Text):
        return mark.baseline + mark.style.size * 9 // 25
    return mark.y + (
        mark.width if isinstance(mark, QrCode) else getattr(mark, "height", mark.width)
    )


def moved(mark: Mark, down: int) -> Mark:
    """Return the mark that much further down."""
    if isinstance(mark, Text):
        return replace(mark, baseline=mark.baseline + down)
    return replace(mark, y=mark.y + down)


def unboxed(row: list[Mark]) -> list[Mark]:
    """Return a row with its one boxed text as white on black in the box's place."""
    boxes = [mark for mark in row if isinstance(mark, Box)]
    if len(boxes) != 1 or len(row) == 1:
        return row
    box = boxes[0]
    return [_in_place_of(box, mark) for mark in row if mark is not box]


def _in_place_of(box: Box, mark: Mark) -> Mark:
    if not isinstance(mark, Text) or not box.x <= mark.x < box.x + box.width:
        return mark
    text = f" {mark.text} "
    return replace(mark, x=box.x, width=box.width, text=text, flush=Flush.CENTRE, white=True)
