"""The server's end of enrolling in memory: takes requests by their codes, gives tokens and site."""

import secrets
from base64 import b64encode
from collections.abc import Callable
from uuid import UUID

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    Challenge,
    ChallengeRequest,
    Enrolled,
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentState,
    TokenAnswer,
    TokenRequest,
    fingerprint,
)
from kiosk.contract.messages import RefusalCode
from kiosk.contract.site import SiteAnswer
from tests.kiosk.arrivals import KEY, SITE
from tests.kiosk.central import STORE, Central, refusal
from tests.kiosk.loopback import Request, Response

CODE, OTHER_CODE = "K7QM-2XPA", "9DGH-RT4W"
DAY = 24 * 60 * 60
SITE_ANSWER = SiteAnswer(
    version=SITE.version, key_id=KEY.key_id, public_key=KEY.to_text(), site=SITE
)


class Registrar(Central):
    """Knows codes, requests and keys; what tokens open is `Central`'s.

    Attributes:
        codes: Good ones, and the letter of the series that each leads to.
        keys: The key of each enrolment.
        state: What every request is told.
        requests: As they came.

    """

    def __init__(self) -> None:
        super().__init__(site_version=SITE.version)
        self.site_answer = SITE_ANSWER.to_bytes()
        self.codes = {CODE: "D", OTHER_CODE: "F"}
        self.state = EnrolmentState.WAITING
        self.keys: dict[UUID, str] = {}
        self.requests: list[EnrolmentRequest] = []
        self.tokens: dict[str, UUID] = {}
        self.revoked: set[UUID] = set()
        self._doors: dict[str, Callable[[Request], Response]] = {
            paths.ENROLMENTS: self._enrol,
            paths.CHALLENGES: self._challenge,
            paths.TOKENS: self._token,
        }

    def _take(self, request: Request) -> Response:
        if door := self._doors.get(request.path):
            return door(request)
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if self.tokens.get(token) in {None, *self.revoked}:
            return refusal(401, RefusalCode.NOT_ENROLLED)
        return super()._take(request)

    def enrolment_of(self, code: str) -> UUID:
        return UUID(int=0x0190A000 << 96 | 0x7 << 76 | 0x8 << 60 | ord(self.codes[code]))

    def _enrol(self, request: Request) -> Response:
        asked = EnrolmentRequest.model_validate_json(request.body)
        self.requests.append(asked)
        if asked.code not in self.codes:
            return refusal(403, RefusalCode.CODE_UNKNOWN)
        enrolment = self.enrolment_of(asked.code)
        if self.keys.setdefault(enrolment, asked.public_key) != asked.public_key:
            return refusal(403, RefusalCode.CODE_USED)
        if [*self.keys.values()].count(asked.public_key) > 1:
            del self.keys[enrolment]
            return refusal(403, RefusalCode.KEY_USED)
        answer = EnrolmentAnswer(
            state=self.state,
            enrolment=enrolment,
            fingerprint=fingerprint(asked.public_key),
            enrolled=self._enrolled(self.codes[asked.code]),
        )
        return Response(200, answer.to_bytes())

    def _enrolled(self, letter: str) -> Enrolled | None:
        if self.state is not EnrolmentState.APPROVED:
            return None
        return Enrolled(
            name="entrance-1",
            letter=letter,
            skip_numbers=(200, 300),
            site=SITE.id,
            key_id=KEY.key_id,
            public_key=KEY.to_text(),
            store_id=STORE,
            highest_sequence=0,
        )

    def _challenge(self, request: Request) -> Response:
        ChallengeRequest.model_validate_json(request.body)
        nonce = b64encode(secrets.token_bytes(32)).decode()
        return Response(200, Challenge(nonce=nonce).to_bytes())

    def _token(self, request: Request) -> Response:
        signed = TokenRequest.model_validate_json(request.body)
        key = self.keys.get(signed.enrolment)
        if key is None or signed.enrolment in self.revoked or not signed.is_signed_by(key):
            return refusal(401, RefusalCode.NOT_ENROLLED)
        token = secrets.token_urlsafe(32)
        self.tokens[token] = signed.enrolment
        return Response(200, TokenAnswer(token=token, seconds=DAY).to_bytes())
