"""The site's private keys: files beside the database and never in it, so no backup holds both."""

import base64
import binascii
import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.contract.sealing import SiteKey, new_private_key, public_key, read_private_key
from server_stub.store_error import StoreError
from server_stub.unfinished import in_the_making, remove_left_over

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
"""How often a folder is looked through for a key that was not there."""

MADE = "made "
"""Begins the second line of a key's file; files of older programs have none."""

DESTROYED = ".destroyed"
"""Ends the name of a key's file while it is deleted: where power fails then, no key is looked for
in what is left of it."""


class KeyFileError(Exception):
    """A key file cannot be used. The message says which, why, and what to do."""


@dataclass(slots=True)
class Keyring:
    """The private keys of a site by name: the present one, and older ones until all is opened.

    A key that was put into the folder since is found when it is asked for. From any thread.

    Attributes:
        private: The keys.
        made: When each was made, where its file says so.
        folder: Where their files lie; None where no more can come.

    """

    private: dict[str, X25519PrivateKey] = field(repr=False)
    made: dict[str, datetime] = field(default_factory=dict)
    folder: Path | None = None
    _looked_at: float = field(default=0.0, repr=False)
    _looking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def private_key(self, key_id: str) -> X25519PrivateKey | None:
        """Return the private key of that name, or None."""
        found = self.private.get(key_id)
        if found is None and self.folder is not None:
            self._look_again()
            found = self.private.get(key_id)
        return found

    def public_key(self, key_id: str) -> SiteKey:
        """Return the public half of a key; raise KeyFileError where it is missing."""
        private = self.private_key(key_id)
        if private is None:
            where = f"{self.folder}: " if self.folder else ""
            raise KeyFileError(
                f"{where}the site's key {key_id} is missing: put {key_id}.key back from where "
                "you keep the keys, or from the other server that has it"
            )
        return public_key(private, key_id=key_id)

    def forget(self, key_ids: Iterable[str]) -> None:
        """Know these keys no more, and delete their files, overwritten.

        A disk of flash memory, or one that keeps snapshots, may hold a copy all the same.
        """
        for key_id in key_ids:
            self.private.pop(key_id, None)
            if self.folder is None:
                continue
            leftover = self.folder / f"{key_id}{DESTROYED}"
            try:
                (self.folder / f"{key_id}.key").rename(leftover)
                _sync(self.folder)  # the new name before the zeros
                _wipe(leftover)
            except FileNotFoundError:
                continue
            except OSError as error:
                log.error("destroyed key not deleted key=%s reason=%s", key_id, error.strerror)  # noqa: TRY400
            else:
                log.warning("destroyed key deleted key=%s", key_id)

    def _look_again(self) -> None:
        with self._looking:
            now = time.monotonic()
            if self.folder is None or now - self._looked_at < SECONDS_BETWEEN_LOOKS:
                return
            self._looked_at = now
            try:
                there = read_keys(self.folder)
            except (KeyFileError, OSError) as error:
                log.error("keys not read reason=%r", f"{error}")  # noqa: TRY400
                return
            for key_id in there.private.keys() - self.private.keys():
                log.info("key found key=%s", key_id)
            self.made |= there.made
            self.private |= there.private


def make_key(folder: Path, *, now: datetime | None = None) -> SiteKey:
    """Make a key of the site in `folder`, readable by its owner alone, and on the disk.

    It is named by its own public half, so that two keys never share a name. Its file says when
    it was made (`now`, else by the machine's clock): a restored store takes the newest.

    Raises:
        KeyFileError: The file cannot be written.

    """
    try:
        return _make_key(folder, now or datetime.now(UTC))
    except OSError as error:
        raise KeyFileError(f"{folder}: no key can be written: {error.strerror}") from None
    except StoreError as error:
        raise KeyFileError(f"no key can be written: {error}") from None


def _make_key(folder: Path, now: datetime) -> SiteKey:
    private = new_private_key()
    public = public_key(private, key_id="unnamed").public
    key = SiteKey(f"key-{hashlib.sha256(public).hexdigest()[:8]}", public)
    folder.mkdir(mode=0o700, exist_ok=True)
    made_at = f"{MADE}{now.astimezone(UTC).isoformat()}"  # two may be made within a second
    # On the disk with its name too: check-ins are sealed to it as soon as it is told of.
    with in_the_making(folder / f"{key.key_id}.key") as made:
        made.write_bytes(base64.b64encode(private) + f"\n{made_at}\n".encode())
    return key


def sweep_keys(folder: Path) -> None:
    """Delete what is left of keys whose making or deleting was interrupted, these overwritten."""
    remove_left_over(folder)
    for leftover in folder.glob(f"*{DESTROYED}"):
        try:
            _wipe(leftover)
        except OSError as error:
            log.error("destroyed key not deleted key=%s reason=%s", leftover.stem, error.strerror)  # noqa: TRY400
        else:
            log.warning("destroyed key deleted key=%s", leftover.stem)


def read_keys(folder: Path) -> Keyring:
    """Return the keys in `folder`; raise KeyFileError where one is damaged or open to others."""
    keys = Keyring({}, folder=folder)
    for path in sorted(folder.glob("*.key")):
        private, made = _read_key(path)
        keys.private[path.stem] = private
        if made is not None:
            keys.made[path.stem] = made
    return keys


def _read_key(path: Path) -> tuple[X25519PrivateKey, datetime | None]:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path}: others may read it; run: chmod 600 {path}")
        text, _, more = path.read_bytes().strip().partition(b"\n")
        private = base64.b64decode(text, validate=True)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from None
    except binascii.Error:
        raise KeyFileError(f"{path}: not a key: put it back from your backup") from None
    if len(private) != 32:
        raise KeyFileError(f"{path}: {len(private)} bytes, an X25519 key has 32")
    return read_private_key(private), _read_moment(more.decode(errors="replace"))


def _read_moment(line: str) -> datetime | None:
    try:
        made = datetime.fromisoformat(line.strip().removeprefix(MADE))
    except ValueError:
        return None
    return made if made.tzinfo else None


def _wipe(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
