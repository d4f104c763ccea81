"""The private key of a kiosk: an Ed25519 key that it made itself and that never leaves it.

The server knows its public half. Whoever has the file is the kiosk, so it is readable for its
owner alone, and is never overwritten: a key that is gone costs an enrolment.
"""

import logging
import os
from pathlib import Path
from stat import S_IMODE

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.durable_file import sync_folder

log = logging.getLogger(__name__)

FILE = "kiosk.key"
"""Beside the settings, where they name no other."""

OWNER_ALONE = 0o600


class KeyFileError(Exception):
    """The key cannot be used. The message names the file, the reason and the next step."""


def make_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it to a file that is not there yet; return it once it is on the disk."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = path.with_name(f".{path.name}.unfinished")
    try:
        made.unlink(missing_ok=True)  # of a start that was cut off: nobody knows that key
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE), "wb") as f:
            f.write(pem)
            f.flush()
            os.fsync(f.fileno())
        os.link(made, path)  # unlike a renaming it takes nobody's place
        made.unlink()
        sync_folder(path.parent)
    except FileExistsError:
        raise KeyFileError(f"{path}: is there already, and a key is never overwritten") from None
    except OSError as error:
        raise KeyFileError(
            f"{path}: the key cannot be written ({error.strerror}): make the folder writable"
        ) from None
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in a file, or raise KeyFileError; others are shut out of the file again."""
    try:
        pem = path.read_bytes()
        _shut_others_out(path)
        key = load_pem_private_key(pem, password=None)
    except OSError as error:
        raise KeyFileError(
            f"{path}: the kiosk's key cannot be read ({error.strerror}): call this as the user "
            "that runs the kiosk; where the key is lost, enrol anew with `python -m kiosk enrol`"
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
        # No PEM, damaged, behind a password, or of a kind that OpenSSL does not know.
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: is no Ed25519 key: enrol anew with `python -m kiosk enrol`")
    return key


def public_half(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes that the server may know."""
    return key.public_key().public_bytes_raw()


def _shut_others_out(path: Path) -> None:
    if S_IMODE(path.stat().st_mode) & 0o077:
        log.warning("key was readable for others, file=%s: closed again", path)
        path.chmod(OWNER_ALONE)
