"""Contract v1 over HTTP: each message sent once, each failure sorted by what may be done.

LinkError
├── TryLaterError           an answer, but no receipt for this message: send it again, after others
│   └── NotNowError         no connection, server busy or behind a proxy: no message's own fault
│       └── NotEnrolledError    the token is not (or no longer) known: staff must act
└── RefusedError            the server's own word that these bytes will never be taken
"""

import hashlib
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from kiosk.contract import paths
from kiosk.contract.messages import (
    FINAL_STATUSES,
    Heartbeat,
    HeartbeatAnswer,
    HelpCall,
    HelpCallAnswer,
    Message,
    Receipt,
    Refusal,
    SlipOutcome,
    SlipReceipt,
)
from kiosk.contract.site import SiteAnswer

Answer = TypeVar("Answer", bound=Message)

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0

BUSY_STATUSES = frozenset({429, 502, 503, 504})
"""Said by a server or a proxy of its own condition, not of what was sent (RFC 9110, RFC 6585)."""


class LinkError(Exception):
    """A message did not get through; the message says why, without any content."""


class TryLaterError(LinkError):
    """It may get through another time; until then, others may."""


class NotNowError(TryLaterError):
    """Nothing gets through now, whatever it is: another message would fare no better."""


class NotEnrolledError(NotNowError):
    """The server does not know this kiosk's token. The outbox waits until staff have acted."""


class RefusedError(LinkError):
    """The server refuses these very bytes, and will tomorrow."""


class ServerLink:
    """One kiosk's line to the server. Use it in one thread only.

    Args:
        url: The server's address, without a slash at the end.
        token: The kiosk's bearer token.

    """

    def __init__(self, url: str, *, token: str) -> None:
        import requests  # noqa: PLC0415  # takes a while, and the first picture needs no server

        self._url = url
        self._session = requests.Session()
        self._failures = requests.RequestException
        # Proxies and passwords of the environment (.netrc) have no say in where check-ins go.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def put_check_in(self, check_in: UUID, body: bytes, *, age: float | None) -> Receipt:
        """Deliver a check-in; only a receipt for exactly these bytes counts as success."""
        headers = {} if age is None else {paths.AGE_HEADER: f"{age:.3f}"}
        path = paths.check_in(check_in)
        receipt = self._exchange("PUT", path, Receipt, body=body, headers=headers)
        if receipt.id != check_in or receipt.sha256 != hashlib.sha256(body).hexdigest():
            raise TryLaterError("the server's receipt is for another check-in")
        return receipt

    def put_slip(self, outcome: SlipOutcome) -> SlipReceipt:
        """Tell what became of a slip."""
        path = paths.slip(outcome.id)
        return self._exchange("PUT", path, SlipReceipt, body=outcome.to_bytes())

    def put_help_call(self, call: HelpCall) -> HelpCallAnswer:
        """Call staff, or ask again whether anyone has answered."""
        path = paths.help_call(call.id)
        return self._exchange("PUT", path, HelpCallAnswer, body=call.to_bytes())

    def post_heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        """Report how this kiosk is."""
        body = heartbeat.to_bytes()
        return self._exchange("POST", paths.HEARTBEATS, HeartbeatAnswer, body=body)

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
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=body,
                headers={"Content-Type": "application/json", **(headers or {})},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,  # a captive portal redirects; it must not confirm anything
            )
        except self._failures as error:
            raise _no_answer(error) from None
        if response.status_code not in {200, 201}:
            raise _failure(response.status_code, response.content)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError:
            raise TryLaterError(f"status {response.status_code}, but not our answer") from None


def _no_answer(error: Exception) -> TryLaterError:
    from urllib3.exceptions import ProtocolError, ReadTimeoutError  # noqa: PLC0415  # as above

    # Once connected, it may be this very message that the server hangs or falls over.
    connected = any(isinstance(reason, ProtocolError | ReadTimeoutError) for reason in error.args)
    kind = TryLaterError if connected else NotNowError
    return kind(f"no answer ({_cause(error)})")


def _failure(status: int, content: bytes) -> LinkError:
    kind = NotNowError if status in BUSY_STATUSES else TryLaterError
    try:
        refusal = Refusal.model_validate_json(content)
    except ValidationError:
        return kind(f"status {status} from something that is not our server")
    if status in FINAL_STATUSES:
        return RefusedError(f"status {status} {refusal.code}: {refusal.message}")
    if status in {401, 403}:
        return NotEnrolledError(f"status {status} {refusal.code}")
    return kind(f"status {status} {refusal.code}")


def _cause(error: BaseException) -> str:
    """Return the innermost reason in plain words; requests wraps it three times."""
    reason: BaseException | None = error
    while reason is not None:
        if isinstance(reason, OSError) and reason.strerror:
            return reason.strerror.lower()
        inner = getattr(reason, "reason", None) or reason.__cause__ or reason.__context__
        reason = inner if isinstance(inner, BaseException) else None
    return type(error).__name__
