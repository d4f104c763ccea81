"""Power cuts: a kiosk or the server dies, and its disk keeps only what was flushed.

Kiosks and server have disks that forget (`forgetful_disk.py`). Whatever a party, the other side or
a counter was told must be there afterwards. Then the same is done with disks that lie about
flushes: where nothing were lost on those, nothing would be proven.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

from pysqlite3 import dbapi2 as server_sqlite

from tests.chaos import kiosk_process
from tests.chaos.books import Books, accounts_of, read_journal, read_store
from tests.chaos.counters import Counters
from tests.chaos.ending import undelivered
from tests.chaos.forgetful_disk import Disk, built
from tests.chaos.kills import let_calm_come
from tests.chaos.part import Bound, run_part
from tests.chaos.power_postgresql import cut_postgresql
from tests.chaos.results import Promise, Result, promise
from tests.chaos.scene import COUNTERS, PASSWORD, Place, Scene, scene
from tests.chaos.shim_proof import WAYS, Lost, Way, cut_off

CUTS, KIOSKS, PROOF_CUTS = 300, 2, 5
OF_POSTGRESQL = 10
"""Each so many cuts of a kiosk or server there is one of PostgreSQL, which takes seconds."""
MOST_PARTIES = 3
PATIENCE_SECONDS = 30.0


@dataclass
class Cuts:
    """The power cuts of one run.

    Attributes:
        of: How many kiosks and servers were cut off.
        lost: What somebody had been told and is gone, a sentence each.
        forgotten: How many changes the disks forgot, and how many they kept.

    """

    of: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    forgotten: int = 0
    flushed: int = 0

    def cut(self, disk: Disk, dice: Random, *, stays: float | None = None) -> None:
        """Cut the power of a disk."""
        forgotten = disk.cut(dice, stays=stays)
        self.forgotten += forgotten.changes
        self.flushed += forgotten.flushed


class Power:
    """A scene on disks that forget.

    Args:
        one: Its server and kiosks; set up, not running.
        library: Of the disk.
        lies: Whether the disks lie about flushes.

    """

    def __init__(self, one: Scene, library: Path, *, lies: bool) -> None:
        self.one, self.cuts = one, Cuts()
        self._server = one.servers[0]
        logs = one.folder
        (self._server.data / "server.log").touch()  # else made by whom the disk does not know
        self.server_disk = Disk(self._server.data, logs / "server.noted", library)
        self._server_environment = self.server_disk.environment(lies=lies)
        self._disks = {}
        for place in one.places:
            folder = place.kiosk.settings.parent
            disk = self._disks[place.name] = Disk(folder, logs / f"{place.name}.noted", library)
            place.kiosk.environment = disk.environment(lies=lies)

    def disk_of(self, place: Place) -> Disk:
        """Return a kiosk's disk."""
        return self._disks[place.name]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start everything."""
        self.start_server()
        for place in self.one.places:
            place.printer.start()
            place.kiosk.start()
        yield

    def start_server(self) -> None:
        """Start the server on its disk."""
        os.environ.update(self._server_environment)
        self._server.start()

    def cut_kiosk(self, place: Place, dice: Random, *, parties: int) -> None:
        """Let parties in, cut the power at any moment, look at what is left, start again."""
        for _ in range(parties):
            place.kiosk.party(f"{dice.random()}")
            if dice.random() < 0.6:
                place.kiosk.wait_for_answers(5.0)
        threading.Event().wait(dice.choice((0.0, 0.02, 0.2, 0.6)) * dice.random())
        place.kiosk.kill()
        self.lose_kiosk(place, dice)
        place.kiosk.start()

    def lose_kiosk(self, place: Place, dice: Random, *, stays: float | None = None) -> None:
        """Cut the power of a dead kiosk's disk, and look at what is left."""
        self.cuts.cut(self._disks[place.name], dice, stays=stays)
        self.cuts.of["kiosk"] += 1
        self._look_at_kiosk(place)

    def _look_at_kiosk(self, place: Place) -> None:
        """Everything that was given out must be in the journal."""
        given = {(one.id, one.number) for one in place.kiosk.given}
        copy = self.one.folder / "copy"  # nobody else may touch the files themselves
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(place.journal.parent, copy)
        try:
            with closing(sqlite3.connect(copy / place.journal.name)) as db:
                whole = db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            there = {(entry.id, entry.number) for entry in read_journal(copy / place.journal.name)}
        except sqlite3.DatabaseError as error:
            whole, there = False, set()
            self.cuts.lost.append(f"{place.name}: journal cannot be read ({error})")
        if not whole:
            self.cuts.lost.append(f"{place.name}: journal is damaged")
        self.cuts.lost += [f"{place.name}: {number} is gone" for _, number in sorted(given - there)]

    def cut_server(self, dice: Random, counters: Counters | None) -> None:
        """Cut the server's power; what it had confirmed must be there."""
        for place in self.one.places:
            place.kiosk.party(f"{dice.random()}")
        threading.Event().wait(dice.choice((0.05, 0.2, 0.6)) * dice.random())
        self.lose_server(dice, counters)
        self.start_server()

    def lose_server(
        self, dice: Random, counters: Counters | None = None, *, stays: float | None = None
    ) -> None:
        """Kill the server, cut its disk's power, and look at what is left."""
        self._server.stop(how=signal.SIGKILL)
        confirmed = self._confirmed()
        calls = list(counters.told.calls.values()) if counters else []
        self.cuts.cut(self.server_disk, dice, stays=stays)
        self.cuts.of["server"] += 1
        self._look_at_server(confirmed, {action for actions in calls for action in actions})

    def wait_until_delivered(self, place: Place) -> None:
        """Return when the server has confirmed what the kiosk has."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while undelivered(place.journal) or not self._confirmed():
            if time.monotonic() > deadline:
                raise TimeoutError("not delivered")
            time.sleep(0.05)

    def _confirmed(self) -> dict[UUID, str]:
        """Return what kiosks hold a receipt for."""
        return {
            UUID(entry.id): entry.number
            for place in self.one.places
            for entry in read_journal(place.journal)
            if entry.delivery == "confirmed"
        }

    def _look_at_server(self, confirmed: dict[UUID, str], answered: set[UUID]) -> None:
        copy = self.one.folder / "copy"  # nobody else may touch the files themselves
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self._server.data, copy)
        try:
            with closing(server_sqlite.connect(copy / "ankunft.db")) as db:
                whole = db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                stored = {UUID(i) for (i,) in db.execute("SELECT id FROM ledger")}
                done = {UUID(i) for (i,) in db.execute("SELECT id FROM staff_action")}
        except server_sqlite.DatabaseError as error:
            self.cuts.lost.append(f"server: database cannot be read ({error})")
            return
        if not whole:
            self.cuts.lost.append("server: database is damaged")
        self.cuts.lost += [
            f"server: check-in {number} is gone"
            for id_, number in confirmed.items()
            if id_ not in stored
        ]
        self.cuts.lost += [f"server: call {action} is gone" for action in answered - done]


def cut_and_settle(folder: Path, library: Path, bound: Bound, *, seed: int) -> tuple[Power, Books]:
    """Cut the power again and again, then let calm come; return the cuts and the books."""
    with scene(folder, postgresql=False, kiosks=KIOSKS) as one:
        power = Power(one, library, lies=False)
        with power.running(), Counters(one.ports, COUNTERS, password=PASSWORD) as counters:
            for number in bound.rounds():
                dice = Random(f"{seed} {number}")  # noqa: S311  # to be thrown again
                if dice.random() < 0.35:
                    power.cut_server(dice, counters)
                else:
                    parties = dice.randint(0, MOST_PARTIES)
                    power.cut_kiosk(dice.choice(one.places), dice, parties=parties)
                told = f"{power.cuts.of['kiosk']} kiosk, {power.cuts.of['server']} server"
                bound.tell(number + 1, f"{told}, {power.cuts.forgotten} changes forgotten")
            let_calm_come(one)
            counters.finish()
        one.servers[0].stop()
        stored = read_store(one.servers[0].data)
        accounts = {p.name: accounts_of(p.kiosk, p.printer, stored) for p in one.places}
        return power, Books(accounts, stored, counters.called())


def cut_liars(folder: Path, library: Path, *, seed: int) -> tuple[Cuts, Cuts]:
    """Cut the power of a kiosk's and of a server's disk that lie; return what was lost on each."""
    dice = Random(f"{seed} lies")  # noqa: S311  # to be thrown again
    with scene(folder, postgresql=False, kiosks=1) as one:
        power, place = Power(one, library, lies=True), one.places[0]
        with power.running():
            place.kiosk.party("one")
            place.kiosk.wait_for_answers(PATIENCE_SECONDS)
            power.wait_until_delivered(place)
            power.lose_server(dice, stays=0.0)
            of_server, power.cuts = power.cuts, Cuts()
            place.kiosk.kill()
            power.lose_kiosk(place, dice, stays=0.0)
    return power.cuts, of_server


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Prove the disk, cut the power, and do the same on disks that lie."""
    seed, of_postgresql = options.seed, None
    with built() as library:
        dice = Random(f"{seed} proof")  # noqa: S311  # to be thrown again
        proof = [
            (way, cut_off(way, folder, library, dice=dice, cuts=PROOF_CUTS))
            for way in ([] if options.short else WAYS)
        ]
        os.environ["LD_PRELOAD"] = str(library)
        kiosk_process.load()
        del os.environ["LD_PRELOAD"]
        if not options.short:
            cuts = max(1, options.count // OF_POSTGRESQL)
            some = Bound("power", count=cuts, minutes=options.minutes / 3)
            of_postgresql = cut_postgresql(folder / "postgresql", library, some, seed=seed)
        power, books = cut_and_settle(folder / "cuts", library, options.bound, seed=seed)
        liars = () if options.short else cut_liars(folder / "lies", library, seed=seed)
    return Result(
        "power",
        seed,
        (
            *promises_of(power, books, liars),
            *(of_postgresql.promises() if of_postgresql else ()),
            *(promise_of_proof(way, lost) for way, lost in proof),
        ),
        {
            "cuts": dict(power.cuts.of),
            "forgotten": power.cuts.forgotten,
            "flushed": power.cuts.flushed,
            "numbers": books.numbers,
            "slips": books.slips,
            "stored": books.stored.count,
            "calls": sum(books.called.values()),
        },
    )


def promise_of_proof(way: Way, lost: Lost) -> Promise:
    """Return a row about SQLite by itself."""
    return Promise(
        f"SQLite by itself ({way.name}) {'loses nothing' if way.is_safe else 'loses'}",
        f"{lost.rows} of {lost.told} rows, {lost.files} of {lost.cuts} files",
        kept=way.is_safe is (lost.rows + lost.files == 0),
    )


def promises_of(power: Power, books: Books, liars: Sequence[Cuts]) -> tuple[Promise, ...]:
    """Return what the power cuts proved."""
    kiosks = [place.kiosk for place in power.one.places]
    cuts = power.cuts
    return (
        promise(
            f"after {cuts.of.total()} power cuts everything that was told is there",
            f"{books.numbers} numbers, {sum(books.called.values())} calls; {cuts.forgotten} "
            f"unflushed changes forgotten ({cuts.of['kiosk']} kiosk, {cuts.of['server']} server)",
            wrong=cuts.lost,
        ),
        promise(
            "all books agree, and check finds nothing",
            f"{books.numbers} numbers, {books.slips} slips, {books.stored.count} stored",
            wrong=books.disagreements(),
        ),
        promise(
            "every kiosk opens again, and none stumbles",
            f"{cuts.of['kiosk']} times",
            wrong=[words for kiosk in kiosks for words in [*kiosk.not_opened, *kiosk.stumbled]],
        ),
        *(
            Promise(
                f"on a disk that lies about flushes the same loses what was told: {of}",
                "; ".join(liar.lost[:2]) or "nothing",
                kept=bool(liar.lost),
            )
            for of, liar in zip(("kiosk", "server"), liars, strict=False)
        ),
    )


def main() -> int:
    """Cut the power; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.power", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="without what proves the disk, and without PostgreSQL"
    )
    return run_part(parser, work, count=CUTS)


if __name__ == "__main__":
    sys.exit(main())
