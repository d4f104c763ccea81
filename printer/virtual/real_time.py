"""Real-time commands: obeyed when they arrive, wherever in the stream they stand."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RealTime:
    """A command obeyed on arrival.

    Attributes:
        kind: ``"DLE EOT"``, ``"DLE ENQ"`` or ``"DLE DC4"``.
        n: The n of the first two, the fn of the last.
        end: Where it ended in the bytes that were fed.

    """

    kind: str
    n: int
    end: int = field(default=0, compare=False)


# DLE EOT n; DLE ENQ n; DLE DC4 1 m t (drawer), 2 1 8 (power off), 8 1 3 20 1 6 2 8 (clear).
# Epson's command reference; a sequence with parameters out of range is none.
_PATTERN = (
    rb"\x10(?:\x04[\x01-\x04]|\x05[\x01\x02]"
    rb"|\x14(?:\x01[\x00\x01][\x01-\x08]|\x02\x01\x08|\x08\x01\x03\x14\x01\x06\x02\x08))"
)
_ONE = re.compile(_PATTERN, re.DOTALL)
_NOTHING_ELSE = re.compile(rb"(?:" + _PATTERN + rb")*", re.DOTALL)
_KINDS = {0x04: "DLE EOT", 0x05: "DLE ENQ", 0x14: "DLE DC4"}
_LONGEST = 10


class RealTimeReader:
    """Finds real-time commands in everything that arrives, also inside pictures."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[RealTime]:
        """Return the real-time commands that are complete now, in order."""
        before = len(self._tail)
        data = self._tail + data
        found, end = [], 0
        for match in _ONE.finditer(data):
            end = match.end()
            found.append(RealTime(_KINDS[match[0][1]], match[0][2], end - before))
        self._tail = data[max(end, len(data) - (_LONGEST - 1)) :]
        return found


def without_leading_commands(data: bytes) -> bytes:
    """Return `data` without the whole real-time commands that it begins with."""
    match = _NOTHING_ELSE.match(data)
    return data[match.end() :] if match else data
