"""The cable between kiosk and server: pulled, and plugged in again."""

import pytest
import requests

from tests.chaos.cable import Cable
from tests.kiosk.loopback import Loopback, Response
from tests.stand.server import free_port


@pytest.fixture
def server():
    with Loopback(lambda _: Response(200, b"here")) as server:
        yield server


def test_a_pulled_cable_breaks_what_is_open_and_refuses_what_comes(server: Loopback) -> None:
    with Cable(server.server_address[1]) as cable, requests.Session() as session:
        session.trust_env = False
        address = f"http://127.0.0.1:{cable.port}/"
        assert session.get(address, timeout=5).content == b"here"

        cable.pull()
        for _ in range(2):  # the connection that was open, and a new one
            with pytest.raises(requests.ConnectionError):
                session.get(address, timeout=5)

        cable.plug_in()
        assert session.get(address, timeout=5).content == b"here"


def test_a_server_that_is_not_there_is_a_connection_that_breaks() -> None:
    with Cable(free_port()) as cable, pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{cable.port}/", timeout=5)
