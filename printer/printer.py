"""One printer: prints a slip and says honestly what became of it."""

import logging
import math
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from typing import TypeVar

from printer.artwork import Artwork, default_artwork
from printer.escpos_codec import Rendition, cut_off, encode_slip, encode_steps
from printer.marks import DOTS_PER_MM
from printer.profile import Profile
from printer.raster import measure
from printer.slip import Slip
from printer.slip_layout import LONGEST, lay_out
from printer.status import (
    CAN_PRINT,
    Outcome,
    PrinterState,
    Question,
    parse_process_ids,
    parse_queued,
    parse_realtime,
    parse_state,
    queued_paper_end,
)
from printer.test_page import test_page
from printer.transports import PrinterUnreachableError, Transport, open_transport

log = logging.getLogger(__name__)

CLEAR_BUFFERS = b"\x10\x05\x02"
"""DLE ENQ 2: drop what is waiting. DLE ENQ 1 would print the rest of someone else's slip."""


class Printer:
    """One printer at the end of one line; belongs to one thread.

    Every call opens the line, does its work and closes it: no connection grows stale, and a
    technician's `python -m printer status` gets its turn on printers that serve only one.

    Args:
        line: Address such as ``tcp://host:9100``, or what opens a line.
        profile: What the printer can do.
        rendition: How slips are sent; by default drawn on lines that outrun the print head,
            compact on the others.
        patience: Seconds a printer may take to answer a question, and to confirm a slip beyond
            the time that sending and printing it takes.
        artwork: Fonts and pictograms; by default the project's own.

    """

    def __init__(
        self,
        line: str | Callable[[], Transport],
        profile: Profile,
        *,
        rendition: Rendition | None = None,
        patience: float = 3.0,
        artwork: Artwork | None = None,
    ) -> None:
        self._open = partial(open_transport, line) if isinstance(line, str) else line
        self._profile = profile
        self._rendition = rendition
        self._patience = patience
        self._artwork = artwork
        self._jobs = count(1)
        self._leftovers = False

    def prepare(self) -> None:
        """Load what the first slip would otherwise wait for (fonts, encoder: 0.2 s)."""
        self._artwork = self._artwork or default_artwork()
        cut_off(self._profile)

    def print(self, slip: Slip) -> Outcome:
        """Print one slip, once.

        Never prints a second copy by itself: after UNCONFIRMED a person decides, and the
        copy is a slip of its own with ``copy=2``.
        """
        return self._send(partial(self._encode_slip, slip))

    def print_test_page(self) -> Outcome:
        """Print what shows whether the profile tells the truth about this printer."""
        return self._send(self._encode_test_page)

    def state(self) -> PrinterState:
        """Ask the printer how it is; takes up to `patience` seconds where nobody answers."""
        try:
            with closing(self._open()) as transport:
                return self._ask_state(transport)
        except PrinterUnreachableError:
            return PrinterState.UNREACHABLE

    def _send(self, encode: Callable[[Transport, bytes], bytes]) -> Outcome:
        try:
            with closing(self._open()) as transport:
                state = self._ready_state(transport)
                if state not in CAN_PRINT:
                    log.warning("slip not sent printer=%s", state.value)
                    return Outcome.FAILED
                return self._send_job(encode, transport)
        except PrinterUnreachableError as error:
            log.warning("slip not sent reason=%r", str(error))
            return Outcome.FAILED

    def _ready_state(self, transport: Transport) -> PrinterState:
        if self._leftovers:
            transport.write(CLEAR_BUFFERS)
        return self._ask_state(transport)

    def _send_job(
        self, encode: Callable[[Transport, bytes], bytes], transport: Transport
    ) -> Outcome:
        job_id = f"{next(self._jobs) % 10_000:04d}".encode()
        data = encode(transport, job_id)
        if self._leftovers:
            # What already came out of the last slip must not hang on this one.
            data = cut_off(self._profile) + data
        self._leftovers = True
        try:
            transport.write(data)
            confirmed = self._confirmed(transport, job_id, self._time_limit(data, transport))
        except PrinterUnreachableError as error:
            log.warning("slip unconfirmed reason=%r", str(error))
            return Outcome.UNCONFIRMED
        if not confirmed:
            log.warning("slip unconfirmed reason='no answer in time'")
            return Outcome.UNCONFIRMED
        self._leftovers = False
        return Outcome.PRINTED

    def _encode_slip(self, slip: Slip, transport: Transport, job_id: bytes) -> bytes:
        artwork = self._artwork or default_artwork()
        layout = lay_out(slip, self._profile.paper_dots, partial(measure, artwork))
        slow = transport.bytes_per_second is not None
        rendition = self._rendition or (Rendition.COMPACT if slow else Rendition.DRAWN)
        return encode_slip(layout, self._profile, artwork, rendition=rendition, job_id=job_id)

    def _encode_test_page(self, transport: Transport, job_id: bytes) -> bytes:
        del transport
        artwork = self._artwork or default_artwork()
        steps = test_page(self._profile, partial(measure, artwork))
        return encode_steps(steps, self._profile, artwork, job_id=job_id)

    def _time_limit(self, data: bytes, transport: Transport) -> float:
        """Return how many seconds a healthy printer has to confirm: wire, paper, patience."""
        wire = len(data) / (transport.bytes_per_second or math.inf)
        paper = LONGEST / DOTS_PER_MM / self._profile.speed
        return wire + paper + self._patience

    def _confirmed(self, transport: Transport, job_id: bytes, limit: float) -> bool:
        if self._profile.process_id:
            echo = _await(transport, limit, lambda got: job_id in parse_process_ids(got) or None)
            return echo is not None
        answer = _await(transport, limit, parse_queued)
        return answer is not None and not queued_paper_end(answer)

    def _ask_state(self, transport: Transport) -> PrinterState:
        _drain(transport)
        replies = {}
        for question in Question:
            transport.write(b"\x10\x04" + bytes([question]))
            reply = _await(transport, self._patience, parse_realtime)
            if reply is None:
                return PrinterState.SILENT
            replies[question] = reply
        return parse_state(replies)


def _drain(transport: Transport) -> None:
    """Throw away what the printer said before it was asked."""
    for _ in range(64):
        if not transport.read(4096, timeout=0):
            return


Answer = TypeVar("Answer")


def _await(
    transport: Transport, limit: float, parse: Callable[[bytes], Answer | None]
) -> Answer | None:
    """Return the first answer that `parse` finds in what comes within `limit` seconds."""
    deadline = time.monotonic() + limit
    received, left = b"", limit
    while True:
        received += transport.read(256, timeout=left)
        answer = parse(received)
        left = deadline - time.monotonic()
        if answer is not None or left <= 0:
            return answer
