"""A reception point to be hard on: kiosk, printer, server and cable, all real but the paper."""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zxingcpp

from kiosk.assembly import journal_path, open_front_desk, screen_settings
from kiosk.clock import KioskClock
from kiosk.contract.messages import HelpKind, Trouble
from kiosk.front_desk import FrontDesk
from kiosk.help_line import HelpWatch
from kiosk.hours import Opening
from kiosk.questionnaire import Answers
from kiosk.settings import Settings, read_settings
from kiosk.spool import SlipPrinter
from kiosk.staff_code import hash_code
from kiosk.ticket import Ticket
from printer.slip import Slip
from printer.status import Outcome
from printer.virtual_printer import PrintedSlip, VirtualPrinter
from tests.chaos.accounts import Given, Sheet, drawn, fingerprint
from tests.chaos.cable import Cable
from tests.kiosk.screens.fake_desk import HandClock
from tests.stand.server import ALWAYS_OPEN, ROOT, ServerStand

NO_ADDRESS = "# public_address = "
QUESTIONS = """
[[questions]]
id = "letter"
kind = "digits"
text = "What number is on your letter?"
length = 6
shortest = 4
when = { before = ["collect"] }
purpose = { de = "Probe", en = "Trial" }
retention_days = 1
readers = ["counter"]

[[questions]]
id = "town"
kind = "text"
text = "To which town do you want to travel?"
longest = 30
when = { need = ["travel"] }
purpose = { de = "Probe", en = "Trial" }
retention_days = 1
readers = ["counter"]
"""
"""What the shipped site asks, and one question of each kind that it does not have."""


class HandedClock(KioskClock):
    """A kiosk's clock whose seconds pass by hand; the wall clock goes on."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self.monotonic = monotonic  # type: ignore[method-assign]


class NotedDesk:
    """The front desk, and a note of what the screens asked it for."""

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk
        self.given: list[Given] = []
        self.refused = 0
        self.is_closed = False
        self.is_in_trouble = False
        self.help_calls = 0

    def __getattr__(self, name: str) -> Any:  # whatever else the desk can do
        return getattr(self._desk, name)

    @property
    def opening(self) -> Opening:
        return Opening(is_open=False) if self.is_closed else self._desk.opening

    @property
    def trouble(self) -> str | None:
        return Trouble.JOURNAL if self.is_in_trouble else self._desk.trouble

    def replace(self, desk: FrontDesk) -> None:
        self._desk = desk

    def close(self) -> None:
        self._desk.close()

    def check_in(self, answers: Answers) -> Future[Ticket]:
        future = self._desk.check_in(answers)
        future.add_done_callback(self._note)
        return future

    def call_help(self, kind: HelpKind, language: str | None) -> HelpWatch:
        self.help_calls += 1
        return self._desk.call_help(kind, language)

    def _note(self, future: Future[Ticket]) -> None:
        if future.cancelled() or future.exception():
            self.refused += 1
            return
        ticket = future.result()
        self.given.append(Given(str(ticket.id), ticket.number, ticket.url or ""))


class NotedPrinter:
    """The printers of a kiosk; notes every second copy that is sent to them."""

    def __init__(self, printer: SlipPrinter, copies: dict[str, str]) -> None:
        self._printer = printer
        self._copies = copies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._printer, name)

    def print(self, slip: Slip) -> Outcome:
        if slip.copy > 1:
            self._copies[slip.ticket_url or ""] = drawn(slip)
        return self._printer.print(slip)


class ReceptionPoint:
    """Everything from the glass to the server's database, in one folder.

    Args:
        folder: Empty; everything is written there.

    Attributes:
        clock: The seconds that the kiosk goes by.
        desk: Behind the screens.
        driver: The window; nothing is drawn unless it is told to.
        printer: What prints.
        sheets: What came out of it.
        copies: How second copies looked, by the address on them.
        cable: To the server.
        server: A process of its own.

    """

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.sheets: list[Sheet] = []
        self.copies: dict[str, str] = {}
        self._stack = ExitStack()
        site = folder / "site.toml"
        shipped = (ROOT / "assets" / "sites" / "duesseldorf.toml").read_text(encoding="utf-8")
        site.write_text(
            shipped.replace(NO_ADDRESS, "public_address = ") + QUESTIONS + ALWAYS_OPEN, "utf-8"
        )
        self.server = ServerStand(folder / "server", site_file=site)
        self.printer = VirtualPrinter(on_slip=self._keep)
        self.cable = Cable(self.server.port)
        self._folder = folder

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.printer)
            stack.enter_context(self.cable)
            self.server.set_up()
            self.settings = self._enrol()
            self.server.start()
            stack.callback(self.server.stop)
            self.desk = NotedDesk(self._open_desk())
            stack.callback(self.desk.close)
            self.driver = self._open_window()
            stack.callback(self.driver.stop)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def journal(self) -> Path:
        """The kiosk's journal."""
        return journal_path(self.settings)

    @property
    def database(self) -> Path:
        """The server's database."""
        return self.server.data / "ankunft.db"

    @property
    def server_runs(self) -> bool:
        """Whether its process is there."""
        return self.server._process is not None

    def wait_until(self, condition: Callable[[], object], *, seconds: float, what: str) -> None:
        """Wait for something that happens on other threads; TimeoutError when it does not."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.02)

    def restart_desk(self) -> None:
        """End the desk and all its threads, and begin anew from what is on disk."""
        self.desk.close()
        self.desk.replace(self._open_desk())

    def _enrol(self) -> Settings:
        folder, code = self._folder / "kiosk", hash_code("402671")  # a door to try
        file = self.server.add_kiosk(
            "entrance-1",
            folder,
            printer=self.printer.address,
            screen=f"width = 540\nheight = 960\nfullscreen = false\n\n[staff]\ncode = '{code}'",
        )
        shutil.copy(self.server.site_file, folder / "site.toml")
        there = f"http://127.0.0.1:{self.cable.port}"
        file.write_text(file.read_text("utf-8").replace(self.server.address, there), "utf-8")
        return read_settings(file)

    def _open_desk(self) -> FrontDesk:
        desk = open_front_desk(self.settings, clock=HandedClock(self.clock))
        desk._spool._printer = NotedPrinter(desk._spool._printer, self.copies)
        desk.open()
        return desk

    def _open_window(self) -> Any:
        from kiosk.screens.window import prepare

        screen = screen_settings(self.settings, fullscreen=False)
        prepare(screen)
        from kivy.clock import Clock

        from kiosk.screens.app import KioskApp
        from tests.stand.touch import KioskDriver

        Clock._max_fps = 0  # nobody waits for a frame
        app = KioskApp(self.desk, settings=screen, monotonic=self.clock)
        return KioskDriver(app, pass_time=self.clock.advance, draws=False).start()

    def _keep(self, slip: PrintedSlip) -> None:
        """Read a slip as a phone does; on the printer's own thread."""
        found = zxingcpp.read_barcodes(slip.picture.convert("L"))
        url = found[0].text if found else ""
        self.sheets.append(Sheet(url, fingerprint(slip.picture)))
        self.printer._slips.clear()  # a thousand pictures would be a gigabyte
