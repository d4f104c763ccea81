"""The drain: kiosks that were cut off for hours deliver all at once, while counters go on calling.

Every kiosk sends as its courier does: one check-in after the other, in order. Counters at the
first stage call and finish without a pause, by the routes of the staff page, and some pages
watch live.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from threading import Event

from tests.bench.desk import Desk
from tests.bench.figures import Figure
from tests.bench.live_watch import LiveWatch
from tests.bench.reception_point import ReceptionPoint, Run, reception_point

KIOSKS = 20
WAITING = 400
COUNTERS = 2
PAGES = 10
PASSWORD = "a bench's password"


def measure_drain(
    folder: Path,
    *,
    kiosks: int = KIOSKS,
    waiting: int = WAITING,
    pages: Sequence[int] = (0, PAGES),
) -> list[Figure]:
    """Measure it without live pages, and with some."""
    figures = []
    for watching in pages:
        run, calls = _drain(folder / f"{watching}-pages", kiosks, waiting, watching)
        figures += _figures(f"{kiosks} kiosks with {waiting}, {watching} live pages", run, calls)
        print(
            f"  {watching} live pages: {run.sent.seconds:.1f} s, {len(calls)} calls, "
            f"the slowest in {max(calls) * 1000:.0f} ms",
            flush=True,
        )
    return figures


def _drain(folder: Path, kiosks: int, waiting: int, pages: int) -> tuple[Run, list[float]]:
    point = reception_point(folder, kiosks=kiosks)
    point.server.add_staff("anna", PASSWORD)
    at_once = [point.check_ins(waiting, kiosk=kiosk) for kiosk in point.kiosks]
    with point.server, ExitStack() as stack:
        point.send([point.check_ins(4 * COUNTERS)])  # for the counters to begin with
        if pages:
            watch = stack.enter_context(LiveWatch(point.server.address))
            watch.open(pages, name="anna", password=PASSWORD)
        desks = _desks(point)
        done = Event()
        with ThreadPoolExecutor(len(desks)) as counters:
            working = [counters.submit(desk.work_until, done) for desk in desks]
            try:
                run = point.send(at_once)
            finally:
                done.set()
            for desk in working:
                desk.result()
    return run, [call for desk in desks for call in desk.calls]


def _desks(point: ReceptionPoint) -> list[Desk]:
    site = point.site
    first = site.stages[0].id
    counters = [counter.id for counter in site.counters if counter.stage == first]
    desks = [Desk(counter) for counter in counters[:COUNTERS]]
    for desk in desks:
        desk.open(point.server.address, name="anna", password=PASSWORD)
    return desks


def _figures(name: str, run: Run, calls: list[float]) -> list[Figure]:
    half, most = (quantiles(calls, n=100)[share - 1] * 1000 for share in (50, 99))
    return [
        Figure(f"drain, {name}", (run.sent.seconds,), "s"),
        Figure(f"… check-ins meanwhile, {name}", (run.sent.rate,), "/s"),
        Figure(
            f"… processor time of the server for each, calls with it, {name}",
            (run.server_milliseconds,),
            "ms",
        ),
        Figure(f"… half of the calls within, {name}", (half,), "ms"),
        Figure(f"… 99 of 100 calls within, {name}", (most,), "ms"),
    ]
