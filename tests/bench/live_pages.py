"""Live pages: how soon each of many sees each check-in, and whether any is missed."""

import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from kiosk.contract import paths
from tests.bench.figures import Figure
from tests.bench.live_watch import LiveWatch
from tests.bench.processor import processor_seconds
from tests.bench.reception_point import ReceptionPoint, reception_point

PAGES = 500
EVENTS_PER_SECOND = 20
SECONDS = 15.0
SECONDS_FOR_THE_LAST = 20.0
PASSWORD = "a bench's password"


def measure_live_pages(
    folder: Path, *, pages: int = PAGES, seconds: float = SECONDS
) -> list[Figure]:
    """Let parties arrive at a steady rate; time each from its PUT to each page."""
    point = reception_point(folder)
    point.server.add_staff("anna", PASSWORD)
    with point.server, LiveWatch(point.server.address) as watch:
        watch.open(pages, name="anna", password=PASSWORD)
        used, began = processor_seconds(point.server.pid), time.perf_counter()
        sent = _arrive(point, seconds)
        _wait_for_all(watch, set(sent))
        share = (processor_seconds(point.server.pid) - used) / (time.perf_counter() - began)
    delays = sorted(
        (page[number] - at) * 1000
        for page in watch.pages
        for number, at in sent.items()
        if number in page
    )
    missed = len(sent) * pages - len(delays)
    most = delays[int(0.99 * len(delays))]
    print(f"  {pages} pages: {missed} missed, 99 of 100 within {most:.0f} ms", flush=True)
    name = f"{pages} live pages, {EVENTS_PER_SECOND} check-ins/s"
    return [
        Figure(f"missed on {name}", (float(missed),), "of them"),
        Figure(f"… from PUT to page, half within, {name}", (median(delays),), "ms"),
        Figure(f"… 99 of 100 within, {name}", (most,), "ms"),
        Figure(f"… the slowest, {name}", (delays[-1],), "ms"),
        Figure(f"… of one core, {name}", (share * 100,), "%"),
    ]


def _arrive(point: ReceptionPoint, seconds: float) -> dict[str, float]:
    """Send check-ins at a steady rate; return when each number's was sent."""
    kiosk = point.kiosks[0]
    count = int(seconds * EVENTS_PER_SECOND)
    headers = {"Authorization": f"Bearer {kiosk.token}"}
    line = HTTPConnection("127.0.0.1", point.server.port, timeout=60)
    check_ins = point.sealed(count)
    began = time.perf_counter()
    sent = {}
    for index, check_in in enumerate(check_ins):
        time.sleep(max(0.0, began + index / EVENTS_PER_SECOND - time.perf_counter()))
        sent[check_in.number] = time.perf_counter()
        line.request("PUT", paths.check_in(check_in.id), check_in.to_bytes(), headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 201:
            raise AssertionError(f"not taken: {answer.status}")
    line.close()
    return sent


def _wait_for_all(watch: LiveWatch, numbers: set[str]) -> None:
    """Give the last ones time to come; what has not come then is missed."""
    give_up = time.perf_counter() + SECONDS_FOR_THE_LAST
    while time.perf_counter() < give_up:
        if all(numbers <= page.keys() for page in list(watch.pages)):
            return
        time.sleep(0.05)
