"""Looks for what must be nowhere: in every byte of every file of a folder, however it is written.

Whole files are read, so free pages of a database and what a rollback journal was cut off with are
among it.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def writings(canary: str) -> dict[str, bytes]:
    """Return the ways in which a text may stand in a file, each by its name."""
    utf8 = canary.encode()
    ways = {
        "UTF-8": utf8,
        "UTF-16, little": canary.encode("utf-16-le"),
        "UTF-16, big": canary.encode("utf-16-be"),
        "JSON": json.dumps(canary)[1:-1].encode(),
        "address": quote(canary).encode(),
        "hex": utf8.hex().encode(),
        "HEX": utf8.hex().upper().encode(),
    }
    for shift in range(3):
        ways[f"base64 + {shift}"] = (inside := _inside_base64(utf8, shift))
        ways[f"base64 for addresses + {shift}"] = inside.translate(bytes.maketrans(b"+/", b"-_"))
    return ways


def _inside_base64(text: bytes, shift: int) -> bytes:
    """Return the letters that stand for nothing but the text, where so many bytes are before it."""
    whole = base64.b64encode(b"\0" * shift + text)
    begin = (shift * 8 + 5) // 6
    return whole[begin : (shift + len(text)) * 8 // 6]


def files_of(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every file below the folders."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.is_file())


def leaks(folders: Iterable[Path], canaries: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return each file in which a canary stands, or whose name has it: name, canary, writing."""
    sought = [(canary, writings(canary)) for canary in canaries]
    found = []
    for path in files_of(folders):
        content = path.read_bytes() + b"\0" + f"{path}".encode()
        found += [
            (path.name, canary, way)
            for canary, ways in sought
            for way, written in ways.items()
            if written in content
        ]
    return found
