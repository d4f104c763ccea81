"""A real central server on this machine, in a process of its own: set up, started, killed."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Self

from server_stub import administration
from server_stub.settings import PasswordCost, Settings
from tests.stand.warm import ROOT, WarmProcess, run_warm, serve_warm

START_SECONDS = 60.0

CHEAP = PasswordCost(rounds=1, memory_kib=8, lanes=1)
"""For passwords that guard nothing: a check of a real one takes a second of a processor."""

_UNDER_TEST = "pytest" in sys.modules
"""Tests start servers by the hundred: those are forked. By hand a server starts as at a site."""

SITE_FILE = ROOT / "assets" / "sites" / "duesseldorf.toml"
ALWAYS_OPEN = """
[[closures]]
days = "2000-01-01 to 2099-12-31"
hours = ["24 h"]
"""
"""Added to a site file, it is open at any time of day at which somebody runs a test."""


class ServerStandError(Exception):
    """The server did not do what it was told; its own words are in the message."""


NEVER_LENT = range(15_000, 32_000)
"""TCP ports that Linux gives to nobody who asks for any (ip_local_port_range begins at 32,768)."""


def free_port(preferred: int = 0) -> int:
    """Return the preferred TCP port when it is free on loopback, else another one.

    It stays free while who listens there is started anew: nobody gets it by asking for any.
    """
    for port in (*([preferred] if preferred else []), *SystemRandom().sample(NEVER_LENT, 100)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise ServerStandError("no free TCP port on loopback")


def run_server(
    *arguments: str, stdin: str | None = None, forked: bool = _UNDER_TEST
) -> subprocess.CompletedProcess[str]:
    """Run `python -m server_stub` with these arguments, to its end."""
    if forked:
        return run_warm(arguments, stdin=stdin)
    return subprocess.run(
        [sys.executable, "-m", "server_stub", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class ServerStand:
    """The server's data folder, and its process while it runs.

    Attributes:
        data: Where the database and the keys lie.
        site_file: What the server is set up with; by default the shipped one, and always open.
        port: On loopback; the same at every start, as kiosks expect.
        database_url: Of the PostgreSQL that it uses; without one it has a SQLite file.
        environment: Added to what its process finds in its environment.
        serve_options: Added to its command line when it serves.
        program: The module that serves, with its command; one with another clock, for example.
        forked: Whether its processes are, from one that has loaded the program.

    """

    data: Path
    site_file: Path = SITE_FILE
    port: int = 0
    database_url: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    serve_options: tuple[str, ...] = ()
    program: tuple[str, ...] = ("server_stub", "serve")
    forked: bool = _UNDER_TEST
    _process: subprocess.Popen[str] | WarmProcess | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Settle on a port, and on a site file."""
        self.port = free_port(self.port)
        if self.site_file == SITE_FILE:
            self.site_file = self.data.parent / "always-open.toml"

    @property
    def address(self) -> str:
        """Where it serves."""
        scheme = "https" if "--tls-certificate" in self.serve_options else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        if self._process is None:
            raise ServerStandError("the server does not run")
        return self._process.pid

    def command(self, *arguments: str, stdin: str | None = None) -> str:
        """Run `python -m server_stub` on the data folder and return what it printed."""
        name, *rest = arguments
        done = run_server(name, "--data", str(self.data), *rest, stdin=stdin, forked=self.forked)
        if done.returncode:
            raise ServerStandError(
                f"server_stub {name}: exit {done.returncode}: {done.stderr or done.stdout}"
            )
        return done.stdout

    def set_up(self) -> None:
        """Make the database, the site's key and the site."""
        if not self.site_file.exists():
            self.site_file.parent.mkdir(parents=True, exist_ok=True)
            shipped = SITE_FILE.read_text(encoding="utf-8")
            self.site_file.write_text(shipped + ALWAYS_OPEN, encoding="utf-8")
        if self.database_url:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            url_file = self.data / "database.url"
            url_file.touch(mode=0o600)
            url_file.write_text(f"{self.database_url}\n", encoding="utf-8")
        self.command("init", "--site", str(self.site_file))

    def add_kiosk(self, name: str, folder: Path, *, printer: str, screen: str = "") -> Path:
        """Enrol a kiosk; return its settings file, in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "kiosk.toml"
        told = self.command("add-kiosk", name, "--server-url", self.address)
        told += f'\n[printer]\naddress = "{printer}"\n\n[screen]\n{screen}\n'
        settings.write_text(told, encoding="utf-8")
        settings.chmod(0o600)
        return settings

    def add_staff(self, name: str, password: str, *, role: str = "counter") -> None:
        """Make a login; where tests do, with a hash that costs as little as what it guards."""
        if self.forked:
            settings = Settings(data=self.data, password_cost=CHEAP)
            administration.add_staff(settings, name, password=password, role=role)
        else:
            told = ("--role", role, "--password-from-stdin")
            self.command("add-staff", name, *told, stdin=password)

    def add_display(self, name: str) -> str:
        """Make a call display; return the address that lets it in."""
        told = self.command("add-display", name)
        found = re.search(r"(/display/\S+)", told)
        if not found:
            raise ServerStandError(f"add-display told no address: {told!r}")
        return self.address + found[1]

    def start(self) -> None:
        """Start serving; return when it listens."""
        with (self.data / "server.log").open("a") as log:
            self._process = self._launch(log.fileno())
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("serving "):
                return
        said = (self.data / "server.log").read_text()
        raise ServerStandError(f"the server did not start: {said[-2000:]}")

    def _launch(self, stderr: int) -> subprocess.Popen[str] | WarmProcess:
        module, *begin = self.program
        arguments = (
            *(*begin, "--data", str(self.data), "--port", str(self.port)),
            *self.serve_options,
        )
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        # What stands in an environment of its own is for a program that begins with it.
        if self.forked and module == "server_stub" and not self.environment:
            return serve_warm(arguments, environment=environment, stderr=stderr)
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        )

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, kindly or not, and wait until it has gone."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(START_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()
        self._process = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()
