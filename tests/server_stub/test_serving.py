"""What only a process of its own shows: the serve line, an orderly stop, a kill."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from kiosk.contract import paths
from server_stub import administration
from server_stub.static_files import edition
from tests.server_stub.open_room import open_room

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Process:
    """`python -m server_stub serve` on a free port."""

    def __init__(self, data: Path, log: Path) -> None:
        self.log = log
        self._log = log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server_stub", "serve", "--data", str(data), "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        self.line = self.process.stdout.readline()
        self.address = self.line.removeprefix("serving ").strip()

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process.stdout.close()
        self._log.close()
        return code


@pytest.fixture
def start(settings, tmp_path):
    """Start a server on the test's data; whatever still runs at the end is killed."""
    started = []

    def start() -> Process:
        started.append(Process(settings.data, tmp_path / f"log-{len(started)}"))
        return started[-1]

    yield start
    for process in started:
        if process.process.returncode is None:
            process.stop(signal.SIGKILL)


@pytest.fixture
def process(start):
    return start()


def put(process, kiosk, check_in):
    return httpx2.put(
        process.address + paths.check_in(check_in.id),
        content=check_in.to_bytes(),
        headers={"Authorization": f"Bearer {kiosk.token}"},
        trust_env=False,
    )


def test_the_one_line_that_is_printed_names_an_address_that_answers(process, kiosk):
    assert re.fullmatch(r"serving http://127\.0\.0\.1:\d+\n", process.line)
    assert put(process, kiosk, kiosk.check_in(1)).status_code == 201


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_ends_in_order_and_another_can_start_at_once(
    process, start, settings, kiosk, how
):
    check_in = kiosk.check_in(1)
    put(process, kiosk, check_in)

    assert process.stop(how) == 0

    assert "Traceback" not in process.log.read_text()
    assert not settings.database.with_name("ankunft.db-wal").exists()
    again = start()
    assert put(again, kiosk, check_in).status_code == 200
    assert again.stop(signal.SIGTERM) == 0


def test_a_kept_open_connection_does_not_delay_the_stop(process):
    host, port = process.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.sendall(b"GET /v1/site HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 401"

        assert process.stop(signal.SIGTERM) == 0


def test_a_live_page_ends_when_the_server_stops_and_does_not_hold_it_up(settings, start):
    token = administration.add_display(settings, "hall")
    process = start()
    with httpx2.Client(base_url=process.address, trust_env=False) as browser:
        browser.get("/display/enter", params={"token": token}, follow_redirects=True)
        with browser.stream(
            "GET", "/display/live", params={"after": 0, "edition": edition()}
        ) as live:
            pieces = live.iter_raw()
            assert live.status_code == 200
            assert next(pieces)

            assert process.stop(signal.SIGTERM) == 0

            list(pieces)  # raises where it was cut and not ended
    assert "graceful shutdown exceeded" not in process.log.read_text()


def test_a_check_in_that_was_answered_survives_a_kill(process, settings, kiosk):
    check_ins = [kiosk.check_in(sequence) for sequence in range(1, 6)]
    for check_in in check_ins:
        assert put(process, kiosk, check_in).status_code == 201

    assert process.stop(signal.SIGKILL) == -signal.SIGKILL

    with open_room(settings) as room:
        assert {visit.id for visit in room.snapshot().visits} == {c.id for c in check_ins}
        kinds = [event.kind for event in room.events()]
        assert kinds == ["kiosk"] * 2 + ["check-in"] * 5


def test_a_command_says_so_while_the_server_runs(process, settings):
    command = [sys.executable, "-m", "server_stub", "add-kiosk", "--data", str(settings.data), "x"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert f"in use by process {process.process.pid}, probably the running server" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_another_program_holds_is_named(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "server_stub", "serve", "--data", str(settings.data)]
        done = subprocess.run(
            [*command, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False
        )

    assert done.returncode == 2
    assert done.stderr == (
        f"ankunft-server: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another with --port (0 takes a free one)\n"
    )
