"""The spool: one thread that takes slips to paper, one after the other, and knows how each ended.

The party's screen asks `state` as often as it likes; nothing here waits for the screen.
"""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from kiosk.contract.messages import SlipState
from kiosk.journal import JournalDoor, JournalError, SlipStepError
from kiosk.trouble import trouble
from printer.slip import Printable, Slip
from printer.status import Outcome, PrinterState

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 10.0
"""How often an idle printer is asked how it is."""

SENT_TO_PAPER = 2
"""Most copies of one slip: the first, and one on a person's word that it did not come out."""

_STATE_AFTER = {
    Outcome.PRINTED: SlipState.PRINTED,
    Outcome.FAILED: SlipState.FAILED,
    Outcome.UNCONFIRMED: SlipState.UNCONFIRMED,
    # Nobody knows, and staff are told so; but a party is not asked about each slip of a printer
    # that never answers: its screen shows the slip as printed.
    Outcome.SENT: SlipState.UNCONFIRMED,
}

NOT_ASKED = "not asked"
"""What staff are told of the printer before it was asked for the first time."""


class SlipPrinter(Protocol):
    """What the spool needs of a printer, or of two."""

    def prepare(self) -> None:
        """Load what the first slip would otherwise wait for."""
        ...

    def print(self, slip: Printable) -> Outcome:
        """Print one slip; never raises for a fault of the printer."""
        ...

    def report(self) -> str:
        """Ask the printer how it is; return what staff are told."""
        ...

    def tend(self) -> None:
        """Do what the printer needs while no slip waits, a little at a time."""
        ...

    def confirm_empty(self) -> None:
        """Take the word of staff: the printer holds no rest of a slip."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    check_in: UUID
    slip: Printable
    in_journal: bool = True


@dataclass(frozen=True, slots=True)
class _Word:
    """What a person said of an unconfirmed slip, for the journal."""

    check_in: UUID
    state: SlipState


class Spool:
    """Prints slips in a thread of its own.

    Args:
        printer: Where slips go.
        journal: Where each slip's state is kept.
        on_outcome: Called in the spool's thread after each slip has ended.
        on_printer_state: The same, when the printer has become another than it was.
        emptied: Whether staff have said, since this was last asked, that the printer holds no
            rest of a slip.
        printing: What a slip is printed within: staff cannot say so meanwhile.

    """

    def __init__(
        self,
        printer: SlipPrinter,
        *,
        journal: JournalDoor,
        on_outcome: Callable[[], None],
        on_printer_state: Callable[[], None] = lambda: None,
        emptied: Callable[[], bool] = lambda: False,
        printing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._printer = printer
        self._journal = journal
        self._on_outcome = on_outcome
        self._on_printer_state = on_printer_state
        self._emptied = emptied
        self._printing = printing
        self._jobs: queue.SimpleQueue[_Job | _Word | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[UUID, SlipState] = {}
        self._slips: dict[UUID, _Job] = {}
        self._printer_report = NOT_ASKED
        self._owed: list[tuple[UUID, SlipState]] = []  # to the journal, in order; spool's thread
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def close(self) -> None:
        """End after the slip that is being printed; what waits is unconfirmed after a restart."""
        self._closing.set()
        self._jobs.put(None)
        if self._thread.ident is not None:  # it was started
            self._thread.join()

    @property
    def printer_report(self) -> str:
        """How the printer was when it was last asked."""
        return self._printer_report

    def put(self, check_in: UUID, slip: Printable) -> None:
        """Print a slip when its turn comes."""
        self._put(_Job(check_in, slip))

    def put_without_number(self, piece: UUID, slip: Printable) -> None:
        """Print a slip that is no check-in's; the journal and the server never hear of it."""
        self._put(_Job(piece, slip, in_journal=False))

    def _put(self, job: _Job) -> None:
        with self._lock:
            self._states[job.check_in] = SlipState.WAITING
            self._slips[job.check_in] = job
        self._jobs.put(job)

    def give_up(self, check_in: UUID) -> None:
        """Note that there will be no slip: the number is on the screen only."""
        with self._lock:
            self._states[check_in] = SlipState.FAILED
        self._jobs.put(_Word(check_in, SlipState.FAILED))

    def state(self, check_in: UUID) -> SlipState:
        """Return how a slip is; UNCONFIRMED for one whose party has gone."""
        with self._lock:
            return self._states.get(check_in, SlipState.UNCONFIRMED)

    def came_out(self, check_in: UUID, *, came_out: bool) -> None:
        """Take a person's word about an unconfirmed slip; "no" prints one copy, marked 2.

        Returns at once: the journal hears of it in the spool's thread.
        """
        with self._lock:
            job = self._slips.get(check_in)
            if job is None or self._states[check_in] is not SlipState.UNCONFIRMED:
                return
            if not isinstance(job.slip, Slip):
                return  # of a slip without a number there is no copy
            copy = replace(job, slip=replace(job.slip, copy=job.slip.copy + 1))
            if not came_out and copy.slip.copy <= SENT_TO_PAPER:
                self._states[check_in] = SlipState.WAITING
                self._slips[check_in] = copy
                self._jobs.put(copy)
            else:
                state = SlipState.PRINTED if came_out else SlipState.FAILED
                self._states[check_in] = state
                self._jobs.put(_Word(check_in, state))

    def party_left(self, check_in: UUID) -> None:
        """Forget what a slip says; when it was not begun, it is never printed for the next."""
        with self._lock:
            self._slips.pop(check_in, None)
            self._states.pop(check_in, None)

    def _run(self) -> None:
        self._prepare()
        self._look()
        while True:
            try:
                job = self._jobs.get(timeout=LOOK_AGAIN_SECONDS)
            except queue.Empty:
                self._use_the_pause()
                continue
            if job is None:
                return
            try:
                if isinstance(job, _Word):
                    self._settle(job.check_in, job.state)
                elif not self._closing.is_set():
                    self._print(job)
            except Exception as error:  # noqa: BLE001  # the thread must outlive every slip
                log.error("spool stumbled error=%r", trouble(error))  # noqa: TRY400
                self._remember(job.check_in, SlipState.UNCONFIRMED)

    def _prepare(self) -> None:
        try:
            self._printer.prepare()
        except Exception as error:  # noqa: BLE001  # the first slip will say it again
            log.error("printer not prepared error=%r", trouble(error))  # noqa: TRY400

    def _use_the_pause(self) -> None:
        self._heed_staff()
        if self._owed and self._pay():
            self._on_outcome()
        try:
            self._printer.tend()
        except Exception as error:  # noqa: BLE001  # it is tried again at the next pause
            log.error("printer not tended error=%r", trouble(error))  # noqa: TRY400
        self._look()

    def _heed_staff(self) -> None:
        if self._emptied():
            log.info("printer is empty, staff say")
            self._printer.confirm_empty()

    def _look(self) -> None:
        before = self._printer_report
        try:
            self._printer_report = self._printer.report()
        except Exception as error:  # noqa: BLE001  # whatever it is, the printer is not there
            log.error("printer could not be asked error=%r", trouble(error))  # noqa: TRY400
            self._printer_report = PrinterState.UNREACHABLE.value
        if self._printer_report != before:
            log.info("printer is %s", self._printer_report)
            self._on_printer_state()

    def _print(self, job: _Job) -> None:
        with self._lock:
            wanted = self._slips.get(job.check_in) is job
        settle = self._settle if job.in_journal else self._remember_only
        if not wanted:
            settle(job.check_in, SlipState.FAILED)
            return
        settle(job.check_in, SlipState.SENDING)
        try:
            with self._printing():
                self._heed_staff()
                outcome = self._printer.print(job.slip)
        except Exception as error:  # noqa: BLE001  # something may have come out
            log.error("printing stumbled id=%s error=%r", job.check_in, trouble(error))  # noqa: TRY400
            outcome = Outcome.UNCONFIRMED
        log.info("slip %s id=%s copy=%s", outcome.value, job.check_in, job.slip.copy)
        shown = SlipState.PRINTED if outcome is Outcome.SENT else None
        settle(job.check_in, _STATE_AFTER[outcome], shown=shown)
        if self._jobs.empty():  # the next slip asks by itself
            self._look()

    def _settle(self, check_in: UUID, state: SlipState, *, shown: SlipState | None = None) -> None:
        """Keep a slip's state in the journal, and show the party that one or another."""
        self._owed.append((check_in, state))
        self._pay()
        self._remember(check_in, shown or state)
        if state is not SlipState.SENDING:
            self._on_outcome()

    def _pay(self) -> bool:
        """Keep what the journal has not taken yet, in order; return whether it has all of it.

        While a disk takes nothing parties get their paper all the same. What is not kept when
        the kiosk ends is unconfirmed after its restart.
        """
        while self._owed:
            check_in, state = owed = self._owed.pop(0)
            try:
                self._journal(lambda journal: journal.set_slip(check_in, state))  # noqa: B023  # at once
            except SlipStepError as error:
                log.error("slip step not taken state=%s reason=%r", state, f"{error}")  # noqa: TRY400
            except JournalError as error:
                log.error("slip state not kept yet state=%s reason=%r", state, f"{error}")  # noqa: TRY400
                self._owed.insert(0, owed)
                return False
        return True

    def _remember_only(
        self, piece: UUID, state: SlipState, *, shown: SlipState | None = None
    ) -> None:
        self._remember(piece, shown or state)

    def _remember(self, check_in: UUID, state: SlipState) -> None:
        with self._lock:
            if check_in in self._slips:
                self._states[check_in] = state
