"""The ledgers: what everybody was told, held against what the machine that leads has stored."""

import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from kiosk.assembly import journal_path
from kiosk.settings import read_settings
from tests.chaos.books import Books, accounts_of, read_store
from tests.chaos.ending import undelivered, unended
from tests.failover.cluster import DATABASE, Node
from tests.failover.house import House
from tests.failover.people import Counter as CounterAtWork
from tests.failover.people import Heard

REST_SECONDS = 120.0
"""In which all that was made must have been delivered."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What was confirmed up to a moment: whoever was told relies on it.

    Attributes:
        check_ins: Ids, by the kiosks' journals.
        presses: Ids, by the counters.

    """

    check_ins: frozenset[str]
    presses: frozenset[str]


def acknowledged(house: House) -> Acknowledged:
    """Return what is confirmed now."""
    check_ins = [id_ for kiosk, _ in house.kiosks for id_ in _confirmed(_journal(kiosk.settings))]
    presses = [str(id_) for counter in house.counters for id_ in list(counter.acknowledged)]
    return Acknowledged(frozenset(check_ins), frozenset(presses))


def lost(told: Acknowledged, leader: Node) -> Acknowledged:
    """Return what was confirmed, and what the leader does not have."""
    ledger = _ids(leader, "SELECT id::text FROM ledger")
    presses = _ids(leader, "SELECT id::text FROM staff_action")
    return Acknowledged(told.check_ins - ledger, told.presses - presses)


def numbers_twice(house: House) -> int:
    """Return how many numbers were issued by hand to more than one party."""
    parties = defaultdict(set)
    for visit, number in list(house.reception.issued):
        parties[number].add(visit)
    return sum(len(each) - 1 for each in parties.values())


def calls_twice(counters: Iterable[CounterAtWork]) -> int:
    """Return how often a party was called to a stage once more than it had to."""
    calls = Counter(
        (visit, stage) for counter in counters for _, visit, stage in list(counter.called)
    )
    return sum(often - 1 for often in calls.values())


def events_missing(heard: list[Heard], leader: Node) -> int:
    """Return how many events a follower was not told, or told as they are not stored."""
    rows = leader.tell("SELECT number, kind, about::text FROM event", database=DATABASE)
    stored = {number: Heard(number, kind, about) for number, kind, about in rows}
    told = {one.number: one for one in heard}
    last = heard[-1].number if heard else 0
    missing = [number for number in stored if number <= last and number not in told]
    other = [one for one in heard if stored.get(one.number) != one]
    return len(missing) + len(other) + len(heard) - len(told)


def come_to_rest(house: House) -> list[str]:
    """Let everything end, and return what does not agree in the books, a sentence each."""
    house.people.no_more_parties()
    journals = [_journal(kiosk.settings) for kiosk, _ in house.kiosks]
    found = []
    if not _within(REST_SECONDS, lambda: not any(undelivered(j) or unended(j) for j in journals)):
        found.append("kiosks have not delivered everything")
    house.people.go_home()
    house.people.stop_following()
    shown, anew = house.page.shown(), house.page.loaded_anew()
    if shown != anew:
        found.append(f"the live page differs from a new one in {_differing(shown, anew)} rows")
    found += house.page.followed.wrong
    found += [each for pressed in house.pressed for each in pressed.differing]
    names = {read_settings(kiosk.settings).kiosk.name for kiosk, _ in house.kiosks}
    stored = read_store(house.data)
    of_kiosks = {name: rows for name, rows in stored.visits.items() if name in names}
    stored = replace(stored, visits=of_kiosks)
    accounts = {
        read_settings(kiosk.settings).kiosk.name: accounts_of(kiosk, printer, stored)
        for kiosk, printer in house.kiosks
    }
    found += [
        f"{kiosk.settings.parent.name}: {each}"
        for kiosk, _ in house.kiosks
        for each in kiosk.stumbled
    ]
    return found + Books(accounts, stored).disagreements()


def _differing(shown: dict[str, str], anew: dict[str, str]) -> int:
    return sum(shown.get(row) != anew.get(row) for row in shown.keys() | anew.keys())


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.2)
    return True


def _journal(settings: Path) -> Path:
    return journal_path(read_settings(settings))


def _confirmed(journal: Path) -> list[str]:
    with closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT id FROM outbox WHERE state = 'confirmed'")
        return [str(UUID(id_)) for (id_,) in rows]


def _ids(leader: Node, sql: str) -> frozenset[str]:
    return frozenset(str(id_) for (id_,) in leader.tell(sql, database=DATABASE))
