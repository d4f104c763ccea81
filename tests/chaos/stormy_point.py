"""The stormy point: a reception point whose every line is bad, with all who work and wait there.

Kiosks check parties in, counters press, pages and phones follow; server, desks and database are
the real ones. Only kiosks' windows, and paper, are left out: they have parts of their own.
"""

import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import requests
from sqlalchemy import Connection, select

from kiosk.assembly import journal_path, open_front_desk
from kiosk.contract.messages import HelpKind
from kiosk.front_desk import FrontDesk
from kiosk.help_line import HelpProgress, HelpWatch
from kiosk.settings import read_settings
from kiosk.ticket import Ticket
from printer.slip import Slip
from printer.status import Outcome
from server_stub import tables
from server_stub.settings import Settings
from server_stub.staff_api import paths as staff_paths
from server_stub.store import engine_for
from tests.chaos.ending import undelivered
from tests.chaos.following import IncomingPage, LivePage, LogReader, WallPage
from tests.chaos.kiosk_process import any_answers
from tests.chaos.pressing import Pressed, PressingDesk
from tests.chaos.proxy import Network
from tests.chaos.reception_point import NO_ADDRESS
from tests.stand.server import ALWAYS_OPEN, ROOT, ServerStand, free_port
from tests.stand.staff import StaffMember

T = TypeVar("T")

PASSWORD = "a password of the chaos"
CALM_SECONDS = 90.0
"""In which everything must have arrived, else something is stuck."""

Work = tuple[Callable[[threading.Event], None], threading.Event]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast everything goes.

    Attributes:
        kiosks: How many.
        storm: Seconds that it lasts.
        between: Seconds between two parties at a kiosk, about.
        share: Of connections, and of requests, that something befalls.
        timeout: Seconds after which kiosks and pages give up waiting for an answer.
        silence: Seconds that a half-open line is silent before it breaks.

    """

    kiosks: int = 3
    storm: float = 30.0
    between: float = 0.6
    share: float = 0.25
    timeout: float = 2.0
    silence: float = 4.0


@dataclass(frozen=True, slots=True)
class Database:
    """A database of PostgreSQL, and the socket file by which it is reached."""

    name: str
    socket: Path

    def url_at(self, port: int) -> str:
        """Return how it is reached by a line."""
        return f"postgresql://ankunft@127.0.0.1:{port}/{self.name}"

    @property
    def url(self) -> str:
        """How it is reached with nothing between."""
        return f"postgresql://ankunft@/{self.name}?host={self.socket.parent}"


class PromptPrinter:
    """A printer that has printed at once; paper has a part of its own."""

    def prepare(self) -> None:
        """Nothing to load."""

    def print(self, slip: Slip) -> Outcome:
        del slip
        return Outcome.PRINTED

    def report(self) -> str:
        return "ready"

    def tend(self) -> None:
        """Nothing to do."""

    def confirm_empty(self) -> None:
        """Nothing to forget."""


@dataclass
class Desk:
    """A kiosk without its window.

    Attributes:
        given: What its parties got.
        watches: Its calls for help.

    """

    name: str
    desk: FrontDesk
    journal: Path
    dice: Random
    given: list[Ticket] = field(default_factory=list)
    watches: list[HelpWatch] = field(default_factory=list)

    def work(self, until: threading.Event, *, between: float) -> None:
        """Let parties come until then."""
        while not until.wait(between * self.dice.uniform(0.3, 1.7)):
            self.given.append(self.desk.check_in(any_answers(self.desk.site, self.dice)).result(30))
            if self.dice.random() < 0.1:
                self.watches.append(self.desk.call_help(HelpKind.PERSON, "uk"))

    def calls_wait(self) -> bool:
        """Whether a call for help has not reached the server yet."""
        return any(watch.state is HelpProgress.CALLING for watch in self.watches)


class StormyPoint:
    """A reception point on bad lines.

    Args:
        folder: Empty.
        network: Its lines.
        pace: How fast everything goes.
        seed: Of what parties and counters do.
        database: Of PostgreSQL; without one the server has a SQLite file.

    Attributes:
        pressed: What counters did and were told.
        tickets_shown: What phones were shown, and how often.
        desks: The kiosks.
        pages: Live pages.
        reader: Who reads the event log.

    """

    def __init__(
        self,
        folder: Path,
        network: Network,
        *,
        pace: Pace,
        seed: str,
        database: Database | None = None,
    ) -> None:
        self.pressed = Pressed()
        self.tickets_shown: Counter[str] = Counter()
        self.desks: list[Desk] = []
        self.pages: list[LivePage] = []
        self.pressers: list[PressingDesk] = []
        self._folder = folder
        self._network = network
        self._pace = pace
        self._seed = seed
        self._database = database
        tickets = free_port()
        self._to_tickets = network.lay(tickets, carries_http=True).address
        self.server = ServerStand(
            folder / "server",
            site_file=self._site_file(),
            database_url=database
            and database.url_at(network.lay(database.socket, lasting=True).port),
            serve_options=("--ticket-port", str(tickets)),
            forked=True,
        )

    @contextmanager
    def open(self) -> Iterator[None]:
        """Set everything up and run it, in the calm."""
        self.server.set_up()
        self.server.add_staff("anna", PASSWORD)
        wall = self.server.add_display("hall").removeprefix(self.server.address)
        kiosks = [self._enrol(f"entrance-{n}") for n in range(1, self._pace.kiosks + 1)]
        with ExitStack() as stack, self.server:
            self._open_pages(wall)
            for one in (*self.pages, *self.pressers, self.reader):
                stack.callback(one.close)
            for settings in kiosks:
                self.desks.append(self._open_desk(settings))
                stack.callback(self.desks[-1].desk.close)
            yield

    def _site_file(self) -> Path:
        site = self._folder / "site.toml"
        shipped = (ROOT / "assets" / "sites" / "duesseldorf.toml").read_text(encoding="utf-8")
        site.write_text(shipped.replace(NO_ADDRESS, "public_address = ") + ALWAYS_OPEN, "utf-8")
        return site

    def _line(self) -> str:
        """Return the address of a new line to the server."""
        return self._network.lay(self.server.port, carries_http=True).address

    def _enrol(self, name: str) -> Path:
        folder = self._folder / name
        file = self.server.add_kiosk(name, folder, printer=f"tcp://127.0.0.1:{free_port()}")
        shutil.copy(self.server.site_file, folder / "site.toml")
        file.write_text(file.read_text("utf-8").replace(self.server.address, self._line()), "utf-8")
        return file

    def _open_desk(self, file: Path) -> "Desk":
        settings = read_settings(file)
        desk = open_front_desk(settings)
        desk._spool._printer = PromptPrinter()
        desk.open()
        name = settings.kiosk.name
        return Desk(name, desk, journal_path(settings), Random(f"{self._seed} {name}"))  # noqa: S311

    def _open_pages(self, wall: str) -> None:
        timeout, token = self._pace.timeout, self._log_in()
        staff = StaffMember(self.server.address, "anna", PASSWORD)
        self.pages.append(IncomingPage(self._line(), staff.session, timeout=timeout))
        display = requests.Session()
        display.get(self.server.address + wall, timeout=10)
        self.pages.append(WallPage(self._line(), display, timeout=timeout))
        self.reader = LogReader(self._line(), token=token, timeout=timeout)
        for counter in self._counters(token):
            dice = Random(f"{self._seed} counter {counter}")  # noqa: S311  # to be thrown again
            self.pressers.append(
                PressingDesk(
                    self._line(),
                    counter,
                    token=token,
                    pressed=self.pressed,
                    dice=dice,
                    timeout=timeout,
                )
            )

    def _log_in(self) -> str:
        who = {"name": "anna", "password": PASSWORD}
        answer = requests.post(self.server.address + staff_paths.SESSIONS, json=who, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["token"])

    def _counters(self, token: str) -> list[str]:
        """Return two counters of each of the first stages."""
        answer = requests.get(
            self.server.address + staff_paths.STAGES,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        stages = answer.json()["items"][:3]
        return [counter["id"] for stage in stages for counter in stage["counters"][:2]]

    def live(self) -> None:
        """Let all of it happen: the storm, and the calm until everybody has an answer.

        Raises TimeoutError where something is stuck, and whatever anybody at work raised.
        """
        storm_over, all_over = threading.Event(), threading.Event()
        workers: list[Work] = [
            *((partial(desk.work, between=self._pace.between), storm_over) for desk in self.desks),
            *((partial(one.work, pause=0.05), storm_over) for one in self.pressers),
        ]
        followers: list[Work] = [
            *((page.follow, all_over) for page in self.pages),
            (self.reader.follow, all_over),
            (self._look_at_tickets, storm_over),
        ]
        failed: list[BaseException] = []
        self._network.storm()
        working = [_start(work, failed) for work in workers]
        following = [_start(work, failed) for work in followers]
        storm_over.wait(self._pace.storm)
        self._network.calm()
        storm_over.set()
        try:
            self._wait_until_calm(working)
        finally:
            for one in self.pressers:
                one.gives_up.set()
            all_over.set()
            for thread in following:
                thread.join(CALM_SECONDS)
        for one in self.pressers:
            one.gives_up.clear()
        if failed:
            raise failed[0]

    def _wait_until_calm(self, working: list[threading.Thread]) -> None:
        give_up = time.monotonic() + CALM_SECONDS
        for thread in working:
            thread.join(max(0.1, give_up - time.monotonic()))
        last = int(self.read(lambda db: db.execute(select(tables.site.c.next_event)).scalar_one()))
        stuck: dict[str, Callable[[], object]] = {
            "kiosks or counters wait": lambda: any(thread.is_alive() for thread in working),
            "outboxes are not empty": lambda: any(undelivered(one.journal) for one in self.desks),
            "pages are behind": lambda: any(page.after < last - 1 for page in self.pages),
            "calls for help wait": lambda: any(one.calls_wait() for one in self.desks),
        }
        for what, is_so in stuck.items():
            while is_so():
                if time.monotonic() > give_up:
                    raise TimeoutError(f"{what}, {CALM_SECONDS:.0f} s after the storm")
                time.sleep(0.02)

    def _look_at_tickets(self, until: threading.Event) -> None:
        """Look at tickets as phones do."""
        dice = Random(f"{self._seed} phones")  # noqa: S311  # to be thrown again
        while not until.wait(0.1):
            tickets = [ticket for desk in self.desks for ticket in desk.given]
            if tickets:
                shown = self.ticket_page(dice.choice(tickets), timeout=self._pace.timeout)
                self.tickets_shown[shown] += 1

    def ticket_page(self, ticket: Ticket, *, timeout: float) -> str:
        """Return what a phone is shown of a ticket, in a word or two."""
        path = re.sub(r"^https?://[^/]+", "", ticket.url or "")
        try:
            answer = requests.get(self._to_tickets + path, timeout=timeout, allow_redirects=False)
        except requests.RequestException:
            return "no answer"
        if answer.status_code != 200 or "referrer-policy" not in answer.headers:
            return "a stranger"
        return "its number" if ticket.number in answer.text else "not known"

    def read(self, query: Callable[[Connection], T]) -> T:
        """Return what a query finds, on a good line to the database."""
        settings = Settings(data=self.server.data)
        if self._database:
            settings = Settings(data=self._folder)
            settings.url_file.touch(mode=0o600)
            settings.url_file.write_text(f"{self._database.url}\n")
        with engine_for(settings) as engine, engine.connect() as connection:
            return query(connection)


def _start(work: Work, failed: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            work[0](work[1])
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits for it
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
