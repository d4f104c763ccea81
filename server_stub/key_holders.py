"""The holders of a key: the kiosks that may hold check-ins which only it opens. Pure.

A kiosk says with each report which keys the check-ins on its disk are sealed to, the confirmed
ones too, which it keeps for seven days. What it says counts from the moment on from which no
kiosk seals to the key any more. What nobody has said is taken for the worst.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Why(StrEnum):
    """Why a kiosk may hold check-ins that are sealed to a key."""

    HOLDS = "holds"
    """It has said so."""
    SILENT = "silent"
    """It has said nothing since the key was retired."""
    OLD_PROGRAM = "old-program"
    """Its program does not say it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An enrolment, and what its kiosk said last.

    Attributes:
        enrolment: Its id.
        called: What staff call the kiosk.
        letter: Of its numbers.
        enrolled_at: When it was told its first key.
        retired_at: Since when it gives out no numbers.
        revoked_at: Since when nothing of it is taken.
        reported_at: When it last said anything.
        sealed_to: The keys that it named then; None where it does not tell.

    """

    enrolment: UUID
    called: str
    letter: str
    enrolled_at: datetime
    retired_at: datetime | None
    revoked_at: datetime | None
    reported_at: datetime | None
    sealed_to: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Held:
    """That a kiosk may hold check-ins of a key."""

    holder: Holder
    why: Why


@dataclass(frozen=True, slots=True)
class Holders:
    """Who may hold check-ins that are sealed to a key.

    Attributes:
        enrolled: Whose check-ins may still come by themselves: the key must stay.
        revoked: Whose outbox could still be brought as a file: it would be admitted unread.

    """

    enrolled: tuple[Held, ...]
    revoked: tuple[Held, ...]


def holders_of(key_id: str, kiosks: Iterable[Holder], *, retired_at: datetime) -> Holders:
    """Return who may hold check-ins that are sealed to a key.

    Args:
        key_id: The key.
        kiosks: All enrolments of the site.
        retired_at: Since when no kiosk is told to seal to it.

    """
    found = [
        Held(kiosk, why)
        for kiosk in kiosks
        if (why := why_it_may_hold(key_id, kiosk, retired_at=retired_at)) is not None
    ]
    return Holders(
        tuple(held for held in found if held.holder.revoked_at is None),
        tuple(held for held in found if held.holder.revoked_at is not None),
    )


def why_it_may_hold(key_id: str, kiosk: Holder, *, retired_at: datetime) -> Why | None:
    """Return why a kiosk may hold check-ins that are sealed to a key; None where it cannot."""
    if kiosk.sealed_to is not None and key_id in kiosk.sealed_to:
        return Why.HOLDS
    if kiosk.enrolled_at > retired_at:
        return None  # it never knew that key
    if kiosk.reported_at is None or kiosk.reported_at < retired_at:
        return Why.SILENT
    return Why.OLD_PROGRAM if kiosk.sealed_to is None else None
