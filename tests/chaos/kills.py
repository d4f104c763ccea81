"""kill -9 of anything at any moment: kiosks, printers, servers, PostgreSQL and its backends.

Each is killed and started again, on its own, for as long as the part goes on; parties come and
counters call meanwhile. Then it is calm, everything arrives, and the books must agree. Half of
the kills are with one server on a SQLite file, half with two on a PostgreSQL.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from tests.chaos import kiosk_process
from tests.chaos.books import Books, accounts_of, read_store
from tests.chaos.counters import Counters
from tests.chaos.ending import undelivered, unended
from tests.chaos.part import Bound, run_part
from tests.chaos.results import Promise, Result, promise
from tests.chaos.scene import COUNTERS, PASSWORD, Place, Scene, scene
from tests.stand.postgres import PostgresStand
from tests.stand.server import ServerStand

KILLS, KIOSKS = 1000, 4
DATABASES = ("SQLite", "PostgreSQL")
DRAIN_SECONDS = 120.0
MOST_PARTIES = 4
"""Between two deaths of a kiosk."""

SERVER_LIVES = (0.3, 2.5)
PRINTER_LIVES = (0.5, 4.0)
DATABASE_LIVES = (4.0, 12.0)
"""Seconds, the shortest and the longest."""

Kill = Callable[[], bool]
"""Whether the one who asks may kill now; False once it is over."""


class Deaths:
    """Counts the kills, and says when there were enough.

    Args:
        bound: Of the part.
        first: How many there were before.
        last: The highest number of a kill here.

    Attributes:
        of: How many of each kind died.

    """

    def __init__(self, bound: Bound, *, first: int, last: int, until_minutes: float) -> None:
        self.of: Counter[str] = Counter()
        self.over = threading.Event()
        self._bound, self._done, self._last = bound, first, last
        self._until = until_minutes
        self._lock = threading.Lock()

    def one_more(self, kind: str) -> bool:
        """Count one and return True, or False where there were enough."""
        with self._lock:
            late = self._bound.minutes >= self._until and self.of.total() > 0  # one is always done
            if self._done >= self._last or late:
                self.over.set()
            if self.over.is_set():
                return False
            self._done += 1
            self.of[kind] += 1
            told = ", ".join(f"{count} {name}" for name, count in self.of.most_common())
            self._bound.tell(self._done, told)
            return True


def haunt_kiosk(place: Place, dice: Random, deaths: Deaths) -> None:
    """Let parties in, and kill it at any moment, again and again."""
    while not deaths.over.is_set():
        place.kiosk.start()
        for _ in range(dice.randint(0, MOST_PARTIES)):
            place.kiosk.party(f"{dice.random()}")
            # Sometimes the next one comes while the slip of this one is on its way.
            if dice.random() < 0.7:
                place.kiosk.wait_for_answers(5.0)
            deaths.over.wait(dice.choice((0.0, 0.0, 0.02, 0.2)))
        # Writing down takes some milliseconds, a slip and its delivery some tenths of a second.
        deaths.over.wait(dice.choice((0.0, 0.02, 0.2, 1.5)) * dice.random())
        if deaths.one_more("kiosk"):
            place.kiosk.kill()


def haunt_printer(place: Place, dice: Random, deaths: Deaths) -> None:
    """Switch it off and on, also within a slip."""
    while not deaths.over.wait(dice.uniform(*PRINTER_LIVES)):
        if deaths.one_more("printer"):
            place.printer.kill()
            place.printer.start()


def haunt_server(server: ServerStand, dice: Random, deaths: Deaths) -> None:
    """Kill a server that answers, and start it again."""
    while not deaths.over.wait(dice.uniform(*SERVER_LIVES)):
        if deaths.one_more("server"):
            server.stop(how=signal.SIGKILL)
            start(server)


def haunt_database(one: Scene, dice: Random, deaths: Deaths) -> None:
    """Kill PostgreSQL's first process, or any of the others."""
    while not deaths.over.wait(dice.uniform(*DATABASE_LIVES)):
        kind = dice.choice(("postmaster", "backend", "backend"))
        if deaths.one_more(kind):
            one.restart_database(kill_postmaster if kind == "postmaster" else kill_backend(dice))


def kill_postmaster(database: PostgresStand) -> None:
    """Kill the first process; the others notice and go."""
    database.stop(how=signal.SIGKILL)


def kill_backend(dice: Random) -> Callable[[PostgresStand], None]:
    """Return what kills any one of the others; all begin anew from what is on disk."""

    def kill(database: PostgresStand) -> None:
        with suppress(ProcessLookupError):
            os.kill(dice.choice(database.backends), signal.SIGKILL)

    return kill


def start(server: ServerStand) -> None:
    """Start a server; one whose database is not there gives up, and is started again."""
    for _ in range(50):
        try:
            server.start()
        except Exception as error:  # noqa: BLE001  # its words are in its log
            server.stop(how=signal.SIGKILL)
            last = error
            time.sleep(0.2)
        else:
            return
    raise last


def haunt(one: Scene, dice: Random, deaths: Deaths) -> None:
    """Kill everything of a scene, each in a thread of its own, until there were enough."""

    def own() -> Random:
        return Random(dice.random())  # noqa: S311  # to be thrown again

    errands = [partial(haunt_kiosk, place, own(), deaths) for place in one.places]
    errands += [partial(haunt_printer, one.places[0], own(), deaths)]
    errands += [partial(haunt_server, server, own(), deaths) for server in one.servers]
    if one.database:
        errands += [partial(haunt_database, one, own(), deaths)]
    with ThreadPoolExecutor(len(errands)) as pool:
        done = [pool.submit(_errand, errand, deaths) for errand in errands]
    for one_done in done:
        one_done.result()


def _errand(errand: Callable[[], None], deaths: Deaths) -> None:
    try:
        errand()
    finally:
        deaths.over.set()  # one that failed ends all


def let_calm_come(one: Scene) -> None:
    """Start what is dead, and return when nothing is on its way any more."""
    for place in one.places:
        place.kiosk.kill()  # its courier might rest for half a minute
        place.kiosk.start()
    deadline = time.monotonic() + DRAIN_SECONDS
    while any(undelivered(place.journal) or unended(place.journal) for place in one.places):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not delivered within {DRAIN_SECONDS:.0f} s")
        time.sleep(0.1)
    for place in one.places:
        place.kiosk.close()
        place.printer.kill()


def kill_everything(
    folder: Path, bound: Bound, *, seed: str, postgresql: bool, first: int, last: int, until: float
) -> tuple[Books, Deaths, Scene, Counters]:
    """Kill so many times in a scene of its own; return its books."""
    servers = 2 if postgresql else 1
    with scene(folder, postgresql=postgresql, kiosks=KIOSKS, servers=servers) as one:
        for server in one.servers:
            server.start()
        for place in one.places:
            place.printer.start()
        deaths = Deaths(bound, first=first, last=last, until_minutes=until)
        with Counters(one.ports, COUNTERS, password=PASSWORD) as counters:
            haunt(one, Random(seed), deaths)  # noqa: S311  # to be thrown again
            let_calm_come(one)
        for server in one.servers:
            server.stop()
        stored = read_store(one.servers[0].data)
        one.servers[0].command("check")  # raises where it finds something
        accounts = {p.name: accounts_of(p.kiosk, p.printer, stored) for p in one.places}
        return Books(accounts, stored, counters.called()), deaths, one, counters


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Kill equally often on each database."""
    bound: Bound = options.bound
    kiosk_process.load()
    figures: dict[str, Any] = {}
    first = 0
    databases = options.database or DATABASES
    for run, name in enumerate(databases, 1):
        books, deaths, one, counters = kill_everything(
            folder / name,
            bound,
            seed=f"{options.seed} {name}",
            postgresql=name == "PostgreSQL",
            first=first,
            last=options.count * run // len(databases),
            until=options.minutes * run / len(databases),
        )
        first += deaths.of.total()
        figures[name] = figures_of(books, deaths, one, counters)
    return Result("kills", options.seed, promises_of(figures), figures)


def figures_of(books: Books, deaths: Deaths, one: Scene, counters: Counters) -> dict[str, Any]:
    """Return what was counted on one database, and what went wrong, a sentence each."""
    kiosks = [place.kiosk for place in one.places]
    return {
        "runs": 1,
        "kills": dict(deaths.of.most_common()),
        "parties": sum(kiosk.asked for kiosk in kiosks),
        "cut_off": sum(kiosk.cut_off for kiosk in kiosks),
        "refused": sum(len(kiosk.refused) for kiosk in kiosks),
        "numbers": books.numbers,
        "slips": books.slips,
        "copies": books.copies,
        "stored": books.stored.count,
        "calls": sum(books.called.values()),
        "presses_repeated": counters.told.repeated,
        "presses_refused": dict(counters.told.refused),
        "wrong_in_books": books.disagreements(),
        "wrong_at_counters": counters.told.differing,
        "wrong_at_kiosks": [
            words for kiosk in kiosks for words in (*kiosk.stumbled, *kiosk.not_opened)
        ],
    }


def promises_of(figures: Mapping[str, Any]) -> tuple[Promise, ...]:
    """Return what the figures prove, for each database."""
    return tuple(one for name, counted in figures.items() for one in _promises(name, counted))


def _promises(name: str, counted: Mapping[str, Any]) -> Iterator[Promise]:
    killed = ", ".join(f"{count:,} {kind}" for kind, count in counted["kills"].items())
    kills, runs = sum(counted["kills"].values()), counted["runs"]
    after = f"{kills:,} kills" + (f" in {runs} runs" if runs > 1 else "")
    yield promise(
        f"{name}: after {after} all books agree, and check finds nothing",
        f"{counted['numbers']:,} numbers, {counted['slips']:,} slips, "
        f"{counted['stored']:,} stored ({killed})",
        wrong=counted["wrong_in_books"],
    )
    yield promise(
        f"{name}: no call twice, and a press that is repeated gets the same answer",
        f"{counted['calls']:,} calls, {counted['presses_repeated']:,} presses repeated",
        wrong=counted["wrong_at_counters"],
    )
    yield promise(
        f"{name}: every kiosk opens again, and none stumbles",
        f"{counted['kills'].get('kiosk', 0):,} times",
        wrong=counted["wrong_at_kiosks"],
    )


def main() -> int:
    """Kill; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills", description=__doc__)
    parser.add_argument("--database", action="append", choices=DATABASES, help="else on both")
    return run_part(parser, work, count=KILLS)


if __name__ == "__main__":
    sys.exit(main())
