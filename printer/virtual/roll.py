"""The virtual printer's roll of paper: dots on it, and what was noted while it was printed on."""

from dataclasses import dataclass, field

from PIL import Image

LONGEST = 40_000
"""Dots of paper that are kept between two cuts, five metres: a job that never cuts must not take
all memory. A slip has 880."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What came off between two cuts.

    Attributes:
        picture: Mode '1', one pixel a dot, as wide as the head.
        text: What was printed as text, line by line, as decoded from its code pages.
        qr_codes: Contents of the QR codes that the printer drew itself.
        unknown: Byte sequences that no table knows; a healthy job has none.
        drawer_kicks: How often a cash drawer was told to open.
        remarks: Commands that a real printer would ignore or take otherwise, and why.
        stored: Keys of the NV pictures that were printed.

    """

    picture: Image.Image
    text: str
    qr_codes: tuple[str, ...]
    unknown: tuple[bytes, ...]
    drawer_kicks: int
    remarks: tuple[str, ...] = ()
    stored: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Notes:
    """What is worth knowing of a piece of paper beside its dots; see Piece."""

    text: list[str] = field(default_factory=lambda: [""])
    qr_codes: list[str] = field(default_factory=list)
    unknown: list[bytes] = field(default_factory=list)
    drawer_kicks: int = 0
    remarks: list[str] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)


class Roll:
    """Paper under a head.

    Args:
        width: Dots of the head; what reaches beyond is lost.

    Attributes:
        fed: Dots of paper moved since the printer was made.
        used: Dots of paper since the last cut, `LONGEST` at most.
        notes: Of the paper since the last cut.

    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.fed = 0
        self._begin()

    def _begin(self) -> None:
        self._rows = Image.new("L", (self.width, 1024), 0)
        self.used = 0
        self.notes = Notes()

    def put(self, mask: Image.Image, x: int, y: int) -> None:
        """Print a mask ('L', 255 is ink) `y` dots below where the paper is now."""
        self._grow(self.used + y + mask.height)
        if self.used + y < self._rows.height:  # what is beyond the longest is lost
            self._rows.paste(255, (x, self.used + y), mask)

    def advance(self, dots: int) -> None:
        """Feed paper."""
        self.fed += dots
        if self.used + dots > LONGEST > self.used:
            self.notes.remarks.append("five metres without a cut: the rest is not drawn")
        self.used = min(self.used + dots, LONGEST)
        self._grow(self.used)

    def _grow(self, rows: int) -> None:
        if min(rows, LONGEST) > self._rows.height:
            height = min(max(rows, 2 * self._rows.height), LONGEST)
            longer = Image.new("L", (self.width, height), 0)
            longer.paste(self._rows, (0, 0))
            self._rows = longer

    def cut(self) -> Piece | None:
        """Return what came out since the last cut; None where there is no paper to cut off."""
        if not self.used:
            return None
        rows = self._rows.crop((0, 0, self.width, self.used))
        notes = self.notes
        piece = Piece(
            rows.point([255 - level for level in range(256)]).convert("1"),
            "\n".join(notes.text).rstrip("\n"),
            tuple(notes.qr_codes),
            tuple(notes.unknown),
            notes.drawer_kicks,
            tuple(notes.remarks),
            tuple(notes.stored),
        )
        self._begin()
        return piece
