"""The printers of a kiosk, one or two: a slip that the first did not take goes to the second."""

import logging
from collections.abc import Sequence
from typing import Protocol

from kiosk.leftovers import Leftovers
from printer.slip import Directions, Printable
from printer.status import CAN_PRINT, Outcome, PrinterState

log = logging.getLogger(__name__)


class OnePrinter(Protocol):
    """What is needed of each printer, as `printer.printer.Printer` has it."""

    @property
    def leftovers(self) -> bool:
        """Whether it may hold the rest of a slip."""

    def prepare(self) -> None:
        """Load what the first slip would otherwise wait for."""

    def print(self, slip: Printable) -> Outcome:
        """Print one slip, once."""

    def state(self) -> PrinterState:
        """Ask the printer how it is."""

    def tend(self) -> None:
        """Do what the printer needs while no slip waits."""

    def confirm_empty(self) -> None:
        """Take the word of a person: the printer holds no rest of a slip."""


class Printers:
    """One or two printers, as the spool sees them. Belongs to one thread.

    Only a slip of which nothing was sent goes to the other printer: an unconfirmed one may have
    come out of the first, and two slips with one number are two parties at one counter.

    Args:
        first: Where slips go.
        second: Where a slip goes that the first did not take; None where there is no other.
        notes: Where it is remembered which of them may hold the rest of a slip.

    """

    def __init__(
        self, first: OnePrinter, second: OnePrinter | None = None, *, notes: Leftovers
    ) -> None:
        self._printers: Sequence[OnePrinter] = (first,) if second is None else (first, second)
        self._notes = notes
        self._noted = [notes.noted(index) for index in range(len(self._printers))]
        self._states = [PrinterState.SILENT for _ in self._printers]

    def prepare(self) -> None:
        """Load what the first slip would otherwise wait for."""
        for printer in self._printers:
            printer.prepare()

    def print(self, slip: Printable) -> Outcome:
        """Print one slip, once, on the first printer that takes it."""
        if slip.copy > 1:
            self._drop_first_copy()
        for index in self._in_order():
            if isinstance(slip, Directions):
                self._note_before(index)
            try:
                outcome = self._printers[index].print(slip)
            finally:
                self._take_notes()
            if outcome is not Outcome.FAILED:
                return outcome
            if index < len(self._printers) - 1:
                log.warning("slip not taken printer=%s", index + 1)
        return Outcome.FAILED

    def _note_before(self, index: int) -> None:
        """Remember a slip that is in no journal, should the power go while it is printed."""
        try:
            self._notes.note(index, there=True)
        except OSError as error:
            log.error("printer note not kept reason=%r", error.strerror)  # noqa: TRY400
        else:
            self._noted[index] = True

    def _drop_first_copy(self) -> None:
        """Have printers forget what they hold, for it may be the slip that is now copied.

        Else it would come out of the first printer with its next roll of paper, after the copy
        came out of the second.
        """
        for printer in self._printers:
            if printer.leftovers:
                printer.tend()

    def report(self) -> str:
        """Ask each printer how it is; return what staff are told.

        ``ready``, or with two printers that differ ``paper-out; second: ready``.
        """
        self._states = [printer.state() for printer in self._printers]
        first, *others = (state.value for state in self._states)
        return "; second: ".join([first, *(other for other in others if other != first)])

    def tend(self) -> None:
        """Do what the printers need while no slip waits."""
        for printer in self._printers:
            printer.tend()
        self._take_notes()

    def confirm_empty(self) -> None:
        """Take the word of staff: no printer of this kiosk holds the rest of a slip."""
        for printer in self._printers:
            printer.confirm_empty()
        self._take_notes()

    def _take_notes(self) -> None:
        """Write down what has changed: after a restart a printer holds what it held."""
        for index, printer in enumerate(self._printers):
            if printer.leftovers != self._noted[index]:
                try:
                    self._notes.note(index, there=printer.leftovers)
                except OSError as error:
                    log.error("printer note not kept reason=%r", error.strerror)  # noqa: TRY400
                else:
                    self._noted[index] = printer.leftovers

    def _in_order(self) -> list[int]:
        """Return the printers that could print when last asked, then the others.

        A party does not wait each time for a printer that is known to be down; it is asked
        again whenever the spool is idle, and then comes first again.
        """
        return sorted(range(len(self._printers)), key=lambda i: self._states[i] not in CAN_PRINT)
