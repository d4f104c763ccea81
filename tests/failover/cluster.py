"""The cluster: etcd, Patroni and PostgreSQL on three machines, by the files that a site uses."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from server_stub.private_ca import make_certificate
from server_stub.settings import utc_now
from tests.failover.ground import NOT_ROOT, PATRONI, environment
from tests.failover.network import PREFIX, Machine
from tests.stand.server import ROOT

FILES = ROOT / "assets" / "cluster"
PLACE = re.compile(r"@[A-Z_]+@")
TROUBLE = re.compile("ERROR|FATAL|PANIC|Error:")
WITHOUT_TLS = (
    ("hostssl ", "host "),
    (", sslmode: verify-ca, sslrootcert: '@CA@'", ""),
    ("    ssl: 'on'\n", "    ssl: 'off'\n"),
)
"""What is changed for a PostgreSQL that was built without TLS, as the wheel's is."""
PYTHON = (sys.executable, "-m")
PATRONICTL = (sys.executable, "-c", "from patroni.ctl import ctl; ctl()")
SECRETS = {"SUPERUSER": "a-superuser", "REPLICATION": "a-standby", "REWIND": "a-rewinder"}
OWNER, OWNERS_PASSWORD, DATABASE = "ankunft", "an-owner", "ankunft"
HEAL_SECONDS = 180.0


class ClusterError(Exception):
    """The cluster is not as it should be; the message holds what it last said of itself."""


def rendered(template: str, values: dict[str, str]) -> str:
    """Return a file with its places filled in; raise KeyError where one has no value."""
    return PLACE.sub(lambda place: values[place[0].strip("@")], template)


def can_tls(where: Path) -> bool:
    """Return whether the PostgreSQL whose programs lie there was built with TLS."""
    told = subprocess.run(
        [str(where / "pg_config"), "--configure"], capture_output=True, text=True, check=False
    )
    return "ssl" in told.stdout


def patroni_template(*, tls: bool) -> str:
    """Return Patroni's file with its places open."""
    text = (FILES / "patroni.yml").read_text(encoding="utf-8")
    for with_it, without in () if tls else WITHOUT_TLS:
        text = text.replace(with_it, without)
    return text


def values_of(
    machine: Machine,
    machines: Sequence[Machine],
    *,
    folder: Path,
    programs: Path,
    synchronous: bool,
) -> dict[str, str]:
    """Return what stands in a machine's files."""
    own = folder / machine.name
    return SECRETS | {
        "NAME": machine.name,
        "ADDRESS": machine.address,
        "NETWORK": f"{PREFIX}.0/24",
        "PEERS": ",".join(f"{each.name}=https://{each.address}:2380" for each in machines),
        "ETCD_HOSTS": ", ".join(f"{each.address}:2379" for each in machines),
        "ETCD_DATA": str(own / "etcd"),
        "DATA": str(own / "data"),
        "SOCKETS": str(own),
        "PROGRAMS": str(programs),
        "CA": str(folder / "tls" / "ca.pem"),
        "CERTIFICATE": str(folder / "tls" / f"{machine.name}.pem"),
        "KEY": str(folder / "tls" / f"{machine.name}.key"),
        "SYNCHRONOUS": str(synchronous).lower(),
        "LOCAL": "trust",  # `peer` asks for a user of that name, which no machine has here
        "WATCHDOG": "off",  # no machine here can be switched off
    }


@dataclass
class Node:
    """One machine with its etcd and its Patroni, which runs PostgreSQL.

    Attributes:
        machine: Its place on the network.
        folder: Its files and logs.

    """

    machine: Machine
    folder: Path
    _etcd: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _patroni: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Of the machine."""
        return self.machine.name

    def write(self, values: dict[str, str], *, tls: bool) -> None:
        """Write its files."""
        self.folder.mkdir()
        etcd = (FILES / "etcd.yml").read_text(encoding="utf-8")
        for name, text in (("etcd.yml", etcd), ("patroni.yml", patroni_template(tls=tls))):
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(rendered(text, values), encoding="utf-8")

    def start_etcd(self) -> None:
        """Start etcd, where it does not run."""
        if self._etcd is None:
            self._etcd = self._start(
                "etcd", ["etcd", "--config-file", str(self.folder / "etcd.yml")]
            )

    def start_patroni(self) -> None:
        """Start Patroni, where it does not run."""
        if self._patroni is None:
            command = [*PYTHON, "patroni", str(self.folder / "patroni.yml")]
            self._patroni = self._start("patroni", command)

    def kill_etcd(self) -> None:
        """Kill -9."""
        self._etcd = _killed(self._etcd)

    def kill_database(self) -> None:
        """Kill -9 Patroni and, in the same moment, all of PostgreSQL."""
        database = self.database_processes()
        self._patroni = _killed(self._patroni)
        for pid in database:
            _signal(pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill everything."""
        self.kill_database()
        self.kill_etcd()

    def database_processes(self) -> list[int]:
        """Return PostgreSQL's processes, the first one first."""
        try:
            postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return []
        return [postmaster, *_children(postmaster)]

    def senders(self) -> list[int]:
        """Return the processes that send the log to standbys."""
        return [pid for pid in self.database_processes() if b"walsender" in _command_line(pid)]

    def tell(self, command: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run SQL on this machine's own socket, whatever the network does; return the rows."""
        with psycopg.connect(
            host=str(self.folder),
            user="postgres",
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        ) as connection:
            rows = connection.execute(command)
            return rows.fetchall() if rows.description else []

    def patronictl(self, *arguments: str) -> None:
        """Do what an administrator does on this machine; raise ClusterError where it fails."""
        settings = ("-c", str(self.folder / "patroni.yml"))
        done = subprocess.run(
            self.machine.inside([*NOT_ROOT, "--", *PATRONICTL, *settings, *arguments]),
            cwd=self.folder,
            env=environment() | {"PYTHONPATH": str(PATRONI)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ClusterError(f"patronictl {' '.join(arguments)}: {done.stdout} {done.stderr}")

    def leads(self) -> bool:
        """Return whether it takes changes, as it says itself."""
        try:
            return self.tell("SELECT NOT pg_is_in_recovery()") == [(True,)]
        except psycopg.Error:
            return False

    def said(self) -> str:
        """Return what its logs tell of trouble, the last of it."""
        told = (self.folder / "patroni.log").read_text(errors="replace").splitlines()
        trouble = [line for line in told if TROUBLE.search(line)]
        return "\n".join([f"{self.name}:", *trouble[-8:]])

    def _start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self.machine.inside([*NOT_ROOT, "--", *command]),
                cwd=self.folder,
                env=environment() | {"PYTHONPATH": str(PATRONI)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for who measures
            )


def _killed(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()


def _signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


class Cluster:
    """Three machines, one of which leads.

    Args:
        folder: Empty.
        machines: On the network.
        programs: Folder of PostgreSQL's.
        synchronous: Strict synchronous mode; without it, what was confirmed may be lost.

    """

    def __init__(
        self, folder: Path, machines: Sequence[Machine], *, programs: Path, synchronous: bool
    ) -> None:
        self.nodes = [Node(machine, folder / machine.name) for machine in machines]
        self.tls = can_tls(programs)
        addresses = [machine.address for machine in machines]
        for machine in machines:
            made = make_certificate(
                folder / "tls", addresses, now=utc_now(), file_name=machine.name, peer=True
            )
        self._ca = made.ca
        self._synchronous = synchronous
        told = {"folder": folder, "programs": programs, "synchronous": synchronous}
        for node in self.nodes:
            node.write(values_of(node.machine, machines, **told), tls=self.tls)

    @property
    def url(self) -> str:
        """What stands in ``database.url``."""
        tls = f"&sslmode=verify-full&sslrootcert={self._ca}" if self.tls else ""
        hosts = ",".join(f"{node.machine.address}:5432" for node in self.nodes)
        return (
            f"postgresql://{OWNER}:{OWNERS_PASSWORD}@{hosts}/{DATABASE}"
            f"?target_session_attrs=read-write{tls}"
        )

    def start(self) -> None:
        """Start everything; return when one leads, the others follow and the database is there."""
        for node in self.nodes:
            node.start_etcd()
        for node in self.nodes:
            node.start_patroni()
        self.wait_until_whole()
        leader = self.leader()
        leader.tell(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{OWNERS_PASSWORD}'")
        leader.tell(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0 LOCALE 'C'")

    def heal(self) -> None:
        """Plug in and start whatever is not; return when all is well again."""
        for node in self.nodes:
            node.machine.plug_in()
            node.start_etcd()
            node.start_patroni()
        self.wait_until_whole()

    def end(self) -> None:
        """Kill everything."""
        for node in self.nodes:
            node.end()

    def leader(self) -> Node:
        """Return the machine that takes changes, as it says itself; raise ClusterError."""
        leading = [node for node in self.nodes if node.leads()]
        if len(leading) != 1:
            raise ClusterError(f"{len(leading)} lead: {[node.name for node in leading]}")
        return leading[0]

    def standbys(self) -> dict[str, str]:
        """Return what the leader says of each that follows it: ``sync``, ``async`` …"""
        rows = self.leader().tell("SELECT application_name, sync_state FROM pg_stat_replication")
        return {str(name): str(state) for name, state in rows}

    def node(self, name: str) -> Node:
        """Return the machine of that name."""
        return next(node for node in self.nodes if node.name == name)

    def wait_until_whole(self) -> None:
        """Return when one leads and two follow, one of them synchronously where that is asked."""

        def whole() -> bool:
            states = list(self.standbys().values())
            wanted = 1 if self._synchronous else 0
            return len(states) == len(self.nodes) - 1 and states.count("sync") == wanted

        self.wait_for(whole, seconds=HEAL_SECONDS)

    def wait_for(self, condition: Callable[[], bool], *, seconds: float) -> None:
        """Return when something is so, or raise ClusterError."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except (psycopg.Error, ClusterError):
                pass
            if time.monotonic() > give_up:
                raise ClusterError("\n".join(node.said() for node in self.nodes))
            time.sleep(0.25)
