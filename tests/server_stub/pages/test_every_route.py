"""Every route of the server, as an attacker knocks at it; and its log, as a thief reads it."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from server_stub.page_headers import HEADERS
from server_stub.ticket_page import create_ticket_app
from tests.server_stub.enrolled import new_id
from tests.server_stub.pages.test_hall_pages import begin_session
from tests.stand.doors import routes

CANARY = "Kanarienvogel-7Q"
"""Stands for every secret, and for whatever a visitor entered."""

VALUES = {"language": "de", "number": "1", "counter": "1", "day": "2026-11-23", "page": "hall"}
ENDLESS = re.compile("/live")
"""Streams, which answer until somebody hangs up: their tests are in test_live."""

OF_PROGRAMS = re.compile("^/v1/")
"""For kiosks, whose token no browser holds."""


def address_of(route: str) -> tuple[str, str]:
    """Return a method and an address that leads there."""
    method, path = route.split()
    return method, re.sub(r"{(\w+)}", lambda found: VALUES.get(found[1], str(new_id())), path)


KNOWN = [address_of(route) for route in routes()]
LASTING = {("POST", "/staff/admin/keys")}
"""A new key of the site, which tests after these would have to live with."""

ENDING = [
    (method, path)
    for method, path in KNOWN
    if not ENDLESS.search(path) and (method, path) not in LASTING
]
SLOW = re.compile("/preview|/sounds")
"""What starts other programs."""


@pytest.fixture
def olga(app, change_store, kiosk):
    """A client in which an administrator is logged in."""
    token = change_store(begin_session, site=kiosk.site, name="olga", role="admin")
    app.cookies.set("ankunft-staff", token, path="/staff")
    return app


def test_nothing_can_be_changed_from_another_origin(olga):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        for method, path in KNOWN:
            if method not in {"GET", "HEAD"} and not OF_PROGRAMS.match(path):
                answer = olga.request(method, path, headers=headers)
                assert answer.status_code == 403, f"{method} {path}"
                assert "came from another site" in answer.text


def test_reading_changes_nothing_that_matters(olga):
    """A link on another site may be followed: what it opens must not do anything."""
    writer = olga.app.state.writer
    for method, path in ENDING:
        if method != "GET" or path == "/healthz" or SLOW.search(path):
            continue  # that the server can write is found out by writing
        before = writer.commits
        olga.get(path)
        assert writer.commits == before, path


@pytest.fixture
def asked(olga) -> Callable[..., Any]:
    """Ask for something, and get the answer."""
    return olga.request


def every_kind_of_answer() -> list[tuple[str, str, dict[str, object]]]:
    return [
        *((method, path, {}) for method, path in ENDING if not SLOW.search(path)),
        ("GET", "/nothing/here", {}),
        ("GET", "/staff/nothing", {"headers": {"Accept": "text/html"}}),
        ("DELETE", "/staff", {}),
        ("POST", "/staff/login", {"content": b"x" * 10_000_000}),
        ("POST", "/staff/login", {"headers": {"Sec-Fetch-Site": "cross-site"}}),
        ("GET", "/static/ankunft.css", {}),
        ("GET", "/static/nothing.css", {}),
        ("GET", "/static/fonts/nothing.woff2", {}),
    ]


def test_every_answer_tells_browsers_what_they_may_do(asked):
    for method, path, what in every_kind_of_answer():
        answer = asked(method, path, **what)
        told = {name: answer.headers.get(name) for name in HEADERS}
        assert told == HEADERS, f"{method} {path} {answer.status_code}"
        assert "Cache-Control" in answer.headers, path
        assert "server" not in answer.headers


def test_an_answer_to_what_nobody_expected_does_too(asked, olga, monkeypatch):
    break_store(olga, monkeypatch)
    answer = asked("GET", "/staff")

    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/static//etc/passwd",
        "/static/fonts/../../../pyproject.toml",
        "/static/icons/..%2f..%2fsites%2fduesseldorf.toml",
        "/static/icons/png",
        "/static/%00",
        "/static/..\\app.py",
    ],
)
def test_no_address_leads_out_of_the_folder_of_files(olga, path):
    answer = olga.get(f"http://testserver{path}")

    assert answer.status_code in {404, 405, 400}
    assert "import" not in answer.text
    assert "root:" not in answer.text


# ---- what reaches a log ----


def break_store(client, monkeypatch) -> None:
    """Let whatever asks for the store fail with words that hold a secret."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"cannot insert {CANARY}")

    state = client.app.state
    monkeypatch.setattr(state.engine, "connect", fail)
    for method in ("submit", "submit_to", "ask", "ask_for"):
        monkeypatch.setattr(state.writer, method, fail)


def send_secrets(client) -> None:
    """Send a secret to every route in every place where one can be."""
    headers = {
        "Authorization": f"Bearer {CANARY}",
        "Cookie": f"ankunft-staff={CANARY}; ankunft-known={CANARY}; ankunft-display={CANARY}",
        "Last-Event-ID": CANARY,
        "User-Agent": CANARY,
        "Ankunft-Age": CANARY,
    }
    names = ("name", "password", "code", "number", "token", "note", "toml", "site", "action")
    form = dict.fromkeys(names, CANARY)
    for method, path in ENDING:
        query = f"{path}?token={CANARY}&number={CANARY}&name={CANARY}&after={CANARY}"
        client.request(method, query, headers=headers, data=form)
        client.request(method, path, content=f'{{"sealed": "{CANARY}'.encode())
        client.request(method, path, data=form)  # as whoever is logged in
    for path in (f"/{CANARY}", f"/staff/{CANARY}", f"/v1/check-ins/{CANARY}", f"/t/{CANARY}"):
        client.get(path)
        client.put(path, content=CANARY.encode())


def logged(records: list[logging.LogRecord]) -> str:
    """Return all that handlers could write of what the server logged, tracebacks too."""
    show = logging.Formatter("%(name)s %(levelname)s %(message)s")
    ours = (record for record in records if not record.name.startswith("httpx"))
    return "\n".join(show.format(record) for record in ours)


def test_no_secret_that_is_sent_to_any_route_reaches_the_log(olga, caplog):
    caplog.set_level(logging.DEBUG)

    send_secrets(olga)

    assert "login failed" in logged(caplog.records), "it was heard"
    assert CANARY not in logged(caplog.records)


def test_no_secret_reaches_the_log_or_the_answer_where_everything_fails(olga, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    break_store(olga, monkeypatch)

    send_secrets(olga)

    told = logged(caplog.records)
    assert "request failed" in told, "it was heard"
    assert "Traceback" not in told
    assert CANARY not in told


def test_no_ticket_reaches_the_log_of_its_listener(app, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    tickets = TestClient(create_ticket_app(app.app), raise_server_exceptions=False)
    for _ in range(2):
        for path in (f"/t/{CANARY}", f"/t/{CANARY}aaaaaaaaaaaaaa", f"/{CANARY}"):
            answer = tickets.get(path, headers={"Cookie": CANARY, "User-Agent": CANARY})
            assert CANARY not in answer.text
        break_store(app, monkeypatch)

    assert CANARY not in logged(caplog.records)
