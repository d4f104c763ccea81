"""The back office: what staff can see of a kiosk and do with it, once they have given their code.

Nothing here lets the screens wait: what touches a disk, a printer or the sound device is done in a
thread of its own, and comes back as a future.
"""

import errno
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from kiosk.clock import KioskClock
from kiosk.contract.messages import Sounds
from kiosk.health import program_version
from kiosk.journal import Journal, JournalError
from kiosk.leftovers import Leftovers, SlipOnItsWayError
from kiosk.service import Service
from kiosk.staff_lock import StaffLock, Verdict

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_STATM = Path("/proc/self/statm")  # proc(5): sizes in pages; the second is what is in memory


PATIENCE_SECONDS = 2.0
"""What a stuck disk would have told is left out."""


class JournalQueue(Protocol):
    """Does something with the journal when its turn comes."""

    def submit(self, work: Callable[[Journal], Result]) -> Future[Result]:
        """Return the future of what `work` returns."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """How a kiosk is.

    Attributes:
        program: The version that is installed.
        site: The version of the site file in force.
        server_seconds: Since the server last answered; None where it never did.
        outbox: Check-ins that the server has not confirmed, with the refused ones.
        refused: Those that it will never take.
        sequence: The highest that was given out.
        printer: What the printers said when they were last asked.
        disk_free_bytes: Where the journal lies.
        clock_trusted: Whether times are printed.
        sound: "ready", "none" or "off".
        memory_bytes: What this program holds of the machine's memory.
        taken_out: Whether staff took it out of service.
        troubles: What staff should look at.

    """

    program: str
    site: str
    server_seconds: float | None
    outbox: int | None
    refused: int | None
    sequence: int | None
    printer: str
    disk_free_bytes: int | None
    clock_trusted: bool
    sound: str
    memory_bytes: int
    taken_out: bool
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoundCheck:
    """What is known of the sound device, and how to try it.

    Attributes:
        state: Returns "ready", "none" or "off".
        try_it: Plays a short tone to its end; returns whether there was sound.

    """

    state: Callable[[], Sounds] = lambda: "off"
    try_it: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Ways:
    """How the back office reaches the rest of the kiosk. All may wait, but for the first three.

    Attributes:
        site_version: Of the site in force.
        server_heard: When the server last answered, in monotonic seconds; None for never.
        printer_report: What the printers said when they were last asked.
        print_test_slip: Puts a slip without a number on the way to paper.
        sound: What knows of the sound device.

    """

    site_version: Callable[[], str]
    server_heard: Callable[[], float | None]
    printer_report: Callable[[], str]
    print_test_slip: Callable[[], None]
    sound: Callable[[], SoundCheck]


class BackOffice:
    """Sees and does what staff may; see the module's text.

    Args:
        lock: Checks the code; None where the settings have none, and then nobody gets in.
        data: The data folder.
        journal: The journal's thread.
        service: Whether numbers are given out.
        clock: The kiosk's clocks.
        ways: To everything else.

    """

    def __init__(
        self,
        lock: StaffLock | None,
        data: Path,
        *,
        journal: JournalQueue,
        service: Service,
        clock: KioskClock,
        ways: Ways,
    ) -> None:
        self._lock = lock
        self._data = data
        self._journal = journal
        self._service = service
        self._clock = clock
        self._ways = ways
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="back-office")

    def close(self) -> None:
        """End after what is being done."""
        self._thread.shutdown(cancel_futures=True)

    @property
    def has_code(self) -> bool:
        """Whether there is a code; without one there is no menu."""
        return self._lock is not None

    @property
    def seconds_locked(self) -> float:
        """Seconds until a code is looked at again."""
        return self._lock.seconds_left if self._lock else 0.0

    def try_code(self, code: str) -> Future[Verdict]:
        """Check a code; each try is logged and counted, and never its digits."""
        return self._do(lambda: self._try(code))

    def look(self) -> Future[Condition]:
        """Return how the kiosk is."""
        return self._do(self._condition)

    def say_printer_is_empty(self) -> Future[None]:
        """Take the word of staff that no printer holds the rest of a slip.

        Not while one prints: the future raises OSError, for that slip may yet break off.
        """
        log.info("staff say that the printer is empty")
        return self._do(self._say_printer_is_empty)

    def print_test_slip(self) -> Future[None]:
        """Print a slip without a number."""
        log.info("staff print a test slip")
        return self._do(self._ways.print_test_slip)

    def take_out(self, *, out: bool) -> Future[None]:
        """Take the kiosk out of service, or back, also for after a restart."""
        log.warning("staff take the kiosk %s", "out of service" if out else "back into service")
        return self._do(lambda: self._service.take_out(out=out))

    def try_sound(self) -> Future[bool]:
        """Play a short tone; the future says whether there was sound."""
        return self._do(lambda: self._ways.sound().try_it())

    def _do(self, work: Callable[[], Result]) -> Future[Result]:
        return self._thread.submit(work)

    def _try(self, code: str) -> Verdict:
        if self._lock is None:
            return Verdict.PAUSE
        verdict = self._lock.try_code(code)
        if verdict is Verdict.RIGHT:
            log.info("staff code right, menu opened")
        else:
            log.warning("staff code not taken verdict=%s", verdict.value)
            self._journal.submit(lambda journal: journal.count("wrong_codes"))
        return verdict

    def _say_printer_is_empty(self) -> None:
        sequence = self._journal.submit(lambda journal: journal.sequence).result(PATIENCE_SECONDS)
        try:
            Leftovers(self._data).staff_say_empty(sequence=sequence)
        except SlipOnItsWayError:
            raise OSError(errno.EBUSY, "a slip is being printed") from None

    def _condition(self) -> Condition:
        ways, heard = self._ways, self._ways.server_heard()
        outbox, refused, sequence = self._of_journal()
        return Condition(
            program=program_version(),
            site=ways.site_version(),
            server_seconds=None if heard is None else self._clock.monotonic() - heard,
            outbox=outbox,
            refused=refused,
            sequence=sequence,
            printer=ways.printer_report(),
            disk_free_bytes=self._disk_free(),
            clock_trusted=self._clock.trusted,
            sound=ways.sound().state(),
            memory_bytes=memory_bytes(),
            taken_out=self._service.taken_out,
            troubles=self._service.troubles,
        )

    def _of_journal(self) -> tuple[int | None, int | None, int | None]:
        """Return what the journal knows; None each where it does not answer."""
        asked = self._journal.submit(lambda j: (j.depth(), j.refused(), j.sequence))
        try:
            return asked.result(PATIENCE_SECONDS)
        except (JournalError, NotYetError):
            asked.cancel()
            return None, None, None

    def _disk_free(self) -> int | None:
        try:
            return shutil.disk_usage(self._data).free
        except OSError:
            return None


def memory_bytes() -> int:
    """Return what this process holds of the machine's memory; 0 where Linux does not tell."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
