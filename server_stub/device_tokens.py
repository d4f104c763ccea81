"""Device tokens: how a kiosk or display proves who it is. Only their hashes are stored."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, delete, select

from server_stub import tables
from server_stub.enrolment_rules import TOKEN_LASTS, is_good


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk whose token is good for something.

    Attributes:
        enrolment: Its id.
        name: As it stands in its messages.
        letter: Of its numbers.
        retired: It may deliver what it made, and nothing else.
        expires_at: When its token is good no more; None for never.

    """

    enrolment: UUID
    name: str
    letter: str
    retired: bool = False
    expires_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether it has to sign for another token."""
        return self.expires_at is not None and not is_good(
            self.expires_at, now=now, made_for=TOKEN_LASTS
        )


def new_token() -> str:
    """Return a new token: 256 random bits as 43 characters that fit into an address."""
    return secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """Return what is stored of a token. It is random and long: a plain hash cannot be undone."""
    return hashlib.sha256(token.encode()).hexdigest()


_token, _kiosk = tables.kiosk_token.c, tables.kiosk.c

DEVICE_OF_TOKEN = (
    select(
        _kiosk.enrolment,
        _kiosk.name,
        _kiosk.letter,
        _kiosk.retired_at.is_not(None).label("retired"),
        _token.expires_at,
    )
    .join_from(
        tables.kiosk_token,
        tables.kiosk,
        and_(_kiosk.site == _token.site, _kiosk.enrolment == _token.enrolment),
    )
    .where(
        _token.site == bindparam("site"),
        _token.token_sha256 == bindparam("token_sha256"),
        _kiosk.revoked_at.is_(None),
    )
)


def device_of(connection: Connection, site: str, *, token: str) -> Device | None:
    """Return the kiosk whose token it is; None where it is revoked, or was never enrolled.

    Whether the token has expired is the caller's to ask: that is another answer.
    """
    named = {"site": site, "token_sha256": token_sha256(token)}
    row = connection.execute(DEVICE_OF_TOKEN, named).one_or_none()
    if row is None:
        return None
    return Device(row.enrolment, row.name, row.letter, bool(row.retired), row.expires_at)


def store_token(  # what is stored of it, word by word
    connection: Connection,
    site: str,
    *,
    enrolment: UUID,
    token: str,
    issued_at: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Let a kiosk in by a token, also by those that it has; None lets it in for ever."""
    connection.execute(
        tables.kiosk_token.insert().values(
            site=site,
            token_sha256=token_sha256(token),
            enrolment=enrolment,
            issued_at=issued_at,
            expires_at=expires_at,
        )
    )


def end_tokens(connection: Connection, site: str, *, enrolment: UUID) -> None:
    """Let a kiosk in by none of the tokens that it has."""
    t = tables.kiosk_token.c
    connection.execute(delete(tables.kiosk_token).where(t.site == site, t.enrolment == enrolment))


SECONDS_REMEMBERED = 1.0
"""How long a kiosk that was retired or revoked may still be taken for what it was."""

MOST_REMEMBERED = 1_000


class KnownDevices:
    """Remembers for a second whose token it is: a kiosk that delivers its outbox is asked once.

    Only tokens that are good are remembered. Requests that come at once share one question.

    Args:
        ask: Asks the store.
        monotonic: Seconds that never jump.

    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Device | None]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._known: dict[str, tuple[Device, float]] = {}
        self._asking: dict[str, asyncio.Future[Device | None]] = {}

    async def device(self, token: str) -> Device | None:
        """Return the enrolled kiosk whose token it is, or None."""
        key = token_sha256(token)
        known = self._known.get(key)
        if known and self._monotonic() - known[1] < SECONDS_REMEMBERED:
            return known[0]
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.ensure_future(self._ask_and_remember(key, token))
            asking.add_done_callback(partial(self._answered, key))
        return await asyncio.shield(asking)  # who goes away leaves the others their answer

    def _answered(self, key: str, asked: asyncio.Future[Device | None]) -> None:
        self._asking.pop(key, None)
        if not asked.cancelled():
            asked.exception()  # belongs to those who wait; where all have gone, to nobody

    async def _ask_and_remember(self, key: str, token: str) -> Device | None:
        self._known.pop(key, None)
        asked = self._monotonic()
        device = await self._ask(token)
        if device:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = (device, asked)
        return device
