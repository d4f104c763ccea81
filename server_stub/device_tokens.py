"""Device tokens: how a kiosk or display proves who it is. Only their hashes are stored."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

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


def device_of(connection: Connection, site: str, *, token: str) -> Device | None:
    """Return the enrolled kiosk whose token it is, or None."""
    t = tables.kiosk.c
    row = connection.execute(
        select(t.enrolment, t.name, t.letter).where(
            t.site == site, t.token_sha256 == token_sha256(token), t.retired_at.is_(None)
        )
    ).one_or_none()
    return Device(row.enrolment, row.name, row.letter) if row else None
