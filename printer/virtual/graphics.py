"""GS ( L and GS 8 L: pictures that are stored and printed later, once or by key."""

from dataclasses import dataclass

from PIL import Image

from printer.virtual.nv_memory import NvMemory
from printer.virtual.pictures import dots, scaled


class RefusedError(Exception):
    """A command that a real printer would not carry out here; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Something to print now, and the key that it was kept by."""

    mask: Image.Image
    key: bytes | None = None


class Graphics:
    """The functions of GS ( L; GS 8 L has the same ones with a longer count.

    Args:
        memory: Where pictures are kept by key.

    """

    def __init__(self, memory: NvMemory) -> None:
        self._memory = memory
        self._stored: Image.Image | None = None

    def initialise(self) -> None:
        """Forget what fn 112 has stored; what is kept by key stays."""
        self._stored = None

    def obey(self, data: bytes, *, beginning_of_line: bool) -> Picture | None:
        """Carry out m fn ...; return what is to be printed.

        Raises:
            RefusedError: It cannot be done, or its parameters are out of range.

        """
        if len(data) < 2 or data[0] != 48:
            raise RefusedError("GS ( L: m must be 48")
        function, parameters = data[1], data[2:]
        if function in _ANSWERED:
            return None
        if function in (2, 50):
            return self._print_stored()
        if function == 69:
            return self._print_kept(parameters, beginning_of_line=beginning_of_line)
        if function == 112:
            self._stored = _parsed(parameters)
        elif function in (65, 66, 67):
            self._change_memory(function, parameters)
        else:
            raise RefusedError(f"GS ( L fn {function}: not known here")
        return None

    def _print_stored(self) -> Picture | None:
        stored, self._stored = self._stored, None
        return Picture(stored) if stored else None

    def _print_kept(self, parameters: bytes, *, beginning_of_line: bool) -> Picture:
        key, size = parameters[:2], parameters[2:4]
        if not beginning_of_line:
            raise RefusedError(f"GS ( L fn 69 {key!r}: not at the beginning of a line")
        if key not in self._memory:
            raise RefusedError(f"GS ( L fn 69 {key!r}: nothing is kept by this key")
        if len(size) != 2 or not set(size) <= {1, 2}:
            raise RefusedError(f"GS ( L fn 69 {key!r}: x and y must be 1 or 2")
        return Picture(scaled(self._memory[key], *size), key)

    def _change_memory(self, function: int, parameters: bytes) -> None:
        if function == 65:
            if parameters != b"CLR":
                raise RefusedError("GS ( L fn 65: deletes only with CLR")
            self._memory.clear()
        elif function == 66:
            self._memory.delete(_key(parameters))
        else:
            _require(parameters[:1] == b"0" and parameters[3:4] == b"\x01", "fn 67: a = 48, b = 1")
            key, picture = _key(parameters[1:3]), _picture(parameters[4:8], parameters[8:])
            if not self._memory.define(key, picture):
                raise RefusedError(f"GS ( L fn 67 {key!r}: does not fit into what is free")

    def answers(self, data: bytes) -> list[bytes]:
        """Return the blocks that m fn ... asks for; more than one wait for an ACK each."""
        if data[:1] != b"0":
            return []
        if data[1:] in (b"\x00", b"0"):
            return [b"\x37\x30" + str(self._memory.capacity).encode() + b"\x00"]
        if data[1:] in (b"\x03", b"3"):
            return [b"\x37\x31" + str(self._memory.free).encode() + b"\x00"]
        return self._memory.key_list() if data[1:] == b"@KC" else []


_ANSWERED = (0, 3, 48, 51, 64)


def _parsed(parameters: bytes) -> Image.Image:
    """Read fn 112: a bx by c xL xH yL yH d..."""
    _require(len(parameters) > 8 and parameters[0] == 48, "fn 112: a = 48")
    across, down = parameters[1:3]
    _require({across, down} <= {1, 2}, "fn 112: bx and by must be 1 or 2")
    picture = _picture(parameters[4:8], parameters[3:4] + parameters[8:])
    _require(picture.width <= 2047, "fn 112: at most 2047 dots wide")
    _require(picture.height * down <= 1662, "fn 112: at most 1662 dots high")
    return scaled(picture, across, down)


def _key(key: bytes) -> bytes:
    _require(len(key) == 2 and all(0x20 <= byte <= 0x7E for byte in key), "a key is 20 to 7E twice")
    return key


def _picture(sizes: bytes, plane: bytes) -> Image.Image:
    """Read xL xH yL yH and a plane: its colour (49) and its rows."""
    _require(len(sizes) == 4, "xL xH yL yH are missing")
    columns, rows = int.from_bytes(sizes[:2], "little"), int.from_bytes(sizes[2:], "little")
    _require(0 < columns <= 8192 and 0 < rows <= 2304, "at most 8192 x 2304 dots")
    _require(plane[:1] == b"1", "the colour must be 49")
    _require(len(plane) - 1 == (columns + 7) // 8 * rows, "the count of bytes does not fit x and y")
    return dots(plane[1:], columns, rows)


def _require(condition: bool, rule: str) -> None:  # noqa: FBT001 -- reads as a sentence
    if not condition:
        raise RefusedError(f"GS ( L: {rule}")
