"""Enrolling: how a kiosk becomes one of a site's, and how it gets in from then on.

A kiosk makes an Ed25519 key of its own and asks with a code that an administrator has just made
(`EnrolmentRequest`). The administrator compares the fingerprint that kiosk and page show, and
approves. From then on the kiosk signs a nonce whenever it needs a token: no secret ever travels
but the token itself, which is good for a day.
"""

import base64
import hashlib
import secrets
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from pydantic import Field, StringConstraints

from kiosk.contract.messages import Line, Message, Name, Sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: of characters that look alike it has only one."""

MEANT = str.maketrans("OIL", "011")
"""What was meant by those that it has not."""

Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")]
"""A code as it is shown: ``"K7QM-2XPA"``, 40 random bits."""

KeyText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
"""32 bytes as base64: a public key, or a nonce."""

SignatureText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]
"""64 bytes as base64: a signature."""

NONCE_BYTES = 32


class EnrolmentRequest(Message):
    """A kiosk asks to be one of the site's. `POST /v1/enrolments`, again until it is answered.

    Safe to repeat: the same code with the same key is the same request.
    """

    code: Code
    public_key: KeyText = Field(description="Ed25519, 32 bytes in base64; the kiosk's own.")
    hardware: Sha256 | None = Field(
        description="Of what tells this machine from others; null where it cannot tell."
    )
    program_version: Line = Field(max_length=64)


class EnrolmentState(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    """For an administrator."""
    APPROVED = "approved"
    REFUSED = "refused"


class Enrolled(Message):
    """What a kiosk is from its approval on."""

    name: Name
    letter: str = Field(pattern=r"^[A-Z]{1,2}$", description="Of its numbers.")
    skip_numbers: tuple[int, ...] = Field(description="Digits that it never prints.")
    site: Name
    key_id: Name = Field(description="Of the key that it seals to.")
    public_key: KeyText = Field(description="The site's, X25519.")
    store_id: UUID
    highest_sequence: int = Field(
        ge=0, description="The highest seen of this enrolment; 0 unless somebody used it already."
    )


class EnrolmentAnswer(Message):
    """What became of a request."""

    state: EnrolmentState
    enrolment: UUID
    fingerprint: str = Field(description="Of the kiosk's key, as people compare it.")
    enrolled: Enrolled | None = Field(default=None, description="Null until it is approved.")


class ChallengeRequest(Message):
    """A kiosk wants something to sign. `POST /v1/challenges`."""

    enrolment: UUID


class Challenge(Message):
    """What is to be signed, once and within a minute. Says nothing of who is enrolled."""

    nonce: KeyText = Field(description="256 random bits in base64.")


class TokenRequest(Message):
    """A kiosk proves who it is. `POST /v1/tokens`."""

    enrolment: UUID
    nonce: KeyText
    signature: SignatureText = Field(
        description="Ed25519 over: ankunft token v1, a zero byte, the 16 bytes of the "
        "enrolment, the 32 bytes of the nonce."
    )

    def is_signed_by(self, public_key: str) -> bool:
        """Return whether the key, 32 bytes in base64, made the signature."""
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        try:
            key.verify(base64.b64decode(self.signature), signed_bytes(self.enrolment, self.nonce))
        except InvalidSignature:
            return False
        return True


class TokenAnswer(Message):
    """A token, to be sent with every message. It does not end those that were given before."""

    token: str = Field(min_length=20, max_length=200)
    seconds: int = Field(ge=1, description="For how long it is good, from now.")


def sign(key: Ed25519PrivateKey, enrolment: UUID, challenge: Challenge) -> TokenRequest:
    """Return the message by which a kiosk answers a challenge."""
    signature = key.sign(signed_bytes(enrolment, challenge.nonce))
    return TokenRequest(
        enrolment=enrolment,
        nonce=challenge.nonce,
        signature=base64.b64encode(signature).decode(),
    )


def signed_bytes(enrolment: UUID, nonce: str) -> bytes:
    """Return what is signed for a token; it can be taken for no other message of a kiosk."""
    return b"ankunft token v1\0" + enrolment.bytes + base64.b64decode(nonce)


def public_key_text(key: Ed25519PrivateKey) -> str:
    """Return the public half of a kiosk's key as it travels."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def fingerprint(public_key: str) -> str:
    """Return how people compare a key: ``"K7QM 2XPA 9DGH RT4W"``, 80 bits of its SHA-256.

    Args:
        public_key: 32 bytes in base64.

    """
    digest = hashlib.sha256(base64.b64decode(public_key)).digest()
    number = int.from_bytes(digest[:10], "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return " ".join(letters[i : i + 4] for i in range(0, 16, 4))


def new_code() -> str:
    """Return a new code: 40 random bits."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def read_code(typed: str) -> str:
    """Return the code that somebody typed: in small letters, without the hyphen, O for 0.

    Raises ValueError for what is no code.
    """
    letters = "".join(typed.replace("-", " ").split()).upper().translate(MEANT)
    if len(letters) != 8 or not set(letters) <= set(ALPHABET):
        raise ValueError("a code has two groups of four letters or digits, like K7QM-2XPA")
    return f"{letters[:4]}-{letters[4:]}"


def read_fingerprint(typed: str) -> str:
    """Return the fingerprint that somebody typed; raise ValueError for what is none."""
    letters = "".join(typed.replace("-", " ").split()).upper().translate(MEANT)
    if len(letters) != 16 or not set(letters) <= set(ALPHABET):
        raise ValueError("a fingerprint has four groups of four, like K7QM-2XPA-9DGH-RT4W")
    return " ".join(letters[i : i + 4] for i in range(0, 16, 4))
