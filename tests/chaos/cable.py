"""The network cable between kiosk and server, which can be pulled and plugged in again."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


class Cable:
    """Carries TCP connections from a port of its own to the server's while it is plugged in.

    Pulled, it breaks those that are open, and new ones are refused, as by a server that has gone.

    Args:
        server_port: On loopback.

    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port = 0
        self.plug_in()

    @property
    def is_plugged_in(self) -> bool:
        """Whether connections get through."""
        return self._listener is not None

    def plug_in(self) -> None:
        """Let connections through, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port))
            self.port = int(self._listener.getsockname()[1])
            self._start(self._accept, self._listener)

    def pull(self) -> None:
        """Break every connection and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits on it
        listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _break(end)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pull()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="cable", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # pulled
                return
            try:
                far = socket.create_connection((HOST, self._server_port))
            except OSError:  # the server is not there
                near.close()
                continue
            with self._lock:
                if listener is not self._listener:
                    near.close()
                    far.close()
                    return
                self._ends |= {near, far}
                self._start(self._carry, near, far)
                self._start(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        with self._lock:
            self._ends -= {source, target}
        for end in (source, target):
            _break(end)


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
