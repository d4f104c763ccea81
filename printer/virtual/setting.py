"""The settings of the virtual printer that ESC @ sets back, and the commands that change them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from printer.virtual.glyphs import CELLS


@dataclass(frozen=True, slots=True)
class Setting:
    """How the next letter looks and where it stands. Lengths are in dots."""

    code_page: int = 0
    font: int = 0
    bold: bool = False
    reverse: bool = False
    smooth: bool = False
    underline: int = 0
    across: int = 1
    down: int = 1
    pitch: int = 0
    tabs: tuple[int, ...] = tuple(range(96, 4096, 96))
    align: int = 0
    spacing: int = 30
    left: int = 0
    area: int = 0


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def tab_stops(columns: bytes, setting: Setting) -> tuple[int, ...]:
    """Return the places of ESC D in dots: columns of the letters in use when it is set."""
    column = (CELLS[setting.font][0] + setting.pitch) * setting.across
    return tuple(n * column for n in columns)


BEGINNING_OF_LINE = frozenset({"ESC a", "GS L", "GS W"})
"""Obeyed only where the line is still empty (Epson, notes of each)."""

CHANGES: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "ESC t": lambda d: {"code_page": d[0]},
    "ESC E": lambda d: {"bold": bool(d[0] & 1)},
    "ESC G": lambda d: {"bold": bool(d[0] & 1)},
    "ESC -": lambda d: {"underline": d[0] % 48 if d[0] % 48 < 3 else 0},
    "ESC M": lambda d: {"font": d[0] % 48 & 1},
    "ESC SP": lambda d: {"pitch": d[0]},
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
    "GS b": lambda d: {"smooth": bool(d[0] & 1)},
    "GS L": lambda d: {"left": _little(d)},
    "GS W": lambda d: {"area": _little(d)},
}
"""What each command changes in the settings."""
