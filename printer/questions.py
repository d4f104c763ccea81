"""Questions to a printer over one open line, and only answers that came after them.

What lies in a line when it is opened may be old: a status that the network card kept, an answer
that came after nobody waited for it any more. Answers to DLE EOT do not say which question they
belong to. So everything that was said before a question is thrown away, and after the last
answer the line is listened to a moment longer: one answer too many means that an old one was
taken for the first, and all questions are asked again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from printer.status import (
    Frame,
    FrameKind,
    PrinterState,
    Question,
    cut_frames,
    parse_state,
)
from printer.transports import Transport

Answer = TypeVar("Answer")

ATTEMPTS = 4
"""How often a printer is asked again that says more than it was asked."""

SETTLE_SECONDS = 0.02
"""How long one answer too many may take, at least; at most twice the longest answer so far."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only grow, and a way to let them pass; tests have a clock of their own."""

    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


class Questions:
    """What is asked and answered over one open line.

    Args:
        transport: The line; whoever opened it closes it.
        patience: Seconds that the printer may take for one answer.
        clock: Seconds.

    Every method raises PrinterUnreachableError when the line dies.
    """

    def __init__(self, transport: Transport, *, patience: float, clock: Clock) -> None:
        self._transport = transport
        self._patience = patience
        self._clock = clock
        self._begun = b""  # a reply whose end has not come
        self._longest = 0.0

    def state(self) -> PrinterState:
        """Ask the printer how it is; SILENT where one question stays without an answer."""
        state = PrinterState.SILENT
        for _ in range(ATTEMPTS):
            self.forget()
            replies, heard = {}, 0
            for question in Question:
                answers = self._ask(question)
                if not answers:
                    return PrinterState.SILENT
                replies[question] = answers[-1]
                heard += len(answers)
            state = parse_state(replies)
            if heard == len(replies) and not self.more_comes(FrameKind.REALTIME):
                break
        return state

    def send(self, data: bytes) -> None:
        """Say something that is answered in its own time, or never."""
        self._transport.write(data)

    def forget(self) -> None:
        """Throw away what the printer said before now."""
        for _ in range(64):
            if not self._receive(0):
                return

    def listen(self, seconds: float) -> tuple[Frame, ...]:
        """Return the replies that are complete now, waiting at most so long for the first."""
        return self._receive(max(0.0, seconds)) or ()

    def wait_for(
        self, understand: Callable[[Frame], Answer | None], seconds: float
    ) -> Answer | None:
        """Return an answer that `understand` finds in what comes within `seconds`."""
        answers = self._gather(understand, seconds)
        return answers[-1] if answers else None

    def more_comes(self, kind: FrameKind) -> bool:
        """Whether one more reply of a kind follows at once: then an old one was among them."""
        settle = min(max(SETTLE_SECONDS, 2 * self._longest), self._patience)
        found = self.wait_for(lambda frame: frame.kind is kind or None, settle)
        if found:
            self.forget()
        return bool(found)

    def _ask(self, question: Question) -> list[int]:
        """Return what looks like the answer to a question; several where old ones came with it.

        Nothing is thrown away between two questions: what is old could not be counted then.
        """
        self.send(b"\x10\x04" + bytes([question]))
        asked = self._clock.monotonic()
        answers = self._gather(
            lambda frame: frame.data[0] if frame.kind is FrameKind.REALTIME else None,
            self._patience,
        )
        self._longest = max(self._longest, self._clock.monotonic() - asked)
        return answers

    def _gather(self, understand: Callable[[Frame], Answer | None], seconds: float) -> list[Answer]:
        """Return the answers that come together, as soon as there is one within `seconds`."""
        deadline = self._clock.monotonic() + seconds
        left = seconds
        while True:
            found = [understand(frame) for frame in self.listen(left)]
            answers = [answer for answer in found if answer is not None]
            left = deadline - self._clock.monotonic()
            if answers or left <= 0:
                return answers

    def _receive(self, seconds: float) -> tuple[Frame, ...] | None:
        """Return the replies that are complete now, None where nothing at all came."""
        data = self._transport.read(4096, timeout=seconds)
        if not data:
            return None
        # A reply that was begun before `forget` is old when its end comes: cut out here whole,
        # it is thrown away whole, and its last bytes are not taken for news.
        frames, self._begun = cut_frames(self._begun + data)
        return frames
