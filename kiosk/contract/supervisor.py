"""The supervisor's ear: systemd hears that a program is ready, and that it has not hung.

By sd_notify(3) and sd_watchdog_enabled(3): datagrams to the socket that systemd names. Kiosk and
server both run below it. Where nothing supervises a program, nobody is told anything.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"


class Supervisor:
    """Whoever has started this process and looks after it.

    Args:
        environment: As systemd has set it.
        pid: Of this process: a watchdog may be meant for another one.

    Attributes:
        sign_seconds: How often it is to be told `ALIVE`: a third of the silence after which it
            takes the process to hang. None where nobody watches.

    """

    def __init__(self, environment: Mapping[str, str], *, pid: int | None = None) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in no file system: Linux knows it by a zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", "") in {"", str(pid or os.getpid())}
        watches = bool(address) and meant and microseconds.isdecimal()
        self.sign_seconds = int(microseconds) / 3_000_000 if watches else None

    def tell(self, state: str) -> None:
        """Tell it, such as `READY`; one that cannot hear, or does not listen, stops nothing."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect(self._address)
            line.send(state.encode(), socket.MSG_DONTWAIT)  # its queue is short: unix(7)
