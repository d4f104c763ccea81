"""The rounds: what the server does by itself, again and again, whether anybody asks or not."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do on each round.

    Attributes:
        name: For the log.
        run: Does it; called in a thread, and may wait.
        at_the_end: Whether it is done once more when the server stops.

    """

    name: str
    run: Callable[[], object]
    at_the_end: bool = False


class Rounds:
    """Runs errands one after the other, every so often; one that fails stops no other.

    Args:
        errands: In the order in which they are run.
        seconds: Between the end of a round and the next; None where none is made.

    """

    def __init__(self, errands: Sequence[Errand], *, seconds: float | None) -> None:
        self._errands = errands
        self._seconds = seconds
        self._failing: dict[str, str] = {}
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin, with the first round at once."""
        if self._seconds is not None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End after the errand that is under way, and do what is to be done at the end."""
        self._ending.set()
        if self._task is None:
            return
        await self._task
        for errand in self._errands:
            if errand.at_the_end:
                await self._do(errand)

    async def _run(self) -> None:
        while not self._ending.is_set():
            for errand in self._errands:
                if not self._ending.is_set():
                    await self._do(errand)
            try:
                await asyncio.wait_for(self._ending.wait(), self._seconds)
            except TimeoutError:
                continue

    async def _do(self, errand: Errand) -> None:
        """Do one errand; log what went wrong when it begins to, and not every time again."""
        try:
            await asyncio.to_thread(errand.run)
        except Exception as error:  # noqa: BLE001  # the rounds must outlive every failure
            reason = type(error).__name__
            if self._failing.get(errand.name) != reason:
                log.error("%s failed reason=%s", errand.name, reason)  # noqa: TRY400  # it may show values
            self._failing[errand.name] = reason
        else:
            if self._failing.pop(errand.name, None):
                log.info("%s works again", errand.name)
