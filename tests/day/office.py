"""The staff of the synthetic day: everything they press goes through the staff API."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import requests
from uuid_utils.compat import uuid7

from server_stub.staff_api import paths
from tests.day.plan import Arrival
from tests.day.world import Party

LEAD, PASSWORD = "lead", "Hafen-9-Lampe"  # of a server that lives for minutes

SHIFT_MINUTES = 11 * 60.0
"""Then everyone logs in anew: a session lasts for twelve hours."""


@dataclass
class Login:
    """Someone of the staff."""

    name: str
    token: str = ""
    since: float = 0.0


@dataclass
class Office:
    """All desks, each with somebody who is logged in.

    Args:
        address: Of the server.
        day: The service day.
        now: The minute of the day.

    Attributes:
        pressed: How many actions were taken.

    """

    address: str
    day: date
    now: Callable[[], float]
    pressed: int = 0
    _logins: dict[str, Login] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open one connection; nothing overlaps."""
        self._session = requests.Session()

    def call_next(self, counter: str) -> tuple[UUID, int] | None:
        """Call whoever is next; None where nobody waits."""
        answer = self._act(staff_at(counter), {"step": "call-next", "counter": counter})
        visit = answer["visit"]
        return (UUID(visit["id"]), visit["version"]) if visit else None

    def at_counter(self, step: str, counter: str, party: Party, **asked: object) -> int:
        """Take a step at a counter; return the visit's version afterwards."""
        return self._step(staff_at(counter), step, party, {"counter": counter, **asked})

    def by_lead(self, step: str, party: Party, **asked: object) -> int:
        """Take a step at no counter; return the visit's version afterwards."""
        return self._step(LEAD, step, party, asked)

    def split(self, party: Party, *, adults: int, children: int) -> tuple[int, UUID, str]:
        """Part a party; return its version, and the new visit and number."""
        asked = {"adults": adults, "children": children, "ticket_token": token()}
        answer = self._act(LEAD, _with_visit("split", party, asked))
        return answer["visit"]["version"], UUID(answer["other"]["id"]), answer["other"]["number"]

    def merge(self, kept: Party, other: Party) -> int:
        """Join two parties; return the version of the one that stays."""
        asked = {"into": str(kept.visit), "into_seen": kept.version}
        answer = self._act(LEAD, _with_visit("merge", other, asked))
        version: int = answer["other"]["version"]
        return version

    def by_hand(self, arrival: Arrival) -> tuple[UUID, str]:
        """Issue a number; return visit and number."""
        body = {
            "step": "by-hand",
            "route": arrival.route,
            "adults": arrival.adults,
            "children": arrival.children,
            "language": arrival.language,
            "ticket_token": token(),
        }
        visit = self._act(LEAD, body)["visit"]
        return UUID(visit["id"]), visit["number"]

    def count_stock(self, figure: str, persons: int) -> None:
        """Note a count."""
        self._act(LEAD, {"step": "stock", "figure": figure, "persons": persons})

    def close_day(self, gone: list[Party]) -> None:
        """Stop numbers, then close: these have left, the others are carried over."""
        day = f"{self.day}"
        self._act(LEAD, {"step": "stop-numbers", "day": day})
        left = [{"visit": str(party.visit), "end": "leave"} for party in gone]
        self._act(LEAD, {"step": "close-day", "day": day, "rest": "carry-over", "each": left})

    def _step(self, staff: str, step: str, party: Party, asked: Mapping[str, object]) -> int:
        version: int = self._act(staff, _with_visit(step, party, asked))["visit"]["version"]
        return version

    def _act(self, staff: str, body: Mapping[str, object]) -> Any:
        self.pressed += 1
        answer = self._session.put(
            f"{self.address}{paths.ACTIONS}/{uuid7()}", json=body, headers=self._headers(staff)
        )
        if answer.status_code not in {200, 201}:
            raise AssertionError(f"{body}: {answer.status_code} {answer.text}")
        return answer.json()

    def _headers(self, staff: str) -> dict[str, str]:
        login = self._logins.setdefault(staff, Login(staff))
        if not login.token or self.now() - login.since > SHIFT_MINUTES:
            answer = self._session.post(
                self.address + paths.SESSIONS, json={"name": staff, "password": PASSWORD}
            )
            answer.raise_for_status()
            login.token, login.since = answer.json()["token"], self.now()
        return {"Authorization": f"Bearer {login.token}"}


def staff_at(counter: str) -> str:
    """Return who works at a counter."""
    return f"counter-{counter}"


def token() -> str:
    """Return the secret of a ticket."""
    return secrets.token_urlsafe(16)


def _with_visit(step: str, party: Party, asked: Mapping[str, object]) -> dict[str, object]:
    return {"step": step, "visit": str(party.visit), "seen": party.version, **asked}
