"""The fence at the end of a job: answered only when everything before it has been worked through.

It also proves that a printer is empty: after its buffers were cleared, a fence with no job before
it comes back only if nothing else lies in the printer.
"""

import secrets
from collections.abc import Iterator
from itertools import count

from printer.escpos_codec import done_question
from printer.profile import Clear, Profile
from printer.questions import Clock, Questions
from printer.status import (
    Frame,
    FrameKind,
    PrinterState,
    Question,
    is_cleared,
    is_offline,
    parse_automatic,
    parse_process_ids,
    queued_paper_end,
)

CLEAR_COMMANDS = {
    Clear.ENQ: b"\x10\x05\x02",
    Clear.DC4: b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
}
"""DLE ENQ 2 and DLE DC4 fn 8: drop what waits. DLE ENQ 1 is not among them, and must never be:
it would print the rest of someone else's slip."""

LOOK_SECONDS = 0.5
"""How often a printer that is silent over a job is asked whether it is still online."""

GRACE_SECONDS = 1.0
"""How long a printer that went offline over a job may take to come back or to confirm."""

_FIRST, _DIGITS = 0x21, 0x7E - 0x21 + 1  # printable ASCII without the blank
_IDS = _DIGITS**4


def job_ids(start: int | None = None) -> Iterator[bytes]:
    """Yield a name of four printable characters for each job.

    They begin anywhere among 78 million, so that the late echo of a job from before a restart
    is not taken for the answer to one after it.
    """
    begin = secrets.randbelow(_IDS) if start is None else start
    for number in count(begin):
        yield bytes(_FIRST + number // _DIGITS**place % _DIGITS for place in (3, 2, 1, 0))


class Fence:
    """What ends the jobs of one printer over one open line.

    Args:
        questions: The line.
        profile: Which fence and which way to clear the printer has.
        ids: A name for each job.
        patience: Seconds that the printer may take for one answer.
        clock: Seconds.

    """

    def __init__(
        self,
        questions: Questions,
        profile: Profile,
        *,
        ids: Iterator[bytes],
        patience: float,
        clock: Clock,
    ) -> None:
        self._questions = questions
        self._profile = profile
        self._ids = ids
        self._patience = patience
        self._clock = clock

    def throw_away(self) -> bool:
        """Send what clears the printer's buffers; False where the printer owes an answer to it.

        True proves nothing: see `is_empty`.
        """
        command = CLEAR_COMMANDS.get(self._profile.clear)
        if command is None:
            return False
        self._questions.forget()
        self._questions.send(command)
        if self._profile.clear is not Clear.DC4 or self._profile.blind:
            return True
        cleared = self._questions.wait_for(lambda frame: is_cleared(frame) or None, self._patience)
        return cleared is not None

    def is_empty(self) -> bool:
        """Whether an empty job comes back: nothing waits in the printer before it."""
        job_id = next(self._ids)
        self._questions.forget()
        self._questions.send(done_question(self._profile, job_id))
        if not self.comes_back(job_id, self._patience):
            return False
        # GS r has no name on its answers: one too many is that of the job before, come late.
        return self._profile.process_id or not self._questions.more_comes(FrameKind.QUEUED)

    def comes_back(self, job_id: bytes, limit: float) -> bool:
        """Wait for the answer to the fence of a job that was sent.

        Args:
            job_id: The name that the job was given.
            limit: Seconds that a healthy printer may take. One that says it is offline has
                GRACE_SECONDS, so that a party need not wait for what cannot come.

        Returns:
            Whether the printer has worked through the job and still has paper.

        """
        now = self._clock.monotonic()
        last, ends = now + limit, now + limit
        look = now + LOOK_SECONDS
        while now < ends:
            for frame in self._questions.listen(min(ends, look) - now):
                done = self._done(frame, job_id)
                if done is not None:
                    return done
                offline = _offline(frame)
                if offline is not None:
                    ends = min(ends, self._clock.monotonic() + GRACE_SECONDS) if offline else last
            now = self._clock.monotonic()
            if now >= look:
                self._questions.send(b"\x10\x04" + bytes([Question.PRINTER]))
                look = now + LOOK_SECONDS
        return False

    def _done(self, frame: Frame, job_id: bytes) -> bool | None:
        """Return whether a reply ends the job well or badly; None where it is not the fence's."""
        if self._profile.process_id:
            return True if job_id in parse_process_ids(frame.data) else None
        if frame.kind is FrameKind.QUEUED:
            return not queued_paper_end(frame.data[0])
        return None


def _offline(frame: Frame) -> bool | None:
    if parse_automatic(frame) is PrinterState.OVERHEATED:
        return False  # it goes on by itself when it has cooled
    return is_offline(frame)
