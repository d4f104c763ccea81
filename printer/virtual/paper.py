"""The virtual printer's head and paper: commands in, dots and cut slips out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import qrcode
from PIL import Image

from printer.virtual.commands import Command
from printer.virtual.glyphs import CELLS, decoded, glyph


@dataclass(frozen=True, slots=True)
class Piece:
    """What came off between two cuts.

    Attributes:
        picture: Mode '1', one pixel a dot, as wide as the head.
        text: What was printed as text, line by line, as decoded from its code pages.
        qr_codes: Contents of the QR codes that the printer drew itself.
        unknown: Byte sequences that no table knows; a healthy job has none.
        drawer_kicks: How often a cash drawer was told to open.

    """

    picture: Image.Image
    text: str
    qr_codes: tuple[str, ...]
    unknown: tuple[bytes, ...]
    drawer_kicks: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What ESC @ sets back."""

    code_page: int = 0
    font: int = 0
    bold: bool = False
    reverse: bool = False
    underline: int = 0
    across: int = 1
    down: int = 1
    align: int = 0
    spacing: int = 30
    left: int = 0
    area: int = 0


@dataclass(slots=True)
class _Qr:
    module: int = 3
    level: int = 48
    content: bytes = b""


@dataclass(slots=True)
class _Notes:
    text: list[str] = field(default_factory=lambda: [""])
    qr_codes: list[str] = field(default_factory=list)
    unknown: list[bytes] = field(default_factory=list)
    drawer_kicks: int = 0


class Paper:
    """Obeys printing commands, dot by dot.

    Args:
        width: Dots of the head.

    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._setting = Setting()
        self._qr = _Qr()
        self._obey: dict[str, Callable[[bytes], Piece | None]] = {
            "ESC p": self._kick_drawer,
            "GS V": self._cut,
            "GS v 0": self._raster,
            "GS ( k": self._two_dimensional,
            "ESC $": self._move_to,
            "ESC J": self._feed_dots,
            "ESC d": self._feed_lines,
            "LF": self._line_feed,
            "text": self._print_text,
            "unknown": self._note_unknown,
            "ESC @": self._initialise,
        }
        self._load()

    def _load(self) -> None:
        """Begin with blank paper."""
        self._rows = Image.new("L", (self._width, 1024), 0)
        self._used = 0
        self._line: list[tuple[int, Image.Image]] = []
        self._x = self._setting.left
        self._notes = _Notes()

    @property
    def used(self) -> int:
        """Dots of paper since the last cut."""
        return self._used

    def drop_line(self) -> None:
        """Forget what stands in the line buffer, as DLE ENQ 2 does, and all settings."""
        self._setting = Setting()
        self._begin_line()

    def obey(self, command: Command) -> Piece | None:
        """Carry out one command; returns the piece of paper when it was a cut."""
        action = self._obey.get(command.name)
        if action is not None:
            return action(command.data)
        change = _CHANGES.get(command.name)
        if change is not None:
            self._setting = replace(self._setting, **change(command.data))
            if command.name == "GS L" and not self._line:
                self._x = self._setting.left
        return None

    # Text

    def _print_text(self, data: bytes) -> None:
        setting = self._setting
        text = decoded(data, setting.code_page)
        self._notes.text[-1] += text
        for character in text:
            image = self._letter(character)
            if self._x + image.width > self._right:
                self._line_feed(b"")
            self._line.append((self._x, image))
            self._x += image.width

    def _letter(self, character: str) -> Image.Image:
        setting = self._setting
        width, height = CELLS[setting.font]
        image = glyph(character, setting.font, bold=setting.bold)
        if setting.underline:
            image = image.copy()
            image.paste(255, (0, height - setting.underline, width, height))
        if setting.reverse:
            image = image.point([255 - level for level in range(256)])
        size = (width * setting.across, height * setting.down)
        return image.resize(size, Image.Resampling.NEAREST)

    @property
    def _right(self) -> int:
        area = self._setting.area or self._width
        return min(self._width, self._setting.left + area)

    def _line_feed(self, data: bytes) -> None:
        del data
        self._notes.text.append("")
        height = max((image.height for _, image in self._line), default=0)
        self._print_line(height)
        self._advance(max(height, self._setting.spacing))

    def _print_line(self, height: int) -> None:
        """Put the line buffer on paper, letters standing on one line."""
        shift = self._indent(max((x + i.width for x, i in self._line), default=0))
        for x, image in self._line:
            self._put(image, x + shift, self._used + height - image.height)
        self._begin_line()

    def _begin_line(self) -> None:
        self._line, self._x = [], self._setting.left

    def _indent(self, end: int) -> int:
        free = max(self._right - end, 0)
        return (0, free // 2, free)[self._setting.align % 3]

    def _move_to(self, data: bytes) -> None:
        self._x = self._setting.left + int.from_bytes(data, "little")

    # Paper

    def _put(self, image: Image.Image, x: int, y: int) -> None:
        self._grow(y + image.height)
        self._rows.paste(255, (x, y), image)

    def _grow(self, rows: int) -> None:
        if rows > self._rows.height:
            longer = Image.new("L", (self._width, max(rows, 2 * self._rows.height)), 0)
            longer.paste(self._rows, (0, 0))
            self._rows = longer

    def _advance(self, dots: int) -> None:
        self._used += dots
        self._grow(self._used)

    def _flush(self) -> None:
        """Print what stands in the line buffer before something that needs its own line."""
        if self._line:
            self._line_feed(b"")

    def _feed_dots(self, data: bytes) -> None:
        height = max((image.height for _, image in self._line), default=0)
        self._print_line(height)
        self._advance(max(height, data[0]))

    def _feed_lines(self, data: bytes) -> None:
        self._flush()
        self._advance(data[0] * self._setting.spacing)

    # Pictures

    def _raster(self, data: bytes) -> None:
        """GS v 0: bit 0 of m doubles the width, bit 1 the height."""
        self._flush()
        row_bytes = int.from_bytes(data[1:3], "little")
        rows = int.from_bytes(data[3:5], "little")
        if not row_bytes or not rows:
            return
        image = Image.frombytes("1", (row_bytes * 8, rows), data[5:]).convert("L")
        size = (image.width * (1 + (data[0] & 1)), rows * (1 + (data[0] >> 1 & 1)))
        self._place(image.resize(size, Image.Resampling.NEAREST))

    def _place(self, image: Image.Image) -> None:
        """Put a picture on paper; what reaches beyond the printing area is lost."""
        image = image.crop((0, 0, min(image.width, self._right - self._setting.left), image.height))
        x = self._setting.left + self._indent(self._setting.left + image.width)
        self._put(image, x, self._used)
        self._advance(image.height)

    def _two_dimensional(self, data: bytes) -> None:
        """GS ( k cn fn ...: QR codes (cn 49) by the functions 65, 67, 69, 80 and 81."""
        if len(data) < 3 or data[0] != 49:
            self._notes.unknown.append(b"\x1d(k" + data)
            return
        function, parameters = data[1], data[2:]
        if function == 67:
            self._qr.module = parameters[0]
        elif function == 69:
            self._qr.level = parameters[0]
        elif function == 80:
            self._qr.content = parameters[1:]
        elif function == 81:
            self._print_qr()

    def _print_qr(self) -> None:
        self._flush()
        code = qrcode.QRCode(error_correction=_QR_LEVELS.get(self._qr.level, 1), border=0)
        code.add_data(self._qr.content)
        code.make()
        rows = code.get_matrix()
        dots = bytes(255 if dark else 0 for row in rows for dark in row)
        side = len(rows) * self._qr.module
        image = Image.frombytes("L", (len(rows), len(rows)), dots)
        self._place(image.resize((side, side), Image.Resampling.NEAREST))
        self._notes.qr_codes.append(self._qr.content.decode("utf-8", "replace"))

    # The rest

    def _initialise(self, data: bytes) -> None:
        del data
        self._setting, self._qr = Setting(), _Qr()
        self._begin_line()

    def _kick_drawer(self, data: bytes) -> None:
        del data
        self._notes.drawer_kicks += 1

    def _note_unknown(self, data: bytes) -> None:
        self._notes.unknown.append(data)

    def _cut(self, data: bytes) -> Piece | None:
        del data
        self._flush()
        if not self._used:
            return None
        rows = self._rows.crop((0, 0, self._width, self._used))
        notes = self._notes
        piece = Piece(
            rows.point([255 - level for level in range(256)]).convert("1"),
            "\n".join(notes.text).rstrip("\n"),
            tuple(notes.qr_codes),
            tuple(notes.unknown),
            notes.drawer_kicks,
        )
        self._load()
        return piece


_QR_LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}
"""ESC/POS counts L M Q H from 48; qrcode's own constants are 1, 0, 3 and 2."""


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


# What a command changes in the settings.
_CHANGES: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "ESC t": lambda d: {"code_page": d[0]},
    "ESC E": lambda d: {"bold": bool(d[0] & 1)},
    "ESC G": lambda d: {"bold": bool(d[0] & 1)},
    "ESC -": lambda d: {"underline": d[0] % 48 if d[0] % 48 < 3 else 0},
    "ESC M": lambda d: {"font": d[0] % 48 & 1},
    "ESC a": lambda d: {"align": d[0] % 48 % 3},
    "ESC 2": lambda _: {"spacing": 30},
    "ESC 3": lambda d: {"spacing": d[0]},
    "ESC !": lambda d: {
        "font": d[0] & 1,
        "bold": bool(d[0] & 8),
        "down": 1 + (d[0] >> 4 & 1),
        "across": 1 + (d[0] >> 5 & 1),
        "underline": d[0] >> 7 & 1,
    },
    "GS !": lambda d: {"across": (d[0] >> 4 & 7) + 1, "down": (d[0] & 7) + 1},
    "GS B": lambda d: {"reverse": bool(d[0] & 1)},
    "GS L": lambda d: {"left": _little(d)},
    "GS W": lambda d: {"area": _little(d)},
}
