"""A line to the server: HTTP/1.1 as browsers and kiosks speak it, as lean as Python allows."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

GONE = (OSError, asyncio.IncompleteReadError)
END_OF_EVENT = b"\n\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered.

    Attributes:
        status: Its number.
        head: Status line and headers, as they came.
        body: What followed.
        seconds: From the request to the last byte.

    """

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: bytes) -> bytes:
        """Return a header's value; empty where there is none."""
        return header(self.head, name)


def header(head: bytes, name: bytes) -> bytes:
    """Return the value of a header, whose name is given in small letters."""
    for line in head.split(b"\r\n")[1:]:
        named, _, value = line.partition(b":")
        if named.lower() == name:
            return value.strip()
    return b""


class Line:
    """A connection that is opened when it is needed, and again where it has ended.

    Args:
        port: Of the server, on loopback.
        headers: Sent with each request.

    """

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = dict(headers)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request when those before it are answered; return its answer.

        A line on which nothing came for some seconds was closed by the server, as it says it
        does: then it is sent once more over a new one, as browsers do.

        Raises:
            OSError: There is no server.
            asyncio.IncompleteReadError: It hung up in the middle of an answer.

        """
        request = self._request(method, path, body, headers)
        async with self._turn:
            began, fresh = time.perf_counter(), self._streams is None
            try:
                return await self._send(request, began)
            except GONE:
                self.close()
                if fresh:
                    raise
            return await self._send(request, began)

    @asynccontextmanager
    async def follow(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lend the events of a stream, each whole, as they come; it has the line for itself.

        Raises:
            ConnectionError: The server does not let follow.

        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        try:
            writer.write(self._request("GET", path, b"", {"Accept": "text/event-stream"}))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise ConnectionError(f"no stream at {path.partition('?')[0]}: {head[:60]!r}")
            yield _events(reader)
        finally:
            writer.close()

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        sent = {**self._headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        lines += [f"{name}: {value}" for name, value in sent.items()]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join((*lines, "", "")).encode() + body

    async def _send(self, request: bytes, began: float) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(header(head, b"content-length") or 0))
        if header(head, b"connection") == b"close":
            self.close()
        status = int(head.split(maxsplit=2)[1])
        return Answer(status, head, body, time.perf_counter() - began)


async def _events(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield whole events; the server sends them in chunks, which end where it likes."""
    rest = b""
    while True:
        size = int(await reader.readline() or b"0", 16)
        chunk = await reader.readexactly(size + 2)
        if not size:
            return
        *events, rest = (rest + chunk[:-2]).split(END_OF_EVENT)
        for event in events:
            yield event
