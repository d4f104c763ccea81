"""The supervisor's ear: systemd hears when the server serves, and that it has not hung.

By sd_notify(3) and sd_watchdog_enabled(3): datagrams to the socket that systemd names. Where
nothing supervises the server, nobody is told anything.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress


class Supervisor:
    """Whoever has started this process and looks after it.

    Args:
        environment: As systemd has set it.
        pid: Of this process: a watchdog may be meant for another one.

    Attributes:
        seconds: Of silence after which the process is taken to hang; None where nobody watches.

    """

    def __init__(self, environment: Mapping[str, str], *, pid: int | None = None) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in no file system: Linux knows it by a zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", "") in {"", str(pid or os.getpid())}
        watches = bool(address) and meant and microseconds.isdecimal()
        self.seconds = int(microseconds) / 1_000_000 if watches else None

    def tell(self, state: str) -> None:
        """Tell it, such as ``"READY=1"``; a supervisor that cannot hear stops nothing."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect(self._address)
            line.send(state.encode())

    @asynccontextmanager
    async def watches(self) -> AsyncIterator[None]:
        """Tell it all the while that this event loop goes on, three times as often as it asks."""
        if self.seconds is None:
            yield
            return
        signs = asyncio.create_task(self._give_signs(self.seconds / 3), name="watchdog")
        try:
            yield
        finally:
            signs.cancel()

    async def _give_signs(self, pause: float) -> None:
        while True:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(pause)
