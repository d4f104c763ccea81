"""A run of a load: all parts work at once on one server, and what they saw is put together."""

import time
from bisect import bisect_right
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from subprocess import Popen

from tests.load.books import Books, delays, read_books
from tests.load.counters import longest
from tests.load.hour_glass import HourGlass
from tests.load.notes import Notes
from tests.load.part import PARTS, notes_of
from tests.load.plan import Plan
from tests.load.reception import part_of, reception
from tests.load.size import Size
from tests.load.watching import Growth, Watch, growth
from tests.stand.postgres import postgres

SECONDS_TO_GET_READY = 3.0
SECONDS_TO_END = 60.0
WARMED_UP = 0.2
"""Of the time, which does not count for growth: caches fill, and pages are seen first."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a load.

    Attributes:
        size: How much it was.
        database: Where the server stored it.
        parties: Who came.
        seconds: Until everybody had gone.
        notes: Of all parts.
        books: Held against the store.
        delays: Seconds from each press of a call to each display.
        unseen: Presses that no display showed.
        processor: Of one core, what the server took.
        busiest: The same in its busiest ten seconds.
        load_processor: Of one core, what the load itself took.
        mb: Of the server's memory, at the start, in the middle and at the end.
        growth: Of that, with the parties.
        stored_mb: Of the database at the end.
        machine_load: Processes that ran or wanted to, on the whole machine: median of all looks.

    """

    size: Size
    database: str
    parties: int
    seconds: float
    notes: Notes
    books: Books
    delays: list[float]
    unseen: int
    processor: float
    busiest: float
    load_processor: float
    mb: tuple[float, float, float]
    growth: Growth
    stored_mb: float
    machine_load: float

    @property
    def errors(self) -> int:
        """Answers that were not those that had to come, and whatever else had not to be."""
        return self.notes.errors.total()

    @property
    def is_good(self) -> bool:
        """Whether there were no errors and the books agree."""
        return not self.errors and self.books.agree


def run(folder: Path, size: Size, *, database: str) -> Loaded:
    """Run it in an empty folder, on ``"sqlite"`` or ``"postgresql"``."""
    with ExitStack() as stack:
        stand = stack.enter_context(postgres()) if database == "postgresql" else None
        name = stand.make_database() if stand else ""
        url = stand.url(name) if stand else None
        server = stack.enter_context(reception(folder, size, database_url=url))
        plan, glass = Plan.read(folder), HourGlass(folder)
        parts = {part: stack.enter_context(part_of(folder, part)) for part in PARTS}
        ready = SECONDS_TO_GET_READY + len(plan.parties) / 1000
        time.sleep(ready)  # the parts load their modules and seal their check-ins
        glass.turn(after=1.0)
        with Watch(server.pid) as watch:
            began = time.monotonic()
            _wait(parts, plan, watch, glass)
            took = time.monotonic() - began
            glass.end()
            parts["onlookers"].wait(SECONDS_TO_END)
        notes = _notes(folder, parts)
        if stand:
            stored = int(stand.tell(f"SELECT pg_database_size('{name}')")) / 1e6
        else:
            stored = sum(file.stat().st_size for file in server.data.glob("ankunft.db*")) / 1e6
        found, unseen = delays(notes.seen["presses"], notes.seen["sightings"])
        return Loaded(
            size=size,
            database=database,
            parties=len(plan.parties),
            seconds=notes.seen.get("over", took),
            notes=notes,
            books=read_books(server, plan.parties, notes),
            delays=found,
            unseen=unseen,
            processor=watch.share,
            busiest=watch.busiest(10.0),
            load_processor=notes.counted["milliseconds of the load's processor"] / took / 1000,
            mb=(watch.mb_at(0.0), watch.mb_at(0.5), watch.mb_at(1.0)),
            growth=_growth(watch, plan, began + 1.0),
            stored_mb=stored,
            machine_load=median(look.machine_load for look in watch.seen),
        )


def _wait(parts: dict[str, Popen[str]], plan: Plan, watch: Watch, glass: HourGlass) -> None:
    """Wait until kiosks and counters are done; tell now and then how far it is."""
    came = [party.at for party in plan.parties]
    limit = longest(plan) + SECONDS_TO_END
    told = 0.0
    while any(parts[part].poll() is None for part in ("kiosks", "counters")):
        time.sleep(0.1)
        if glass.now - told >= 20:
            told = glass.now
            here, mb = bisect_right(came, glass.now), watch.seen[-1].mb
            print(f"  {told:4.0f} s: {here} parties have come, server {mb:.0f} MB", flush=True)
        if glass.now > limit:
            raise AssertionError(f"the load did not end within {limit:.0f} s")


def _growth(watch: Watch, plan: Plan, began: float) -> Growth:
    came = [party.at for party in plan.parties]
    seen = watch.seen[int(WARMED_UP * len(watch.seen)) :]
    return growth([(bisect_right(came, look.at - began), look.mb) for look in seen])


def _notes(folder: Path, parts: dict[str, Popen[str]]) -> Notes:
    """Put the notes of all parts together."""
    notes = Notes()
    for part, process in parts.items():
        if process.returncode or not notes_of(part, folder).exists():
            said = (folder / f"{part}.log").read_text(encoding="utf-8")
            raise AssertionError(f"{part}: exit {process.returncode}: {said[-2000:]}")
        notes.take_in(notes_of(part, folder))
    return notes
