"""The site's private keys: files beside the database and never in it, so no backup holds both."""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.contract.sealing import SiteKey, new_private_key, public_key, read_private_key


class KeyFileError(Exception):
    """A key file cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The private keys of a site by name: the present one, and older ones until all is opened."""

    private: dict[str, X25519PrivateKey] = field(repr=False)

    def private_key(self, key_id: str) -> X25519PrivateKey | None:
        """Return the private key of that name, or None."""
        return self.private.get(key_id)

    def public_key(self, key_id: str) -> SiteKey:
        """Return the public half of a key; raise KeyFileError where it is missing."""
        try:
            return public_key(self.private[key_id], key_id=key_id)
        except KeyError:
            raise KeyFileError(
                f"the site's key {key_id} is missing: put {key_id}.key back from your backup"
            ) from None


def make_key(folder: Path) -> SiteKey:
    """Make a key of the site in `folder`, readable by its owner alone.

    It is named by its own public half, so that two keys never share a name.
    """
    private = new_private_key()
    public = public_key(private, key_id="unnamed").public
    key = SiteKey(f"key-{hashlib.sha256(public).hexdigest()[:8]}", public)
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / f"{key.key_id}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(base64.b64encode(private) + b"\n")
        out.flush()
        os.fsync(file)
    return key


def read_keys(folder: Path) -> Keyring:
    """Return the keys in `folder`; raise KeyFileError where one is damaged or open to others."""
    return Keyring({path.stem: _read_key(path) for path in sorted(folder.glob("*.key"))})


def _read_key(path: Path) -> X25519PrivateKey:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path}: others may read it; run: chmod 600 {path}")
        private = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from None
    except binascii.Error:
        raise KeyFileError(f"{path}: not a key: put it back from your backup") from None
    if len(private) != 32:
        raise KeyFileError(f"{path}: {len(private)} bytes, an X25519 key has 32")
    return read_private_key(private)
