"""Device tokens: how a kiosk or display proves who it is. Only their hashes are stored."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from server_stub import tables


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled kiosk."""

    enrolment: UUID
    name: str
    letter: str


def new_token() -> str:
    """Return a new token: 256 random bits as 43 characters that fit into an address."""
    return secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """Return what is stored of a token. It is random and long: a plain hash cannot be undone."""
    return hashlib.sha256(token.encode()).hexdigest()


DEVICE_OF_TOKEN = select(
    tables.kiosk.c.enrolment, tables.kiosk.c.name, tables.kiosk.c.letter
).where(
    tables.kiosk.c.site == bindparam("site"),
    tables.kiosk.c.token_sha256 == bindparam("token_sha256"),
    tables.kiosk.c.retired_at.is_(None),
)


def device_of(connection: Connection, site: str, *, token: str) -> Device | None:
    """Return the enrolled kiosk whose token it is, or None."""
    named = {"site": site, "token_sha256": token_sha256(token)}
    row = connection.execute(DEVICE_OF_TOKEN, named).one_or_none()
    return Device(row.enrolment, row.name, row.letter) if row else None
