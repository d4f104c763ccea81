"""The probe: asks a printer what it can do, and prints a page that shows the rest.

A printer is asked only questions that are complete in themselves, each within a time limit and
each followed by ESC @: one that takes a question for text forgets it before it comes to paper.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from printer.escpos_codec import done_question
from printer.fence import CLEAR_COMMANDS, Fence
from printer.findings import Findings, answered
from printer.plain_text import printable
from printer.profile import PAPER_DOTS, Clear, Profile
from printer.questions import Clock, Questions
from printer.status import (
    CAN_PRINT,
    Frame,
    FrameKind,
    Outcome,
    PrinterState,
    is_cleared,
    parse_process_ids,
)
from printer.transports import PrinterUnreachableError, Transport
from printer.transports.serial_port import await_sent

Answer = TypeVar("Answer")

INITIALISE = b"\x1b@"

IDENTITY = {"maker": 66, "model": 67, "firmware": 65, "serial": 68}
"""The n of GS I n for each thing that a printer says of itself. Many clones say "EPSON"."""

FREE_SPACE = b"\x1d(L\x02\x0003"
"""GS ( L fn 51: how many bytes of NV graphics are free; answered ``37 31 digits 00``."""

SETTLE_SECONDS = 0.1
"""How long an opened line is listened to before the first question: what it held is old."""

PAGE_SECONDS = 10.0
"""How long a printer of 60 mm a second feeds for the longest test page, with its cut."""


class Probe:
    """Asks and tries one printer; belongs to one thread.

    Args:
        line: Opens a line to it.
        patience: Seconds that it may take for one answer.
        ids: A name for each job that no earlier job had.
        tell: Called with a sentence for each thing found.

    Its methods raise PrinterUnreachableError when the line breaks.
    """

    def __init__(
        self,
        line: Callable[[], Transport],
        *,
        patience: float,
        ids: Iterator[bytes],
        tell: Callable[[str], None],
    ) -> None:
        self._line = line
        self._patience = patience
        self._ids = ids
        self._tell = tell
        self._clock = Clock()

    def ask(self) -> Findings:
        """Ask the printer what it can do.

        A printer that cannot print now is asked nothing else: it answers in queue order only
        once it prints again, so its silence would prove nothing.
        """
        with closing(self._line()) as transport:
            questions = self._settled(transport)
            state = questions.state()
            self._tell(
                f"status (DLE EOT 1 to 4): {answered(state is not PrinterState.SILENT or None)}"
            )
            return self._asked(questions, state) if state in CAN_PRINT else Findings(state)

    def print_page(
        self, encode: Callable[[bytes], bytes], profile: Profile, *, confirms: bool = True
    ) -> tuple[Outcome, PrinterState]:
        """Print one page, once.

        A page that stops halfway is thrown away inside the printer, so that its rest never
        comes out on somebody's slip.

        Args:
            encode: Makes the page, given the name of its job.
            profile: How the printer says that it is done, and what clears it.
            confirms: Whether it says so at all; without, only its sending is waited for.

        Returns:
            What became of it, and how the printer was when that was known.

        """
        state = PrinterState.BLIND
        if not profile.blind:
            with closing(self._line()) as transport:
                state = self._settled(transport).state()
            if state not in CAN_PRINT:
                return Outcome.FAILED, state
        job_id = next(self._ids)
        page = encode(job_id)
        try:
            with closing(self._line()) as transport:
                questions = self._settled(transport)
                transport.write(page)
                if profile.blind or not confirms:
                    await_sent(transport)
                    return Outcome.SENT if profile.blind else Outcome.UNCONFIRMED, state
                wire = len(page) / (transport.bytes_per_second or math.inf)
                return self._confirmed(questions, job_id, profile, wire=wire)
        except PrinterUnreachableError as error:
            if self._cleared_anew(profile):
                raise
            raise PrinterUnreachableError(
                f"{error}; it may hold half a page: switch it off and on"
            ) from error
        except BaseException:
            self._cleared_anew(profile)
            raise

    def _confirmed(
        self, questions: Questions, job_id: bytes, profile: Profile, *, wire: float
    ) -> tuple[Outcome, PrinterState]:
        """Wait for the answer to a page that takes `wire` seconds to send."""
        fence = self._fence(questions, profile)
        if fence.comes_back(job_id, wire + PAGE_SECONDS + self._patience):
            return Outcome.PRINTED, PrinterState.READY
        state = questions.state()
        fence.throw_away()
        return Outcome.UNCONFIRMED, state

    def _cleared_anew(self, profile: Profile) -> bool:
        """Throw away half a page over a new line; False where there is none, or no answer."""
        try:
            with closing(self._line()) as transport:
                return self._fence(self._questions(transport), profile).throw_away()
        except PrinterUnreachableError:
            return False

    def _settled(self, transport: Transport) -> Questions:
        """Return a line that has just been opened, without what it held: that is old."""
        questions = self._questions(transport)
        questions.wait_for(lambda _: None, min(SETTLE_SECONDS, self._patience))
        return questions

    def _questions(self, transport: Transport) -> Questions:
        return Questions(transport, patience=self._patience, clock=self._clock)

    def _fence(self, questions: Questions, profile: Profile) -> Fence:
        return Fence(questions, profile, ids=self._ids, patience=self._patience, clock=self._clock)

    def _asked(self, questions: Questions, state: PrinterState) -> Findings:
        """Put the questions that are answered in queue order, one at a time."""

        def once(question: bytes, understand: Callable[[Frame], Answer | None]) -> Answer | None:
            questions.forget()
            questions.send(question)
            answer = questions.wait_for(understand, self._patience)
            questions.send(INITIALISE)
            return answer

        names: dict[str, str] = {}
        for key, n in IDENTITY.items():
            name = once(b"\x1dI" + bytes([n]), _name)
            if name is None:
                break  # who does not answer the first will not answer the others
            names |= {key: name} if name else {}
        self._tell(f"maker, model, firmware, serial (GS I): {_listed(names)}")
        done = once(done_question(_ANY, b"0000"), _is_queued)
        self._tell(f"done (GS r 1): {answered(done)}")
        job_id = next(self._ids)
        echo = once(
            done_question(replace(_ANY, process_id=True), job_id),
            lambda frame: job_id in parse_process_ids(frame.data) or None,
        )
        self._tell(f"done, by its name (GS ( H): {answered(echo)}")
        cleared = once(CLEAR_COMMANDS[Clear.DC4], lambda frame: is_cleared(frame) or None)
        self._tell(f"buffers cleared (DLE DC4 8): {answered(cleared)}")
        free = once(FREE_SPACE, _free_space)
        space = answered(free) if free is None else f"{free} bytes free"
        self._tell(f"pictures kept inside (GS ( L 51): {space}")
        return Findings(
            state,
            names,
            says_done=bool(done),
            process_id=bool(echo),
            clears=bool(cleared),
            nv_bytes=free,
        )


_ANY = Profile("any", PAPER_DOTS[80])


def _listed(names: Mapping[str, str]) -> str:
    return ", ".join(names.values()) or "not answered"


def _block(frame: Frame, header: bytes) -> bytes | None:
    """Return what stands between the header of a block and its NUL."""
    if frame.kind is FrameKind.BLOCK and frame.data.startswith(header):
        return frame.data[len(header) : -1]
    return None


def _name(frame: Frame) -> str | None:
    """Return an answer to GS I 65 to 68 (``5F name 00``) as harmless text."""
    name = _block(frame, b"\x5f")
    return None if name is None else printable(name.decode("ascii", "replace"))


def _is_queued(frame: Frame) -> bool | None:
    return frame.kind is FrameKind.QUEUED or None


def _free_space(frame: Frame) -> int | None:
    digits = _block(frame, b"\x37\x31")
    return int(digits) if digits and len(digits) <= 10 and digits.isdigit() else None
