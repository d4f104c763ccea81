"""Counters that call, send on and finish over HTTP all the time, in a thread of their own."""

import asyncio
import threading
from collections.abc import Sequence
from itertools import cycle
from types import TracebackType
from typing import Self

from tests.bench.turmoil import Client, Desk, Told, log_in

IDLE_SECONDS = 0.4
"""Two cores have other things to do than to ask whether somebody waits."""


class Counters:
    """People at counters, who press each button on two lines until both have answered.

    Args:
        ports: Of the servers.
        counters: Where they sit, one at each.
        password: Of "anna".

    Attributes:
        told: What they were told.

    """

    def __init__(self, ports: Sequence[int], counters: Sequence[str], *, password: str) -> None:
        self.told = Told(half=1)
        self._ports, self._counters, self._password = ports, counters, password
        self._loop = asyncio.new_event_loop()
        self._no_more_come: asyncio.Event | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="counters", daemon=True)
        self._began = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._began.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:  # the thread is a daemon's: it is not waited for
            return
        self.finish()

    def finish(self, seconds: float = 120.0) -> None:
        """Return when nobody waits any more; raise what went wrong at a counter."""
        if self._no_more_come is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._no_more_come.set)
        self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        if self._thread.is_alive():
            raise TimeoutError(f"counters still work after {seconds:.0f} s")

    def called(self) -> dict[tuple[str, str], int]:
        """Return how often each visit was called at each stage."""
        return {what: len(actions) for what, actions in self.told.calls.items()}

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._work())
        except BaseException as error:  # noqa: BLE001  # raised where somebody waits
            self._error = error
        finally:
            self._began.set()
            self._loop.close()

    async def _work(self) -> None:
        self._no_more_come = asyncio.Event()
        token = await log_in(self._ports[0], name="anna", password=self._password)
        self._began.set()
        first = cycle(range(len(self._ports)))
        async with asyncio.TaskGroup() as desks:
            for counter, turn in zip(self._counters, first, strict=False):
                ports = [*self._ports[turn:], *self._ports[:turn]]
                client = Client(ports, self.told)
                desk = Desk(client, counter, token=token, idle_seconds=IDLE_SECONDS)
                desks.create_task(desk.work(self._no_more_come))
