"""The network: a reception point whose every line is bad for a while, then calm, then the books.

Connections break, fall silent or trickle; requests lose their answer, come twice or are overtaken
by later ones; strangers answer. On PostgreSQL the line between server and database is as bad.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from uuid import UUID

from sqlalchemy import Connection, select

from kiosk import courier, server_link
from kiosk.help_line import HelpProgress
from server_stub import tables
from tests.chaos.fates import Dice, Misfortune
from tests.chaos.following import PATIENCE_SECONDS
from tests.chaos.part import run_part
from tests.chaos.proxy import Network
from tests.chaos.results import Result, promises_of
from tests.chaos.stormy_point import Database, Pace, StormyPoint
from tests.stand.postgres import postgres
from tests.stand.server import ServerStandError

ROUNDS = 6

PROMISES = (
    "nothing is stuck once the network is calm",
    "check-ins made are stored, each once, with its slip's outcome",
    "no number twice",
    "nobody called twice",
    "every press sent again is answered as at first",
    "whoever follows has every event once",
    "calls for help arrive once, and nobody is told of help that is not coming",
    "tickets show their number",
    "`check` finds nothing",
)


@dataclass
class Findings:
    """What the books of all rounds came to.

    Attributes:
        wrong: By promise, what was not so.
        counts: What was counted, for the figures.

    """

    wrong: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PROMISES})
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, promise: int, *found: str) -> None:
        """Note what breaks a promise."""
        self.wrong[PROMISES[promise]].extend(found)


def read_books(point: StormyPoint, findings: Findings) -> None:
    """Compare what kiosks, counters and followers know with what the server has stored."""
    given = [ticket for desk in point.desks for ticket in desk.given]
    findings.counts["check-ins"] += len(given)
    point.read(lambda db: _check_ins(db, point, findings))
    numbers = Counter(ticket.number for ticket in given)
    findings.add(2, *(number for number, count in numbers.items() if count > 1))
    point.read(lambda db: _calls(db, findings))
    _presses(point, findings)
    point.read(lambda db: _followers(db, point, findings))
    point.read(lambda db: _help(db, point, findings))
    for ticket in given:
        if (shown := point.ticket_page(ticket, timeout=PATIENCE_SECONDS)) != "its number":
            findings.add(7, f"{ticket.number}: {shown}")
    findings.counts["ticket pages"] += point.tickets_shown.total() + len(given)
    try:
        point.server.command("check")
    except ServerStandError as error:
        findings.add(8, f"{error}")


def _check_ins(db: Connection, point: StormyPoint, findings: Findings) -> None:
    given = {ticket.id for desk in point.desks for ticket in desk.given}
    visits = [UUID(str(id_)) for id_ in db.execute(select(tables.visit.c.id)).scalars()]
    ledger = [UUID(str(id_)) for id_ in db.execute(select(tables.ledger.c.id)).scalars()]
    for name, stored in (("visits", visits), ("ledger", ledger)):
        if sorted(stored) != sorted(given):
            findings.add(1, f"{name}: {set(stored) ^ given} differ, {len(stored)} rows")
    clashes = select(tables.ledger.c.id).where(tables.ledger.c.clash_sequence.is_not(None))
    findings.add(1, *(f"clash {id_}" for id_ in db.execute(clashes).scalars()))
    t = tables.slip_outcome.c
    told = {row.id: row.outcome for row in db.execute(select(t.id, t.outcome))}
    if set(told) != given or set(told.values()) - {"printed"}:
        findings.add(1, f"slips: {set(told) ^ given} differ, {set(told.values())}")


def _calls(db: Connection, findings: Findings) -> None:
    """Each party is called once at a stage: nobody here parks, splits or undoes."""
    t = tables.staff_action.c
    calls = Counter(
        (row.visit, row.after["stage"])
        for row in db.execute(select(t.visit, t.after).where(t.step == "call"))
        if row.visit is not None
    )
    findings.counts["calls"] += calls.total()
    findings.add(3, *(f"{who}: {count} times" for who, count in calls.items() if count > 1))


def _presses(point: StormyPoint, findings: Findings) -> None:
    pressed = point.pressed
    for press in pressed.presses:
        point.pressers[0].repeat(press)
    findings.counts["presses"] += len(pressed.presses)
    findings.counts["requests for them"] += pressed.attempts
    findings.counts["presses repeated"] += pressed.repeated
    findings.counts["presses refused"] += pressed.refused.total()
    findings.counts["parties found at a counter unasked"] += pressed.unasked
    findings.add(4, *pressed.differing)


def _followers(db: Connection, point: StormyPoint, findings: Findings) -> None:
    numbers = list(db.execute(select(tables.event.c.number).order_by(tables.event.c.number)))
    stored = [number for (number,) in numbers]
    point.reader.read_to_the_end(lambda: stored[-1])
    if point.reader.numbers[: len(stored)] != stored:
        findings.add(5, f"the reader has {len(point.reader.numbers)} of {len(stored)} events")
    for page in point.pages:
        findings.add(5, *page.followed.wrong)
        shown, page_now = page.shown(), page.loaded_anew()
        if differing := {id_ for id_, text in page_now.items() if shown.get(id_) != text}:
            findings.add(5, f"{page.path}: {len(differing)} of {len(page_now)} differ")
        if more := shown.keys() - page_now.keys():
            findings.add(5, f"{page.path}: shows {len(more)} that are gone")
        findings.counts["lines of live pages"] += page.followed.streams
        findings.counts["frames"] += page.followed.frames
        findings.counts["reloads"] += page.followed.reloads
    findings.counts["events"] += len(stored)


def _help(db: Connection, point: StormyPoint, findings: Findings) -> None:
    watches = {watch.call.id: watch for desk in point.desks for watch in desk.watches}
    stored = [UUID(str(id_)) for id_ in db.execute(select(tables.help_call.c.id)).scalars()]
    if sorted(stored) != sorted(watches):
        findings.add(6, f"{len(watches)} calls for help and {len(stored)} rows")
    coming = [w for w in watches.values() if w.state is HelpProgress.SOMEONE_COMING]
    findings.add(6, *(f"nobody is coming to {watch.call.id}" for watch in coming))
    findings.counts["calls for help"] += len(watches)


@contextmanager
def impatient(pace: Pace) -> Iterator[None]:
    """Let kiosks wait and rest for seconds instead of half minutes, so that more happens."""
    with ExitStack() as stack:
        for module, name, seconds in (
            (server_link, "CONNECT_SECONDS", pace.timeout),
            (server_link, "READ_SECONDS", pace.timeout),
            (courier, "FIRST_PAUSE_SECONDS", 0.1),
            (courier, "LONGEST_PAUSE_SECONDS", 1.0),
            (courier, "HEARTBEAT_SECONDS", 1.0),
        ):
            stack.enter_context(mock.patch.object(module, name, seconds))
        yield


def live_through(
    folder: Path, findings: Findings, *, pace: Pace, seed: str, database: Database | None = None
) -> Counter[Misfortune]:
    """Live through one storm, and add what the books say after it; return what befell."""
    folder.mkdir()
    dice = Dice(int.from_bytes(seed.encode()), share=pace.share)
    with impatient(pace), Network(dice, silence=pace.silence, late=pace.silence) as network:
        network.calm()
        point = StormyPoint(folder, network, pace=pace, seed=seed, database=database)
        with point.open():
            try:
                point.live()
            except TimeoutError as error:
                findings.add(0, f"{error}")
            read_books(point, findings)
    return network.struck


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Live through storms on SQLite and PostgreSQL in turn."""
    findings, befell = Findings(), Counter[str]()
    databases: Counter[str] = Counter()
    with postgres() as stand:
        socket = stand.folder / ".s.PGSQL.5432"
        for number in options.bound.rounds():
            database = Database(stand.make_database(), socket) if number % 2 else None
            databases["PostgreSQL" if database else "SQLite"] += 1
            thrown = live_through(
                folder / str(number),
                findings,
                pace=Pace(storm=options.storm),
                seed=f"{options.seed} {number}",
                database=database,
            )
            befell.update({kind.value: count for kind, count in thrown.items()})
            options.bound.tell(number + 1, f"{findings.counts['check-ins']} check-ins")
    return result(options.seed, findings, befell=befell, databases=databases)


def result(
    seed: int, findings: Findings, *, befell: Counter[str], databases: Counter[str]
) -> Result:
    """Return promises and figures."""
    c = findings.counts
    figures = (
        f"{databases.total()} storms, {befell.total()} misfortunes",
        f"{c['check-ins']} check-ins",
        f"{c['check-ins']} numbers",
        f"{c['calls']} calls",
        f"{c['presses']} presses in {c['requests for them']} requests",
        f"{c['events']} events over {c['lines of live pages']} lines",
        f"{c['calls for help']} calls for help",
        f"{c['ticket pages']} looks",
        f"{databases.total()} databases",
    )
    promises = promises_of(findings.wrong, figures)
    raw = {"counts": dict(c), "befell": dict(befell), "databases": dict(databases)}
    return Result("network", seed, promises, raw)


def main() -> int:
    """Run the part by its command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.network", description=__doc__)
    parser.add_argument("--storm", type=float, default=30.0, help="seconds of each storm")
    return run_part(parser, work, count=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
