"""One TCP connection to a printer, on port 9100 on nearly every model."""

import socket

from printer.transports.transport import PrinterUnreachableError


class TcpPort:
    """One TCP connection. Knows sockets and no ESC/POS.

    Args:
        host: Name or address of the printer.
        port: TCP port, 9100 on nearly every model.
        timeout: Seconds to wait for connecting, and for a whole write.

    Raises:
        PrinterUnreachableError: Nobody answers there.

    """

    def __init__(self, host: str, port: int = 9100, *, timeout: float = 5.0) -> None:
        self._name = f"tcp://{host}:{port}"
        self._timeout = timeout
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout)
        except OSError as error:
            raise PrinterUnreachableError(f"no printer at {self._name} ({error})") from error
        # Status questions are three bytes long: they must not wait for more to be sent.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def bytes_per_second(self) -> float | None:
        """None: a network outruns every print head."""
        return None

    def write(self, data: bytes) -> None:
        """Send all of `data` within the time limit, or raise PrinterUnreachableError."""
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(data)
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
        """End the connection."""
        self._socket.close()
