"""The copies: a kiosk's disk is copied while it runs, and all of them go on in the same series.

That must not happen, and cannot be prevented while no server is in reach. What is promised is
that nobody is lost by it, that staff are told of each number that two parties hold, and that a
disk which is behind gives out no more.
"""

import argparse
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from unittest import mock
from uuid import UUID

from sqlalchemy import Connection, select

from kiosk import courier
from kiosk.assembly import journal_path, open_front_desk
from kiosk.front_desk import FrontDesk
from kiosk.hardware import Hardware
from kiosk.journal import Journal, JournalError, OutOfServiceError
from kiosk.settings import read_settings
from server_stub import tables
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.chaos.cable import Cable
from tests.chaos.ending import undelivered
from tests.chaos.kiosk_process import any_answers
from tests.chaos.part import run_part
from tests.chaos.results import Result, promises_of
from tests.chaos.stormy_point import PromptPrinter
from tests.stand.enrolling import Administrator, enrol
from tests.stand.server import ServerStand, free_port

ROUNDS = 12
STEPS = 14
MOST_DISKS = 3
LETTERS = 9
"""Kiosks that one server has letters for."""
PASSWORD = "a password of the chaos"
PATIENCE_SECONDS = 60.0

PROMISES = (
    "every party of every disk is stored, each once",
    "each number that two parties hold is told to staff",
    "a disk that is behind gives out no more numbers",
    "the server takes what a stopped disk still had",
)


@dataclass
class Findings:
    """What was found in all rounds."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PROMISES})
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, promise: int, *found: str) -> None:
        """Note what breaks a promise."""
        self.wrong[PROMISES[promise]].extend(found)


class Disk:
    """A kiosk's disk, running in a machine that tells nothing of itself, on a cable of its own.

    Args:
        settings: Its file.
        server_port: Where its cable leads.

    Attributes:
        given: The check-ins that were made on it.

    """

    def __init__(self, settings: Path, server_port: int) -> None:
        self.given: list[UUID] = []
        self.cable = Cable(server_port)
        self.file = settings
        told = settings.read_text("utf-8").splitlines()
        url = f'url = "http://127.0.0.1:{self.cable.port}"'
        settings.write_text("\n".join(url if line.startswith("url = ") else line for line in told))
        self._settings = read_settings(settings)
        self.desk: FrontDesk = open_front_desk(self._settings, hardware=Hardware())
        self.desk._spool._printer = PromptPrinter()
        self.desk.open()

    @property
    def journal(self) -> Path:
        """Its journal."""
        return journal_path(self._settings)

    @property
    def enrolment(self) -> UUID:
        """Whose series it gives out."""
        return self._settings.kiosk.enrolment

    def party(self, dice: Random) -> bool:
        """Let a party come; return whether it got a number."""
        if self.desk.trouble is not None:
            return False
        try:
            ticket = self.desk.check_in(any_answers(self.desk.site, dice)).result(PATIENCE_SECONDS)
        except OutOfServiceError:
            return False
        self.given.append(ticket.id)
        return True

    def copied_to(self, folder: Path) -> Path:
        """Copy it while it runs; return the settings of the copy.

        A copy that missed a file which went meanwhile is begun anew: it would be of no moment.
        """
        while True:
            try:
                return Path(shutil.copytree(self.file.parent, folder)) / self.file.name
            except shutil.Error as error:
                if any("No such file" not in str(why) for *_, why in error.args[0]):
                    raise
                shutil.rmtree(folder)

    def state(self) -> tuple[int, str]:
        """Return its sequence, and why it was stopped."""
        with closing(Journal(self.journal, enrolment=self.enrolment, look_only=True)) as journal:
            return journal.sequence, journal.stopped

    def close(self) -> None:
        """Switch it off."""
        self.desk.close()
        self.cable.pull()


@contextmanager
def reception(folder: Path) -> Iterator[tuple[ServerStand, Administrator]]:
    """Run a server, with somebody who enrols kiosks there."""
    server = ServerStand(folder / "server", forked=True)
    server.set_up()
    rosa = ("add-staff", "rosa", "--role", "admin", "--password-from-stdin")
    server.command(*rosa, stdin=PASSWORD)
    with ExitStack() as stack:
        for name, seconds in (
            ("HEARTBEAT_SECONDS", 0.2),
            ("FIRST_PAUSE_SECONDS", 0.1),
            ("LONGEST_PAUSE_SECONDS", 0.3),
        ):
            stack.enter_context(mock.patch.object(courier, name, seconds))
        stack.enter_context(server)
        admin = stack.enter_context(closing(Administrator(server.address, "rosa", PASSWORD)))
        yield server, admin


class Series:
    """One kiosk, from its enrolment to the last of its copies.

    Args:
        folder: Empty.
        server: Runs.
        admin: Enrols it.
        name: Of the kiosk.
        dice: Decide what happens.
        findings: Where it is noted.

    """

    def __init__(
        self,
        folder: Path,
        server: ServerStand,
        admin: Administrator,
        *,
        name: str,
        dice: Random,
        findings: Findings,
    ) -> None:
        self._folder = folder
        self._server = server
        self._dice = dice
        self._findings = findings
        file = enrol(admin, folder / "disk-1", name)
        told = file.read_text("utf-8")
        file.write_text(told.replace("usb:///dev/usb/lp0", f"tcp://127.0.0.1:{free_port()}"))
        self.disks = [Disk(file, server.port)]

    def live(self, steps: int) -> None:
        """Let parties come to all disks, copies be made, cables be pulled; then look."""
        try:
            if not _comes_true(lambda: self.disks[0].desk.trouble is None):
                raise TimeoutError("the kiosk does not get into service")
            self.disks[0].party(self._dice)
            for _ in range(steps):
                self._step(self._dice.choice(self.disks))
            self._settle()
            with (
                engine_for(Settings(data=self._server.data)) as engine,
                engine.connect() as connection,
            ):
                self._books(connection)
        finally:
            for disk in self.disks:
                disk.close()

    def _step(self, disk: Disk) -> None:
        what = self._dice.choice(("party", "party", "party", "copy", "pull", "plug in"))
        if what == "copy" and len(self.disks) < MOST_DISKS:
            self._copy(disk)
        elif what == "pull":
            disk.cable.pull()
        elif what == "plug in":
            disk.cable.plug_in()
        else:
            disk.party(self._dice)

    def _copy(self, disk: Disk) -> None:
        """Copy a disk while a party checks in on it, and start the copy somewhere else."""
        working = threading.Thread(target=disk.party, args=(self._dice,))
        working.start()
        copied = disk.copied_to(self._folder / f"disk-{len(self.disks) + 1}")
        working.join()
        try:
            self.disks.append(Disk(copied, self._server.port))
        except JournalError:  # it was copied within a write: it says so, and gives out nothing
            self._findings.counts["copies that did not open"] += 1
            shutil.rmtree(copied.parent)
        else:
            self._findings.counts["copies"] += 1

    def _settle(self) -> None:
        """Plug all in, and wait until each has said all and knows how it stands."""
        for disk in self.disks:
            disk.cable.plug_in()
        for disk in self.disks:
            if not _comes_true(lambda disk=disk: not undelivered(disk.journal)):
                self._findings.add(3, f"{disk.file.parent.name} of {disk.enrolment}")
        for disk in 2 * self.disks:  # with the second answer the first has been heeded
            disk.desk._server_heard = None
            _comes_true(lambda disk=disk: disk.desk._server_heard is not None)

    def _books(self, db: Connection) -> None:
        enrolment = self.disks[0].enrolment
        given = [check_in for disk in self.disks for check_in in disk.given]
        t, visit, event = tables.ledger.c, tables.visit.c, tables.event.c
        rows = list(db.execute(select(tables.ledger).where(t.enrolment == enrolment)))
        ids = {row.id for row in rows}
        visits = set(db.execute(select(visit.id).where(visit.id.in_(ids))).scalars())
        if ids != set(given) or visits != ids or len(rows) != len(given):
            self._findings.add(0, f"{len(given)} given, {len(rows)} stored, {len(visits)} wait")
        clashes = {row.id for row in rows if row.clash_sequence is not None}
        sequences = Counter(
            row.sequence if row.sequence is not None else row.clash_sequence for row in rows
        )
        twice = sum(count - 1 for count in sequences.values())
        alarms = set(
            db.execute(
                select(event.about).where(event.kind == "alarm", event.detail == "sequence-clash")
            ).scalars()
        )
        if len(clashes) != twice or not clashes <= alarms:
            self._findings.add(1, f"{twice} numbers twice, {len(clashes)} clashes marked")
        highest = max(sequences)
        for disk in self.disks:
            sequence, stopped = disk.state()
            if sequence < highest and not stopped:
                self._findings.add(2, f"{disk.file.parent.name} at {sequence} of {highest}")
            if stopped and disk.party(self._dice):
                self._findings.add(2, f"{disk.file.parent.name} was stopped and went on")
            self._findings.counts["disks that stopped"] += bool(stopped)
        self._findings.counts["check-ins"] += len(given)
        self._findings.counts["numbers that two parties hold"] += twice
        self._findings.counts["disks"] += len(self.disks)


def _comes_true(condition: Callable[[], bool]) -> bool:
    give_up, waiting = monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        if monotonic() > give_up:
            return False
        waiting.wait(0.02)
    return True


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Live through one kiosk and its copies in each round."""
    findings = Findings()
    with ExitStack() as open_one:
        for number in options.bound.rounds():
            if number % LETTERS == 0:  # they rest for days after a kiosk has gone
                open_one.close()
                server, admin = open_one.enter_context(reception(folder / f"server-{number}"))
            Series(
                folder / f"kiosk-{number}",
                server,
                admin,
                name=f"kiosk-{number}",
                dice=Random(f"{options.seed} {number}"),  # noqa: S311  # to be thrown again
                findings=findings,
            ).live(STEPS)
            options.bound.tell(number + 1, f"{findings.counts['copies']} copies")
    return result(options.seed, findings)


def result(seed: int, findings: Findings) -> Result:
    """Return promises and figures."""
    c = findings.counts
    figures = (
        f"{c['check-ins']} check-ins on {c['disks']} disks, {c['copies']} of them copies",
        f"{c['numbers that two parties hold']} numbers",
        f"{c['disks that stopped']} disks stopped",
        f"{c['disks']} disks",
    )
    promises = promises_of(findings.wrong, figures)
    return Result("copies", seed, promises, {"counts": dict(c)})


def main() -> int:
    """Run the part by its command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.copies", description=__doc__)
    return run_part(parser, work, count=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
