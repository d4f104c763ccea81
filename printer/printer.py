"""One printer: prints a slip and says honestly what became of it."""

import logging
import math
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TypeVar

from printer.address import parse_address
from printer.artwork import Artwork, default_artwork
from printer.escpos_codec import NOTHING_STORED, Rendition, cut_off, encode_slip
from printer.fence import Fence, job_ids
from printer.marks import DOTS_PER_MM
from printer.profile import Clear, Profile
from printer.questions import Clock, Questions
from printer.raster import measure
from printer.slip import Printable
from printer.slip_layout import LONGEST, lay_out
from printer.status import CAN_PRINT, Outcome, PrinterState
from printer.stockroom import Stockroom
from printer.transports import PrinterUnreachableError, Transport
from printer.transports.serial_port import await_sent

log = logging.getLogger(__name__)

Reached = TypeVar("Reached")

TIMEOUT_SECONDS = 5.0
"""For connecting, and for writing without progress, where a line is given by its address."""

FIRST_PAUSE_SECONDS = 0.1
"""Before a line is tried again that could not be opened; the next pauses are twice as long."""


class Printer:
    """One printer at the end of one line; belongs to one thread.

    Every call opens the line, does its work and closes it: no connection grows stale, and a
    technician's `python -m printer status` gets its turn on printers that serve only one.

    After a job that nobody confirmed, the printer may hold the rest of it. Before the next one
    it is cleared and must bring back an empty job; until it does, nothing is sent
    (PrinterState.LEFTOVERS). Only a blind printer prints on: nothing can be asked of it.

    Args:
        line: Address such as ``tcp://host:9100``, or what opens a line. An address that cannot
            be understood raises AddressError.
        profile: What the printer can do.
        rendition: How slips are sent; by default drawn on lines that outrun the print head,
            compact on the others.
        patience: Seconds a printer may take to answer a question, to be free for a slip, and
            to confirm it beyond the time that sending and printing takes.
        artwork: Fonts and pictograms; by default the project's own.
        leftovers: Whether it may hold the rest of a slip from before this program started.
        clock: Seconds.

    """

    def __init__(  # noqa: PLR0913 -- the keyword-only ones are rarely given
        self,
        line: str | Callable[[], Transport],
        profile: Profile,
        *,
        rendition: Rendition | None = None,
        patience: float = 3.0,
        artwork: Artwork | None = None,
        leftovers: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._open = (
            partial(parse_address(line), TIMEOUT_SECONDS) if isinstance(line, str) else line
        )
        self._profile = profile
        self._rendition = rendition
        self._patience = patience
        self._artwork = artwork
        self._clock = clock or Clock()
        self._ids = job_ids()
        self._leftovers = leftovers
        self._emptied = False  # whether an empty job came back since the last one was sent
        self._stockroom: Stockroom | None = None
        self._outruns_head = False  # whether the line was seen to need no compact slips
        self._stuck = profile.clear is Clear.NONE  # whether leftovers stay until staff say so

    def prepare(self) -> None:
        """Load what the first slip would otherwise wait for (fonts, encoder: 0.2 s)."""
        self._artwork = self._artwork or default_artwork()
        cut_off(self._profile)

    def print(self, slip: Printable) -> Outcome:
        """Print one slip, once.

        Never prints a second copy by itself: after UNCONFIRMED a person decides, and the
        copy is a slip of its own with ``copy=2``.
        """
        return self._send(partial(self._encode_slip, slip))

    def state(self) -> PrinterState:
        """Ask the printer how it is; takes up to `patience` seconds where nobody answers."""
        try:
            with closing(self._open()) as transport:
                state = self._ask_state(self._questions(transport))
        except PrinterUnreachableError:
            self._forget_pictures()
            return PrinterState.UNREACHABLE
        if state not in CAN_PRINT:
            self._forget_pictures()
        stuck = self._leftovers and self._stuck and not self._profile.blind
        return PrinterState.LEFTOVERS if stuck and state in CAN_PRINT else state

    @property
    def leftovers(self) -> bool:
        """Whether it may hold the rest of a slip: one was sent since it was last proven empty."""
        return self._leftovers

    def tend(self) -> None:
        """Do what a printer needs while no slip waits.

        That is to empty it after a job nobody confirmed, to ask which pictures it keeps, and
        to give it one more now and then. Never raises for a fault of the printer.
        """
        # Once is enough: clearing again would also drop what somebody else has sent since.
        unclear = self._leftovers and not self._emptied and self._profile.clear is not Clear.NONE
        if self._profile.blind or not (unclear or self._pictures_due):
            return
        try:
            with closing(self._open()) as transport:
                questions = self._questions(transport)
                ask = self._ready_state if unclear else self._ask_state
                if ask(questions) in CAN_PRINT:
                    self._look_after_pictures(transport)
        except PrinterUnreachableError as error:
            log.info("printer not tended reason=%r", str(error))

    def upload(self, progress: Callable[[int, int], None]) -> tuple[int, int]:
        """Put all pictures that slips share into the printer's memory; takes minutes.

        Args:
            progress: Called with the pictures held and wanted, after each.

        Returns:
            How many it holds now, and how many would be worth keeping; 0 of 0 where the printer
            keeps none or does not say which.

        Raises:
            PrinterUnreachableError: The line is dead.

        """
        with closing(self._patiently(self._open)) as transport:
            stockroom = self._stocked()
            stockroom.ask(transport)
            if not stockroom.asked:
                return 0, 0
            more = True
            while more:
                more = stockroom.put_next(transport)
                progress(len(stockroom.held), stockroom.wanted)
            return len(stockroom.held), stockroom.wanted

    def confirm_empty(self) -> None:
        """Take the word of a person: the printer holds no rest of a slip."""
        self._leftovers = False
        self._stuck = self._profile.clear is Clear.NONE

    def _send(self, encode: Callable[[Transport, bytes], bytes]) -> Outcome:
        try:
            transport, questions, state = self._patiently(self._open_and_ask)
            with closing(transport):
                if state not in CAN_PRINT:
                    log.warning("slip not sent printer=%s", state.value)
                    self._forget_pictures()
                    return Outcome.FAILED
                job_id = next(self._ids)
                job = encode(transport, job_id)
                return self._send_job(job, job_id, transport=transport, questions=questions)
        except PrinterUnreachableError as error:
            log.warning("slip not sent reason=%r", str(error))
            self._forget_pictures()
            return Outcome.FAILED

    def _open_and_ask(self) -> tuple[Transport, Questions, PrinterState]:
        """Open the line and ask whether a slip may be sent; the caller closes the line."""
        transport = self._open()
        try:
            questions = self._questions(transport)
            return transport, questions, self._ready_state(questions)
        except BaseException:
            transport.close()
            raise

    def _patiently(self, reach: Callable[[], Reached]) -> Reached:
        """Reach the printer, again and again while it may be busy with somebody else.

        A busy one refuses the connection, or takes it and hangs up without an answer.
        """
        deadline = self._clock.monotonic() + self._patience
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return reach()
            except PrinterUnreachableError:
                if self._clock.monotonic() + pause > deadline:
                    raise
            self._clock.wait(pause)
            pause *= 2

    def _ready_state(self, questions: Questions) -> PrinterState:
        """Return how the printer is, once it is rid of what nobody confirmed."""
        if not self._leftovers:
            return self._ask_state(questions)
        fence = self._fence(questions)
        thrown_away = fence.throw_away()
        state = self._ask_state(questions)
        if self._profile.blind or state not in CAN_PRINT:
            return state
        self._emptied = thrown_away and fence.is_empty()
        self._stuck = not self._emptied
        return PrinterState.LEFTOVERS if self._stuck else state

    def _send_job(
        self, job: bytes, job_id: bytes, *, transport: Transport, questions: Questions
    ) -> Outcome:
        if self._leftovers:
            # What already came out of the last slip must not hang on this one.
            job = cut_off(self._profile) + job
        self._leftovers, self._emptied = True, False
        try:
            questions.forget()
            transport.write(job)
            if self._profile.blind:
                await_sent(transport)
                self._leftovers = False
                return Outcome.SENT
            limit = self._time_limit(job, transport)
            confirmed = self._fence(questions).comes_back(job_id, limit)
        except PrinterUnreachableError as error:
            log.warning("slip unconfirmed reason=%r", str(error))
            self._forget_pictures()
            return Outcome.UNCONFIRMED
        if not confirmed:
            log.warning("slip unconfirmed reason='no answer in time'")
            self._forget_pictures()
            return Outcome.UNCONFIRMED
        self._leftovers = False
        return Outcome.PRINTED

    def _questions(self, transport: Transport) -> Questions:
        return Questions(transport, patience=self._patience, clock=self._clock)

    def _fence(self, questions: Questions) -> Fence:
        return Fence(
            questions,
            self._profile,
            ids=self._ids,
            patience=self._patience,
            clock=self._clock,
        )

    def _ask_state(self, questions: Questions) -> PrinterState:
        return PrinterState.BLIND if self._profile.blind else questions.state()

    def _encode_slip(self, slip: Printable, transport: Transport, job_id: bytes) -> bytes:
        artwork = self._artwork or default_artwork()
        layout = lay_out(slip, self._profile.paper_dots, partial(measure, artwork))
        return encode_slip(
            layout,
            self._profile,
            artwork,
            rendition=self._rendition_on(transport),
            job_id=job_id,
            stored=self._stockroom.held if self._stockroom else NOTHING_STORED,
        )

    def _rendition_on(self, transport: Transport) -> Rendition:
        slow = transport.bytes_per_second is not None
        return self._rendition or (Rendition.COMPACT if slow else Rendition.DRAWN)

    @property
    def _pictures_due(self) -> bool:
        """Whether it may be time for pictures; drawn slips need none."""
        if self._rendition is Rendition.DRAWN or self._outruns_head:
            return False
        return self._stockroom.due if self._stockroom else self._profile.nv_graphics

    def _look_after_pictures(self, transport: Transport) -> None:
        if self._rendition_on(transport) is Rendition.COMPACT:
            self._stocked().tend(transport)
        else:
            self._outruns_head = True

    def _stocked(self) -> Stockroom:
        if self._stockroom is None:
            artwork = self._artwork or default_artwork()
            self._stockroom = Stockroom(
                self._profile, artwork, patience=self._patience, clock=self._clock
            )
        return self._stockroom

    def _forget_pictures(self) -> None:
        """After a fault: it may be another printer that comes back."""
        if self._stockroom is not None:
            self._stockroom.forget()

    def _time_limit(self, data: bytes, transport: Transport) -> float:
        """Return how many seconds a healthy printer has to confirm: wire, paper, patience."""
        wire = len(data) / (transport.bytes_per_second or math.inf)
        paper = LONGEST / DOTS_PER_MM / self._profile.speed
        return wire + paper + self._patience
