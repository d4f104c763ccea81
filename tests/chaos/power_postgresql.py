"""Power cuts of PostgreSQL: all its processes die, and its disk keeps only what was flushed.

One server uses it, two kiosks deliver and counters call. What kiosks hold a receipt for and what
counters were answered must be there once it has started again.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from tests.chaos.books import Books, accounts_of, read_journal, read_store
from tests.chaos.counters import Counters
from tests.chaos.forgetful_disk import Disk
from tests.chaos.kills import let_calm_come, start
from tests.chaos.part import Bound
from tests.chaos.results import Promise, promise
from tests.chaos.scene import COUNTERS, PASSWORD, Scene, set_scene
from tests.stand.postgres import PostgresStand, programs

KIOSKS = 2
PATIENCE_SECONDS = 30.0


@dataclass
class PostgresCuts:
    """What came of it.

    Attributes:
        cuts: How many there were.
        lost: What somebody had been told and is gone, a sentence each.
        forgotten: How many unflushed changes the disk forgot.
        disagreements: Of the books, at the end.
        numbers: How many were given out.
        calls: How many were answered.
        lost_by_liar: What was gone after the same on a disk that lies about flushes.

    """

    cuts: int = 0
    lost: list[str] = field(default_factory=list)
    forgotten: int = 0
    disagreements: list[str] = field(default_factory=list)
    numbers: int = 0
    calls: int = 0
    lost_by_liar: list[str] = field(default_factory=list)

    def promises(self) -> tuple[Promise, ...]:
        """Return what they proved."""
        return (
            promise(
                f"after {self.cuts} power cuts of PostgreSQL everything that was told is there",
                f"{self.numbers} numbers, {self.calls} calls; {self.forgotten} unflushed changes "
                "forgotten",
                wrong=[*self.lost, *self.disagreements],
            ),
            Promise(
                "on a disk that lies about flushes the same loses what was told: PostgreSQL",
                "; ".join(self.lost_by_liar[:2]) or "nothing",
                kept=bool(self.lost_by_liar),
            ),
        )


class PostgresOnDisk:
    """A PostgreSQL on a disk that forgets."""

    def __init__(self, stand: PostgresStand, disk: Disk) -> None:
        self.stand, self._disk = stand, disk
        self.cuts = PostgresCuts()

    def start(self, *, lies: bool = False) -> None:
        """Start it on its disk."""
        self.stand.environment = self._disk.environment(lies=lies)
        self.stand.start()

    def cut(self, dice: Random, *, stays: float | None = None) -> None:
        """Kill all its processes at once, and leave what its disk has."""
        pids = self.stand.backends
        self.stand.stop(how=signal.SIGKILL)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(_lives(pid) for pid in pids):
            if time.monotonic() > deadline:
                raise TimeoutError("processes of PostgreSQL outlive kill -9")
            time.sleep(0.01)
        self.cuts.forgotten += self._disk.cut(dice, stays=stays).changes
        self.cuts.cuts += 1


def _lives(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody has asked after yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


@contextmanager
def postgres_on_disk(library: Path) -> Iterator[PostgresOnDisk]:
    """Lend one that does not run yet; gone afterwards."""
    with TemporaryDirectory(prefix="ankunft-pg-", dir="/tmp") as folder:
        stand = PostgresStand(Path(folder), programs())
        stand.make()
        one = PostgresOnDisk(
            stand, Disk(stand.data, Path(folder) / "noted", library, sees_all=False)
        )
        try:
            yield one
        finally:
            stand.stop(how=signal.SIGQUIT)


def cut_postgresql(folder: Path, library: Path, bound: Bound, *, seed: int) -> PostgresCuts:
    """Cut its power so often, then once on a disk that lies; return what came of it."""
    with postgres_on_disk(library) as database:
        database.start()
        url = database.stand.url(database.stand.make_database())
        with set_scene(folder, url=url, kiosks=KIOSKS) as one:
            _go(one)
            with Counters(one.ports, COUNTERS, password=PASSWORD) as counters:
                for number in bound.rounds():
                    dice = Random(f"{seed} postgresql {number}")  # noqa: S311  # to be thrown again
                    _live_a_while(one, dice)
                    database.cuts.lost += _cut(one, database, dice, counters)
                    bound.tell(number + 1, "power cuts of PostgreSQL")
                let_calm_come(one)
                counters.finish()
            stored = read_store(one.servers[0].data)
            accounts = {p.name: accounts_of(p.kiosk, p.printer, stored) for p in one.places}
            books, found = Books(accounts, stored, counters.called()), database.cuts
            found.disagreements, found.numbers = books.disagreements(), books.numbers
            found.calls, told = sum(books.called.values()), (found.cuts, found.forgotten)
            liar = Random(f"{seed} lies")  # noqa: S311  # to be thrown again
            found.lost_by_liar = _lie(one, database, liar)
            found.cuts, found.forgotten = told
    return found


def _go(one: Scene) -> None:
    one.servers[0].start()
    for place in one.places:
        place.printer.start()
        place.kiosk.start()


def _live_a_while(one: Scene, dice: Random) -> None:
    for place in one.places:
        for _ in range(dice.randint(0, 3)):
            place.kiosk.party(f"{dice.random()}")
    time.sleep(dice.choice((0.05, 0.3, 1.0)) * dice.random())


def _cut(one: Scene, database: PostgresOnDisk, dice: Random, counters: Counters) -> list[str]:
    """Cut the power while all goes on; return what is gone."""
    confirmed = _confirmed(one)
    calls = list(counters.told.calls.values())
    database.cut(dice)
    database.start()
    lost = _gone(database, confirmed, {action for actions in calls for action in actions})
    if not one.servers[0].is_running:
        start(one.servers[0])
    return lost


def _lie(one: Scene, database: PostgresOnDisk, dice: Random) -> list[str]:
    """Do the same on a disk that lies about flushes; return what is gone."""
    database.cut(dice, stays=0.0)
    database.start(lies=True)
    place = one.places[0]
    place.printer.start()
    place.kiosk.start()
    before = len(_confirmed(one))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(_confirmed(one)) == before and time.monotonic() < deadline:
        place.kiosk.party(f"{dice.random()}")
        time.sleep(0.5)
    confirmed = _confirmed(one)
    database.cut(dice, stays=0.0)
    database.start()
    return _gone(database, confirmed, set())


def _confirmed(one: Scene) -> dict[UUID, str]:
    return {
        UUID(entry.id): entry.number
        for place in one.places
        for entry in read_journal(place.journal)
        if entry.delivery == "confirmed"
    }


def _gone(database: PostgresOnDisk, confirmed: dict[UUID, str], answered: set[UUID]) -> list[str]:
    def ids(table: str) -> set[UUID]:
        told = database.stand.tell(f"SELECT id FROM {table}", database="test_1")  # noqa: S608
        return {UUID(line) for line in told.split()}

    stored, done = ids("ledger"), ids("staff_action")
    gone = [f"check-in {number} is gone" for id_, number in confirmed.items() if id_ not in stored]
    return gone + [f"call {action} is gone" for action in answered - done]
