"""The house: kiosks, printers and servers as processes of their own, over a cluster's database."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from signal import SIGKILL

import requests

from server_stub.staff_api import paths
from tests.chaos.accounts import Sheet
from tests.chaos.following import IncomingPage
from tests.chaos.kiosk_process import load
from tests.chaos.pressing import Pressed
from tests.chaos.printer_process import TABLE, PrinterProcess
from tests.failover.door import Door
from tests.failover.people import Counter, Follower, Kiosk, People, Reception
from tests.stand.server import ALWAYS_OPEN, SITE_FILE, ServerStand, ServerStandError
from tests.stand.staff import StaffMember

PASSWORD = "a password of the failover"
KIOSKS = 2
PORTS = (8081, 8082)
"""Of the servers: in a network of our own, nobody else has them."""

COUNTERS = ("1", "2", "3", "4", "6", "7")
RESTART_SECONDS = 2.0
"""After which systemd starts a server again, by our unit."""


class Sheets(list[Sheet]):
    """What came out of a printer, and by the monotonic clock when."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    def append(self, sheet: Sheet) -> None:
        """Note a slip that has just come out."""
        self.moments.append(time.monotonic())
        super().append(sheet)


@dataclass
class Printer(PrinterProcess):
    """A printer that notes when each slip came out."""

    sheets: Sheets = field(default_factory=Sheets)  # type: ignore[assignment]


@dataclass
class House:
    """All that runs but the database.

    Attributes:
        servers: Which share it.
        kiosks: By their printers.
        pressed: What counters pressed, and what differed when they pressed it again.
        people: Who check in, call and follow.
        page: A live page of staff, as its script follows it.
        log: A program that reads the event log.

    """

    servers: list[ServerStand]
    kiosks: list[tuple[Kiosk, Printer]]
    pressed: tuple[Pressed, ...]
    people: People
    page: IncomingPage
    log: Follower

    @property
    def counters(self) -> list[Counter]:
        """Everybody who presses."""
        return list(self.people.counters)

    @property
    def reception(self) -> Reception:
        """Who issues numbers by hand."""
        return next(one for one in self.counters if isinstance(one, Reception))

    @property
    def data(self) -> Path:
        """The servers' data folder."""
        return self.servers[0].data

    def kill_a_server(self) -> None:
        """Kill -9 one of the servers; it is started again as its unit says."""
        server = self.servers[0]
        server.stop(how=SIGKILL)
        threading.Thread(target=_start_again, args=(server,), daemon=True).start()


def _start_again(server: ServerStand) -> None:
    while True:
        time.sleep(RESTART_SECONDS)
        try:
            server.start()
        except ServerStandError:  # the database is away: again in two seconds
            server._process = None
        else:
            return


@contextmanager
def house(folder: Path, *, database_url: str, dice: Random, between: float) -> Iterator[House]:
    """Lend a house in which everybody is ready; everything of it is gone afterwards.

    Args:
        folder: Empty.
        database_url: Of a database without tables.
        dice: Decide who comes.
        between: Seconds between two parties at each kiosk.

    """
    load()
    site_file = folder / "site.toml"
    public = SITE_FILE.read_text("utf-8").replace("# public_address = ", "public_address = ")
    site_file.write_text(public + ALWAYS_OPEN, "utf-8")
    first = ServerStand(
        folder / "server", site_file, PORTS[0], database_url=database_url, forked=True
    )
    first.set_up()
    first.add_staff("anna", PASSWORD)
    first.command("add-staff", "lena", "--role", "lead", "--password-from-stdin", stdin=PASSWORD)
    servers = [first, *(replace(first, port=port) for port in PORTS[1:])]
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop, how=SIGKILL)
        door = stack.enter_context(Door([server.port for server in servers]))
        kiosks = [_kiosk(folder, n, server=first, door=door) for n in range(1, KIOSKS + 1)]
        for kiosk, printer in kiosks:
            printer.start()
            stack.callback(printer.kill)
            kiosk.start()
            stack.callback(kiosk.kill)
        yield _with_people(servers, kiosks, door=door, dice=dice, between=between)


def _kiosk(folder: Path, number: int, *, server: ServerStand, door: Door) -> tuple[Kiosk, Printer]:
    printer = Printer()
    own = folder / f"entrance-{number}"
    settings = server.add_kiosk(own.name, own, printer=printer.address)
    text = settings.read_text("utf-8").replace(server.address, door.address)
    plain = f'address = "{printer.address}"\n'
    settings.write_text(text.replace(plain, TABLE.format(address=printer.address)), "utf-8")
    shutil.copy(server.site_file, own / "site.toml")
    return Kiosk(settings), printer


def _with_people(
    servers: list[ServerStand],
    kiosks: list[tuple[Kiosk, Printer]],
    *,
    door: Door,
    dice: Random,
    between: float,
) -> House:
    of_counters, of_desk = Pressed(), Pressed()  # nobody may repeat what another one pressed
    anna, lena = (_log_in(door.address, name) for name in ("anna", "lena"))
    told = {"token": anna, "pressed": of_counters, "dice": dice}
    counters = [Counter(door.address, each, **told) for each in COUNTERS]
    counters.append(Reception(door.address, token=lena, pressed=of_desk, dice=dice))
    page = IncomingPage(
        door.address, StaffMember(door.address, "anna", PASSWORD).session, timeout=20.0
    )
    log = Follower(door.address, token=anna)
    people = People([kiosk for kiosk, _ in kiosks], counters, (page, log), dice, between)
    return House(servers, kiosks, (of_counters, of_desk), people, page, log)


def _log_in(address: str, name: str) -> str:
    answer = requests.post(
        address + paths.SESSIONS, json={"name": name, "password": PASSWORD}, timeout=20
    )
    answer.raise_for_status()
    return str(answer.json()["token"])
