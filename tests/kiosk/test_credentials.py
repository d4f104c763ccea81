"""Getting in by signing: a real line to a small server that checks every signature."""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    Challenge,
    TokenAnswer,
    TokenRequest,
    public_key_text,
)
from kiosk.contract.messages import RefusalCode
from kiosk.credentials import KeyCredentials
from kiosk.server_link import NotEnrolledError, NotNowError, ServerLink
from tests.kiosk.arrivals import ENROLMENT, SITE
from tests.kiosk.central import refusal
from tests.kiosk.loopback import Loopback, Request, Response
from tests.kiosk.test_assembly import ANSWER

DAY = 24 * 60 * 60
KEY = Ed25519PrivateKey.generate()


class Gate:
    """Gives tokens for signatures, and the site to whoever shows one of them.

    Attributes:
        given: All tokens, in order.
        good: Those that are taken.
        fail: May answer first.

    """

    def __init__(self) -> None:
        self.nonces: set[str] = set()
        self.given: list[str] = []
        self.good: set[str] = set()
        self.fail: Callable[[Request], Response | None] = lambda _: None
        self.unknown = refusal(401, RefusalCode.TOKEN_EXPIRED)

    def __call__(self, request: Request) -> Response:
        return self.fail(request) or self._answer(request)

    def _answer(self, request: Request) -> Response:
        if request.path == paths.CHALLENGES:
            nonce = b64encode(secrets.token_bytes(32)).decode()
            self.nonces.add(nonce)
            return Response(200, Challenge(nonce=nonce).to_bytes())
        if request.path == paths.TOKENS:
            signed = TokenRequest.model_validate_json(request.body)
            assert signed.nonce in self.nonces
            self.nonces.remove(signed.nonce)
            assert signed.enrolment == ENROLMENT
            assert signed.is_signed_by(public_key_text(KEY))
            token = f"token-{len(self.given) + 1:016}"
            self.given.append(token)
            self.good.add(token)
            return Response(200, TokenAnswer(token=token, seconds=DAY).to_bytes())
        shown = request.headers["Authorization"].removeprefix("Bearer ")
        return Response(200, ANSWER.to_bytes()) if shown in self.good else self.unknown


@pytest.fixture
def gate() -> Gate:
    return Gate()


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def credentials(seconds: Seconds) -> KeyCredentials:
    return KeyCredentials(KEY, ENROLMENT, monotonic=seconds)


@pytest.fixture
def server(gate: Gate) -> Iterator[Loopback]:
    with Loopback(gate) as server:
        yield server


@pytest.fixture
def link(server: Loopback, credentials: KeyCredentials) -> Iterator[ServerLink]:
    link = ServerLink(server.url, credentials=credentials)
    yield link
    link.close()


def refuse(path: str, answer: Response) -> Callable[[Request], Response | None]:
    return lambda request: answer if request.path == path else None


def test_a_token_is_had_by_a_signature_and_shared_by_all_lines(
    gate: Gate, link: ServerLink, server: Loopback, credentials: KeyCredentials
) -> None:
    other = ServerLink(server.url, credentials=credentials)
    assert link.get_site().site.id == SITE.id
    assert other.get_site().site.id == SITE.id
    other.close()

    assert len(gate.given) == 1


@pytest.mark.parametrize(("hours", "tokens"), [(17.9, 1), (18.1, 2), (24 * 40, 2)])
def test_a_token_is_renewed_when_a_quarter_of_its_time_is_left(
    gate: Gate, link: ServerLink, seconds: Seconds, hours: float, tokens: int
) -> None:
    link.get_site()
    seconds.now += hours * 3600
    link.get_site()

    assert len(gate.given) == tokens


@pytest.mark.parametrize("answer", [refusal(429, RefusalCode.TOO_MANY), Response(502, b"")])
def test_a_token_that_is_still_good_serves_while_no_new_one_is_to_be_had(
    gate: Gate, link: ServerLink, seconds: Seconds, answer: Response
) -> None:
    link.get_site()
    gate.fail = refuse(paths.CHALLENGES, answer)
    seconds.now += 20 * 3600
    link.get_site()

    seconds.now += 5 * 3600
    with pytest.raises(NotNowError):
        link.get_site()


@pytest.mark.parametrize("code", [RefusalCode.TOKEN_EXPIRED, RefusalCode.NOT_ENROLLED])
def test_a_token_that_the_server_has_forgotten_is_replaced_within_the_same_message(
    gate: Gate, link: ServerLink, seconds: Seconds, code: RefusalCode
) -> None:
    gate.unknown = refusal(401, code)
    link.get_site()
    seconds.now += 3600
    gate.good.clear()  # as after a restore from a backup

    link.get_site()

    assert len(gate.given) == 2


def test_a_revoked_kiosk_asks_once_and_believes_the_answer(
    gate: Gate, link: ServerLink, server: Loopback, seconds: Seconds
) -> None:
    link.get_site()
    seconds.now += 3600
    gate.good.clear()
    gate.unknown = refusal(401, RefusalCode.NOT_ENROLLED)
    gate.fail = refuse(paths.TOKENS, gate.unknown)
    server.requests.clear()

    with pytest.raises(NotEnrolledError):
        link.get_site()

    asked = [request.path for request in server.requests]
    assert asked == [paths.SITE, paths.CHALLENGES, paths.TOKENS]


def test_a_retired_kiosk_does_not_sign_anew_for_every_refusal(
    gate: Gate, link: ServerLink, seconds: Seconds
) -> None:
    link.get_site()
    seconds.now += 3600
    gate.fail = refuse(paths.SITE, refusal(401, RefusalCode.NOT_ENROLLED))
    for _ in range(5):
        with pytest.raises(NotEnrolledError):
            link.get_site()

    assert len(gate.given) == 2


def test_a_challenge_that_has_lapsed_says_nothing_of_the_kiosk(
    gate: Gate, link: ServerLink
) -> None:
    gate.fail = refuse(paths.TOKENS, refusal(403, RefusalCode.CHALLENGE_LAPSED))

    with pytest.raises(NotNowError) as raised:
        link.get_site()

    assert not isinstance(raised.value, NotEnrolledError)


def test_a_token_stands_in_no_text_about_the_credentials(
    gate: Gate, link: ServerLink, credentials: KeyCredentials
) -> None:
    link.get_site()

    assert gate.given[0] not in f"{credentials!r} {link!r}"
