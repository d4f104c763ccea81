"""The cables of the virtual printer: sockets and a pseudo-terminal, and how they break."""

import os
import pty
import socket
import struct
import tty
from contextlib import suppress
from typing import Protocol


class Line(Protocol):
    """The printer's end of an open line."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def read(self, limit: int) -> bytes | None:
        """Return what is there, ``b""`` at its end, None where there is nothing yet."""

    def write(self, data: bytes) -> None:
        """Say something; what nobody takes is lost, as on a real wire."""

    def close(self, *, broken: bool) -> None:
        """End it: orderly, or so that the other end gets an error."""


class SocketLine:
    """A connection over TCP or within the process."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        self._socket = connection

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def read(self, limit: int) -> bytes | None:
        """Return what is there, ``b""`` at its end, None where there is nothing yet."""
        try:
            return self._socket.recv(limit)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Say something; what nobody takes is lost, as on a real wire."""
        with suppress(OSError):
            self._socket.send(data)

    def close(self, *, broken: bool) -> None:
        """End it; `broken` resets a TCP connection: an error and no orderly goodbye."""
        if broken and self._socket.family != socket.AF_UNIX:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


class PtyLine:
    """A serial line: a pseudo-terminal in raw mode.

    It has no control lines, so there is no RTS/CTS flow control; a full printer stops reading,
    and the host's write waits once the kernel's few kilobytes are full. It never ends: both its
    ends stay open here, whoever comes and goes at the other.

    Attributes:
        path: The device for the host.

    """

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._ours

    def read(self, limit: int) -> bytes | None:
        """Return what is there, None where there is nothing yet."""
        try:
            return os.read(self._ours, limit)
        except BlockingIOError:
            return None

    def write(self, data: bytes) -> None:
        """Say something; what nobody takes is lost, as on a real wire."""
        with suppress(BlockingIOError):
            os.write(self._ours, data)

    def close(self, *, broken: bool) -> None:
        """End it: the host gets an error."""
        del broken
        os.close(self._ours)
        os.close(self._theirs)
