"""The credentials of a kiosk: what it shows at the server's door.

A key gets in by signing a nonce for a token that is good for a day; the token lives in memory
only, and all lines of a kiosk share it. It is renewed when a quarter of its time is left, and a
kiosk that was away for a month simply signs again. A fixed token is for trials on one machine.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.contract.enrolling import Challenge, TokenAnswer, TokenRequest, sign

RENEW_BELOW = 1 / 4
"""Of a token's time: below that it is renewed while there is still time to fail."""

FRESH_SECONDS = 600.0
"""A token that the server gave so lately is known there: it was not lost with an old backup."""


class Credentials(Protocol):
    """What a line to the server shows there."""

    @property
    def enrolment(self) -> UUID | None:
        """Who signs; None where there is nothing to sign with."""
        ...

    @property
    def token(self) -> str | None:
        """The token to show; None where there is none, or none that is still good."""
        ...

    @property
    def is_due(self) -> bool:
        """Whether a new token should be asked for."""
        ...

    @property
    def is_fresh(self) -> bool:
        """Whether a new token would fare no better than this one."""
        ...

    def answer(self, challenge: Challenge) -> TokenRequest:
        """Return the signed answer to a challenge."""
        ...

    def take(self, answer: TokenAnswer) -> None:
        """Take a new token in."""
        ...

    def drop(self, token: str) -> None:
        """Forget a token that the server takes no more."""
        ...


class FixedToken:
    """A token that was written down; it is never renewed."""

    def __init__(self, token: str) -> None:
        self.enrolment: UUID | None = None
        self.token: str | None = token
        self.is_due = False
        self.is_fresh = True

    def answer(self, challenge: Challenge) -> TokenRequest:
        """Raise TypeError: there is no key."""
        raise TypeError(f"a fixed token signs nothing, not even {type(challenge).__name__}")

    def take(self, answer: TokenAnswer) -> None:
        """Take nothing in."""

    def drop(self, token: str) -> None:
        """Keep it: there is no other."""


class KeyCredentials:
    """A key, and the token that it got. May be used by many threads at once.

    Two that renew at the same time get two tokens, and both are good.

    Args:
        key: The kiosk's private key.
        enrolment: Who it is.
        monotonic: Seconds that never jump.

    """

    def __init__(
        self,
        key: Ed25519PrivateKey,
        enrolment: UUID,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.enrolment = enrolment
        self._key = key
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: str | None = None
        self._got_at = self._renew_at = self._over_at = 0.0

    @property
    def token(self) -> str | None:
        """The token to show; None where there is none, or none that is still good."""
        with self._lock:
            return self._token if self._monotonic() < self._over_at else None

    @property
    def is_due(self) -> bool:
        """Whether a new token should be asked for."""
        with self._lock:
            return self._token is None or self._monotonic() >= self._renew_at

    @property
    def is_fresh(self) -> bool:
        """Whether a new token would fare no better than this one."""
        with self._lock:
            young = self._monotonic() - self._got_at < FRESH_SECONDS
            return self._token is not None and young

    def answer(self, challenge: Challenge) -> TokenRequest:
        """Return the signed answer to a challenge."""
        return sign(self._key, self.enrolment, challenge)

    def take(self, answer: TokenAnswer) -> None:
        """Take a new token in."""
        now = self._monotonic()
        with self._lock:
            self._token = answer.token
            self._got_at = now
            self._over_at = now + answer.seconds
            self._renew_at = now + answer.seconds * (1 - RENEW_BELOW)

    def drop(self, token: str) -> None:
        """Forget a token that the server takes no more, unless another has come meanwhile."""
        with self._lock:
            if self._token == token:
                self._token = None
