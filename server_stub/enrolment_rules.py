"""The rules of enrolling: how long a code, a request, a nonce and a token are good for. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CODE_LASTS = timedelta(minutes=15)
REQUEST_LASTS = timedelta(hours=24)
NONCE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(hours=24)

CLOCK_STEP = timedelta(minutes=5)
"""By so much the server's clock may be set back, and nobody notices."""


def is_good(until: datetime, *, now: datetime, made_for: timedelta) -> bool:
    """Tell whether something is still good that ends at `until` and was made for a while.

    What ends later than it can was made by a clock that was wrong, and counts for nothing.
    """
    return now < until <= now + made_for + CLOCK_STEP


@dataclass(frozen=True, slots=True)
class CodeThere:
    """A code that was made.

    Attributes:
        expires_at: When nobody may begin with it any more.

    """

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RequestThere:
    """The request that a code was used for.

    Attributes:
        public_key: The key that it came with.
        asked_at: When it came first.
        approved: An administrator has said yes.
        refused: An administrator has said no, or has revoked the kiosk since.

    """

    public_key: str
    asked_at: datetime
    approved: bool
    refused: bool


class Verdict(StrEnum):
    """What is to be said to a kiosk that comes with a code."""

    NEW = "new"
    """The code is good and nobody has used it."""
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """There is no such code."""
    LAPSED = "lapsed"
    """Nobody used it in time, or nobody answered in time."""
    USED = "used"
    """Another key was faster."""


ANSWERED = frozenset({Verdict.WAITING, Verdict.APPROVED, Verdict.REFUSED})
"""Verdicts on a request that is there: to hear them again costs and changes nothing."""


def judge(
    code: CodeThere | None, asked: RequestThere | None, *, public_key: str, now: datetime
) -> Verdict:
    """Return what a kiosk is told that comes with a code and a key.

    Args:
        code: What is known of the code; None where there is none such.
        asked: The request that it was used for; None where it was not.
        public_key: The key that comes with it now.
        now: The present moment.

    """
    if code is None:
        return Verdict.UNKNOWN
    if asked is None:
        good = is_good(code.expires_at, now=now, made_for=CODE_LASTS)
        return Verdict.NEW if good else Verdict.LAPSED
    if asked.public_key != public_key:
        return Verdict.USED
    if asked.refused:
        return Verdict.REFUSED
    if asked.approved:
        return Verdict.APPROVED
    return Verdict.WAITING if waits(asked.asked_at, now=now) else Verdict.LAPSED


def waits(asked_at: datetime, *, now: datetime) -> bool:
    """Tell whether a request may still be approved that nobody has answered."""
    return is_good(asked_at + REQUEST_LASTS, now=now, made_for=REQUEST_LASTS)
