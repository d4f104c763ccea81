"""Contract v1 over HTTP: each message sent once, each failure sorted by what may be done.

LinkError
├── TryLaterError           an answer, but no receipt for this message: send it again, after others
│   └── NotNowError         no connection, server busy or behind a proxy: no message's own fault
│       ├── NotTrustedError     who answers cannot prove to be the server: nothing was sent
│       └── NotEnrolledError    this kiosk is not (or no longer) known: staff must act
└── RefusedError            the server's own word that these bytes will never be taken
"""

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    Challenge,
    ChallengeRequest,
    EnrolmentAnswer,
    EnrolmentRequest,
    TokenAnswer,
)
from kiosk.contract.messages import (
    FINAL_STATUSES,
    Heartbeat,
    HeartbeatAnswer,
    HelpCall,
    HelpCallAnswer,
    Message,
    Receipt,
    Refusal,
    RefusalCode,
    SlipOutcome,
    SlipReceipt,
)
from kiosk.contract.site import SiteAnswer
from kiosk.credentials import Credentials, FixedToken

Answer = TypeVar("Answer", bound=Message)

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0

EXCHANGE_SECONDS = 30.0
"""A message and its answer take no longer, however slowly the answer drips in."""

LARGEST_ANSWER = 4 * 2**20
"""Bytes. A site file has a hundredth of it; a stranger's answer may have no end."""

BUSY_STATUSES = frozenset({429, 502, 503, 504})
"""Said by a server or a proxy of its own condition, not of what was sent (RFC 9110, RFC 6585)."""


SIGN_ANEW = frozenset({RefusalCode.TOKEN_EXPIRED, RefusalCode.CHALLENGE_LAPSED})
"""The message is as good as any; what was shown with it is not."""

NOT_TAKEN = frozenset(
    {
        RefusalCode.CODE_UNKNOWN,
        RefusalCode.CODE_LAPSED,
        RefusalCode.CODE_USED,
        RefusalCode.KEY_USED,
    }
)
"""A request to be enrolled that needs another code or another key."""


class LinkError(Exception):
    """A message did not get through; the message says why, without any content.

    Attributes:
        code: The server's own word for why; None where it did not say one.

    """

    def __init__(self, message: str, code: RefusalCode | None = None) -> None:
        super().__init__(message)
        self.code = code


class TryLaterError(LinkError):
    """It may get through another time; until then, others may."""


class NotNowError(TryLaterError):
    """Nothing gets through now, whatever it is: another message would fare no better."""


class NotTrustedError(NotNowError):
    """Whoever answers cannot prove to be the server. Nothing was sent to it."""


class NotEnrolledError(NotNowError):
    """The server does not know this kiosk. The outbox waits until staff have acted."""


class RefusedError(LinkError):
    """The server refuses these very bytes, and will tomorrow."""


class Line:
    """A line to the server: one exchange after the other. Use it in one thread only.

    Args:
        url: The server's address, without a slash at the end.
        ca: The certificate of the CA that the server's own is of; None for those that the
            program ships.

    """

    def __init__(self, url: str, *, ca: Path | None = None) -> None:
        import requests  # noqa: PLC0415  # takes a while, and the first picture needs no server

        from kiosk.deadline import Deadline  # noqa: PLC0415  # as above

        self._url = url
        self._session = requests.Session()
        self._deadline = Deadline(self._session)
        # Proxies and passwords of the environment (.netrc) have no say in where check-ins go.
        self._session.trust_env = False
        if ca is not None:
            self._session.verify = str(ca)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def exchange(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one message and return what the server answers, or raise LinkError."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            with self._deadline.within(EXCHANGE_SECONDS):
                status, content = self._send(method, path, body=body, headers=sent)
        except OSError as error:  # all of requests' are, and what a missing CA file raises
            raise _no_answer(error) from None
        if status not in {200, 201}:
            raise _failure(status, content)
        try:
            return answer.model_validate_json(content)
        except ValidationError:
            raise TryLaterError(f"status {status}, but not our answer") from None

    def _send(
        self, method: str, path: str, *, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Return status and body of the answer; no body where it is too large to be ours."""
        from kiosk.deadline import read_at_most  # noqa: PLC0415  # as above

        with self._session.request(
            method,
            self._url + path,
            data=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,  # a captive portal redirects; it must not confirm anything
            stream=True,
        ) as response:
            return response.status_code, read_at_most(response, LARGEST_ANSWER) or b""


class ServerLink:
    """One kiosk's line to the server. Use it in one thread only.

    Args:
        url: The server's address, without a slash at the end.
        token: A fixed bearer token.
        credentials: What the kiosk shows instead of one; all its lines share them.
        ca: See `Line`.

    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        credentials: Credentials | None = None,
        ca: Path | None = None,
    ) -> None:
        self._line = Line(url, ca=ca)
        self._credentials = credentials or FixedToken(token)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def put_check_in(self, check_in: UUID, body: bytes, *, age: float | None) -> Receipt:
        """Deliver a check-in; only a receipt for exactly these bytes counts as success."""
        headers = {} if age is None else {paths.AGE_HEADER: f"{age:.3f}"}
        path = paths.check_in(check_in)
        receipt = self._exchange("PUT", path, Receipt, body=body, headers=headers)
        if receipt.id != check_in or receipt.sha256 != hashlib.sha256(body).hexdigest():
            raise TryLaterError("the server's receipt is for another check-in")
        return receipt

    def put_slip(self, outcome: SlipOutcome) -> SlipReceipt:
        """Tell what became of a slip; only a receipt for this one, as it is now, counts."""
        path = paths.slip(outcome.id)
        receipt = self._exchange("PUT", path, SlipReceipt, body=outcome.to_bytes())
        if receipt.id != outcome.id or receipt.revision < outcome.revision:
            raise TryLaterError("the server's receipt is for another slip")
        return receipt

    def put_help_call(self, call: HelpCall) -> HelpCallAnswer:
        """Call staff, or ask again whether anyone has answered."""
        path = paths.help_call(call.id)
        answer = self._exchange("PUT", path, HelpCallAnswer, body=call.to_bytes())
        if answer.id != call.id:  # nobody may be told that somebody comes who goes elsewhere
            raise TryLaterError("the server's answer is about another call for help")
        return answer

    def post_heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        """Report how this kiosk is; only an answer to this kiosk counts."""
        body = heartbeat.to_bytes()
        answer = self._exchange("POST", paths.HEARTBEATS, HeartbeatAnswer, body=body)
        if answer.kiosk not in {None, heartbeat.kiosk}:  # its numbers would be taken for ours
            raise TryLaterError("the server's answer is for another kiosk")
        return answer

    def get_site(self) -> SiteAnswer:
        """Return the site file in force, and the key to seal to."""
        return self._exchange("GET", paths.SITE, SiteAnswer)

    def _exchange(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Exchange one message, with a new token where the server wants one."""

        def once() -> Answer:
            shown = {"Authorization": f"Bearer {token}", **(headers or {})}
            return self._line.exchange(method, path, answer, body=body, headers=shown)

        token = self._token()
        try:
            return once()
        except NotNowError as error:
            if not self._token_may_be_the_reason(error):
                raise
            self._credentials.drop(token)
            token = self._token()
            return once()

    def _token(self) -> str:
        held = self._credentials.token
        if held and not self._credentials.is_due:
            return held
        try:
            return self._sign_in()
        except NotEnrolledError:
            raise
        except TryLaterError:
            if held is None:
                raise
            return held  # good for a quarter of its time; it is tried again with the next message

    def _sign_in(self) -> str:
        """Get a token for a signature."""
        who = self._credentials.enrolment
        if who is None:
            raise NotEnrolledError("no token, and no key to sign for one")
        asked = ChallengeRequest(enrolment=who).to_bytes()
        try:
            challenge = self._line.exchange("POST", paths.CHALLENGES, Challenge, body=asked)
            signed = self._credentials.answer(challenge).to_bytes()
            answer = self._line.exchange("POST", paths.TOKENS, TokenAnswer, body=signed)
        except RefusedError as error:  # of what was said at the door, never of the message
            raise NotNowError(f"no token ({error})", error.code) from None
        self._credentials.take(answer)
        return answer.token

    def _token_may_be_the_reason(self, error: NotNowError) -> bool:
        """Whether the same message could get through with another token.

        A server that was restored from a backup knows nothing of tokens that it gave since.
        """
        if error.code is RefusalCode.TOKEN_EXPIRED:
            return self._credentials.enrolment is not None
        return isinstance(error, NotEnrolledError) and not self._credentials.is_fresh


class EnrolmentLink:
    """The line of a kiosk that is not yet one.

    Args:
        url: The server's address, without a slash at the end.
        ca: See `Line`.

    """

    def __init__(self, url: str, *, ca: Path | None = None) -> None:
        self._line = Line(url, ca=ca)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def ask(self, request: EnrolmentRequest) -> EnrolmentAnswer:
        """Ask to be enrolled, or how far that is."""
        body = request.to_bytes()
        return self._line.exchange("POST", paths.ENROLMENTS, EnrolmentAnswer, body=body)


def _no_answer(error: Exception) -> TryLaterError:
    from urllib3.exceptions import ProtocolError, ReadTimeoutError  # noqa: PLC0415  # as above

    if reason := _distrust(error):
        return NotTrustedError(
            f"the server's certificate is not trusted ({reason}): name the certificate of its CA "
            'as "ca" under [server], and see that address and certificate name the same machine'
        )
    # Once connected, it may be this very message that the server hangs or falls over.
    connected = any(isinstance(reason, ProtocolError | ReadTimeoutError) for reason in error.args)
    kind = TryLaterError if connected else NotNowError
    return kind(f"no answer ({_cause(error)})")


def _failure(status: int, content: bytes) -> LinkError:
    kind: type[TryLaterError] = NotNowError if status in BUSY_STATUSES else TryLaterError
    try:
        refusal = Refusal.model_validate_json(content)
    except ValidationError:
        return kind(f"status {status} from something that is not our server")
    if status in FINAL_STATUSES or refusal.code in NOT_TAKEN:
        return RefusedError(f"status {status} {refusal.code}: {refusal.message}", refusal.code)
    if refusal.code in SIGN_ANEW:
        kind = NotNowError
    elif status in {401, 403}:
        kind = NotEnrolledError
    return kind(f"status {status} {refusal.code}", refusal.code)


def _distrust(error: BaseException) -> str:
    """Return why a certificate was not trusted; "" where that is not what went wrong."""
    for reason in _reasons(error):
        if isinstance(reason, ssl.SSLCertVerificationError):
            return reason.verify_message
    return ""


def _cause(error: BaseException) -> str:
    """Return the innermost reason in plain words; requests wraps it three times."""
    for reason in _reasons(error):
        if isinstance(reason, OSError) and reason.strerror:
            return reason.strerror.lower()
    return type(error).__name__


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of, from the outermost in."""
    reason: BaseException | None = error
    while reason is not None:
        yield reason
        inner = getattr(reason, "reason", None) or reason.__cause__ or reason.__context__
        reason = inner if isinstance(inner, BaseException) else None
