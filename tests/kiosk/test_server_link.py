import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import server_link
from kiosk.contract import paths
from kiosk.contract.messages import (
    Counters,
    Heartbeat,
    HeartbeatAnswer,
    HelpCall,
    HelpCallAnswer,
    HelpKind,
    HelpState,
    Receipt,
    RefusalCode,
    SlipOutcome,
    SlipReceipt,
    SlipState,
)
from kiosk.contract.site import SiteAnswer
from kiosk.credentials import KeyCredentials
from kiosk.server_link import (
    LinkError,
    NotEnrolledError,
    NotNowError,
    RefusedError,
    ServerLink,
    TryLaterError,
)
from tests.kiosk.arrivals import KEY, NINE, SITE, check_in
from tests.kiosk.central import Central, refusal
from tests.kiosk.loopback import CUT, HANG_UP, Loopback, Request, Response

ENTRY = check_in(1)
BODY = ENTRY.to_bytes()
DIGEST = hashlib.sha256(BODY).hexdigest()
TOKEN = "token-of-this-kiosk"


@pytest.fixture
def link(server: Loopback) -> Iterator[ServerLink]:
    link = ServerLink(server.url, token=TOKEN)
    yield link
    link.close()


def put(link: ServerLink, *, age: float | None = None) -> Receipt:
    return link.put_check_in(ENTRY.id, BODY, age=age)


def receipt(status: int, **changes: object) -> Response:
    known = Receipt(id=ENTRY.id, sha256=DIGEST, highest_sequence=7)
    return Response(status, known.model_copy(update=changes).to_bytes())


@pytest.mark.parametrize("status", [200, 201])
def test_a_receipt_for_these_bytes_is_success(
    link: ServerLink, server: Loopback, status: int
) -> None:
    server.answer = lambda _: receipt(status)

    assert put(link).highest_sequence == 7
    (request,) = server.requests
    assert (request.method, request.path) == ("PUT", f"/v1/check-ins/{ENTRY.id}")
    assert request.body == BODY
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"


HTML = b"<html><h1>Bad gateway</h1></html>"
OURS = {code: refusal(0, code).body for code in RefusalCode}


# What came back -> what may be done. Only our own word is final; only what is no fault of this
# very message keeps its place in the outbox.
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (receipt(201, sha256="0" * 64), TryLaterError),
        (receipt(201, id=UUID(int=5)), TryLaterError),
        (Response(200, HTML), TryLaterError),
        (Response(201, b"{}"), TryLaterError),
        (Response(204), TryLaterError),
        (receipt(202), TryLaterError),
        (Response(409, OURS[RefusalCode.OTHER_BYTES]), RefusedError),
        (Response(422, OURS[RefusalCode.UNREADABLE]), RefusedError),
        (Response(409, HTML), TryLaterError),
        (Response(422, HTML), TryLaterError),
        (Response(422, b'{"detail": "not found", "code": "unreadable"}'), TryLaterError),
        (Response(422, b'{"ankunft": 2, "code": "unreadable", "message": ""}'), TryLaterError),
        (Response(404, HTML), TryLaterError),
        (Response(404, OURS[RefusalCode.UNKNOWN]), TryLaterError),
        (Response(413, OURS[RefusalCode.TOO_LARGE]), TryLaterError),
        (Response(500, HTML), TryLaterError),
        (Response(302, headers={"Location": "/elsewhere"}), TryLaterError),
        (CUT, TryLaterError),
        (HANG_UP, TryLaterError),
        (Response(401, OURS[RefusalCode.NOT_ENROLLED]), NotEnrolledError),
        (Response(403, OURS[RefusalCode.NOT_YOURS]), NotEnrolledError),
        (Response(401, HTML), TryLaterError),
        (Response(429, OURS[RefusalCode.TOO_MANY]), NotNowError),
        (Response(502, HTML), NotNowError),
        (Response(503, OURS[RefusalCode.TRY_AGAIN]), NotNowError),
        (Response(503, HTML), NotNowError),
        (Response(504, HTML), NotNowError),
    ],
    ids=lambda value: (
        f"{value.status} {value.body[:40]!r}" if isinstance(value, Response) else value.__name__
    ),
)
def test_each_answer_is_sorted_by_what_may_be_done(
    link: ServerLink, server: Loopback, answer: Response, error: type[LinkError]
) -> None:
    server.answer = lambda _: answer

    with pytest.raises(LinkError) as raised:
        put(link)

    assert type(raised.value) is error
    assert len(server.requests) == 1


def test_errors_tell_neither_the_token_nor_what_was_sent(
    link: ServerLink, server: Loopback
) -> None:
    server.answer = lambda request: Response(500, request.body + TOKEN.encode())

    with pytest.raises(TryLaterError) as raised:
        put(link)

    assert f"{raised.value}" == "status 500 from something that is not our server"


def test_a_redirect_is_not_followed(link: ServerLink, server: Loopback) -> None:
    server.answer = lambda request: (
        receipt(200)
        if request.path == "/portal"
        else Response(307, headers={"Location": "/portal"})
    )

    with pytest.raises(TryLaterError, match="status 307"):
        put(link)

    assert [request.path for request in server.requests] == [f"/v1/check-ins/{ENTRY.id}"]


def test_a_server_that_is_not_there_is_no_fault_of_the_message(
    link: ServerLink, server: Loopback
) -> None:
    server.shutdown()
    server.socket.close()

    with pytest.raises(NotNowError, match=r"no answer \(connection refused\)"):
        put(link)


def test_a_server_that_never_answers_is_left_after_the_time_limit(
    link: ServerLink, server: Loopback, silent: Callable[[Request], Response]
) -> None:
    server.answer = silent

    with pytest.raises(TryLaterError, match=r"no answer \(.*timed out|ReadTimeout"):
        put(link)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Request], Response]]:
    """An answer that does not come before the test is over."""
    over = Event()
    monkeypatch.setattr(server_link, "READ_SECONDS", 0.05)

    def answer(_: Request) -> Response:
        over.wait()
        return CUT

    yield answer
    over.set()


def test_proxies_and_passwords_of_the_environment_have_no_say(
    central: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login thief password stolen")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Loopback(lambda _: Response(200)) as proxy, Loopback(central) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        link = ServerLink(server.url, token=TOKEN)

        put(link)

        link.close()
        assert proxy.requests == []
        assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(("age", "header"), [(None, None), (0.0, "0.000"), (3.14159, "3.142")])
def test_the_age_of_a_check_in_travels_beside_its_bytes(
    link: ServerLink, server: Loopback, age: float | None, header: str | None
) -> None:
    put(link, age=age)

    (request,) = server.requests
    assert request.headers.get(paths.AGE_HEADER) == header
    assert request.body == BODY


HEARTBEAT = Heartbeat(
    kiosk="entrance-1",
    program_version="1",
    site_version=SITE.version,
    printer="ready",
    clock_trusted=True,
    disk_free_bytes=1,
    outbox_depth=0,
    highest_sequence=0,
    counters=Counters(),
)


def test_the_other_messages_find_their_paths(
    link: ServerLink, server: Loopback, central: Central
) -> None:
    known = SiteAnswer(version=SITE.version, key_id="key-1", public_key=KEY.to_text(), site=SITE)
    central.site_answer = known.to_bytes()
    slip = SlipOutcome(
        id=ENTRY.id, kiosk="entrance-1", outcome=SlipState.PRINTED, copies=1, revision=3
    )
    call = HelpCall(id=ENTRY.id, kiosk="entrance-1", kind=HelpKind.DOCTOR, language=None)

    assert link.put_slip(slip).revision == 3
    assert link.put_help_call(call).state is HelpState.CALLED
    assert link.post_heartbeat(HEARTBEAT).site_version == SITE.version
    assert link.get_site() == known

    assert [(r.method, r.path) for r in server.requests] == [
        ("PUT", f"/v1/slips/{ENTRY.id}"),
        ("PUT", f"/v1/help-calls/{ENTRY.id}"),
        ("POST", "/v1/heartbeats"),
        ("GET", "/v1/site"),
    ]
    assert [r.body for r in server.requests[:3]] == [m.to_bytes() for m in (slip, call, HEARTBEAT)]


OTHER = check_in(2).id


def test_another_slips_receipt_is_none(link: ServerLink, server: Loopback) -> None:
    outcome = SlipOutcome(
        id=ENTRY.id, kiosk="entrance-1", outcome=SlipState.PRINTED, copies=1, revision=3
    )
    for other in (
        SlipReceipt(id=OTHER, revision=3),
        SlipReceipt(id=ENTRY.id, revision=2),  # of what was told before
    ):
        server.answer = lambda _, other=other: Response(200, other.to_bytes())
        with pytest.raises(TryLaterError, match="another slip"):
            link.put_slip(outcome)


def test_nobody_is_told_of_help_that_goes_elsewhere(link: ServerLink, server: Loopback) -> None:
    call = HelpCall(id=ENTRY.id, kiosk="entrance-1", kind=HelpKind.PERSON, language="uk")
    elsewhere = HelpCallAnswer(id=OTHER, state=HelpState.ACKNOWLEDGED)
    server.answer = lambda _: Response(200, elsewhere.to_bytes())

    with pytest.raises(TryLaterError, match="another call"):
        link.put_help_call(call)


@pytest.mark.parametrize(("kiosk", "counts"), [("entrance-1", True), (None, True), ("b", False)])
def test_another_kiosks_answer_is_none(
    link: ServerLink,
    server: Loopback,
    kiosk: str | None,
    counts: bool,  # noqa: FBT001
) -> None:
    """A proxy that mixes up two lines may not stop a kiosk by the numbers of another one."""
    told = HeartbeatAnswer(
        kiosk=kiosk, as_of=NINE, store_id=OTHER, site_version="1", highest_sequence=4711
    )
    server.answer = lambda _: Response(200, told.to_bytes())

    if counts:
        assert link.post_heartbeat(HEARTBEAT) == told
    else:
        with pytest.raises(TryLaterError, match="another kiosk"):
            link.post_heartbeat(HEARTBEAT)


def test_what_is_refused_at_the_door_is_no_word_about_the_check_in(server: Loopback) -> None:
    server.answer = lambda _: refusal(422, RefusalCode.UNREADABLE)
    key = KeyCredentials(Ed25519PrivateKey.generate(), OTHER)
    link = ServerLink(server.url, credentials=key)

    with pytest.raises(NotNowError, match="no token"):
        put(link)
    link.close()
