"""One TCP connection to a printer, on port 9100 on nearly every model."""

import socket
import time
from contextlib import suppress

from printer.transports.transport import PrinterUnreachableError, write_limit


def open_tcp(host: str, port: int = 9100, *, timeout: float = 5.0) -> "TcpPort":
    """Connect to a printer.

    Args:
        host: Name or address of the printer.
        port: TCP port, 9100 on nearly every model.
        timeout: Seconds to wait for connecting, and as in TcpPort.

    Raises:
        PrinterUnreachableError: Nobody answers there, or somebody else is being served.

    """
    name = f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
    try:
        connected = socket.create_connection((host, port), timeout=timeout)
    except OSError as error:
        raise PrinterUnreachableError(f"no printer at {name} ({error})") from error
    return TcpPort(connected, name, timeout=timeout)


class TcpPort:
    """One connected stream socket. Knows sockets and no ESC/POS.

    There is no keep-alive: a connection lasts for one job. One whose other end has vanished
    without a goodbye is found because what was sent is never acknowledged.

    Args:
        connected: The socket; it belongs to the port from now on.
        name: What messages call it.
        timeout: Seconds without progress after which a write has failed, and after which a
            peer that acknowledges nothing counts as gone.

    """

    def __init__(self, connected: socket.socket, name: str, *, timeout: float = 5.0) -> None:
        self._socket = connected
        self._name = name
        self._timeout = timeout
        if connected.family in (socket.AF_INET, socket.AF_INET6):
            # Status questions are three bytes long: they must not wait for more to be sent.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere the time limits do it
                milliseconds = max(1, round(timeout * 1000))
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    @property
    def bytes_per_second(self) -> float | None:
        """None: a network outruns every print head."""
        return None

    def write(self, data: bytes) -> None:
        """Send all of `data`, or raise PrinterUnreachableError when it stalls or drags on."""
        rest = memoryview(data)
        deadline = time.monotonic() + write_limit(len(data), self._timeout)
        try:
            while rest:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("too slow")
                self._socket.settimeout(min(self._timeout, left))
                rest = rest[self._socket.send(rest) :]
        except OSError as error:
            raise PrinterUnreachableError(f"{self._name} took no more bytes ({error})") from error

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return up to `limit` bytes; ``b""`` when nothing came within `timeout` seconds."""
        try:
            self._socket.settimeout(timeout)
            data = self._socket.recv(limit)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            raise PrinterUnreachableError(f"{self._name} went away ({error})") from error
        if not data:
            raise PrinterUnreachableError(f"{self._name} closed the connection")
        return data

    def close(self) -> None:
        """End the connection; what was written still arrives.

        Closing over unread answers would reset the connection and take the end of the slip
        with it: the goodbye is said first, then what was answered is thrown away.
        """
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(0)
            for _ in range(64):
                if not self._socket.recv(4096):
                    break
        self._socket.close()
