"""NV graphics: pictures that a printer keeps and prints by a key of two bytes.

Byte sequences and replies as in the manuals of Epson's TM series and Citizen's CT-S series,
command ``GS ( L`` (``GS 8 L`` with four bytes of length for what is too long for two).
"""

import re
from dataclasses import dataclass

from printer.raster import Raster, defused

GS = b"\x1d"

ASK_KEYS = GS + b"(L\x04\x00\x30\x40KC"
"""fn 64: which keys are in use? Answered in blocks, each of which waits for `ACK`."""

ASK_FREE = GS + b"(L\x02\x00\x30\x33"
"""fn 51: how many bytes are free?"""

ACK = b"\x06"
"""The next block, please; after the last one: thank you."""

KEY_BYTES = range(0x20, 0x7F)
"""What both bytes of a key may be."""


def define(key: bytes, raster: Raster) -> bytes:
    """Return fn 67: keep this picture under `key`, in place of what was there.

    Effective only while nothing stands in the print buffer. The printer is busy and mute
    while it writes, and its memory wears: at most ten a day.
    """
    size = (raster.row_bytes * 8).to_bytes(2, "little") + raster.rows.to_bytes(2, "little")
    parameters = b"\x30\x43\x30" + _checked(key) + b"\x01" + size + b"\x31" + defused(raster.data)
    if len(parameters) <= 0xFFFF:
        return GS + b"(L" + len(parameters).to_bytes(2, "little") + parameters
    return GS + b"8L" + len(parameters).to_bytes(4, "little") + parameters


def print_stored(key: bytes, *, doubled: bool = False) -> bytes:
    """Return fn 69: print the picture under `key` here, twice as large both ways if `doubled`.

    Effective only at the beginning of a line.
    """
    scale = b"\x02\x02" if doubled else b"\x01\x01"
    return GS + b"(L\x06\x00\x30\x45" + _checked(key) + scale


def delete(key: bytes) -> bytes:
    """Return fn 66: forget the picture under `key`."""
    return GS + b"(L\x04\x00\x30\x42" + _checked(key)


def _checked(key: bytes) -> bytes:
    if len(key) != 2 or any(byte not in KEY_BYTES for byte in key):
        raise ValueError(f"key {key!r}: it must be two bytes of 20h to 7Eh")
    return key


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """One block of the answer to `ASK_KEYS`: up to forty keys, and whether more follow."""

    keys: tuple[bytes, ...]
    more: bool


def parse_keys(received: bytes) -> KeyBlock | None:
    """Return the first block of keys in what was received; None where none is complete.

    ``37 72 status keys 00``; status 41h says that another block follows, 40h that none does.
    """
    found = re.search(rb"\x37\x72([\x40\x41])((?:[\x20-\x7e]{2}){0,40})\x00", received)
    if found is None:
        return None
    listed = found[2]
    keys = tuple(listed[place : place + 2] for place in range(0, len(listed), 2))
    return KeyBlock(keys, more=found[1] == b"\x41")


def parse_free(received: bytes) -> int | None:
    """Return the free bytes that the answer to `ASK_FREE` names: ``37 31 digits 00``."""
    found = re.search(rb"\x37\x31([0-9]{1,8})\x00", received)
    return int(found[1]) if found else None
