"""What each fault of a printer comes to: one party at a real spool, the fault, and the next party.

Spool, journal, printers, encoder and line are those of a kiosk; the printer is the virtual one.
`python -m tests.kiosk.printer_faults` writes docs/printer-faults.md anew.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock
from uuid import UUID

from kiosk.contract.messages import SlipState
from kiosk.front_desk import JournalThread
from kiosk.journal import Journal
from kiosk.leftovers import Leftovers
from kiosk.printers import Printers
from kiosk.spool import Spool
from printer.address import open_transport
from printer.artwork import Artwork, default_artwork
from printer.printer import Printer
from printer.profile import Clear, Profile, load_profile
from printer.raster import measure
from printer.sample import load_sample
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.transports import Transport
from printer.virtual import pace
from printer.virtual.pace import Timing
from printer.virtual_printer import Fault, PrintedSlip, VirtualPrinter
from tests.kiosk.arrivals import ENROLMENT, issue
from tests.kiosk.loopback import WAIT_SECONDS

PAGE = Path(__file__).parents[2] / "docs" / "printer-faults.md"

Breaks = Callable[[VirtualPrinter], None]

ABLE = replace(load_profile("virtual-80"), speed=100_000)
PATIENCE = 0.6

SLOW = 60.0
"""Millimetres a second of a slow printer here: a slip takes three times the patience."""


@dataclass(frozen=True)
class Case:
    """One misfortune.

    Attributes:
        story: What happens, for the page.
        before: Done to the printer before the party comes.
        within: Done to it while it has half of the slip.
        profile: What the kiosk believes of the printer.
        second: Whether a healthy second printer stands beside it.
        timing: How fast the printer is.
        mended: Whether the fault is gone when the next party comes.

    """

    story: str
    before: Breaks = lambda _: None
    within: Breaks | None = None
    profile: Profile = ABLE
    second: bool = False
    timing: Timing | None = None
    mended: bool = True


@dataclass(frozen=True)
class Row:
    """What came of a case.

    Attributes:
        seen: The states of the slip that the party saw at an end, with its answers between.
        told: What staff read of the printer, with the fault still there.
        copies: How many whole slips of the party came out, in the end.
        next_copies: How many whole slips came out of the party after it.
        next_told: What staff read then.

    """

    seen: tuple[str, ...]
    told: str
    copies: int
    next_copies: int
    next_told: str


def _has(fault: Fault) -> Breaks:
    def has(printer: VirtualPrinter) -> None:
        printer.fault = fault

    return has


def _cable_cut_after(count: int) -> Breaks:
    def cut(printer: VirtualPrinter) -> None:
        printer.cut_after = count
        printer.fault = Fault.CABLE_CUT

    return cut


GENERIC = replace(load_profile("generic-80"), speed=100_000)

CASES = (
    Case("no fault"),
    Case("the paper is nearly used up", _has(Fault.NEAR_END)),
    Case("there is no paper", _has(Fault.PAPER_OUT)),
    Case("the paper ends within the slip", within=_has(Fault.PAPER_OUT)),
    Case(
        "the same, on a printer of which nothing is known but its paper",
        within=_has(Fault.PAPER_OUT),
        profile=GENERIC,
    ),
    Case(
        "the same, on a printer that nothing empties",
        within=_has(Fault.PAPER_OUT),
        profile=replace(ABLE, clear=Clear.NONE),
    ),
    Case("the cover is open", _has(Fault.COVER_OPEN)),
    Case("the cover is opened within the slip", within=_has(Fault.COVER_OPEN)),
    Case("the cutter is stuck", _has(Fault.CUTTER_ERROR)),
    Case("the cutter gets stuck at the slip's cut", _has(Fault.CUTTER_JAMS)),
    Case("the head is too hot", _has(Fault.OVERHEATED)),
    Case("it is switched offline", _has(Fault.OFFLINE)),
    Case("it takes everything and answers nothing", _has(Fault.SILENT)),
    Case("it falls silent within the slip", within=_has(Fault.SILENT)),
    Case(
        "it is slower than its profile says",
        _has(Fault.SLOW),
        timing=Timing(buffer_bytes=1_000_000),
    ),
    Case("it prints and never says that it has", _has(Fault.UNCONFIRMING)),
    Case("the same, and nobody mends it", _has(Fault.UNCONFIRMING), mended=False),
    Case("it is mute while it writes its own memory", _has(Fault.MUTE_WRITING)),
    Case("noise stands round its answers", _has(Fault.GARBAGE)),
    Case("old answers lie in the line", _has(Fault.STALE)),
    Case("the cable is cut before the slip", _cable_cut_after(0)),
    Case("the cable is cut within the slip", _cable_cut_after(5000)),
    Case("the printer is switched off and on within the slip", within=VirtualPrinter.power_cycle),
    Case("there is no paper, and a second printer", _has(Fault.PAPER_OUT), second=True),
    Case("the paper ends within the slip, and a second", within=_has(Fault.PAPER_OUT), second=True),
    Case("a blind printer without a fault", profile=replace(ABLE, blind=True)),
    Case("a blind printer has no paper", _has(Fault.PAPER_OUT), profile=replace(ABLE, blind=True)),
)


class Halving:
    """A line on which something happens after half of a slip."""

    def __init__(self, line: Transport, happens: Callable[[], None]) -> None:
        self._line = line
        self._happens = happens

    @property
    def bytes_per_second(self) -> float | None:
        return self._line.bytes_per_second

    def write(self, data: bytes) -> None:
        half = len(data) // 2 if len(data) > 1000 else 0
        if half:
            self._line.write(data[:half])
            self._happens()
        self._line.write(data[half:])

    def read(self, limit: int, *, timeout: float) -> bytes:
        return self._line.read(limit, timeout=timeout)

    def close(self) -> None:
        self._line.close()


class Watched(Printers):
    """Printers whose reports can be waited for."""

    def __init__(self, *printers: Printer, notes: Leftovers) -> None:
        super().__init__(*printers, notes=notes)
        self._reports: list[str] = []
        self._news = threading.Condition()

    def report(self) -> str:
        told = super().report()
        with self._news:
            self._reports.append(told)
            self._news.notify_all()
        return told

    def wait_for_report(self, count: int) -> str:
        """Return the report that was made as the `count`-th, from 1."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._reports) >= count, WAIT_SECONDS)
            return self._reports[count - 1]


@dataclass
class Kiosk:
    """A spool at work."""

    spool: Spool
    journal: JournalThread
    printers: Watched
    ended: threading.Semaphore
    reports: int = 1

    def party(self) -> tuple[UUID, Slip]:
        """Give a party its number, and wait until its slip has ended."""
        (made,) = self.journal(issue)
        slip = replace(load_sample("uk"), number=made.number)
        self.spool.put(made.id, slip)
        self.wait()
        return made.id, slip

    def wait(self) -> None:
        assert self.ended.acquire(timeout=WAIT_SECONDS)
        self.reports += 1

    def told(self) -> str:
        """Return what staff are told after the last slip."""
        return self.printers.wait_for_report(self.reports)


@contextmanager
def _open(case: Case, first: VirtualPrinter, second: VirtualPrinter) -> Iterator[Kiosk]:
    happened = threading.Event()

    def line() -> Transport:
        opened = open_transport(first.address, timeout=5)
        if case.within is None or happened.is_set():
            return opened
        return Halving(opened, happen)

    def happen() -> None:
        happened.set()
        assert case.within is not None
        case.within(first)

    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # made anew below it
    with TemporaryDirectory(dir=memory, prefix="ankunft-test-") as folder:
        data = Path(folder)
        journal = JournalThread(lambda: Journal(data / "journal.db", enrolment=ENROLMENT))
        printers = [Printer(line, case.profile, patience=PATIENCE)]
        if case.second:
            printers.append(Printer(second.address, ABLE, patience=PATIENCE))
        watched = Watched(*printers, notes=Leftovers(data))
        ended = threading.Semaphore(0)
        spool = Spool(watched, journal=journal, on_outcome=ended.release)
        spool.start()
        try:
            watched.wait_for_report(1)
            yield Kiosk(spool, journal, watched, ended)
        finally:
            spool.close()
            journal.close()


def live_through(case: Case) -> Row:
    """Let a party and the next one live through a case; return what came of it."""
    with ExitStack() as stack:
        first = stack.enter_context(VirtualPrinter(timing=case.timing))
        second = stack.enter_context(VirtualPrinter())
        case.before(first)
        kiosk = stack.enter_context(_open(case, first, second))
        check_in, slip = kiosk.party()
        seen = [kiosk.spool.state(check_in).value]
        told = kiosk.told()
        if seen[0] == SlipState.UNCONFIRMED:
            seen += _answer(kiosk, check_in, came_out=_has_come_out(first, slip))
        kiosk.spool.party_left(check_in)
        if case.mended:
            first.fault = None
        _, following = kiosk.party()
        next_told = kiosk.told()
        if case.profile.blind:  # nobody has waited for it
            first.wait_for_slips(2, WAIT_SECONDS)
        paper = first.slips + second.slips
        return Row(tuple(seen), told, _count(paper, slip), _count(paper, following), next_told)


def _answer(kiosk: Kiosk, check_in: UUID, *, came_out: bool) -> list[str]:
    """Answer as a party does that looks at the paper; return what it said and then saw."""
    kiosk.spool.came_out(check_in, came_out=came_out)
    kiosk.ended.acquire(timeout=WAIT_SECONDS)
    if not came_out:
        kiosk.reports += 1
    return ["yes" if came_out else "no", kiosk.spool.state(check_in).value]


def _has_come_out(printer: VirtualPrinter, slip: Slip) -> bool:
    """Look at the paper, as long as a person looks at a slip that is still moving."""
    if printer.fault is not Fault.SLOW:
        return _count(printer.slips, slip) > 0
    return _count(printer.wait_for_slips(1, WAIT_SECONDS), slip) > 0


def _count(paper: list[PrintedSlip], slip: Slip) -> int:
    """Return how many whole slips of a party lie there, first ones and copies."""
    artwork = default_artwork()
    designs = {_design(replace(slip, copy=copy), artwork) for copy in (1, 2)}
    return sum(piece.picture.tobytes() in designs for piece in paper)


def _design(slip: Slip, artwork: Artwork) -> bytes:
    return draw_slip(lay_out(slip, 576, partial(measure, artwork)), artwork).tobytes()


def all_rows() -> list[Row]:
    """Live through all cases, several at a time: most of it is waiting."""
    Printer("virtual:", ABLE).prepare()
    with mock.patch.object(pace, "SLOW", SLOW), ThreadPoolExecutor(8) as pool:
        return list(pool.map(live_through, CASES))


HEAD = """\
# What each fault of a printer comes to

Measured, not promised: a party at a kiosk's own spool, the virtual printer with that fault, a
party that answers truly, then the fault mended and the next party.
`python -m tests.kiosk.printer_faults` writes this page anew, and a test compares it.

- **The party sees** what its screen says when the slip has ended; its number stands there anyway.
- **Staff read** the state of the printer while the fault lasts, in the list of kiosks.
- **Slips** are those of this party that came out whole: never two.
- **Then** is what the next party got once the fault was mended, and what staff read after it.

| fault | the party sees | staff read | slips | then |
|---|---|---|---|---|
"""

FOOT = """
Where it says `leftovers`, the printer may hold the rest of a slip, and could not be made to forget
it: no slip is sent until staff have switched it off and on and said so, see [kiosk.md](kiosk.md).
"""


def sentences() -> dict[str, str]:
    """Return what the screen says of each state of a slip, as the screen's own table has it."""
    source = PAGE.parents[1] / "kiosk" / "screens" / "ticket_ready.py"
    found = re.findall(r'SlipState\.(\w+): _\("(.+)"\)', source.read_text(encoding="utf-8"))
    return {name.lower(): text for name, text in found} | {"yes": "*yes*", "no": "*no*"}


def page(rows: list[Row]) -> str:
    """Return the page."""
    said = sentences()
    lines = [
        f"| {case.story} | {' → '.join(said[word] for word in row.seen)} | `{row.told}` "
        f"| {row.copies} | {_then(row)} |\n"
        for case, row in zip(CASES, rows, strict=True)
    ]
    return HEAD + "".join(lines) + FOOT


def _then(row: Row) -> str:
    return f"{'a slip' if row.next_copies else 'no slip'}, `{row.next_told}`"


def main() -> None:
    """Write the page."""
    began = time.monotonic()
    PAGE.write_text(page(all_rows()), encoding="utf-8")
    print(f"{PAGE.name} written in {time.monotonic() - began:.1f} s")  # noqa: T201


if __name__ == "__main__":
    main()
