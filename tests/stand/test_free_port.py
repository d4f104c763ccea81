import socket
from pathlib import Path

from tests.stand.server import free_port

LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_a_port_that_is_free_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as before:
        port = before.getsockname()[1]

    assert free_port(port) == port


def test_a_port_that_is_taken_is_replaced_by_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = free_port(taken.getsockname()[1])

        assert port != taken.getsockname()[1]
        socket.create_server(("127.0.0.1", port)).close()


def test_nobody_who_asks_for_any_port_gets_the_one_whose_listener_is_started_anew():
    first_lent = int(LENT.read_text().split()[0])

    assert free_port() < first_lent
