"""The proxy: a bad network between two programs, on one machine, of our own making.

Each line has a port of its own and leads to a real server; what befalls its connections and
requests is thrown by dice, until there is calm. On a line that carries HTTP requests are told
apart, so that one can arrive without its answer, twice, or after others that were sent later.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.chaos.fates import Dice, Fate, Misfortune
from tests.chaos.http_wire import LONGEST_HEAD, length_of, read_head, read_request
from tests.chaos.strangers import GATEWAYS, answers_to

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0
SLOW_BYTES = 10_000
"""A connection that has become slow is so for that long, and then breaks."""

Target = int | Path
"""A port on loopback, or a socket file."""

_BROKEN = (OSError, asyncio.IncompleteReadError, EOFError)


class _StruckError(Exception):
    """Its fate has struck this connection: it is to be broken off."""


@dataclass(eq=False, slots=True)
class _End:
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Break it off without a word: RST."""
        taken = self.writer.get_extra_info("socket")
        if taken is not None and taken.family != socket.AF_UNIX:
            with suppress(OSError):
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def end(self) -> None:
        """Close it in good order: FIN."""
        self.writer.close()


@dataclass(eq=False)
class Line:
    """A way from a port of its own to a server.

    Attributes:
        target: Where it leads.
        port: Where it begins.
        carries_http: Whether requests are told apart on it.
        lasting: Whether its connections stay open for hours, so that each is struck some time.
        sent_late: Status of each request that was sent again or late, and how often.

    """

    target: Target
    network: "Network"
    carries_http: bool
    lasting: bool
    port: int = 0
    sent_late: Counter[int] = field(default_factory=Counter)

    @property
    def address(self) -> str:
        """For whom speaks HTTP."""
        return f"http://{HOST}:{self.port}"

    async def dial(self) -> _End:
        """Open a connection to the server; raise OSError where it is not there."""
        if isinstance(self.target, Path):
            return _End(*await asyncio.open_unix_connection(self.target, limit=LONGEST_HEAD))
        return _End(*await asyncio.open_connection(HOST, self.target, limit=LONGEST_HEAD))


class Network:
    """All lines of a run, under the same dice; they are laid while it is entered.

    Args:
        dice: Decide what befalls whom.
        silence: Seconds that a line is silent, at most, before it breaks off; before that it is
            as if the other end had gone without a word.
        late: Seconds that a request is late, at most.

    Attributes:
        struck: How often each misfortune has.

    """

    def __init__(self, dice: Dice, *, silence: float = 5.0, late: float = 3.0) -> None:
        self.dice = dice
        self.struck: Counter[Misfortune] = Counter()
        self._silence = silence
        self._late = late
        self._is_calm = False
        self._calm_comes = asyncio.Event()
        self._listeners: list[asyncio.Server] = []
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)

    def __enter__(self) -> Self:
        """Begin to carry."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Break off all that is open."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def lay(self, target: Target, *, carries_http: bool = False, lasting: bool = False) -> Line:
        """Return a new line to a server; see `Line`."""
        line = Line(target, self, carries_http, lasting)
        self._do(self._listen(line))
        return line

    def calm(self) -> None:
        """Let nothing befall anybody any more; return when all that was late has arrived.

        Connections that something has befallen already break off.
        """
        self._do(self._calm())

    def storm(self) -> None:
        """Let things befall again."""
        self._loop.call_soon_threadsafe(self._begin_storm)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    # --- in the network's own thread ------------------------------------------------------------

    async def _listen(self, line: Line) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._keep(self._carry(line, _End(reader, writer)))

        listener = await asyncio.start_server(accept, HOST, line.port, limit=LONGEST_HEAD)
        line.port = listener.sockets[0].getsockname()[1]
        self._listeners.append(listener)

    async def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what a connection takes, so that it can be broken off."""
        task = asyncio.ensure_future(work)
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with suppress(asyncio.CancelledError):
            await task

    async def _calm(self) -> None:
        self._is_calm = True
        self._calm_comes.set()
        while self._on_the_way:
            await asyncio.wait(set(self._on_the_way))

    def _begin_storm(self) -> None:
        self._is_calm = False
        self._calm_comes = asyncio.Event()

    async def _close(self) -> None:
        await self._calm()
        for listener in self._listeners:
            listener.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(set(self._connections))
        await asyncio.sleep(0)  # what was broken off is closed by the loop

    async def _rest(self, seconds: float) -> None:
        """Let seconds pass, fewer where calm comes."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm_comes.wait(), seconds)

    async def _carry(self, line: Line, near: _End) -> None:
        fate = self._fate(lasts=line.lasting)
        far: _End | None = None
        try:
            if fate.kind is Misfortune.REFUSED:
                self.struck[fate.kind] += 1
                return
            if fate.kind is Misfortune.SILENT:
                self.struck[fate.kind] += 1
                await self._rest(self._silence)
                return
            far = await line.dial()
            work = self._exchange if line.carries_http and fate.kind is None else self._both_ways
            await work(_Way(line, near, far, fate))
        except (*_BROKEN, _StruckError):
            pass
        finally:
            for end in (near, far):
                if end is not None:
                    end.end() if fate.kind is Misfortune.ENDED else end.reset()

    def _fate(self, *, lasts: bool) -> Fate:
        if lasts:  # it may begin in the calm, and be open when the storm comes
            return self.dice.lasting()
        return Fate() if self._is_calm else self.dice.connection()

    async def _both_ways(self, way: "_Way") -> None:
        """Carry bytes as they come, until one end has gone or fate strikes."""
        up, down = way.fate.upwards, not way.fate.upwards
        await _first_of(
            self._one_way(way.near, way.far, way.fate if up else Fate()),
            self._one_way(way.far, way.near, way.fate if down else Fate()),
        )

    async def _one_way(self, source: _End, sink: _End, fate: Fate) -> None:
        carried, struck = 0, False
        while data := await source.reader.read(LONGEST_HEAD):
            strikes = not self._is_calm and carried + len(data) > fate.after
            carried += len(data)
            if strikes and fate.kind and not struck:
                struck = True
                self.struck[fate.kind] += 1
            match fate.kind if strikes else None:
                case Misfortune.CUT | Misfortune.ENDED:
                    await sink.send(data[: max(0, fate.after - carried + len(data))])
                    raise _StruckError
                case Misfortune.DEAF:
                    await self._rest(self._silence)
                    raise _StruckError
                case Misfortune.LATE | Misfortune.TRICKLE if carried > fate.after + SLOW_BYTES:
                    raise _StruckError  # slow for long enough
                case Misfortune.LATE:
                    await self._rest(self.dice.between(0.0, 0.2))
                    await sink.send(data)
                case Misfortune.TRICKLE:
                    await self._trickle(sink, data)
                case _:
                    await sink.send(data)

    async def _trickle(self, sink: _End, data: bytes) -> None:
        """Send a byte at a time, and the rest when it has taken long enough."""
        pause = self._silence / 1000
        for place in range(min(len(data), 500)):
            await sink.send(data[place : place + 1])
            await self._rest(pause)
        await sink.send(data[500:])

    async def _exchange(self, way: "_Way") -> None:
        """Carry requests and answers, one after the other."""
        while request := await read_request(way.near.reader):
            await self._befall(None if self._is_calm else self.dice.request(), way, request)

    async def _befall(self, kind: Misfortune | None, way: "_Way", request: bytes) -> None:
        """Carry one request to the server, and its answer back, as far as it gets."""
        if kind:
            self.struck[kind] += 1
        if kind is Misfortune.NOT_DELIVERED:
            await way.near.send(self.dice.one_of(answers_to(request)))
            raise _StruckError  # as portals do: nothing else comes on this connection
        if kind in {Misfortune.TWICE, Misfortune.OVERTAKEN}:
            self._send_late(way.line, request)
        if kind is Misfortune.OVERTAKEN:
            raise _StruckError
        await way.far.send(request)
        head = await read_head(way.far.reader)
        if head is None:
            raise _StruckError
        length = length_of(head)
        if length is None:  # a stream, which lasts: sooner or later something befalls it
            await way.near.send(head)
            await self._both_ways(replace(way, fate=replace(self._fate(lasts=True), upwards=False)))
            raise _StruckError
        await self._answer(kind, way, head + await way.far.reader.readexactly(length))

    async def _answer(self, kind: Misfortune | None, way: "_Way", answer: bytes) -> None:
        match kind:
            case None | Misfortune.TWICE:
                await way.near.send(answer)
                return
            case Misfortune.ANSWER_TRUNCATED:
                await way.near.send(answer[: int(self.dice.between(1, len(answer) - 1))])
            case Misfortune.DELIVERED_ALL_THE_SAME:
                await way.near.send(self.dice.one_of(GATEWAYS))
        raise _StruckError

    def _send_late(self, line: Line, request: bytes) -> None:
        """Send a request after a while, on a connection of its own, as if it had been held up."""

        async def send() -> None:
            await self._rest(self.dice.between(0.0, self._late))
            with suppress(*_BROKEN):
                far = await line.dial()
                try:
                    await far.send(request)
                    head = await asyncio.wait_for(read_head(far.reader), PATIENCE_SECONDS / 2)
                    line.sent_late[int(head.split(None, 2)[1]) if head else 0] += 1
                finally:
                    far.end()

        task = asyncio.ensure_future(send())
        self._on_the_way.add(task)
        task.add_done_callback(self._on_the_way.discard)


@dataclass(frozen=True, slots=True)
class _Way:
    line: Line
    near: _End
    far: _End
    fate: Fate


async def _first_of(*works: Awaitable[None]) -> None:
    """Wait until the first has ended, end the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
