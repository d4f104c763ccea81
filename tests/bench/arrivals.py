"""One arrival's times through the real kiosk, printer line and server."""

import re
import shutil
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import requests
from escpos.printer import Network

from printer.artwork import default_artwork
from printer.profile import load_profile
from printer.raster import measure
from printer.sample import load_sample
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.virtual_printer import VirtualPrinter
from tests.bench.figures import Figure
from tests.bench.sender import Sender, made_check_ins
from tests.stand.arrivals import MOTHER_WITH_TWO, check_in, leave, wait_for_slip
from tests.stand.kiosk import open_kiosk
from tests.stand.server import ServerStand
from tests.stand.staff import StaffMember

REPETITIONS = 10
ROW_SECONDS = 30.0


class LiveRows:
    """Listens to the staff page's stream, and notes when each number first stands in it."""

    def __init__(self, address: str, session: requests.Session) -> None:
        page = session.get(f"{address}/staff", timeout=30).text
        stream = re.search(r'hx-sse:connect="(/staff/live/incoming[^"]*)"', page)
        if not stream:
            raise AssertionError("the staff page names no stream")
        path = stream[1].replace("&amp;", "&")
        self._answer = session.get(address + path, stream=True, timeout=60)
        self._seen: dict[str, float] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for(self, number: str) -> float:
        """Return when (monotonic seconds) the number came."""
        with self._changed:
            if not self._changed.wait_for(lambda: number in self._seen, ROW_SECONDS):
                raise AssertionError(f"{number} did not appear within {ROW_SECONDS} s")
            return self._seen[number]

    def _listen(self) -> None:
        for chunk in self._answer.iter_content(None):
            now = time.monotonic()
            with self._changed:
                for number in re.findall(rb"\b[A-Z][1-9]\d\d\b", chunk):
                    self._seen.setdefault(number.decode(), now)
                self._changed.notify_all()


def measure_arrivals(folder: Path) -> list[Figure]:
    """Touch arrivals through, and time the last touch to paper and to the staff page."""
    with ExitStack() as stack:
        server = ServerStand(folder / "server")
        server.set_up()
        server.add_staff("anna", "a bench's password")
        printer = stack.enter_context(VirtualPrinter())
        settings = server.add_kiosk("bench-1", folder / "kiosk", printer=printer.address)
        other = server.add_kiosk("bench-2", folder / "other", printer=printer.address)
        for file in (settings, other):
            shutil.copy(server.site_file, file.parent / "site.toml")
        stack.enter_context(server)
        anna = stack.enter_context(
            closing(StaffMember(server.address, "anna", "a bench's password"))
        )
        rows = LiveRows(server.address, anna.session)
        kiosk = stack.enter_context(open_kiosk(settings))

        to_paper, to_row = [], []
        for _ in range(REPETITIONS):
            ticket = check_in(kiosk, MOTHER_WITH_TWO)
            touched = kiosk.touched_at
            to_row.append((rows.wait_for(ticket.number) - touched) * 1000)
            wait_for_slip(kiosk, ticket)
            to_paper.append(((printer.job_began or 0.0) - touched) * 1000)
            leave(kiosk)
        direct = _direct(Sender(other), rows)
        naive = _naive_print()
    return [
        Figure(
            "last touch to first byte at printer",
            tuple(to_paper),
            "ms",
            naive,
            "escpos Network.image() of a ready picture",
        ),
        Figure(
            "last touch to row on staff page",
            tuple(to_row),
            "ms",
            direct,
            "a bare PUT to row, no kiosk",
        ),
    ]


def _direct(sender: Sender, rows: LiveRows) -> tuple[float, ...]:
    times = []
    for check_in_id, number, body in made_check_ins(sender.settings, REPETITIONS):
        began = time.monotonic()
        sender.put(check_in_id, body)
        times.append((rows.wait_for(number) - began) * 1000)
    return tuple(times)


def _naive_print() -> tuple[float, ...]:
    """Time python-escpos from the call to its first byte, for a picture that is ready."""
    profile, artwork = load_profile("generic-80"), default_artwork()
    layout = lay_out(load_sample("uk"), profile.paper_dots, partial(measure, artwork))
    picture = draw_slip(layout, artwork)
    times = []
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as ear:
        for _ in range(REPETITIONS):
            heard = ear.submit(_first_byte, listener)
            began = time.monotonic()
            network = Network("127.0.0.1", port=listener.getsockname()[1])
            with redirect_stdout(StringIO()):
                network.image(picture)
            network.close()
            times.append((heard.result() - began) * 1000)
    return tuple(times)


def _first_byte(listener: socket.socket) -> float:
    line, _ = listener.accept()
    with line:
        line.recv(1)
        first = time.monotonic()
        while line.recv(65_536):
            pass
    return first
