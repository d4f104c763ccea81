"""The deadline: an exchange over HTTP ends in time, however slowly its answer drips in.

A socket's time-out begins anew with every byte, so a line that lets one through every few seconds
would hold the courier for days. Here a timer breaks the connection off, whatever came by then.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

CHUNK_BYTES = 65_536


class Deadline:
    """Watches the connections of one session, which it makes its own.

    Args:
        session: Used in one thread only, as all of them are.

    """

    def __init__(self, session: Session) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        for scheme in ("http://", "https://"):
            session.mount(scheme, _NotingAdapter(self._note))

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Break off every connection where what is done meanwhile takes longer."""
        timer = threading.Timer(seconds, self._break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _note(self, opened: socket.socket) -> None:
        with self._lock:
            self._sockets = [one for one in self._sockets if one.fileno() >= 0] + [opened]

    def _break_off(self) -> None:
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    # Not an SSLSocket's own, which another thread's reading would not survive.
                    socket.socket.shutdown(one, socket.SHUT_RDWR)


def read_at_most(response: Response, limit: int) -> bytes | None:
    """Return the body of a response that is streamed; None where it has more bytes than that."""
    body = b""
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > limit:
            return None
    return body


class _NotingAdapter(HTTPAdapter):
    """Tells of each socket that it opens."""

    def __init__(self, note: Any) -> None:  # noqa: ANN401  # a function of a socket
        self._note = note
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  # as requests has it
        """Let all connections be of a kind that tells of its socket."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _noting(HTTPConnectionPool, self._note),
            "https": _noting(HTTPSConnectionPool, self._note),
        }


def _noting(pool: Any, note: Any) -> Any:  # noqa: ANN401  # classes that are made here
    """Return a pool whose connections tell of their sockets."""

    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    class Pool(pool):  # type: ignore[misc]
        ConnectionCls = Connection

    return Pool
