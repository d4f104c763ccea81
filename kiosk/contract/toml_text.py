"""TOML text to tables, in bounded time: what nobody writes is refused before it takes minutes."""

import re
import tomllib
from typing import Any

MOST_PARTS = 16
"""Of a key with dots. The parser takes four seconds for 20,000 of them, and sixteen for twice that;
the deepest of a site file has three."""

_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_TOO_DEEP = re.compile(
    rf"""(?:^|[\[{{,])[ \t]*+{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}""", re.MULTILINE
)
"""Begun where keys are: at the begin of a line, or after what opens or parts tables."""


def read_toml(text: str) -> dict[str, Any]:
    """Return what TOML text says.

    Raises:
        ValueError: It is no TOML, or is nested deeper than anyone would; the message ends with
            the place, such as ``(at line 3, column 5)``, where it is known.

    """
    if deep := _TOO_DEEP.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        column = deep.start() - text.rfind("\n", 0, deep.start())
        raise ValueError(f"a key of more than {MOST_PARTS} parts (at line {line}, column {column})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("brackets inside brackets, too deep to be read") from None
