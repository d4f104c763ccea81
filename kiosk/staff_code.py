"""The staff code: the digits that open the staff menu, kept as a hash that is slow to guess."""

import base64
import hashlib
import hmac
import os
import re
from typing import NamedTuple

SHORTEST, LONGEST = 6, 12

# RFC 7914: 16 MB and a tenth of a second for each guess.
_COST, _BLOCK, _LANES = 2**14, 8, 1
_SALT_BYTES = _HASH_BYTES = 16
_KIND = "scrypt"


class _Kept(NamedTuple):
    salt: bytes
    hash: bytes


def is_code(text: str) -> bool:
    """Whether this can be a staff code: 6 to 12 digits, not all the same."""
    digits = re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", text)
    return digits is not None and len(set(text)) > 1


def hash_code(code: str) -> str:
    """Return what stands in the settings for a code, with a new salt."""
    salt = os.urandom(_SALT_BYTES)
    parts = (base64.b64encode(part).decode() for part in (salt, _scrypt(code, salt)))
    return "$".join((_KIND, *parts))


def check_hash(kept: str) -> str:
    """Return what stands in the settings, or raise ValueError where it was not made here."""
    _read(kept)
    return kept


def matches(code: str, kept: str) -> bool:
    """Whether the code is the one that was hashed. Takes a tenth of a second."""
    salt, expected = _read(kept)
    return hmac.compare_digest(_scrypt(code, salt), expected)


def _scrypt(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=_HASH_BYTES)


def _read(kept: str) -> _Kept:
    kind, *parts = kept.split("$")
    try:
        salt, hash_ = (base64.b64decode(part, validate=True) for part in parts)
    except ValueError:  # no base64, or not two parts
        salt, hash_ = b"", b""
    if kind != _KIND or (len(salt), len(hash_)) != (_SALT_BYTES, _HASH_BYTES):
        raise ValueError("a staff code is the line that `python -m kiosk staff-code` printed")
    return _Kept(salt, hash_)
