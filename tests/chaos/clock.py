"""The clock: clocks of kiosks and server that jump, by years and hours, at dates that are hard.

Each round begins at midnight, at four, or where the seasons change, with clocks that are right.
Then kiosks' clocks jump while they run and while they are off, with the server in reach and away,
and the server's jumps too. Only wall clocks are wrong: see `clocks.py`.
"""

import argparse
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import TypeVar
from unittest import mock

from sqlalchemy import Connection, select

from kiosk import courier
from kiosk.assembly import journal_path, open_front_desk
from kiosk.clock import TOLERANCE
from kiosk.front_desk import FrontDesk
from kiosk.settings import read_settings
from kiosk.slips import _time_of
from printer.slip import Slip
from printer.status import Outcome
from server_stub import tables
from server_stub.arrival import service_day
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.chaos.cable import Cable
from tests.chaos.clocks import Truth, WrongClock
from tests.chaos.ending import undelivered
from tests.chaos.kiosk_process import any_answers
from tests.chaos.part import run_part
from tests.chaos.results import Result, promises_of
from tests.chaos.stormy_point import PromptPrinter
from tests.stand.enrolling import Administrator, enrol
from tests.stand.server import ServerStand, ServerStandError, free_port

T = TypeVar("T")

ROUNDS = 8
PASSWORD = "a password of the chaos"
PATIENCE_SECONDS = 60.0

MOMENTS = (
    datetime(2027, 3, 28, 0, 59, 58, tzinfo=UTC),  # 02:00 is 03:00 in Düsseldorf
    datetime(2027, 7, 1, 1, 59, 58, tzinfo=UTC),  # 04:00 in summer: another service day
    datetime(2027, 10, 31, 0, 59, 58, tzinfo=UTC),  # 03:00 is 02:00 again
    datetime(2027, 12, 31, 22, 59, 58, tzinfo=UTC),  # midnight, and another year
    datetime(2028, 2, 29, 2, 59, 58, tzinfo=UTC),  # 04:00 in winter, of a leap day
    datetime(2028, 6, 15, 12, 0, 0, tzinfo=UTC),
)
JUMPS = tuple(
    sign * jump
    for jump in (
        timedelta(days=7 * 365),
        timedelta(days=400),
        timedelta(days=1),
        timedelta(hours=3),
        timedelta(hours=1),
        timedelta(minutes=7),
        timedelta(minutes=2),
    )
    for sign in (1, -1)
)
TOO_EARLY = datetime(2020, 1, 1, tzinfo=UTC)

PROMISES = (
    "no number twice, and every check-in is stored",
    "a wrong clock of a kiosk moves nobody in the order of arrival",
    "slips tell a time that is true, or none",
    "check-ins count on the service day that it was",
    "kiosks whose clocks are wrong by years get in",
    "a server whose clock jumps deletes nothing of who is there",
    "a server whose clock is plainly wrong does not start",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A check-in, and what is true of it.

    Attributes:
        at: When it was made, really.
        told: Whether its kiosk had heard from the server what time it is, since it was started.
        known: Whether the server can know when: its kiosk was not started anew before delivery.

    """

    id: str
    number: str
    kiosk: str
    at: datetime
    told: bool
    known: bool = True


@dataclass
class Findings:
    """What was found in all rounds."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PROMISES})
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, promise: int, *found: str) -> None:
        """Note what breaks a promise."""
        self.wrong[PROMISES[promise]].extend(found)


class WatchingPrinter(PromptPrinter):
    """Looks at the time on each slip.

    Args:
        kiosk: Whose.

    """

    def __init__(self, kiosk: "Kiosk") -> None:
        self._kiosk = kiosk

    def print(self, slip: Slip) -> Outcome:
        """Print it."""
        self._kiosk.slips[slip.number] = slip.printed_at
        return Outcome.PRINTED


class Kiosk:
    """A kiosk without its window, whose clock can be wrong and whose cable can be pulled.

    Args:
        settings: Its file.
        cable: To the server.
        truth: What time it is.
        findings: Where its slips are judged.

    Attributes:
        made: Its check-ins of this round.
        slips: The time that each slip tells, by its number.

    """

    def __init__(self, settings: Path, cable: Cable, truth: Truth, findings: Findings) -> None:
        self.made: list[Made] = []
        self.slips: dict[str, str] = {}
        self.cable = cable
        self._truth = truth
        self._findings = findings
        self._settings = read_settings(settings)
        self.start(error=timedelta())

    @property
    def name(self) -> str:
        """As the server knows it."""
        return self._settings.kiosk.name

    @property
    def has_heard(self) -> bool:
        """Whether it has heard the server since it was started, and has heeded what it said."""
        return self.desk._server_heard is not None and not self.desk._awaits_server

    def start(self, *, error: timedelta) -> None:
        """Start the machine, with a clock that is wrong by so much."""
        self.clock = WrongClock(self._truth)
        self.clock.error = error
        self.desk: FrontDesk = open_front_desk(self._settings, clock=self.clock)
        self.desk._spool._printer = WatchingPrinter(self)
        self.desk.open()

    def stop(self) -> None:
        """Switch it off."""
        self.desk.close()

    def restart(self, *, error: timedelta) -> None:
        """Switch it off and on: how old what waits in its outbox is cannot be known any more."""
        waiting = bool(undelivered(journal_path(self._settings)))
        self.stop()
        if waiting:
            self.made = [replace(one, known=False) for one in self.made]
        self.start(error=error)

    def party(self, dice: Random) -> None:
        """Let a party check in."""
        told = self.has_heard
        ticket = self.desk.check_in(any_answers(self.desk.site, dice)).result(PATIENCE_SECONDS)
        self.made.append(Made(ticket.id.hex, ticket.number, self.name, self._truth.now(), told))

    def judge_slips(self) -> None:
        """Compare the time on each slip with the one at which it was made."""
        minutes = range(-int(TOLERANCE.seconds / 60) - 1, int(TOLERANCE.seconds / 60) + 2)
        for one in self.made:
            says = self.slips.get(one.number, "")
            if not says:
                self._findings.counts["slips without a time"] += 1
            elif not one.told:
                self._findings.counts["slips of kiosks that cannot know the time"] += 1
            else:
                self._findings.counts["slips with a time"] += 1
                moments = (one.at + timedelta(minutes=m) for m in minutes)
                if says not in {_time_of(moment, self.desk.site) for moment in moments}:
                    self._findings.add(2, f"{one.number} says {says}, and it was {one.at:%c}")

    def wait_until_delivered(self) -> bool:
        """Return whether all of it reaches the server in time."""
        journal = journal_path(self._settings)
        return _comes_true(lambda: not undelivered(journal))

    def wait_until_heard(self) -> bool:
        """Return whether it hears the server again in time."""
        self.desk._server_heard = None
        return _comes_true(lambda: self.has_heard)


class ClockedPoint:
    """A server and two kiosks, with clocks of ours.

    Args:
        folder: Empty.
        seed: Of the dice.
        findings: Where it is all noted.

    """

    def __init__(self, folder: Path, seed: str, findings: Findings) -> None:
        self.dice = Random(seed)  # noqa: S311  # to be thrown again
        self.truth = Truth(folder / "truth")
        self.findings = findings
        self.server = ServerStand(
            folder / "server",
            program=("tests.chaos.wrongly_clocked_server",),
            serve_options=("--truth", str(folder / "truth")),
            forked=True,
        )
        self._folder = folder
        self._files: list[tuple[Path, Cable]] = []

    @contextmanager
    def open(self, moment: datetime) -> Iterator[None]:
        """Run the server from that moment on, and enrol kiosks with keys of their own."""
        self.truth.move_to(moment)
        self.server.set_up()
        rosa = ("add-staff", "rosa", "--role", "admin", "--password-from-stdin")
        self.server.command(*rosa, stdin=PASSWORD)
        with ExitStack() as stack:
            stack.enter_context(self.server)
            with closing(Administrator(self.server.address, "rosa", PASSWORD)) as admin:
                for name in ("entrance-1", "entrance-2"):
                    cable = stack.enter_context(Cable(self.server.port))
                    self._files.append((self._enrol(admin, name, cable), cable))
            for name, seconds in (
                ("HEARTBEAT_SECONDS", 0.2),
                ("FIRST_PAUSE_SECONDS", 0.1),
                ("LONGEST_PAUSE_SECONDS", 0.3),
            ):
                stack.enter_context(mock.patch.object(courier, name, seconds))
            yield

    def _enrol(self, admin: Administrator, name: str, cable: Cable) -> Path:
        file = enrol(admin, self._folder / name, name)
        told = file.read_text("utf-8").replace(
            self.server.address, f"http://127.0.0.1:{cable.port}"
        )
        told = told.replace("usb:///dev/usb/lp0", f"tcp://127.0.0.1:{free_port()}")
        file.write_text(told, "utf-8")
        return file

    def begin_again_at(self, moment: datetime) -> None:
        """Let years pass in which nothing runs."""
        self.server.stop()
        self.truth.move_to(moment)
        self.server.start()

    def live(self, *, steps: int) -> None:
        """Live through a night or a day whose dates are hard."""
        kiosks = [Kiosk(file, cable, self.truth, self.findings) for file, cable in self._files]
        try:
            for kiosk in kiosks:
                if not kiosk.wait_until_heard():
                    self.findings.add(4, f"{kiosk.name} did not get in at {self.truth.now():%c}")
            for _ in range(steps):
                self._step(self.dice.choice(kiosks))
            self._right_again(kiosks)
            for kiosk in kiosks:
                kiosk.judge_slips()
            self._read(lambda db: self._books(db, kiosks))
            self._server_jumps(kiosks)
        finally:
            for kiosk in kiosks:
                kiosk.stop()

    def _step(self, kiosk: Kiosk) -> None:
        """Let something happen to a kiosk's clock or line, and a party come."""
        error = self.dice.choice((timedelta(), *JUMPS))
        what = self.dice.choice(("jumps", "jumps", "is off", "line"))
        if what == "jumps":
            kiosk.clock.error = error
            self.findings.counts["jumps of kiosks' clocks while they ran"] += 1
        elif what == "is off":
            kiosk.restart(error=error)
            self.findings.counts["jumps of kiosks' clocks while they were off"] += 1
        elif kiosk.cable.is_plugged_in:
            kiosk.cable.pull()
            self.findings.counts["times that the server was away"] += 1
        else:
            kiosk.cable.plug_in()
            if not kiosk.wait_until_heard():
                self.findings.add(4, f"{kiosk.name} does not get in: off by {kiosk.clock.error}")
        for _ in range(self.dice.randint(1, 2)):
            kiosk.party(self.dice)

    def _right_again(self, kiosks: list[Kiosk]) -> None:
        for kiosk in kiosks:
            kiosk.cable.plug_in()
            if not kiosk.wait_until_delivered() or not kiosk.wait_until_heard():
                self.findings.add(4, f"{kiosk.name} does not get in: off by {kiosk.clock.error}")
            kiosk.clock.error = timedelta()

    def _books(self, db: Connection, kiosks: list[Kiosk]) -> None:
        made = {one.id: one for kiosk in kiosks for one in kiosk.made}
        visit = tables.visit.c
        rows = {row.id.hex: row for row in db.execute(select(tables.visit))}
        self.findings.counts["check-ins"] += len(made)
        if missing := made.keys() - rows.keys():
            self.findings.add(0, f"{len(missing)} check-ins are not stored")
        numbers = Counter(one.number for one in made.values())
        self.findings.add(0, *(number for number, count in numbers.items() if count > 1))
        ordered = db.execute(
            select(visit.id).order_by(visit.waits_from, visit.arrival_order)
        ).scalars()
        order = [id_.hex for id_ in ordered]
        for kiosk in kiosks:
            mine = [one.id for one in kiosk.made]
            if [id_ for id_ in order if id_ in set(mine)] != mine:
                self.findings.add(1, f"{kiosk.name}: {[one.number for one in kiosk.made]}")
        zone = "Europe/Berlin"
        for one in made.values():
            row = rows.get(one.id)
            if row is None or not one.known:
                continue
            if abs(row.arrived_at - one.at) > timedelta(seconds=5):
                self.findings.add(
                    1, f"{one.number} came at {one.at:%c} and not {row.arrived_at:%c}"
                )
            elif row.service_day not in _days_about(one.at, zone):
                self.findings.add(3, f"{one.number} came at {one.at:%c}: {row.service_day}")

    def _server_jumps(self, kiosks: list[Kiosk]) -> None:
        """Let the server's clock be wrong for a moment, with everybody in the house."""
        bodies = select(tables.check_in_body.c.id)
        before = set(self._read(lambda db: list(db.execute(bodies).scalars())))
        self.truth.set_server(error := self.dice.choice(JUMPS))
        self.findings.counts["jumps of the server's clock"] += 1
        for kiosk in kiosks:
            kiosk.party(self.dice)
            if not kiosk.wait_until_delivered():
                self.findings.add(4, f"{kiosk.name} does not get in: server off by {error}")
        sleep(1.2)  # two rounds of what the server does by itself
        after = set(self._read(lambda db: list(db.execute(bodies).scalars())))
        if gone := before - after:
            self.findings.add(5, f"{len(gone)} sealed answers, by a clock off by {error}")
        self.truth.set_server(timedelta())
        for kiosk in kiosks:
            kiosk.party(self.dice)
            if not kiosk.wait_until_delivered():
                self.findings.add(4, f"{kiosk.name} does not get in: after {error}")
        self.findings.counts["check-ins"] += 2 * len(kiosks)

    def refuses_to_start(self) -> None:
        """See that a server whose clock has lost its battery does not start."""
        self.server.stop()
        self.truth.set_server(TOO_EARLY - self.truth.now())
        try:
            self.server.start()
            self.findings.add(6, f"it starts in {TOO_EARLY.year}")
        except ServerStandError as error:
            if "set it" not in f"{error}":  # what it must say
                self.findings.add(6, f"{error}")
        finally:
            self.server.stop()
        self.truth.set_server(timedelta())

    def _read(self, query: Callable[[Connection], T]) -> T:
        with engine_for(Settings(data=self.server.data)) as engine, engine.connect() as connection:
            return query(connection)


def _days_about(moment: datetime, zone: str) -> set[date]:
    """Return the service days of a moment and of the seconds about it."""
    return {service_day(moment + timedelta(seconds=s), zone) for s in (-5, 0, 5)}


def _comes_true(condition: Callable[[], bool]) -> bool:
    give_up = monotonic() + PATIENCE_SECONDS
    waiting = threading.Event()
    while not condition():
        if monotonic() > give_up:
            return False
        waiting.wait(0.02)
    return True


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Live through as many hard moments as there are rounds."""
    findings = Findings()
    point = ClockedPoint(folder, f"{options.seed}", findings)
    moments = cycle(MOMENTS)
    moment = next(moments)
    with point.open(moment):
        for number in options.bound.rounds():
            if number:
                moment = _later(next(moments), moment)
                point.begin_again_at(moment)
            point.live(steps=12)
            options.bound.tell(number + 1, f"{findings.counts['check-ins']} check-ins")
        point.refuses_to_start()
    return result(options.seed, findings)


def _later(moment: datetime, than: datetime) -> datetime:
    """Return the moment in the first run of four years in which it is later."""
    while moment <= than:
        moment = moment.replace(year=moment.year + 4)
    return moment


def result(seed: int, findings: Findings) -> Result:
    """Return promises and figures."""
    c = findings.counts
    ran = c["jumps of kiosks' clocks while they ran"]
    off = c["jumps of kiosks' clocks while they were off"]
    server = c["jumps of the server's clock"]
    figures = (
        f"{c['check-ins']} check-ins",
        f"{ran} jumps of kiosks' clocks while they ran, {off} while they were off",
        f"{c['slips with a time']} slips with a time, {c['slips without a time']} without",
        f"{c['check-ins']} check-ins about midnight, four and the change of seasons",
        f"{ran + off + server} jumps, of up to seven years",
        f"{server} jumps",
        f"tried with {TOO_EARLY.year}",
    )
    promises = promises_of(findings.wrong, figures)
    return Result("clock", seed, promises, {"counts": dict(c)})


def main() -> int:
    """Run the part by its command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.clock", description=__doc__)
    return run_part(parser, work, count=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
