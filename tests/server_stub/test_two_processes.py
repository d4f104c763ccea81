"""Two server processes on one database, as kiosks, staff and displays come to either of them."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from signal import SIGKILL
from uuid import uuid4

import pytest
import requests

from kiosk.contract import paths
from server_stub import tables
from server_stub.staff_api import paths as staff_paths
from server_stub.store import engine_for
from tests.bench.reception_point import ReceptionPoint, reception_point
from tests.bench.turmoil import log_in
from tests.server_stub.enrolled import MONDAY_NOON
from tests.stand.server import ServerStand

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

PASSWORD = "a password of tests"
PATIENCE = 60


@pytest.fixture(scope="module")
def point(tmp_path_factory, postgres_stand) -> ReceptionPoint:
    url = postgres_stand.url(postgres_stand.make_database())
    point = reception_point(tmp_path_factory.mktemp("two"), database_url=url)
    point.server.add_staff("anna", PASSWORD)
    return point


@pytest.fixture(scope="module")
def display(point) -> str:
    """The path that lets a display in, at whichever process."""
    return point.server.add_display("hall").removeprefix(point.server.address)


@pytest.fixture(scope="module")
def both(point) -> Iterator[list[ServerStand]]:
    with ExitStack() as running:
        yield [
            running.enter_context(server)
            for server in (point.server, replace(point.server, port=0))
        ]


@pytest.fixture
def servers(both) -> list[ServerStand]:
    """Both of them, running: also after a test has killed one."""
    for server in both:
        if not server.is_running:
            server.start()
    return both


@contextmanager
def live_display(server: ServerStand, path: str) -> Iterator[Iterator[str]]:
    """Open the call display at a server; yield the lines that it is sent from then on."""
    with requests.Session() as session:
        page = session.get(server.address + path, timeout=PATIENCE).text
        begins = re.search(r'data-after="(\d+)" data-edition="(\w+)"', page)
        assert begins, page[:500]
        address = f"{server.address}/display/live?after={begins[1]}&edition={begins[2]}"
        with session.get(address, stream=True, timeout=PATIENCE) as answer:
            assert answer.status_code == 200
            yield answer.iter_lines(decode_unicode=True)


def check_in(point: ReceptionPoint, server: ServerStand) -> str:
    """Let a party check in at a server; return its number."""
    kiosk = point.kiosks[0]
    (made,) = point.sealed(1)
    answer = requests.put(
        server.address + paths.check_in(made.id),
        data=made.to_bytes(),
        headers={"Authorization": f"Bearer {kiosk.token}"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return made.number


def press(server: ServerStand, token: str, **said: object) -> dict[str, object]:
    answer = requests.put(
        f"{server.address}{staff_paths.ACTIONS}/{uuid4()}",
        data=json.dumps(said),
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["visit"]


def test_a_display_shows_what_another_process_called_and_goes_on_when_its_own_is_killed(
    point, display, servers
):
    here, there = servers
    token = asyncio.run(log_in(here.port, name="anna", password=PASSWORD))
    number = check_in(point, there)

    with live_display(there, display) as lines:
        called = press(here, token, step="call-next", counter="1")
        shown = next(line for line in lines if number in line)
    there.stop(how=SIGKILL)
    with live_display(here, display) as lines:
        press(here, token, step="finish", counter="1", visit=called["id"], seen=called["version"])
        other = check_in(point, here)
        press(here, token, step="call-next", counter="1")
        shown_here = next(line for line in lines if other in line)

    assert called["number"] == number
    assert number in shown
    assert other in shown_here


def test_a_session_that_began_at_one_process_ends_at_both(servers):
    here, there = servers
    token = asyncio.run(log_in(here.port, name="anna", password=PASSWORD))
    who = {"Authorization": f"Bearer {token}"}
    address = staff_paths.THIS_SESSION
    assert requests.get(there.address + address, headers=who, timeout=PATIENCE).status_code == 200

    requests.delete(here.address + address, headers=who, timeout=PATIENCE)

    assert requests.get(there.address + address, headers=who, timeout=PATIENCE).status_code == 401


def test_a_kiosk_that_is_retired_is_refused_by_all_processes_within_a_second(point, servers):
    kiosk = point.kiosks[0]
    for server in servers:
        check_in(point, server)  # each of them knows it now
    with (
        engine_for(point.settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        t = tables.kiosk
        connection.execute(
            t.update().where(t.c.enrolment == kiosk.enrolment).values(retired_at=MONDAY_NOON)
        )

    who = {"Authorization": f"Bearer {kiosk.token}"}
    for server in servers:
        answers = iter(
            lambda server=server: (
                requests.get(server.address + paths.SITE, headers=who, timeout=PATIENCE).status_code
            ),
            401,
        )
        assert set(answers) <= {200}
