"""The outbox file: a kiosk's check-ins as it would send them, to be carried to the server by hand.

For a kiosk that may not or cannot deliver: revoked and found again, or a disk without its
machine. It is text: a line that says whose it is, a line for each check-in (the exact body, in
base64), and a last line with the SHA-256 of all before it, signed with the kiosk's key where it
has one. Nothing in it is clear that is not clear in an envelope.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, ValidationError

from kiosk.contract.messages import TOO_MANY, Message, Name, Sha256

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a kiosk's seven busiest days have some 10."""

LONGEST_LINE = 128 * 1024
"""Bytes; a body as large as a server takes, in base64, with room."""

SIGNED = b"ankunft outbox v1\0"
"""Begins what is signed, so that it can be taken for no other message of a kiosk."""

Sign = Callable[[bytes], bytes]
"""Makes an Ed25519 signature."""


class OutboxFileError(Exception):
    """The file is no outbox, or not as it was written. The message says what is wrong with it."""


class OutboxHeader(Message):
    """Whose check-ins follow, and how many."""

    ankunft: Literal["outbox"] = "outbox"
    version: Literal[1] = 1
    site: Name
    kiosk: Name
    enrolment: UUID
    entries: int = Field(ge=0, lt=TOO_MANY)


class OutboxEnd(Message):
    """That the file is whole: the last line."""

    sha256: Sha256 = Field(description="Of all lines before, with their line ends.")
    signature: str | None = Field(
        default=None, max_length=88, description="Ed25519, in base64; null without a key."
    )


def write_outbox(
    out: BinaryIO, header: OutboxHeader, bodies: Iterable[bytes], *, sign: Sign | None
) -> None:
    """Write an outbox file.

    Args:
        out: Where to.
        header: Whose it is; its `entries` must be as many as there are bodies.
        bodies: The exact bytes of each check-in.
        sign: By the kiosk's key; None where it has none.

    """
    sha256 = hashlib.sha256()
    for line in (header.to_bytes(), *(base64.b64encode(body) for body in bodies)):
        sha256.update(line + b"\n")
        out.write(line + b"\n")
    signature = sign(SIGNED + sha256.digest()) if sign else None
    end = OutboxEnd(
        sha256=sha256.hexdigest(),
        signature=base64.b64encode(signature).decode() if signature else None,
    )
    out.write(end.to_bytes() + b"\n")


class OutboxReader:
    """Reads an outbox file that is whole, a line at a time, as often as it is asked to.

    Args:
        file: Open for reading, and able to go back to its beginning.

    Raises:
        OutboxFileError: It is none, is damaged, or not all of it is there.

    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.header = self._read_header()
        self._end, self._digest = self._read_to_end()

    def bodies(self) -> Iterator[bytes]:
        """Yield the exact bytes of each check-in, in the order of the file."""
        self._file.seek(0)
        self._line()
        for _ in range(self.header.entries):
            yield self._body(self._line())

    @property
    def is_signed(self) -> bool:
        """Whether somebody has signed it."""
        return self._end.signature is not None

    def is_signed_by(self, public_key: str) -> bool:
        """Return whether the key, 32 bytes in base64, has signed it as it is."""
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
            signature = base64.b64decode(self._end.signature or "", validate=True)
            key.verify(signature, SIGNED + self._digest)
        except (ValueError, InvalidSignature):
            return False
        return True

    def _read_header(self) -> OutboxHeader:
        self._file.seek(0)
        try:
            return OutboxHeader.model_validate_json(self._line())
        except ValidationError:
            raise OutboxFileError(
                "this is no outbox: it is a file that `python -m kiosk export-outbox` wrote"
            ) from None

    def _read_to_end(self) -> tuple[OutboxEnd, bytes]:
        self._file.seek(0)
        sha256 = hashlib.sha256(self._line())
        for _ in range(self.header.entries):
            line = self._line()
            self._body(line)
            sha256.update(line)
        try:
            end = OutboxEnd.model_validate_json(self._line())
        except ValidationError:
            raise OutboxFileError("its last line is damaged: copy the file again") from None
        if end.sha256 != sha256.hexdigest() or self._file.read(1):
            raise OutboxFileError("it is not as it was written: copy the file again")
        return end, sha256.digest()

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise OutboxFileError("it is not whole, or no outbox: copy the file again")
        return line

    @staticmethod
    def _body(line: bytes) -> bytes:
        try:
            return base64.b64decode(line.strip(), validate=True)
        except binascii.Error:
            raise OutboxFileError("a line of it is damaged: copy the file again") from None
