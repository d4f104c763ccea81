"""The limits of a request: how large its head may be, and for how long it may take to come.

Else one client could fill the memory with a header that never ends, before a body or after it, or
hold thousands of lines with requests that never do. Bodies are limited in `body_limit`, by what is
at their address.
"""

import asyncio
from typing import Any

from server_stub.one_write import OneWriteProtocol

LARGEST_HEAD = 32 * 1024
"""Bytes of address and headers; a browser with all our cookies sends two thousand. Also of what
comes between two pieces of a body, and after the last of them."""

MOST_HEADERS = 64

SECONDS_FOR_HEAD = 10.0
"""From the connection, or the first byte after another request, to the end of the headers."""

SECONDS_FOR_BODY = 120.0
"""From then to the end of the body. The largest, an outbox in a file, comes at 5 Mbit/s in that."""

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 26\r\nconnection: close\r\n\r\n"
    b"the headers are too large\n"
)


class LimitedProtocol(OneWriteProtocol):
    """HTTP/1.1 that hangs up on heads without end, and on who takes too long to ask."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as uvicorn calls it
        super().__init__(*args, **kwargs)
        self._head = 0
        self._in_head = True
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn takes any
        """Wait for the first request, and not for ever."""
        super().connection_made(transport)
        self._wait(SECONDS_FOR_HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, as long as it is no head without end, nor such a thing in a body."""
        if self._in_head and self._timer is None:
            self._wait(SECONDS_FOR_HEAD)
        self._head += len(data)
        super().data_received(data)
        if self._head > LARGEST_HEAD:
            if self._in_head:
                self._refuse()
            else:  # its answer may be under way: there is no place for another
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin with a head."""
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those that come after a body (RFC 9110, 6.5) are none that we know."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on with the body, unless the head was too large."""
        self._in_head, self._head = False, 0
        self._wait(SECONDS_FOR_BODY)
        length = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if length > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refuse()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, unless nobody is there for it."""
        self._head = 0  # bodies are limited elsewhere: only what comes without any counts here
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for no more of this request; the next one begins with a head."""
        self._wait(None)
        self._in_head, self._head = True, 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        """Hang up after so long; None for never."""
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._hang_up) if seconds else None

    def _hang_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()
