"""Kill -9 between any two steps of a kiosk: no number twice, no check-in lost.

A whole kiosk is run again and again in a process of its own, and killed at the second line of its
journal or reception that it comes to, at the fourth, and so on until it lives to the end. Of a
journal alone all is looked at that a kill can leave behind, at any system call.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.journal import Journal, JournalError
from tests.kiosk.arrivals import ENROLMENT, FAMILY, check_in
from tests.kiosk.central import Central
from tests.kiosk.loopback import Loopback
from tests.kiosk.paper import PaperRoll
from tests.kiosk.warmed import CANNOT_TRACE, SERIES, Order, given_out, open_desk

ROOT = Path(__file__).resolve().parents[2]
KILLED, LIVED = -signal.SIGKILL, 0

pytestmark = pytest.mark.slow


@pytest.fixture
def run() -> Iterator[Callable[[Order], int]]:
    """Runs a kiosk in a process of its own; returns how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kiosk.warmed"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        to_process, from_process = process.stdin, process.stdout
        assert to_process
        assert from_process

        def run(order: Order) -> int:
            print(order.to_line(), file=to_process, flush=True)
            return int(from_process.readline())

        yield run
        to_process.close()


def each_line(
    run: Callable[[Order], int], folder: Path, scenario: str, *, every: int = 1, **ends: object
) -> Iterator[int]:
    """Kill a kiosk at one line after the other, until one lives; tell each line."""
    die_at, ended = 1 - every, KILLED
    while ended == KILLED:
        die_at += every
        shutil.rmtree(folder)
        folder.mkdir()
        ended = run(Order(scenario, str(folder), die_at, **ends))
        assert ended in {KILLED, LIVED}
        yield die_at


def each_left_behind(run: Callable[[Order], int], folder: Path, *, parties: int) -> Iterator[Path]:
    """Yield what each kill leaves behind of a journal."""
    lives, kept = folder / "lives", folder / "kept"
    lives.mkdir()
    ended = run(Order("journal", str(lives), kept=str(kept), parties=parties))
    if ended == CANNOT_TRACE:  # this machine lets nobody trace a process
        for _ in each_line(run, lives, "journal", parties=parties):
            yield lives
        return
    assert ended == LIVED
    yield from sorted(kept.iterdir())


def look(folder: Path) -> None:
    """A technician's look works, or says in a sentence why not."""
    try:
        Journal(folder / "journal.db", enrolment=ENROLMENT, look_only=True).close()
    except JournalError:
        return


def rows(journal: Journal, sql: str) -> list[object]:
    return [row[0] for row in journal._read(sql).fetchall()]


def test_a_journal_survives_a_kill_at_any_system_call(
    run: Callable[[Order], int], folder: Path
) -> None:
    parties = 2
    for die_at, place in enumerate(each_left_behind(run, folder, parties=parties)):
        before = given_out(place)
        look(place)

        journal = Journal(place / "journal.db", enrolment=ENROLMENT)

        sequences = rows(journal, "SELECT sequence FROM outbox ORDER BY sequence")
        assert sequences == list(range(1, journal.sequence + 1)), die_at
        assert len(before) <= journal.sequence <= len(before) + 1, die_at
        assert rows(journal, "SELECT number FROM outbox ORDER BY sequence")[: len(before)] == before
        assert rows(journal, "SELECT count(*) FROM slip") == [journal.sequence]
        assert journal.counters().get("check_ins", 0) == journal.sequence
        assert not rows(journal, "SELECT id FROM slip WHERE state IN ('waiting', 'sending')")
        next_one = journal.issue(check_in, boot="boot-2", made=0)
        assert next_one.number not in before, die_at
        assert next_one.sequence == len(sequences) + 1
        journal.close()
    assert (die_at > 200, len(before)) == (True, parties)


def test_a_kiosk_survives_a_kill_at_every_second_line(
    run: Callable[[Order], int], folder: Path
) -> None:
    place = folder / "kiosk"
    place.mkdir()
    with PaperRoll() as roll, Loopback(Central()) as server:
        ends = {"printer": roll.port, "server": server.url}
        server.answer = central = Central()
        for die_at in each_line(run, place, "desk", every=2, **ends):
            before, delivered_before = given_out(place), list(central.deliveries)
            look(place)
            journal = Journal(place / "journal.db", enrolment=ENROLMENT)
            confirmed = rows(journal, "SELECT number FROM outbox WHERE state = 'confirmed'")
            highest = journal.sequence
            unfinished = "SELECT count(*) FROM slip WHERE state IN ('waiting', 'sending')"
            assert rows(journal, unfinished) == [0]
            journal.close()

            desk = open_desk(place, **ends)
            desk.open()
            new = desk.check_in(FAMILY).result()
            roll.wait_for(f"{new.number} copy 1")
            central.wait_for(lambda: len(central.slips_told()) == len(central.arrivals) > highest)  # noqa: B023
            desk.close()

            issued = [SERIES.number(n) for n in range(1, highest + 2)]
            assert central.arrivals == issued, die_at
            assert (before, new.number) == (issued[: len(before)], issued[-1]), die_at
            assert set(confirmed) <= set(delivered_before)
            after = central.deliveries[len(delivered_before) :]
            assert after == [number for number in issued if number not in confirmed], die_at
            assert len(set(roll.printed)) == len(roll.printed), die_at
            assert set(roll.printed) <= {f"{number} copy 1" for number in issued}, die_at
            roll.printed.clear()
            server.answer = central = Central()
    assert (die_at > 200, len(before)) == (True, 1)
