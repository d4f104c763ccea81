"""ESC/POS commands cut out of a stream of bytes, by the lengths that the manuals give."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from printer.virtual.real_time import RealTime, RealTimeReader

__all__ = ["Command", "CommandReader", "RealTime", "RealTimeReader"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its parameters, or a run of text.

    Attributes:
        name: As the manuals write it: ``"ESC @"``, ``"GS v 0"``, ``"text"``, ``"LF"``;
            ``"unknown"`` for a sequence that is in no table here.
        data: The parameters (for text its bytes, for an unknown sequence all of it).

    """

    name: str
    data: bytes = b""


# Parameters that follow, by the command's letter. Epson's TM command list, Citizen manual.
_ESC_FIXED = {
    "@": 0, "2": 0, "L": 0, "S": 0, "i": 0, "m": 0,
    " ": 1, "!": 1, "%": 1, "-": 1, "3": 1, "=": 1, "?": 1, "E": 1, "G": 1, "J": 1, "K": 1,
    "M": 1, "R": 1, "T": 1, "V": 1, "a": 1, "d": 1, "e": 1, "r": 1, "t": 1, "{": 1,
    "$": 2, "\\": 2, "c": 2, "p": 3,
}  # fmt: skip
_GS_FIXED = {
    ":": 0,
    "!": 1, "/": 1, "B": 1, "H": 1, "I": 1, "T": 1, "a": 1, "b": 1, "f": 1, "h": 1, "r": 1,
    "w": 1,
    "$": 2, "L": 2, "P": 2, "W": 2, "\\": 2, "^": 3,
}  # fmt: skip
_FS_FIXED = {"&": 0, ".": 0, "!": 1, "-": 1, "C": 1, "W": 1, "S": 2, "p": 2}
_SINGLE = {
    0x00: "NUL", 0x06: "ACK", 0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x15: "NAK",
    0x18: "CAN",
}  # fmt: skip


class CommandReader:
    """Cuts commands out of bytes that come in pieces."""

    def __init__(self) -> None:
        self._buffer = b""
        self._position = 0

    @property
    def waiting(self) -> int:
        """Bytes that no command has been made of yet."""
        return len(self._buffer) - self._position

    def clear(self) -> None:
        """Forget what is waiting, as DLE ENQ 2 does."""
        self._buffer, self._position = b"", 0

    def push(self, data: bytes) -> None:
        """Add bytes behind those that wait."""
        self._buffer, self._position = self._buffer[self._position :] + data, 0

    def next(self) -> Command | None:
        """Return the next command; None where its end has not come yet."""
        if self._position >= len(self._buffer):
            return None
        taken = _command_at(self._buffer, self._position)
        if taken is None:
            return None
        command, self._position = taken
        return command

    def next_byte(self) -> int | None:
        """Return the next byte that belongs to no real-time command, or None."""
        while self.waiting:
            lead = self._buffer[self._position]
            if lead != _DLE:
                self._position += 1
                return lead
            if self.next() is None:
                return None
        return None

    def feed(self, data: bytes) -> Iterator[Command]:
        """Yield the commands that are complete now; keep the rest for the next call."""
        self.push(data)
        while (command := self.next()) is not None:
            yield command


Taken = tuple[Command, int]
"""A command and where the next one begins."""


def _command_at(data: bytes, start: int) -> Taken | None:
    lead = data[start]
    if lead >= 0x20:
        end = start
        while end < len(data) and data[end] >= 0x20:
            end += 1
        return Command("text", data[start:end]), end
    reader = _LEADS.get(lead)
    if reader is not None:
        return reader(data, start) if start + 1 < len(data) else None
    if lead in _SINGLE:
        return Command(_SINGLE[lead]), start + 1
    return Command("unknown", data[start : start + 1]), start + 1


def _take(name: str, data: bytes, start: int, length: int) -> Taken | None:
    end = start + length
    return (Command(name, data[start:end]), end) if end <= len(data) else None


def _esc(data: bytes, start: int) -> Taken | None:
    letter = chr(data[start + 1])
    if letter == "*":
        return _bit_image(data, start)
    if letter == "D":
        end = data.find(0, start + 2)
        return None if end < 0 else (Command("ESC D", data[start + 2 : end]), end + 1)
    if letter in _ESC_FIXED:
        return _take(f"ESC {_written(letter)}", data, start + 2, _ESC_FIXED[letter])
    return Command("unknown", data[start : start + 2]), start + 2


def _written(letter: str) -> str:
    return "SP" if letter == " " else letter


def _bit_image(data: bytes, start: int) -> Taken | None:
    """Read ESC * m nL nH d..., 1 byte a column for 8-dot modes and 3 for 24-dot modes."""
    if start + 5 > len(data):
        return None
    mode, columns = data[start + 2], int.from_bytes(data[start + 3 : start + 5], "little")
    return _take("ESC *", data, start + 2, 3 + columns * (3 if mode in (32, 33) else 1))


def _gs(data: bytes, start: int) -> Taken | None:
    letter = chr(data[start + 1])
    if letter in _GS_FIXED:
        return _take(f"GS {letter}", data, start + 2, _GS_FIXED[letter])
    reader = _GS_LONG.get(letter)
    if reader is not None:
        return reader(data, start)
    return Command("unknown", data[start : start + 2]), start + 2


def _cut(data: bytes, start: int) -> Taken | None:
    """Read GS V m, and GS V m n where m says "feed first" (65, 66 and their kin)."""
    if start + 3 > len(data):
        return None
    return _take("GS V", data, start + 2, 1 if data[start + 2] in (0, 1, 48, 49) else 2)


def _raster(data: bytes, start: int) -> Taken | None:
    """Read GS v 0 m xL xH yL yH d...: x bytes a row, y rows."""
    if start + 8 > len(data):
        return None
    row_bytes = int.from_bytes(data[start + 4 : start + 6], "little")
    rows = int.from_bytes(data[start + 6 : start + 8], "little")
    return _take("GS v 0", data, start + 3, 5 + row_bytes * rows)


def _barcode(data: bytes, start: int) -> Taken | None:
    """Read GS k m d... NUL, and from m = 65 on GS k m n d... with n bytes."""
    if start + 4 > len(data):
        return None
    if data[start + 2] >= 65:
        return _take("GS k", data, start + 2, 2 + data[start + 3])
    end = data.find(0, start + 3)
    return None if end < 0 else (Command("GS k", data[start + 2 : end]), end + 1)


def _counted(data: bytes, start: int) -> Taken | None:
    """Read GS ( x pL pH d...: p bytes follow."""
    if start + 5 > len(data):
        return None
    length = int.from_bytes(data[start + 3 : start + 5], "little")
    return _take(f"GS ( {chr(data[start + 2])}", data, start + 5, length)


def _long_counted(data: bytes, start: int) -> Taken | None:
    """Read GS 8 L p1 p2 p3 p4 d...: p bytes follow."""
    if start + 7 > len(data):
        return None
    length = int.from_bytes(data[start + 3 : start + 7], "little")
    return _take("GS 8 L", data, start + 7, length)


_GS_LONG: dict[str, Callable[[bytes, int], Taken | None]] = {
    "V": _cut,
    "v": _raster,
    "k": _barcode,
    "(": _counted,
    "8": _long_counted,
}


def _fs(data: bytes, start: int) -> Taken | None:
    letter = chr(data[start + 1])
    if letter in _FS_FIXED:
        return _take(f"FS {letter}", data, start + 2, _FS_FIXED[letter])
    return Command("unknown", data[start : start + 2]), start + 2


def _dle(data: bytes, start: int) -> Taken | None:
    """Skip a real-time command: it was obeyed when it arrived."""
    kind = data[start + 1]
    if kind in (0x04, 0x05):
        return _take("DLE", data, start + 2, 1)
    if kind == 0x14:
        if start + 3 > len(data):
            return None
        return _take("DLE", data, start + 2, {1: 3, 2: 3, 8: 8}.get(data[start + 2], 1))
    return Command("unknown", data[start : start + 1]), start + 1


_DLE = 0x10

_LEADS: dict[int, Callable[[bytes, int], Taken | None]] = {
    _DLE: _dle,
    0x1B: _esc,
    0x1C: _fs,
    0x1D: _gs,
}
