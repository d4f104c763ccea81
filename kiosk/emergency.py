"""The emergency desk: what a kiosk still does while its journal cannot be opened.

It gives out no numbers and says so on the screen, calls help, lets staff in, and tells the server
what is wrong. When the journal can be opened again, the program is started anew.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from kiosk.back_office import BackOffice, SoundCheck, Ways
from kiosk.clock import KioskClock
from kiosk.contract.messages import Counters, Heartbeat, HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.front_desk import Identity
from kiosk.health import program_version
from kiosk.help_line import HelpLine, HelpWatch
from kiosk.hours import Opening
from kiosk.journal import Journal, JournalError
from kiosk.questionnaire import Answers
from kiosk.server_link import LinkError, ServerLink
from kiosk.service import Service
from kiosk.spool import NOT_ASKED
from kiosk.staff_lock import StaffLock
from kiosk.ticket import Ticket
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LOOK_AGAIN_SECONDS = 15.0


class NoJournal:
    """Stands where the journal's thread would: everything comes back as what went wrong."""

    def __init__(self, error: JournalError) -> None:
        self._error = error

    def submit(self, _work: Callable[[Journal], Result]) -> Future[Result]:
        """Return a future of what went wrong."""
        future: Future[Result] = Future()
        future.set_exception(self._error)
        return future


class NoSlip:
    """Stands for a slip that is not printed."""

    state = SlipState.FAILED

    def party_left(self) -> None:
        """Forget nothing."""


class EmergencyDesk:
    """What the screens talk to instead of the front desk.

    Args:
        identity: Who this kiosk is.
        site: By the settings' site file.
        error: Why the journal cannot be opened.
        can_be_opened: Whether it can be by now; may wait for the disk.
        on_mended: Called once, in the desk's own thread, when it can.
        open_link: Makes a line to the server; each thread has its own.
        clock: The kiosk's clocks.

    """

    def __init__(  # noqa: PLR0913  # all that it brings together
        self,
        identity: Identity,
        site: Site,
        error: JournalError,
        *,
        can_be_opened: Callable[[], bool],
        on_mended: Callable[[], None],
        open_link: Callable[[], ServerLink],
        clock: KioskClock,
    ) -> None:
        self.site = site
        self.opening = Opening()
        self._identity = identity
        self._error = error
        self._can_be_opened = can_be_opened
        self._on_mended = on_mended
        self._clock = clock
        self._link = open_link()
        self._server_heard: float | None = None
        self._help_line = HelpLine(identity.name, open_link=open_link, monotonic=clock.monotonic)
        nothing = NoJournal(error)
        self._service = Service(
            identity.data,
            prove=lambda: nothing.submit(lambda _: ""),
            on_change=lambda: None,
            monotonic=clock.monotonic,
        )
        self._service.tell(error.trouble)
        self._sound = SoundCheck()
        self.staff = BackOffice(
            self._lock(),
            identity.data,
            journal=nothing,
            service=self._service,
            clock=clock,
            ways=Ways(
                site_version=lambda: site.version,
                server_heard=lambda: self._server_heard,
                printer_report=lambda: NOT_ASKED,
                print_test_slip=self._print_nothing,
                sound=lambda: self._sound,
            ),
        )
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emergency", daemon=True)

    def connect_sound(self, sound: SoundCheck) -> None:
        """Take what knows of the sound device, for staff."""
        self._sound = sound

    def open(self) -> None:
        """Begin to tell the server, and to look whether it is mended."""
        self._thread.start()

    def close(self) -> None:
        """End all threads."""
        self._closing.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()
        self.staff.close()
        self._help_line.close()
        self._link.close()

    @property
    def trouble(self) -> str | None:
        """Why no numbers are given out."""
        return self._service.trouble

    def tell_staff(self, trouble: str) -> None:
        """Take in what the screens found wrong with themselves."""
        self._service.tell(trouble)

    def call_help(self, kind: HelpKind, language: str | None) -> HelpWatch:
        """Call staff to this kiosk: that needs no disk."""
        return self._help_line.call(kind, language=language)

    # What no screen asks for while the kiosk is out of service

    def check_in(self, answers: Answers) -> Future[Ticket]:  # noqa: ARG002  # as a Desk has it
        """Give out no number."""
        future: Future[Ticket] = Future()
        future.set_exception(self._error)
        return future

    def print_directions(self, language: str, **of: object) -> NoSlip:  # noqa: ARG002  # as above
        """Print nothing: without a journal nobody knows what lies in the printer."""
        return NoSlip()

    def slip_state(self, ticket: Ticket) -> SlipState:  # noqa: ARG002  # as above
        """Return that there is no slip."""
        return SlipState.FAILED

    def slip_came_out(self, ticket: Ticket, *, came_out: bool) -> None:
        """Take in nothing."""

    def party_left(self, ticket: Ticket | None) -> None:
        """Count nothing."""

    def _print_nothing(self) -> None:
        raise self._error

    def _lock(self) -> StaffLock | None:
        who, clock = self._identity, self._clock
        if who.staff_code is None:
            return None
        return StaffLock(who.staff_code, data=who.data, boot=clock.boot, monotonic=clock.monotonic)

    def _run(self) -> None:
        mended = False
        while not mended and not self._closing.is_set():
            try:
                mended = self._look_again()
            except Exception as error:  # noqa: BLE001  # the thread must outlive every disk
                log.error("emergency desk stumbled error=%r", trouble(error))  # noqa: TRY400

    def _look_again(self) -> bool:
        """Report, and look after a while whether the program can begin anew; return whether."""
        try:
            self._report()
        finally:
            self._closing.wait(LOOK_AGAIN_SECONDS)
        if self._closing.is_set() or not self._can_be_opened():
            return False
        log.info("journal can be opened again, the program begins anew")
        self._on_mended()
        return True

    def _report(self) -> None:
        who = self._identity
        heartbeat = Heartbeat(
            kiosk=who.name,
            program_version=program_version(),
            site_version=self.site.version,
            printer=NOT_ASKED,
            clock_trusted=self._clock.trusted,
            disk_free_bytes=_disk_free(who.data),
            outbox_depth=0,
            highest_sequence=0,
            counters=Counters(),
            sound=self._sound.state(),
            troubles=self._service.troubles,
        )
        try:
            self._link.post_heartbeat(heartbeat)
        except LinkError as error:
            log.warning("server unreachable reason=%r", f"{error}")
        else:
            self._server_heard = self._clock.monotonic()


def _disk_free(data: Path) -> int:
    try:
        return shutil.disk_usage(data).free
    except OSError:
        return 0
