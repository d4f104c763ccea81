import socket

from tests.stand.server import free_port


def test_a_port_that_is_free_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as before:
        port = before.getsockname()[1]

    assert free_port(port) == port


def test_a_port_that_is_taken_is_replaced_by_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = free_port(taken.getsockname()[1])

        assert port != taken.getsockname()[1]
        socket.create_server(("127.0.0.1", port)).close()
