"""A printer without ESC/POS: each slip is one line over TCP, kept by the roll that prints it."""

import socket
import socketserver
import threading
from types import TracebackType
from typing import Self

from printer.slip import Slip
from printer.status import Outcome
from tests.kiosk.loopback import WAIT_SECONDS


class PaperRoll(socketserver.ThreadingTCPServer):
    """What came out of a printer, as ``"D101 copy 1"``, in order."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.printed: list[str] = []
        self._news = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Head)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.002,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def print(self, line: str) -> None:
        with self._news:
            self.printed.append(line)
            self._news.notify_all()

    def wait_for(self, line: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: line in self.printed, WAIT_SECONDS), self.printed


class _Head(socketserver.StreamRequestHandler):
    server: PaperRoll

    def handle(self) -> None:
        if line := self.rfile.readline():
            self.server.print(line.decode().strip())
            self.wfile.write(b"printed\n")


class PaperPrinter:
    """The kiosk's end of a `PaperRoll`."""

    def __init__(self, port: int) -> None:
        self._port = port

    def prepare(self) -> None:
        """Nothing to load."""

    def print(self, slip: Slip) -> Outcome:
        try:
            line = socket.create_connection(("127.0.0.1", self._port), WAIT_SECONDS)
        except OSError:
            return Outcome.FAILED
        with line:
            line.sendall(f"{slip.number} copy {slip.copy}\n".encode())
            return Outcome.PRINTED if line.recv(100) else Outcome.UNCONFIRMED

    def report(self) -> str:
        return "ready"

    def tend(self) -> None:
        """Nothing to do."""

    def confirm_empty(self) -> None:
        """Nothing to forget."""
