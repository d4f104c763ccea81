"""A scene: kiosks, printers, servers and their database, each a process that can be killed."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk.assembly import journal_path
from kiosk.settings import read_settings
from tests.chaos.kiosk_process import KioskProcess
from tests.chaos.printer_process import TABLE, PrinterProcess
from tests.stand.postgres import PostgresStand, PostgresStandError, postgres
from tests.stand.server import ALWAYS_OPEN, SITE_FILE, ServerStand

PASSWORD = "a chaotic password"
COUNTERS = ("1", "1", "2", "3", "4", "5", "6", "7")
"""Where people sit: at every stage of the shipped site, and two at the first."""


@dataclass
class Place:
    """One kiosk with its printer."""

    name: str
    kiosk: KioskProcess
    printer: PrinterProcess

    @property
    def journal(self) -> Path:
        """Its journal."""
        return journal_path(read_settings(self.kiosk.settings))


@dataclass
class Scene:
    """All that there is; everything is set up and nothing runs yet.

    Attributes:
        folder: Where all of it lies.
        servers: Server processes that share a database, or one.
        places: The kiosks.
        database: The PostgreSQL; None where it is a SQLite file.

    """

    folder: Path
    servers: list[ServerStand]
    places: list[Place] = field(default_factory=list)
    database: PostgresStand | None = None
    # A process that PostgreSQL's start ties to a thread must not end with somebody's errand.
    _keeper: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @property
    def ports(self) -> list[int]:
        """Of the servers."""
        return [server.port for server in self.servers]

    def add_place(self, number: int) -> Place:
        """Enrol a kiosk, with a printer of its own."""
        name, printer = f"entrance-{number}", PrinterProcess()
        folder = self.folder / name
        server = self.servers[number % len(self.servers)]
        settings = server.add_kiosk(name, folder, printer=printer.address)
        plain = f'address = "{printer.address}"\n'
        text = settings.read_text("utf-8").replace(plain, TABLE.format(address=printer.address))
        settings.write_text(text, "utf-8")
        shutil.copy(server.site_file, folder / "site.toml")
        self.places.append(Place(name, KioskProcess(settings), printer))
        return self.places[-1]

    def restart_database(self, kill: Callable[[PostgresStand], None]) -> None:
        """Kill PostgreSQL, or a part of it, and see that it answers again."""
        self._keeper.submit(self._restart_database, kill).result()

    def _restart_database(self, kill: Callable[[PostgresStand], None]) -> None:
        assert self.database
        kill(self.database)
        for _ in range(20):
            if self.database.runs:
                return
            try:
                self.database.start()
            except PostgresStandError:  # what was left of the killed one still holds its memory
                time.sleep(0.1)
        raise TimeoutError(f"PostgreSQL does not start: {self.database.said()}")

    def stop(self) -> None:
        """End all processes, but for PostgreSQL's."""
        for place in self.places:
            place.kiosk.kill()
            place.printer.kill()
        for server in self.servers:
            server.stop(how=signal.SIGKILL)


@contextmanager
def scene(folder: Path, *, postgresql: bool, kiosks: int, servers: int = 1) -> Iterator[Scene]:
    """Lend a scene; everything of it is gone afterwards."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres()) if postgresql else None
        url = database.url(database.make_database()) if database else None
        one = stack.enter_context(set_scene(folder, url=url, kiosks=kiosks, servers=servers))
        one.database = database
        yield one


@contextmanager
def set_scene(folder: Path, *, url: str | None, kiosks: int, servers: int = 1) -> Iterator[Scene]:
    """Lend a scene whose database is somebody else's, or a SQLite file where there is no URL."""
    with ExitStack() as stack:
        folder.mkdir(parents=True)
        site_file = folder / "site.toml"
        shipped = SITE_FILE.read_text(encoding="utf-8")
        public = shipped.replace("# public_address = ", "public_address = ")
        site_file.write_text(public + ALWAYS_OPEN, encoding="utf-8")
        first = ServerStand(folder / "server", site_file=site_file, database_url=url, forked=True)
        first.set_up()
        first.add_staff("anna", PASSWORD)
        more = [replace(first, port=0) for _ in range(servers - 1)]
        one = Scene(folder, [first, *more])
        stack.callback(one.stop)
        for number in range(kiosks):
            one.add_place(number)
        yield one
