"""A crowd at the entrance: what a kiosk sends of it, over real HTTP."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import requests
import uuid_utils.compat as uuids

from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    CheckInContent,
    Counters,
    Heartbeat,
    HelpCall,
    HelpKind,
    Message,
    SlipOutcome,
    SlipState,
)
from kiosk.contract.sealing import SiteKey, seal

# Every combination that a page must show: language, adults, children, route.
PARTIES = (
    ("uk", 1, 2, ("information", "housing", "registration", "benefits")),
    ("uk", 2, 0, ("information", "registration")),
    ("ar", 2, 4, ("information", "housing", "registration")),
    ("ru", 1, 0, ("information", "onward-travel")),
    ("en", 1, 1, ("information",)),
    ("de", 1, 0, ("benefits",)),
    ("uk", 3, 1, ("information", "housing")),
    ("uk", 1, 3, ("registration", "benefits")),
    ("ar", 1, 0, ("information", "registration", "benefits", "onward-travel")),
    ("uk", 2, 2, ("information", "housing", "registration")),
)


@dataclass
class KioskAtTheDoor:
    """What one enrolled kiosk sends.

    Attributes:
        address: Of the server.
        settings: The printed settings of `add-kiosk`.
        sequence: How many parties have checked in.

    """

    address: str
    settings: dict[str, dict[str, str]]
    sequence: int = 0

    @classmethod
    def of(cls, settings_file: Path, address: str) -> "KioskAtTheDoor":
        """Return the kiosk of a settings file."""
        return cls(address, tomllib.loads(settings_file.read_text(encoding="utf-8")))

    def check_in(  # what a party says
        self,
        *,
        language: str = "uk",
        adults: int = 1,
        children: int = 0,
        route: tuple[str, ...] = ("information", "registration"),
        priority: bool = False,
        readable: bool = True,
        minutes_ago: float = 0.0,
        ticket_token: str = "A" * 22,
    ) -> tuple[UUID, str]:
        """Check a party in; return the check-in's id and the number."""
        site = self.settings["site"]
        key = SiteKey.from_text(site["key_id"], site["public_key"])
        self.sequence += 1
        envelope = CheckIn(
            id=UUID(str(uuids.uuid7())),
            kiosk=self.settings["kiosk"]["name"],
            key_id=key.key_id,
            sequence=self.sequence,
            number=f"{self.settings['kiosk']['letter']}{213 + self.sequence}",
            made_at=None,
            site_version="test",
        )
        content = CheckInContent(
            language=language,
            adults=adults,
            children=children,
            route=route,
            priority=priority,
            ticket_token=ticket_token,
        )
        sealed = seal(content, site=site["id"], envelope=envelope, key=key) if readable else None
        sent = envelope.model_copy(update={"sealed": sealed})
        self._put(paths.check_in(envelope.id), sent, age=minutes_ago * 60)
        return envelope.id, envelope.number

    def slip(self, check_in: UUID, outcome: SlipState) -> None:
        """Say what became of a slip."""
        message = SlipOutcome(
            id=check_in,
            kiosk=self.settings["kiosk"]["name"],
            outcome=outcome,
            copies=1,
            revision=1,
        )
        self._put(paths.slip(check_in), message)

    def call_for_help(self, kind: HelpKind, *, language: str | None = "uk") -> None:
        """Ask for a person."""
        name = self.settings["kiosk"]["name"]
        call = HelpCall(id=UUID(str(uuids.uuid7())), kiosk=name, kind=kind, language=language)
        self._put(paths.help_call(call.id), call)

    def report(self, *, printer: str = "ready", outbox_depth: int = 0) -> None:
        """Say how the kiosk is."""
        heartbeat = Heartbeat(
            kiosk=self.settings["kiosk"]["name"],
            program_version="0.1.0",
            site_version="test",
            printer=printer,
            clock_trusted=True,
            disk_free_bytes=10**9,
            outbox_depth=outbox_depth,
            highest_sequence=self.sequence,
            counters=Counters(),
        )
        self._request("POST", paths.HEARTBEATS, heartbeat, headers={})

    def _put(self, path: str, message: Message, *, age: float = 0.0) -> None:
        self._request("PUT", path, message, headers={paths.AGE_HEADER: str(age)})

    def _request(self, method: str, path: str, message: Message, headers: dict[str, str]) -> None:
        answer = requests.request(
            method,
            self.address + path,
            data=message.to_bytes(),
            headers={
                "Authorization": f"Bearer {self.settings['server']['token']}",
                "Content-Type": "application/json",
                **headers,
            },
            timeout=10,
        )
        assert answer.status_code in {200, 201}, answer.text


def crowd(kiosk: KioskAtTheDoor, size: int) -> list[tuple[UUID, str]]:
    """Let `size` parties of every kind check in over the last two hours; return ids and numbers."""
    taken = []
    for index in range(size):
        language, adults, children, route = PARTIES[index % len(PARTIES)]
        party = kiosk.check_in(
            language=language,
            adults=adults,
            children=children,
            route=route,
            priority=index % 13 == 5,
            readable=index % 17 != 11,
            minutes_ago=(size - index) * 4,
        )
        outcome = {9: SlipState.FAILED, 16: SlipState.UNCONFIRMED}.get(index, SlipState.PRINTED)
        kiosk.slip(party[0], outcome)
        taken.append(party)
    return taken
