"""The door of the house: one address, behind which whichever server answers is asked."""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


class Door:
    """Carries each connection to a server that takes it: the next in turn, or the one after.

    It stands for the proxy of a site, and is as simple as one: where no server takes a connection,
    it hangs up.

    Args:
        ports: Of the servers, on loopback.

    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._turn = count()
        self._listener = socket.create_server((HOST, 0))

    @property
    def address(self) -> str:
        """Under which the house is known."""
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="door", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits on it
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            far = self._server()
            if far is None:
                near.close()
                continue
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=ends, daemon=True).start()

    def _server(self) -> socket.socket | None:
        first = next(self._turn)
        for n in range(len(self._ports)):
            with suppress(OSError):
                return socket.create_connection((HOST, self._ports[(first + n) % len(self._ports)]))
        return None


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
