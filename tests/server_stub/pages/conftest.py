from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Connection
from starlette.testclient import TestClient

from kiosk.contract.messages import CheckIn
from server_stub import administration, tables
from server_stub.app import create_app
from server_stub.device_tokens import token_sha256
from server_stub.settings import Settings
from tests.server_stub.conftest import copy_of
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, Line
from tests.server_stub.pages.paper_browser import PaperBrowser

KEPT = (
    tables.site,
    tables.site_file,
    tables.site_key,
    tables.kiosk,
    tables.kiosk_token,
    tables.staff,
    tables.display,
    tables.staff_session,
)


@pytest.fixture(scope="session")
def staffed(tmp_path_factory, made_once, shared_clock) -> tuple[Settings, str]:
    """A data directory where anna may call, karl may only look, and a display hangs."""
    data = tmp_path_factory.mktemp("pages") / "data"
    settings = copy_of(made_once[0], data, clock=shared_clock)
    for name, role in (("anna", "counter"), ("mehmet", "counter"), ("karl", "helper")):
        administration.add_staff(settings, name, password="right-password", role=role)
    return settings, administration.add_display(settings, "hall")


@pytest.fixture(scope="session")
def running(staffed) -> Iterator[TestClient]:
    """The whole app, started once."""
    address = ("192.0.2.7", 50000)
    app = create_app(staffed[0])
    with TestClient(
        app, client=address, raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield client


@pytest.fixture(scope="session")
def annas_cookies(running, shared_clock) -> dict[str, str]:
    """The session of anna at counter 1: made by a real login, once, because that takes long."""
    shared_clock.now = MONDAY_NOON
    browser = PaperBrowser(running)
    browser.log_in(language="en")
    browser.send("/staff/counter/at", counter="1")
    cookies = dict(running.cookies)
    running.cookies.clear()
    return cookies


@pytest.fixture
def app(running, annas_cookies, clock) -> Iterator[TestClient]:  # noqa: ARG001  # the clock stands
    """The app, emptied of parties, and nobody logged in."""
    writer = running.app.state.writer
    before = writer.commits
    yield running
    running.cookies.clear()
    if writer.commits > before:
        kept = {token_sha256(token) for token in annas_cookies.values()}
        writer.submit(partial(empty, sessions=kept)).result()
        running.app.state.hall._view = None  # what it read is good for seconds, and is gone


@pytest.fixture
def browser(app) -> PaperBrowser:
    return PaperBrowser(app)


@pytest.fixture
def anna(browser, annas_cookies) -> PaperBrowser:
    """A browser in which anna is logged in at counter 1."""
    browser.client.cookies.update(annas_cookies)
    return browser


@pytest.fixture
def display_token(staffed) -> str:
    return staffed[1]


@pytest.fixture
def line(app, kiosk) -> Line:
    """The line of the first kiosk to this app."""
    return Line(app, kiosk)


@pytest.fixture
def arrive(line: Line, kiosk: EnrolledKiosk, clock) -> Callable[..., CheckIn]:
    """Let a party check in, a minute after the one before."""

    def check_in(sequence: int, content=None) -> CheckIn:
        message = kiosk.check_in(sequence, content=content)
        assert line.check_in(message).status_code == 201
        clock.move(60)
        return message

    return check_in


@pytest.fixture
def change_store(app):
    """Runs a change of the store, as the command line does while no server runs."""
    writer = app.app.state.writer
    return lambda change, **what: writer.submit(partial(change, **what)).result()


def empty(connection: Connection, *, sessions: set[str]) -> None:
    for table in reversed(tables.metadata.sorted_tables):
        if table not in KEPT:
            connection.execute(table.delete())
    t = tables.staff_session.c
    connection.execute(tables.staff_session.delete().where(t.id_sha256.not_in(sessions)))
    connection.execute(tables.kiosk.update().values(highest_sequence=0, complete_to=0))


def pytest_collection_modifyitems(items):
    for item in items:
        if "pages" in item.path.parts:
            item.add_marker("slow")  # each test runs the whole server
