"""The probe: asks a printer what it can do, and prints a page that shows the rest.

A printer is asked only questions that are complete in themselves, each within a time limit and
each followed by ESC @: one that takes a question for text forgets it before it comes to paper.
"""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from printer.findings import Findings, answered
from printer.plain_text import printable
from printer.status import (
    FrameKind,
    PrinterState,
    Question,
    parse_frames,
    parse_process_ids,
    parse_queued,
    parse_realtime,
    parse_state,
    queued_paper_end,
)
from printer.transports import Transport

INITIALISE = b"\x1b@"

IDENTITY = {"maker": 66, "model": 67, "firmware": 65, "serial": 68}
"""The n of GS I n for each thing that a printer says of itself. Many clones say "EPSON"."""

CLEAR_BY_DC4 = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 fn 8 d1-d7: clear the buffers; answered ``37 25 00``."""

CLEAR_BY_ENQ = b"\x10\x05\x02"
"""DLE ENQ 2: recover from the error and clear the buffers; never answered."""

FREE_SPACE = b"\x1d(L\x02\x0003"
"""GS ( L fn 51: how many bytes of NV graphics are free; answered ``37 31 digits 00``."""

PAPER = b"\x1dr1"
"""GS r 1: the paper, answered in queue order."""


def interview(
    transport: Transport, *, patience: float, tell: Callable[[str], None], job_id: bytes
) -> Findings:
    """Ask a printer what it can do.

    Args:
        transport: An open line to it.
        patience: Seconds that it may take for each answer.
        tell: Called with a sentence for each thing found.
        job_id: Four printable ASCII bytes that no earlier job has used.

    Raises:
        PrinterUnreachableError: The line broke.

    """
    ask = _Asker(transport, patience)
    state = ask.state()
    tell(f"status (DLE EOT 1 to 4): {answered(state is not PrinterState.SILENT)}")
    if state not in (PrinterState.READY, PrinterState.PAPER_LOW):
        # Questions in queue order wait until it prints again: silence would prove nothing.
        return Findings(state)
    names = ask.names()
    tell(f"maker, model, firmware, serial (GS I): {', '.join(names.values()) or 'not answered'}")
    done = ask.once(PAPER, parse_queued) is not None
    tell(f"done (GS r 1): {answered(done)}")
    echoed = ask.once(b"\x1d(H\x06\x0000" + job_id, lambda got: job_id in parse_process_ids(got))
    tell(f"done, with an id (GS ( H): {answered(bool(echoed))}")
    clears = ask.once(CLEAR_BY_DC4, lambda got: _block(got, b"\x37\x25") is not None)
    tell(f"clear the buffers (DLE DC4 8): {answered(bool(clears))}")
    free = ask.once(FREE_SPACE, _free_space)
    tell(f"pictures kept inside (GS ( L 51): {f'{free} bytes' if free else 'not answered'}")
    return Findings(
        state,
        names,
        says_done=done,
        process_id=bool(echoed),
        clears=bool(clears),
        nv_bytes=free,
    )


def _block(received: bytes, header: bytes) -> bytes | None:
    """Return what stands between the header of a block and its NUL; None where none came."""
    blocks = (f.data for f in parse_frames(received) if f.kind is FrameKind.BLOCK)
    found = (data[len(header) : -1] for data in blocks if data.startswith(header))
    return next(found, None)


def _free_space(received: bytes) -> int | None:
    digits = _block(received, b"\x37\x31")
    return int(digits) if digits and len(digits) <= 10 and digits.isdigit() else None


Answer = TypeVar("Answer")


class _Asker:
    """Puts questions to a printer, one at a time."""

    def __init__(self, transport: Transport, patience: float) -> None:
        self._transport = transport
        self._patience = patience

    def state(self) -> PrinterState:
        """Return how the printer is; SILENT where it leaves a question unanswered."""
        replies: dict[Question, int] = {}
        for question in Question:
            reply = self._ask(b"\x10\x04" + bytes([question]), parse_realtime)
            if reply is None:
                return PrinterState.SILENT
            replies[question] = reply
        return parse_state(replies)

    def names(self) -> dict[str, str]:
        """Return what the printer calls itself, as far as it tells."""
        names = {}
        for key, n in IDENTITY.items():
            block = self.once(b"\x1dI" + bytes([n]), lambda got: _block(got, b"\x5f"))
            if block is None:
                break  # who does not answer the first will not answer the others
            name = printable(block.decode("ascii", "replace"))
            if name:
                names[key] = name
        return names

    def once(self, question: bytes, parse: Callable[[bytes], Answer | None]) -> Answer | None:
        """Ask in queue order; what is taken for text is forgotten before the next question."""
        answer = self._ask(question, parse)
        self._transport.write(INITIALISE)
        return answer

    def _ask(self, question: bytes, parse: Callable[[bytes], Answer | None]) -> Answer | None:
        _drain(self._transport)
        self._transport.write(question)
        return _await(self._transport, self._patience, parse)


def _drain(transport: Transport) -> None:
    """Throw away what the printer said before it was asked, however much it says."""
    for _ in range(64):
        if not transport.read(4096, timeout=0):
            return


def _await(
    transport: Transport, limit: float, parse: Callable[[bytes], Answer | None]
) -> Answer | None:
    """Return the first answer found in what comes within `limit` seconds."""
    return parse(_gather(transport, limit, lambda got: parse(got) is not None))


def _gather(
    transport: Transport, limit: float, enough: Callable[[bytes], bool], received: bytes = b""
) -> bytes:
    """Return `received` and what comes within `limit` seconds, or until it is enough."""
    deadline = time.monotonic() + limit
    while not enough(received) and (left := deadline - time.monotonic()) > 0:
        received += transport.read(256, timeout=left)
    return received


ARE_YOU_ONLINE = b"\x10\x04\x01"
"""DLE EOT 1."""

LOOK_EVERY = 0.5
"""Seconds between two questions whether a printing printer is still online."""

PAGE_SECONDS = 10.0
"""How long a printer of 60 mm a second feeds for the longest test page, with its cut."""


def print_page(
    transport: Transport, page: bytes, findings: Findings, *, patience: float, job_id: bytes
) -> PrinterState | None:
    """Print a page made by `encode_page`, and wait until the printer says that it is done.

    A page that stops halfway is thrown away inside the printer, so that its rest never comes
    out on somebody's slip.

    Returns:
        The printer's state when it could not be confirmed: READY where it merely said nothing.
        None when it is done.

    Raises:
        PrinterUnreachableError: The line broke; call `clear_rest` on a new one.

    """
    _drain(transport)
    transport.write(page)
    if not (findings.says_done or findings.process_id):
        return findings.state
    limit = len(page) / (transport.bytes_per_second or math.inf) + PAGE_SECONDS + patience
    deadline, received = time.monotonic() + limit, b""
    while time.monotonic() < deadline:
        transport.write(ARE_YOU_ONLINE)
        received = _gather(
            transport,
            min(patience, LOOK_EVERY),
            lambda got: _is_done(got, findings, job_id),
            received,
        )
        if _is_done(received, findings, job_id):
            return None
        if _is_offline(received):
            break
    state = _Asker(transport, patience).state()
    clear_rest(transport, findings)
    return state


def _is_offline(received: bytes) -> bool:
    """Whether the last answer to DLE EOT 1 says "offline" (bit 3)."""
    told = [f.data[0] for f in parse_frames(received) if f.kind is FrameKind.REALTIME]
    return bool(told and told[-1] & 0b0000_1000)


def _is_done(received: bytes, findings: Findings, job_id: bytes) -> bool:
    if findings.process_id:
        return job_id in parse_process_ids(received)
    answer = parse_queued(received)
    return answer is not None and not queued_paper_end(answer)


def clear_rest(transport: Transport, findings: Findings) -> None:
    """Throw away what waits inside the printer, half a picture included."""
    transport.write(CLEAR_BY_DC4 if findings.clears else CLEAR_BY_ENQ)
