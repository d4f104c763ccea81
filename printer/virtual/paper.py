"""The virtual printer's head and paper: commands in, dots and cut slips out."""

from collections.abc import Callable
from dataclasses import replace

from printer.virtual.commands import Command
from printer.virtual.glyphs import decoded
from printer.virtual.graphics import Graphics, RefusedError
from printer.virtual.nv_memory import NvMemory
from printer.virtual.pictures import QrSymbol, bit_image, raster
from printer.virtual.roll import Piece, Roll
from printer.virtual.setting import BEGINNING_OF_LINE, CHANGES, Setting, tab_stops
from printer.virtual.text_line import TextLine

__all__ = ["CUTS", "Paper", "Piece"]

CUTS = frozenset({"GS V", "ESC i", "ESC m"})
"""The commands that part the paper."""


class Paper:
    """Obeys printing commands, dot by dot.

    Args:
        width: Dots of the head.
        memory: What pictures are kept in; by default 256 kB of its own.

    """

    def __init__(self, width: int, memory: NvMemory | None = None) -> None:
        self._roll = Roll(width)
        self._line = TextLine(self._roll)
        self._qr = QrSymbol()
        self.graphics = Graphics(NvMemory(262_144) if memory is None else memory)
        self._actions: dict[str, Callable[[bytes], None]] = {
            "text": self._print_text,
            "LF": lambda _: self._line.feed(),
            "HT": lambda _: self._line.tab(),
            "ESC $": lambda data: self._line.move_to(int.from_bytes(data, "little")),
            "ESC \\": lambda data: self._line.move_by(int.from_bytes(data, "little", signed=True)),
            "ESC D": self._set_tabs,
            "ESC J": lambda data: self._line.feed(data[0]),
            "ESC d": self._feed_lines,
            "ESC @": lambda _: self._initialise(),
            "ESC *": self._column_picture,
            "GS v 0": self._raster,
            "GS ( L": self._graphics,
            "GS 8 L": self._graphics,
            "GS ( k": self._two_dimensional,
            "ESC p": lambda _: self.kick_drawer(),
            "unknown": self._note_unknown,
        }

    @property
    def fed(self) -> int:
        """Dots of paper moved since the printer was made."""
        return self._roll.fed

    def drop_line(self) -> None:
        """Forget what stands in the print buffer, as DLE ENQ 2 does; settings stay."""
        self._line.clear()
        self.graphics.initialise()

    def power_up(self) -> None:
        """Begin anew; what is on paper and what is kept by key stays."""
        self._initialise()

    def kick_drawer(self) -> None:
        """Note that a cash drawer was told to open."""
        self._roll.notes.drawer_kicks += 1

    def remark(self, words: str) -> None:
        """Note what a real printer would have taken otherwise."""
        self._roll.notes.remarks.append(words)

    def obey(self, command: Command) -> Piece | None:
        """Carry out one command; returns the piece of paper when it was a cut."""
        if command.name in CUTS:
            self._line.flush()
            return self._roll.cut()
        action = self._actions.get(command.name)
        if action is not None:
            action(command.data)
        elif command.name in CHANGES:
            self._change(command)
        return None

    def _change(self, command: Command) -> None:
        if command.name in BEGINNING_OF_LINE and not self._line.empty:
            self.remark(f"{command.name}: ignored, not at the beginning of a line")
            return
        changes = CHANGES[command.name](command.data)
        self._line.setting = replace(self._line.setting, **changes)
        if command.name == "GS L":
            self._line.clear()

    def _initialise(self) -> None:
        self._line.setting, self._qr = Setting(), QrSymbol()
        self.drop_line()

    def _print_text(self, data: bytes) -> None:
        text = decoded(data, self._line.setting.code_page)
        self._roll.notes.text[-1] += text
        self._line.write(text)

    def _set_tabs(self, columns: bytes) -> None:
        setting = self._line.setting
        self._line.setting = replace(setting, tabs=tab_stops(columns, setting))

    def _feed_lines(self, data: bytes) -> None:
        self._line.flush()
        self._roll.advance(data[0] * self._line.setting.spacing)

    def _column_picture(self, data: bytes) -> None:
        image = bit_image(data)
        if image is None:
            self.remark(f"ESC *: m = {data[0]} is no mode")
            return
        self._line.add(image)

    def _raster(self, data: bytes) -> None:
        if not self._line.empty:
            self.remark("GS v 0: a line was not finished before it")
            self._line.flush()
        image = raster(data)
        if image is not None:
            self._line.place(image)

    def _graphics(self, data: bytes) -> None:
        try:
            picture = self.graphics.obey(data, beginning_of_line=self._line.empty)
        except RefusedError as refused:
            self.remark(str(refused))
            return
        if picture is not None:
            self._line.flush()
            self._line.place(picture.mask)
            if picture.key is not None:
                self._roll.notes.stored.append(picture.key)

    def _two_dimensional(self, data: bytes) -> None:
        try:
            draw = self._qr.obey(data)
        except ValueError:
            self._roll.notes.unknown.append(b"\x1d(k" + data)
            return
        if draw is not None:
            self._line.flush()
            self._line.place(draw())
            self._roll.notes.qr_codes.append(self._qr.content.decode("utf-8", "replace"))

    def _note_unknown(self, data: bytes) -> None:
        self._roll.notes.unknown.append(data)
