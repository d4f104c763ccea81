"""The order of calling: who came first is called first, whatever the number says. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

CALLING_ORDER = ("arrived_at", "arrival_order", "id")
"""The columns of a visit that decide who is called first, the smallest first.

`arrival_order` is the kiosk's own sequence: it parts the parties of one kiosk whose arrival
was set to the same instant. `id` parts the rest, so that the order is total.
"""


class Arrived(Protocol):
    """Whatever waits to be called."""

    @property
    def id(self) -> UUID:
        """The visit's id."""

    @property
    def arrived_at(self) -> datetime:
        """When the party arrived."""

    @property
    def arrival_order(self) -> int:
        """The sequence of its check-in."""


WaitingParty = TypeVar("WaitingParty", bound=Arrived)


def in_calling_order(waiting: Iterable[WaitingParty]) -> list[WaitingParty]:
    """Return the waiting in the order in which they are to be called."""
    return sorted(waiting, key=lambda party: tuple(getattr(party, name) for name in CALLING_ORDER))
