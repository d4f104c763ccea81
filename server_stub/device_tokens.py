"""Device tokens: how a kiosk or display proves who it is. Only their hashes are stored."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from server_stub import tables


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk whose token is good for something.

    Attributes:
        enrolment: Its id.
        name: As it stands in its messages.
        letter: Of its numbers.
        retired: It may deliver what it made, and nothing else.

    """

    enrolment: UUID
    name: str
    letter: str
    retired: bool = False


def new_token() -> str:
    """Return a new token: 256 random bits as 43 characters that fit into an address."""
    return secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """Return what is stored of a token. It is random and long: a plain hash cannot be undone."""
    return hashlib.sha256(token.encode()).hexdigest()


DEVICE_OF_TOKEN = select(
    tables.kiosk.c.enrolment,
    tables.kiosk.c.name,
    tables.kiosk.c.letter,
    tables.kiosk.c.retired_at.is_not(None).label("retired"),
).where(
    tables.kiosk.c.site == bindparam("site"),
    tables.kiosk.c.token_sha256 == bindparam("token_sha256"),
    tables.kiosk.c.revoked_at.is_(None),
)


def device_of(connection: Connection, site: str, *, token: str) -> Device | None:
    """Return the kiosk whose token it is; None where it is revoked, or was never enrolled."""
    named = {"site": site, "token_sha256": token_sha256(token)}
    row = connection.execute(DEVICE_OF_TOKEN, named).one_or_none()
    return Device(row.enrolment, row.name, row.letter, bool(row.retired)) if row else None


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
