"""A small HTTP server on loopback whose answers are a function from request to response."""

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

WAIT_SECONDS = 10.0
"""How long a test waits for another thread before it says that nothing came."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


CUT = Response(-1)
"""Not an answer: the connection is closed in the middle of one."""

HANG_UP = Response(-2)
"""No answer at all: the connection is closed when the request has been read."""

Answer = Callable[[Request], Response]


class Loopback(ThreadingHTTPServer):
    """Answers on a free port of 127.0.0.1 while entered; `answer` may be replaced at any time."""

    daemon_threads = False

    def __init__(self, answer: Answer, *, port: int = 0) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.mistakes: list[BaseException | None] = []
        self._news = threading.Condition()
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

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
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self.server_close()
        assert not self.mistakes

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):  # kiosks may die at any moment
            self.mistakes.append(error)

    def receive(self, request: Request) -> Response:
        with self._news:
            self.requests.append(request)
            self._news.notify_all()
        return self.answer(request)

    def wait_for(self, seen: Callable[[list[Request]], bool]) -> None:
        """Return once the requests so far are as wanted."""
        with self._news:
            assert self._news.wait_for(lambda: seen(self.requests), WAIT_SECONDS), self.requests


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Loopback

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        response = self.server.receive(
            Request(self.command, self.path, dict(self.headers.items()), body)
        )
        if response in (CUT, HANG_UP):
            if response is CUT:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_PUT = do_POST = _serve  # noqa: N815  # the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
