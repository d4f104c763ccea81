"""What systemd hears: when a program is ready, and that it has not hung."""

import asyncio
import socket
from pathlib import Path

import pytest

from kiosk.contract.supervisor import Supervisor
from server_stub.serving import told_it_lives


@pytest.fixture
def systemd(tmp_path):
    """The socket on which systemd listens, and the environment that names it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        path = str(tmp_path / "notify")
        line.bind(path)
        line.settimeout(5)
        yield line, {"NOTIFY_SOCKET": path}


def test_it_hears_what_it_is_told(systemd):
    line, environment = systemd

    Supervisor(environment).tell("READY=1")

    assert line.recv(100) == b"READY=1"


def test_a_socket_in_no_file_system_is_found(tmp_path):
    name = f"ankunft-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("\0" + name)
        line.settimeout(5)
        Supervisor({"NOTIFY_SOCKET": f"@{name}"}).tell("READY=1")
        assert line.recv(100) == b"READY=1"


def test_it_gets_signs_of_life_while_the_loop_goes_on(systemd):
    line, environment = systemd
    supervisor = Supervisor(environment | {"WATCHDOG_USEC": "3000"})  # a sign each millisecond

    async def serve() -> list[bytes]:
        async with told_it_lives(supervisor):
            return [await asyncio.to_thread(line.recv, 100) for _ in range(3)]

    assert asyncio.run(serve()) == 3 * [b"WATCHDOG=1"]


def test_one_that_does_not_listen_keeps_nobody_waiting(systemd):
    line, environment = systemd
    queue = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())

    for _ in range(2 * queue):
        Supervisor(environment).tell("WATCHDOG=1")

    assert line.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "3000"},
        {"NOTIFY_SOCKET": "/nowhere/at/all"},
        {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "3000", "WATCHDOG_PID": "1"},
    ],
)
def test_where_nobody_watches_nothing_is_told_and_nothing_breaks(environment):
    supervisor = Supervisor(environment, pid=2)

    supervisor.tell("READY=1")

    assert supervisor.sign_seconds is None
