"""A machine that wants to be a kiosk: it makes a key, asks with a code, and signs for tokens."""

from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    Challenge,
    ChallengeRequest,
    EnrolmentAnswer,
    EnrolmentRequest,
    TokenAnswer,
    TokenRequest,
    fingerprint,
    public_key_text,
    sign,
)
from kiosk.contract.messages import Message

HARDWARE = "ab" * 32


class Machine:
    """A machine at the door of a server.

    Args:
        client: Posts: a `TestClient`, or what sends to a real server.

    """

    def __init__(self, client: Any = None, *, hardware: str | None = HARDWARE) -> None:
        self.client = client
        self.hardware = hardware
        self.key = Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        return public_key_text(self.key)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_key)

    def request(self, code: str) -> EnrolmentRequest:
        return EnrolmentRequest(
            code=code,
            public_key=self.public_key,
            hardware=self.hardware,
            program_version="0.1.0",
        )

    def post(self, path: str, message: Message) -> Any:
        return self.client.post(path, content=message.to_bytes())

    def asks(self, code: str) -> EnrolmentAnswer:
        """Ask, and be answered."""
        answer = self.post(paths.ENROLMENTS, self.request(code))
        assert answer.status_code == 200, answer.text
        return EnrolmentAnswer.model_validate_json(answer.content)

    def refusal(self, code: str) -> str:
        """Ask, and be refused; return the code of the refusal."""
        answer = self.post(paths.ENROLMENTS, self.request(code))
        assert answer.status_code in {403, 429}, answer.text
        return str(answer.json()["code"])

    def signs(self, enrolment: UUID) -> TokenRequest:
        """Have a challenge given, and sign it."""
        answer = self.post(paths.CHALLENGES, ChallengeRequest(enrolment=enrolment))
        assert answer.status_code == 200, answer.text
        challenge = Challenge.model_validate_json(answer.content)
        return sign(self.key, enrolment, challenge)

    def gets_in(self, enrolment: UUID) -> str:
        """Sign for a token, and return it."""
        answer = self.post(paths.TOKENS, self.signs(enrolment))
        assert answer.status_code == 200, answer.text
        return TokenAnswer.model_validate_json(answer.content).token
