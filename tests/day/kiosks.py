"""The kiosks of the synthetic day: they seal, give out numbers, and deliver when they can."""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import requests
from uuid_utils.compat import uuid7

from kiosk.contract import paths
from kiosk.contract.messages import CheckIn, CheckInContent, Counters, Heartbeat
from kiosk.contract.sealing import seal
from kiosk.contract.series import Series
from kiosk.settings import Settings
from tests.day.plan import Arrival

AWAY = {0: (300.0, 340.0), 3: (420.0, 425.0), 5: (300.0, 390.0)}
"""Which kiosks are cut off, from when to when, in minutes of the service day."""

TWICE = 0.1
"""Of the deliveries, whose answer does not come back and which are sent again."""

HEARTBEAT_MINUTES = 30.0
ABANDONED = 0.1
"""Dialogues that nobody ends, for each that ends with a number."""


@dataclass
class KioskAtWork:
    """One kiosk.

    Attributes:
        settings: As it was enrolled.
        site_version: That it has.
        sequence: The highest that it has given out.
        abandoned: Dialogues that nobody ended.
        waiting: Check-ins that the server has not confirmed: their bytes, and when they were made.

    """

    settings: Settings
    site_version: str
    sequence: int = 0
    abandoned: int = 0

    def __post_init__(self) -> None:
        """Begin with an empty outbox."""
        kiosk = self.settings.kiosk
        self.waiting: dict[UUID, tuple[bytes, float]] = {}
        self._series = Series(kiosk.letter, kiosk.skip_numbers)
        self._session = requests.Session()
        token = self.settings.server.token.get_secret_value()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def check_in(self, arrival: Arrival, minute: float) -> tuple[UUID, str]:
        """Seal what a party has answered; return its id and number."""
        self.sequence += 1
        envelope = CheckIn(
            id=uuid7(),
            kiosk=self.settings.kiosk.name,
            key_id=self.settings.site.key_id,
            sequence=self.sequence,
            number=self._series.number(self.sequence),
            made_at=None,
            site_version=self.site_version,
        )
        content = CheckInContent(
            language=arrival.language,
            adults=arrival.adults,
            children=arrival.children,
            route=arrival.route,
            priority=arrival.proposed,
            ticket_token=secrets.token_urlsafe(16),
        )
        site = self.settings.site
        sealed = seal(content, site=site.id, envelope=envelope, key=site.key)
        body = envelope.model_copy(update={"sealed": sealed}).to_bytes()
        self.waiting[envelope.id] = (body, minute)
        return envelope.id, envelope.number

    def deliver(self, check_in: UUID, minute: float, *, times: int) -> None:
        """Bring a check-in to the server, once or more often."""
        body, made = self.waiting.pop(check_in)
        age = f"{(minute - made) * 60:.3f}"
        for expected in (201, *(200,) * (times - 1)):
            answer = self._session.put(
                self._url(paths.check_in(check_in)),
                data=body,
                headers={paths.AGE_HEADER: age, "Content-Type": "application/json"},
                timeout=60,
            )
            if answer.status_code != expected:
                raise AssertionError(f"check-in: {answer.status_code}, not {expected}")

    def report(self) -> Mapping[str, object]:
        """Tell the server how things are; return what it answers."""
        heartbeat = Heartbeat(
            kiosk=self.settings.kiosk.name,
            program_version="0.1.0",
            site_version=self.site_version,
            printer="ready",
            clock_trusted=True,
            disk_free_bytes=10**10,
            outbox_depth=len(self.waiting),
            highest_sequence=self.sequence,
            counters=Counters(check_ins=self.sequence, abandoned=self.abandoned),
        )
        url = self._url(paths.HEARTBEATS)
        answer = self._session.post(url, data=heartbeat.to_bytes(), timeout=60)
        answer.raise_for_status()
        told: Mapping[str, object] = answer.json()
        return told

    def _url(self, path: str) -> str:
        return self.settings.server.url + path


@dataclass
class Kiosks:
    """All kiosks, each cut off from the server at its time.

    Args:
        each: The kiosks.
        now: The minute of the day.
        chance: Decides what goes wrong.

    """

    each: list[KioskAtWork]
    now: Callable[[], float]
    chance: random.Random

    def __post_init__(self) -> None:
        """Nobody has come."""
        self._of: dict[UUID, KioskAtWork] = {}
        self.delivered_late = 0
        self.delivered_twice = 0

    def check_in(self, arrival: Arrival, minute: float) -> tuple[UUID, str, float]:
        """Take a party in; return visit, number, and the minute at which the server hears."""
        index = arrival.kiosk or 0
        kiosk = self.each[index]
        kiosk.abandoned += self.chance.random() < ABANDONED
        visit, number = kiosk.check_in(arrival, minute)
        self._of[visit] = kiosk
        cut, back = AWAY.get(index, (0.0, 0.0))
        late = cut <= minute < back
        self.delivered_late += late
        return visit, number, back if late else minute

    def deliver(self, visit: UUID) -> None:
        """Bring a check-in to the server."""
        twice = self.chance.random() < TWICE
        self.delivered_twice += twice
        self._of[visit].deliver(visit, self.now(), times=1 + twice)

    def report(self) -> None:
        """Let every kiosk that is not cut off send its heartbeat."""
        for index, kiosk in enumerate(self.each):
            cut, back = AWAY.get(index, (0.0, 0.0))
            if not cut <= self.now() < back:
                kiosk.report()
