"""The ticket listener as a process has it: two doors, one house."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from server_stub.listening import AddressError, listen

ROOT = Path(__file__).parents[2]


@pytest.fixture
def served(settings, tmp_path):
    """A server with both listeners; its process, its address, and that of the tickets."""
    command = [sys.executable, "-m", "server_stub", "serve", "--data", str(settings.data)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--port", "0", "--ticket-port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
    first, second = process.stdout.readline(), process.stdout.readline()
    yield process, first.removeprefix("serving ").strip(), second.removeprefix("tickets ").strip()
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.slow
def test_each_listener_has_its_own_people_and_both_end_in_order(served, tmp_path):
    process, address, tickets = served
    with httpx2.Client(trust_env=False) as client:
        assert client.get(f"{address}/staff/login").status_code == 200
        assert client.get(f"{address}/t/{'A' * 22}").status_code == 404
        assert client.get(f"{tickets}{'A' * 22}").status_code == 200
        elsewhere = tickets.removesuffix("/t/")
        for path in ("/staff/login", "/v1/site", "/display", "/healthz", "/static/ankunft.css"):
            assert client.get(elsewhere + path).status_code == 404

        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "Warning" not in log


def test_a_taken_ticket_port_names_its_own_option():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(AddressError, match=r"choose another with --ticket-port"):
            listen("127.0.0.1", port=port, of="ticket-")
    with pytest.raises(AddressError, match=r"--ticket-host nowhere\.invalid: no address"):
        listen("nowhere.invalid", port=0, of="ticket-")
