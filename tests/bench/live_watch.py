"""Many live pages of one server, as their lines see them: which number came when, on which page."""

import asyncio
import re
import threading
import time
from typing import Self

import uvloop

from tests.stand.staff import StaffMember

NUMBER = re.compile(rb"\b[A-Z]{1,2}[1-9]\d\d\b")
STREAM = re.compile(r'hx-sse:connect="(/staff/live/incoming[^"]*)"')
END_OF_FRAMES = b"\n\n\r\n"
"""What a write of the server ends with: an event's empty line, and the chunk's own end."""

SECONDS_TO_OPEN = 60.0


class LiveWatch:
    """Holds lines of live staff pages open, in a thread of its own.

    Attributes:
        pages: Of each page the numbers that came, each with when, by `time.perf_counter`.

    """

    def __init__(self, address: str) -> None:
        self.pages: list[dict[str, float]] = []
        self._address = address
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="live watch")
        self._lines: list[asyncio.Transport] = []
        self._known: dict[bytes, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close all lines."""
        for line in self._lines:
            self._loop.call_soon_threadsafe(line.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, count: int, *, name: str, password: str) -> None:
        """Open so many pages of a member of staff; return when each has its first sign of life."""
        member = StaffMember(self._address, name, password)
        page = member.session.get(f"{self._address}/staff", timeout=60).text
        cookies = "; ".join(f"{k}={v}" for k, v in member.session.cookies.get_dict().items())
        member.close()
        stream = STREAM.search(page)
        if stream is None:
            raise AssertionError("the staff page names no stream")
        path = stream[1].replace("&amp;", "&")
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode()
        opening = asyncio.run_coroutine_threadsafe(self._open(count, request), self._loop)
        opening.result(SECONDS_TO_OPEN)

    def numbers(self, frames: bytes) -> tuple[str, ...]:
        """Return the numbers in what one write brought; the same bytes go to every page."""
        known = self._known.get(frames)
        if known is None:
            if len(self._known) > 1_000:
                self._known.clear()
            known = tuple(number.decode() for number in set(NUMBER.findall(frames)))
            self._known[frames] = known
        return known

    async def _open(self, count: int, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        host, port = self._address.removeprefix("http://").split(":")
        lines = [_Line(self, loop.create_future()) for _ in range(count)]
        for line in lines:
            transport, _ = await loop.create_connection(lambda line=line: line, host, int(port))
            self._lines.append(transport)
            self.pages.append(line.seen)
            transport.write(request)
        await asyncio.gather(*(line.alive for line in lines))


class _Line(asyncio.Protocol):
    """One page's line."""

    def __init__(self, watch: LiveWatch, alive: asyncio.Future[None]) -> None:
        self.alive = alive
        self.seen: dict[str, float] = {}
        self._watch = watch
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Note the numbers of whole frames, and when they came."""
        now = time.perf_counter()
        received = self._received = self._received + data
        if not received.endswith(END_OF_FRAMES):
            return
        self._received = b""
        if not self.alive.done():
            if not received.startswith(b"HTTP/1.1 200"):
                self.alive.set_exception(AssertionError(f"no stream: {received[:200]!r}"))
                return
            self.alive.set_result(None)
        for number in self._watch.numbers(received):
            self.seen.setdefault(number, now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail where the line ended before it lived."""
        if not self.alive.done():
            self.alive.set_exception(AssertionError(f"the line ended: {exc}"))
