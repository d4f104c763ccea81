"""The door is a shorter way to the same answers: each request is sent by both ways and compared."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kiosk.contract import paths
from kiosk.contract.messages import Refusal
from kiosk.contract.paths import LARGEST_BODY
from server_stub.app import create_app
from server_stub.check_in_door import take_check_in
from server_stub.device_tokens import SECONDS_REMEMBERED
from server_stub.snapshot import read_visit
from server_stub.writer import TryAgainError
from tests.server_stub.conftest import copy_of, retire
from tests.server_stub.enrolled import MONDAY_NOON, Line, new_id

pytestmark = pytest.mark.slow  # each way is a whole app

COMPARED = ("content-type", "content-length", "www-authenticate", "retry-after")


class _WithoutDoor:
    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.state = app.state

    async def __call__(self, scope, receive, send) -> None:
        await FastAPI.__call__(self.app, scope, receive, send)


@pytest.fixture(scope="module")
def apps(tmp_path_factory, made_once, shared_clock) -> Iterator[list[TestClient]]:
    """The app with its door, and the same without."""
    with ExitStack() as stack:
        clients = []
        for name in ("with-door", "without-door"):
            data = tmp_path_factory.mktemp(name) / "data"
            app = create_app(copy_of(made_once[0], data, clock=shared_clock))
            way = app if name == "with-door" else _WithoutDoor(app)
            client = TestClient(way, raise_server_exceptions=False)
            clients.append(stack.enter_context(client))
        yield clients


@pytest.fixture
def both_ways(apps, kiosk):
    """Send a request by both ways; return the answer, which is the same."""

    def both_ways(path, body, **headers):
        answers = [Line(client, kiosk).put(path, body, **headers) for client in apps]
        seen = [
            (answer.status_code, answer.content, {name: answer.headers.get(name)})
            for answer in answers
            for name in COMPARED
        ]
        assert seen[: len(COMPARED)] == seen[len(COMPARED) :]
        return answers[0]

    return both_ways


def test_a_check_in_gets_the_same_receipts(both_ways, kiosk):
    check_in = kiosk.check_in(1)
    path = paths.check_in(check_in.id)

    assert both_ways(path, check_in).status_code == 201
    assert both_ways(path, check_in).status_code == 200
    assert both_ways(path, check_in.to_bytes() + b" ").status_code == 409


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer of a wrong token"},
        {paths.AGE_HEADER: "90.5"},
        {paths.AGE_HEADER: "yesterday"},
        {"Content-Type": "text/plain"},
        {"Content-Length": "many"},
    ],
    ids=str,
)
def test_headers_are_understood_in_the_same_way(both_ways, kiosk, headers):
    check_in = kiosk.check_in(2)

    both_ways(paths.check_in(check_in.id), check_in, **headers)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b" " * (LARGEST_BODY + 1)], ids=len)
def test_what_is_no_check_in_gets_the_same_refusal(both_ways, body):
    answer = both_ways(paths.check_in(new_id()), body)

    assert answer.status_code in {413, 422}
    assert Refusal.model_validate_json(answer.content)


@pytest.mark.parametrize(
    "rest", ["", "/", "/7", "/7/8", "/01a20000-0000-7000-8000-000000000000/", "/%2e%2e/site"]
)
def test_paths_that_are_no_check_ins_get_the_same_refusal(both_ways, rest):
    assert both_ways(paths.CHECK_INS + rest, b"{}").status_code in {404, 405, 422}


def test_a_path_that_is_another_check_ins_gets_the_same_refusal(both_ways, kiosk, other_kiosk):
    assert both_ways(paths.check_in(new_id()), kiosk.check_in(3)).status_code == 422
    theirs = other_kiosk.check_in(3)
    assert both_ways(paths.check_in(theirs.id), theirs).status_code == 403


def test_a_kiosk_that_is_revoked_while_its_check_in_comes_is_not_let_in(client, line, monkeypatch):
    state, seconds, sent = client.app.state, [0.0], []
    monkeypatch.setattr(state.room._devices, "_monotonic", lambda: seconds[0])
    check_in = line.kiosk.check_in(1)
    scope = {
        "type": "http",
        "method": "PUT",
        "path": paths.check_in(check_in.id),
        "headers": [(b"authorization", f"Bearer {line.kiosk.token}".encode())],
    }

    async def receive():
        revoke = partial(retire, kiosk=line.kiosk, at=MONDAY_NOON, revoked=True)
        state.writer.submit(revoke).result(10)
        seconds[0] += SECONDS_REMEMBERED
        return {"type": "http.request", "body": check_in.to_bytes()}

    async def send(message):
        sent.append(message)

    assert client.portal.call(take_check_in, client.app, scope, receive, send)

    assert sent[0]["status"] == 401
    with state.engine.connect() as connection:
        assert read_visit(connection, line.kiosk.site, visit=check_in.id) is None


@pytest.mark.parametrize("error", [TryAgainError("try again"), RuntimeError("a mistake")])
def test_a_failure_gets_the_same_answer(apps, both_ways, kiosk, monkeypatch, error):
    async def fail(*_args, **_kwargs):
        raise error

    for client in apps:
        monkeypatch.setattr(client.app.state.room, "admit", fail)
    check_in = kiosk.check_in(4)

    answer = both_ways(paths.check_in(check_in.id), check_in)

    assert answer.status_code in {500, 503}
    assert json.loads(answer.content)["code"] == "try-again"


def test_other_methods_are_told_what_is_allowed(apps, kiosk):
    answers = [
        client.get(paths.check_in(new_id()), headers=Line(client, kiosk).headers) for client in apps
    ]

    assert [answer.status_code for answer in answers] == [405, 405]
    assert [answer.headers["allow"] for answer in answers] == ["PUT", "PUT"]


def test_a_failure_is_logged_by_its_route(apps, kiosk, monkeypatch, caplog):
    async def fail(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(apps[0].app.state.room, "admit", fail)
    check_in = kiosk.check_in(5)

    Line(apps[0], kiosk).check_in(check_in)

    assert f"route={paths.CHECK_INS}/{{check_in_id}}" in caplog.text
    assert str(check_in.id) not in caplog.text.split("request failed")[1]
