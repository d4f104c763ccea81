"""The load: many clients of one server, each sending one ready-made request after the other.

As lean as Python allows, for it shares the machine's cores with the server that it measures;
`Sent.processor_seconds` tells what it took.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import uvloop

from tests.bench.processor import own_processor_seconds

LONGEST_RUN_SECONDS = 300.0


class LoadError(Exception):
    """The server did not answer as it had to: a figure would tell nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending requests.

    Attributes:
        seconds: From the first request to the last answer.
        latencies: Of each request, in seconds, in no particular order.
        processor_seconds: What the load itself took of the processor.

    """

    seconds: float
    latencies: tuple[float, ...]
    processor_seconds: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the latency that this share of the requests kept to."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000


def send(
    port: int, shares: Sequence[Sequence[bytes]], *, expected: bytes = b"HTTP/1.1 201"
) -> Sent:
    """Send each share over a connection of its own, all at the same time; wait for all answers.

    Args:
        port: Of the server, on loopback.
        shares: Whole requests, head and body.
        expected: How every answer must begin.

    Raises:
        LoadError: An answer began otherwise, or a connection ended.

    """
    return uvloop.run(_send(port, shares, expected))


async def _send(port: int, shares: Sequence[Sequence[bytes]], expected: bytes) -> Sent:
    loop = asyncio.get_running_loop()
    clients = [_Client(iter(share), expected, loop.create_future()) for share in shares]
    for client in clients:  # connected before: to connect is not what is measured
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    used, began = own_processor_seconds(), time.perf_counter()
    for client in clients:
        client.send_next()
    async with asyncio.timeout(LONGEST_RUN_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    return Sent(
        seconds=time.perf_counter() - began,
        latencies=tuple(latency for client in clients for latency in client.latencies),
        processor_seconds=own_processor_seconds() - used,
    )


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the last one's answer is complete."""

    def __init__(
        self, requests: Iterator[bytes], expected: bytes, done: asyncio.Future[None]
    ) -> None:
        self.done = done
        self.latencies: list[float] = []
        self._requests = requests
        self._expected = expected
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Keep the line."""
        self._transport = transport

    def send_next(self) -> None:
        """Send one request, or end where there are no more."""
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take bytes of an answer; where it is complete, go on."""
        received = self._received = self._received + data
        head, parted, body = received.partition(b"\r\n\r\n")
        if not parted or len(body) < _length(head):
            return
        self._received = b""
        if not received.startswith(self._expected):
            self._fail(f"{received[:200]!r}")
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail where answers are missing."""
        self._fail(f"the connection ended: {exc}")

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadError(f"not the answer that was expected: {why}"))
        self._transport.close()


def _length(head: bytes) -> int:
    """Return how many bytes of body an answer has."""
    _, named, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if named else 0
