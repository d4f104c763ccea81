"""Sealing: what a party answered, encrypted to the site so that a stolen kiosk tells nothing.

HPKE base mode (RFC 9180, section 5.1.1) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. The
``info`` string binds the ciphertext to contract version, site and envelope, so that a sealed
content moved under another number, kiosk or site cannot be opened.
"""

import base64
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import ValidationError

from kiosk.contract.messages import CheckIn, CheckInContent


class SealError(Exception):
    """A sealed content cannot be opened; the message says why, never what is in it."""


@dataclass(frozen=True, slots=True)
class SiteKey:
    """The public key of a site, and the name it goes by in envelopes."""

    key_id: str
    public: bytes

    @classmethod
    def from_text(cls, key_id: str, public: str) -> "SiteKey":
        """Return the key written as base64; raise ValueError where it is no X25519 key."""
        try:
            raw = base64.b64decode(public, validate=True)
        except ValueError as error:
            raise ValueError(f"site key {key_id}: not base64 ({error})") from None
        if len(raw) != 32:
            raise ValueError(f"site key {key_id}: {len(raw)} bytes, an X25519 key has 32")
        return cls(key_id, raw)

    def to_text(self) -> str:
        """Return the key as base64."""
        return base64.b64encode(self.public).decode()


def seal(content: CheckInContent, *, site: str, envelope: CheckIn, key: SiteKey) -> str:
    """Return the content sealed to the site's key, in base64.

    Args:
        content: What the party answered.
        site: The site's name.
        envelope: The check-in that will carry it; its own `sealed` does not matter.
        key: The site's key, named in the envelope.

    """
    sealed = _suite().encrypt(
        content.to_bytes(),
        X25519PublicKey.from_public_bytes(key.public),
        info=_binding(site, envelope),
    )
    return base64.b64encode(sealed).decode()


def unseal(
    envelope: CheckIn, *, site: str, private_key: bytes | X25519PrivateKey
) -> CheckInContent:
    """Return what was sealed into `envelope`, or raise SealError.

    Who opens many keeps what `read_private_key` returns: to read a key takes almost as long as
    to open a seal.
    """
    if envelope.sealed is None:
        raise SealError("there is no sealed content")
    try:
        plain = _suite().decrypt(
            base64.b64decode(envelope.sealed, validate=True),
            _read(private_key),
            info=_binding(site, envelope),
        )
    except (ValueError, InvalidTag):
        raise SealError("sealed to another key or envelope, or damaged") from None
    try:
        return CheckInContent.model_validate_json(plain)
    except ValidationError as error:
        places = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
        raise SealError(f"the content breaks the contract at: {', '.join(places)}") from None


def new_private_key() -> bytes:
    """Return a new X25519 private key, 32 raw bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def read_private_key(private_key: bytes) -> X25519PrivateKey:
    """Return the key that 32 raw bytes are; raise ValueError where they are none."""
    return X25519PrivateKey.from_private_bytes(private_key)


def public_key(private_key: bytes | X25519PrivateKey, *, key_id: str) -> SiteKey:
    """Return the public half of a private key under its name."""
    return SiteKey(key_id, _read(private_key).public_key().public_bytes_raw())


def _read(private_key: bytes | X25519PrivateKey) -> X25519PrivateKey:
    return read_private_key(private_key) if isinstance(private_key, bytes) else private_key


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _binding(site: str, envelope: CheckIn) -> bytes:
    parts = (
        "ankunft check-in v1",
        site,
        envelope.kiosk,
        envelope.key_id,
        str(envelope.id),
        str(envelope.sequence),
        envelope.number,
    )
    return "\n".join(parts).encode()
