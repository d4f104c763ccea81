"""The kiosk of the soak: a whole one but for its window, which checks in one party after the other.

`python -m tests.load.soak_kiosk SETTINGS COUNT EVERY` prints what it holds as lines of JSON.
"""

import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.assembly import journal_path, open_front_desk
from kiosk.clock import KioskClock
from kiosk.contract.messages import SlipState
from kiosk.front_desk import FrontDesk
from kiosk.journal import Journal
from kiosk.settings import Settings, read_settings
from kiosk.ticket import Ticket
from tests.chaos.kiosk_process import any_answers
from tests.load.report import share
from tests.load.watching import Held, held_by

PARTIES_A_DAY = 500
LOOK_SECONDS = 0.002
SECONDS_TO_DELIVER = 120.0
SEED = 11


class DaysPass(KioskClock):
    """A clock by which a day is so many parties long; the server's goes the same.

    So what is kept for seven days is forgotten while the soak lasts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parties = 0
        self._begun = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the moment of the present party."""
        return self._begun + timedelta(days=self.parties / PARTIES_A_DAY)

    def compare(self, server_time: datetime) -> None:
        """Believe that the server's goes the same."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the kiosk tells of itself.

    Attributes:
        parties: That have checked in.
        held: By its process.
        journal_kb: The size of its journal.
        kept: Entries in it, confirmed ones too.
        waiting: Of them, those that the server has not confirmed.
        p50: Half of the last check-ins took so many milliseconds or less.
        p99: 99 of 100.
        paper_p50: The same, to the slip that is out.

    """

    parties: int
    held: Held
    journal_kb: float
    kept: int
    waiting: int
    p50: float
    p99: float
    paper_p50: float


def main(settings_file: Path, count: int, every: int) -> None:
    """Check in so many parties; tell after each so many."""
    settings, clock = read_settings(settings_file), DaysPass()
    desk = open_front_desk(settings, clock=clock)
    desk.open()
    dice = random.Random(SEED)  # noqa: S311  # a soak to be had again
    took: list[float] = []
    printed: list[float] = []
    for number in range(1, count + 1):
        began = time.perf_counter()
        ticket = desk.check_in(any_answers(desk.site, dice)).result()
        took.append(time.perf_counter() - began)
        _wait_for_slip(desk, ticket)
        printed.append(time.perf_counter() - began)
        desk.party_left(ticket)
        clock.parties = number
        if number % every == 0:
            _tell(settings, desk, number, took, printed)
            took.clear()
            printed.clear()
    give_up = time.monotonic() + SECONDS_TO_DELIVER
    while _counted(desk)[1] and time.monotonic() < give_up:
        time.sleep(LOOK_SECONDS)
    _tell(settings, desk, count, took, printed)
    desk.close()


def _wait_for_slip(desk: FrontDesk, ticket: Ticket) -> None:
    while (state := desk.slip_state(ticket)) is not SlipState.PRINTED:
        if state is SlipState.FAILED:
            raise AssertionError(f"{ticket.number}: no slip")
        time.sleep(LOOK_SECONDS)


def _tell(
    settings: Settings, desk: FrontDesk, parties: int, took: list[float], printed: list[float]
) -> None:
    kept, waiting = _counted(desk)
    told = Told(
        parties=parties,
        held=held_by("self"),
        journal_kb=journal_path(settings).stat().st_size / 1000,
        kept=kept,
        waiting=waiting,
        p50=share(took, 0.5),
        p99=share(took, 0.99),
        paper_p50=share(printed, 0.5),
    )
    sys.stdout.write(f"{json.dumps(asdict(told))}\n")
    sys.stdout.flush()


def _counted(desk: FrontDesk) -> tuple[int, int]:
    """Return the journal's entries, and those of them that are not confirmed."""

    def count(journal: Journal) -> tuple[int, int]:
        (kept,) = journal._db.execute("SELECT count(*) FROM outbox").fetchone()
        (waiting,) = journal._db.execute(
            "SELECT count(*) FROM outbox WHERE state = 'waiting'"
        ).fetchone()
        return int(kept), int(waiting)

    return desk._journal(count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
