"""The hosts of a database: one that is dead is asked last, and whoever leads next is found."""

import socket
import threading
from collections.abc import Iterator

import pytest

from server_stub.database_hosts import DatabaseHosts
from server_stub.postgresql import Door
from server_stub.store import database_url

THREE = {"host": "a,b,c", "port": "5432", "user": "ankunft"}


def order(hosts: DatabaseHosts) -> str:
    return hosts.in_order()[1]["host"]


def at(host: str, port: str = "5432") -> dict[str, str]:
    return {"host": host, "hostaddr": "10.0.0.1", "port": port}


def test_who_answered_last_is_asked_first():
    hosts = DatabaseHosts(THREE)
    assert order(hosts) == "a,b,c"

    hosts.answered(at("b"))

    assert order(hosts) == "b,c,a"
    assert hosts.in_order()[1]["port"] == "5432"


def test_while_nobody_answers_each_try_begins_at_another():
    hosts = DatabaseHosts(THREE)
    tried = []
    for _ in range(4):
        first, parameters = hosts.in_order()
        tried.append(parameters["host"])
        hosts.nobody_answered(first)
        hosts.nobody_answered(first)  # of another thread that tried at the same time

    assert tried == ["a,b,c", "b,c,a", "c,a,b", "a,b,c"]


def test_what_is_said_for_each_host_goes_with_it():
    hosts = DatabaseHosts({"host": "a,b", "hostaddr": "10.0.0.1,10.0.0.2", "port": "1,2"})

    hosts.answered({"host": "b", "hostaddr": "10.0.0.2", "port": "2"})

    assert hosts.in_order()[1] == {"host": "b,a", "hostaddr": "10.0.0.2,10.0.0.1", "port": "2,1"}


def test_one_host_or_none_stays_as_it_is():
    for parameters in ({}, {"host": "/run/postgresql"}):
        hosts = DatabaseHosts(parameters)
        hosts.nobody_answered(0)
        assert hosts.in_order() == (0, parameters)


@pytest.fixture
def dead_host() -> Iterator[tuple[int, list[None]]]:
    """A port on which somebody hangs up at once, and a list that grows with each who asked."""
    asked: list[None] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                asked.append(None)
                line.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.postgresql
def test_a_host_that_is_dead_is_asked_once(settings, dead_host):
    port, asked = dead_host
    url = database_url(settings)
    before, folder = url.split("?host=")
    door = Door(f"{before}?host=127.0.0.1,{folder}&port={port},5432&sslmode=disable")

    for _ in range(3):
        door.connect().close()

    assert len(asked) == 1
