"""An enrolled kiosk as the server sees it: its check-ins, sealed for real, and its requests."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat
from starlette.testclient import TestClient

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
from server_stub.administration import Enrolment
from server_stub.device_tokens import Device

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""12:00 in Düsseldorf."""

TICKET_TOKEN = "AAAAAAAAAAAAAAAAAAAAAA"


class StandingClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime = MONDAY_NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def new_id() -> UUID:
    return uuid_utils.compat.uuid7()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class EnrolledKiosk:
    """What a kiosk has after it was enrolled."""

    name: str
    enrolment: UUID
    letter: str
    token: str
    site: str
    key: SiteKey

    @classmethod
    def of(cls, enrolment: Enrolment) -> "EnrolledKiosk":
        return cls(
            enrolment.name,
            enrolment.enrolment,
            enrolment.letter,
            enrolment.token,
            enrolment.site.id,
            enrolment.key,
        )

    @property
    def device(self) -> Device:
        return Device(self.enrolment, self.name, self.letter)

    def check_in(self, sequence: int, *, content: CheckInContent | None = None) -> CheckIn:
        """Make a check-in whose content really is sealed to the site."""
        envelope = CheckIn(
            id=new_id(),
            kiosk=self.name,
            key_id=self.key.key_id,
            sequence=sequence,
            number=f"{self.letter}{100 + sequence % 900}",
            made_at=None,  # what a test says of its age is all that is known
            site_version="0123456789abcdef",
        )
        sealed = seal(content or party(), site=self.site, envelope=envelope, key=self.key)
        return envelope.model_copy(update={"sealed": sealed})

    def help_call(self, kind: HelpKind = HelpKind.PERSON) -> HelpCall:
        return HelpCall(id=new_id(), kiosk=self.name, kind=kind, language="uk")

    def slip(
        self, check_in: CheckIn, outcome: SlipState = SlipState.PRINTED, *, revision: int = 1
    ) -> SlipOutcome:
        return SlipOutcome(
            id=check_in.id, kiosk=self.name, outcome=outcome, copies=1, revision=revision
        )

    def heartbeat(self, *, highest: int = 0, **told: object) -> Heartbeat:
        said = {
            "kiosk": self.name,
            "program_version": "0.1.0",
            "site_version": "0123456789abcdef",
            "printer": "ready",
            "clock_trusted": True,
            "disk_free_bytes": 10**9,
            "outbox_depth": 0,
            "highest_sequence": highest,
            "counters": Counters(),
        }
        return Heartbeat.model_validate(said | told)


def party(*route: str, language: str = "uk", adults: int = 2, children: int = 1) -> CheckInContent:
    return CheckInContent(
        language=language,
        adults=adults,
        children=children,
        route=route or ("information", "housing"),
        ticket_token=TICKET_TOKEN,
    )


class Line:
    """A kiosk's line to the server: sends what a kiosk sends, with its token."""

    def __init__(self, client: TestClient, kiosk: EnrolledKiosk) -> None:
        self.client = client
        self.kiosk = kiosk
        self.headers = {"Authorization": f"Bearer {kiosk.token}"}

    def get(self, path: str, **headers: str):
        return self.client.get(path, headers=self.headers | headers)

    def put(self, path: str, body: bytes | Message, **headers: str):
        content = body.to_bytes() if isinstance(body, Message) else body
        return self.client.put(path, content=content, headers=self.headers | headers)

    def check_in(self, check_in: CheckIn, *, age: object = None):
        headers = {} if age is None else {paths.AGE_HEADER: str(age)}
        return self.put(paths.check_in(check_in.id), check_in, **headers)

    def beat(self, heartbeat: Heartbeat):
        return self.client.post(
            paths.HEARTBEATS, content=heartbeat.to_bytes(), headers=self.headers
        )
