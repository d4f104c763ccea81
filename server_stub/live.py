"""The hub: the site's event log as Server-Sent Events, rendered once for all who watch.

A page embeds the event number of its own snapshot and follows from there. The hub reads what is
new once per wake-up, renders it once per channel (an audience in a language) and hands the same
bytes to every listener. It keeps the latest frames, for an hour at most: they tell of parties.
Who was away longer is caught up from the event log; who was away too long, since another day, or
while a party had itself erased, is told to reload.
"""

import asyncio
import logging
import re
import time
import traceback
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server_stub import static_files
from server_stub.event_log import EventKind, EventRow
from server_stub.snapshot import Snapshot

log = logging.getLogger(__name__)

RELOAD = b"event: reload\ndata: reload\n\n"
"""Tells a page that it cannot follow from where it is and must be loaded again."""

OVER = b"event: over\ndata: over\n\n"
"""Tells a page that whoever opened it may no longer see it."""

LARGEST_CATCH_UP = 500
"""Events after which loading the page again is cheaper than catching up."""

SECONDS_BEFORE_TRYING_AGAIN = 1.0

REST = 6.0
"""How long the hub rests after it has read, as a multiple of what that took.

With all pages watched it takes tens of milliseconds, which it must not take
from check-ins and calls over and over again; what is committed meanwhile shares one frame.
"""

LONGEST_REST_SECONDS = 0.3

SECONDS_KEPT = 3600.0
"""For so long what was rendered is sent again: it holds numbers, and must not outlive parties."""

LOADED_AGAIN = (EventKind.SITE, EventKind.ERASE)
"""Events after which no page can be brought up to date."""

_News = tuple[int, bytes]
"""The number of the last event that a page has with it, and the bytes."""


class Source(Protocol):
    """Where the hub reads from: the waiting room."""

    async def snapshot(self) -> Snapshot:
        """Return all that pages show, and the number of the last event in it."""
        ...

    async def events_after(self, number: int, limit: int) -> list[EventRow] | None:
        """Return the events after that number; None where they are not all there any more."""
        ...


Render = Callable[[Snapshot, frozenset[UUID], Snapshot | None], str]
"""Renders what changed for one channel: the state now, the visits that were touched, and the
state before, or None where that is unknown and everything but the visits must be sent."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one read of the event log brought, ready to send.

    Attributes:
        first: Number of its first event.
        last: Number of its last event, which is also the id that pages resume from.
        at: When it was rendered, in seconds of the hub's clock.
        rendered: The bytes of each channel that somebody listened to.

    """

    first: int
    last: int
    at: float
    rendered: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(map(len, self.rendered.values()))


def message(number: int, html: str) -> bytes:
    """Return one event of a stream: the number to resume from, and the HTML where there is any."""
    lines = [f"data: {line.strip()}" for line in re.split(r"\r\n|\r|\n", html) if line.strip()]
    return "\n".join((f"id: {number}", *lines, "", "")).encode()


def alive(number: int) -> bytes:
    """Return what is sent where nothing happens, so that a silent line is known to be a dead one.

    An event and not a comment: scripts do not see comments, and the page's watchdog must.
    """
    return f"event: alive\ndata: {number}\n\n".encode()


SECONDS_TRUSTED = 5.0
"""So long after a session was ended, or an account shut, an open page may still be sent news."""


class Hub:
    """Follows the event log and lets any number of listeners follow it. Rests while there are none.

    Renders the channels that somebody listens to: there is one for each page and language.

    Args:
        source: Where to read.
        channels: How to render for each channel.
        keep: How many frames to keep.
        keep_bytes: How many bytes they may hold together; the newest is kept whatever it holds.
        beat: Seconds of silence after which a listener gets a sign of life.
        steady: Seconds that never jump, by which frames grow old.

    """

    def __init__(
        self,
        source: Source,
        channels: Mapping[str, Render],
        *,
        keep: int = 500,
        keep_bytes: int = 32 << 20,
        beat: float = 15.0,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._channels = channels
        self._beat = beat
        self._steady = steady
        self._frames: deque[Frame] = deque(maxlen=keep)
        self._keep_bytes = keep_bytes
        self._caught_up: dict[tuple[str, int], bytes] = {}
        self._caught_up_since = 0.0  # when the first of them was rendered
        self._now: Snapshot | None = None
        self._failing = False
        self._audience: Counter[str] = Counter()  # how many listen to each channel
        self._watched = asyncio.Event()  # somebody listens
        self._wanted = asyncio.Event()  # something was committed
        self._waiting: set[asyncio.Future[bool]] = set()  # of listeners, for news
        self._turn = asyncio.Lock()
        self._catching_up = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read the present state and begin to follow."""
        self._loop = asyncio.get_running_loop()
        self._now = await self._source.snapshot()
        self._reader = asyncio.create_task(self._read_for_ever(), name="live pages")

    async def close(self) -> None:
        """End all streams, so that the server can stop."""
        if self._reader is None:
            return
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        self._reader = None
        self._tell_listeners()

    def wake(self) -> None:
        """Say that something was committed. May be called from any thread, also after `close`."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wanted.set)

    @property
    def number(self) -> int:
        """The number of the last event that listeners have."""
        return self._now.event_number if self._now else 0

    async def follow(
        self,
        channel: str,
        *,
        after: int,
        may_watch: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        """Yield what happens after event number `after`, for as long as the listener may watch.

        Ends when the hub closes. `may_watch` is asked once per beat, and before anything is sent
        where it was asked longer ago than `SECONDS_TRUSTED`.
        """
        self._audience[channel] += 1
        self._watched.set()
        try:
            if after > self.number:
                self._wanted.set()  # the page was faster than the writer's call
            await self._refresh()
            yield alive(self.number)
            async for news in self._follow(channel, after, may_watch):
                yield news
        finally:
            self._audience -= Counter([channel])
            if not self._audience:
                self._watched.clear()

    async def _follow(
        self, channel: str, after: int, may_watch: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop()
        asked_at = clock.time()
        while self._reader is not None and not self._reader.done():
            self._forget_old()
            if clock.time() - asked_at >= min(self._beat, SECONDS_TRUSTED):
                asked_at = clock.time()
                if not await may_watch():
                    yield OVER
                    return
            if after == self.number:
                if not await self._moves_within(self._beat) and not self._failing:
                    yield alive(self.number)
                continue
            found = await self._news(channel, after)
            if found is None:
                yield RELOAD
                return
            after, news = found
            yield news

    async def _news(self, channel: str, after: int) -> _News | None:
        """Return all after that number; None where only loading again helps."""
        if after > self.number:
            return None
        # A frame says what is other than before its first event. To a page that was read in the
        # middle of it that is not enough: a call that came and was taken back stands there.
        newest = self._frames[-1] if self._frames else None
        if newest and after == newest.first - 1 and channel in newest.rendered:
            # Nearly all are here: to look through all frames costs as much.
            return self.number, newest.rendered[channel]
        frames = [frame for frame in self._frames if frame.last > after]
        if frames and after == frames[0].first - 1:
            rendered = [frame.rendered for frame in frames]
            if all(channel in known for known in rendered):
                return self.number, b"".join(known[channel] for known in rendered)
        return await self._catch_up(channel, after)

    async def _catch_up(self, channel: str, after: int) -> _News | None:
        """Render what the frames do not hold; all who were at the same number share it."""
        async with self._catching_up:
            now = self._now
            if (channel, after) in self._caught_up:
                return self.number, self._caught_up[channel, after]
            events = await self._missed(after, now)
            if now is None or events is None:
                return None
            touched = _touched_by(events)
            rendered = await asyncio.to_thread(self._rendered, (channel,), now, touched, None)
            news = rendered[channel]
            kept = sum(map(len, self._caught_up.values()))
            if now is self._now and kept + len(news) <= self._keep_bytes:
                if not self._caught_up:
                    self._caught_up_since = self._steady()
                self._caught_up[channel, after] = news
            return now.event_number, news

    async def _missed(self, after: int, shown: Snapshot | None) -> list[EventRow] | None:
        """Return the events after that number; None where only loading again helps.

        So it is where that event was before the day of the snapshot, so that a page may show who
        ended on the day before: no event takes them away.
        """
        events = await self._source.events_after(max(after - 1, 0), LARGEST_CATCH_UP + 2)
        if events is None:
            return None
        seen = [event for event in events if event.number <= after]
        missed = events[len(seen) :]
        if not missed:
            return []
        of_another_day = shown is None or any(event.at < shown.day_began for event in seen)
        return None if of_another_day or _must_load_again(missed) else missed

    async def _read_for_ever(self) -> None:
        clock = asyncio.get_running_loop()
        while True:
            await self._wanted.wait()
            await self._watched.wait()
            began = clock.time()
            await self._refresh()
            rest = min(REST * (clock.time() - began), LONGEST_REST_SECONDS)
            await asyncio.sleep(SECONDS_BEFORE_TRYING_AGAIN if self._failing else rest)

    async def _refresh(self) -> None:
        """Read what was committed since the last read, if anything was."""
        async with self._turn:
            if not self._wanted.is_set():
                return
            self._wanted.clear()
            try:
                await self._read()
                self._failing = False
            except asyncio.CancelledError:
                self._wanted.set()  # whoever read has gone: another one reads
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, the next may succeed
                self._wanted.set()
                # No sign of life goes out meanwhile: pages say that they are not current.
                self._failing = True
                # Not log.exception: its message may quote what a visitor entered.
                at = traceback.extract_tb(error.__traceback__)[-1]
                log.error(  # noqa: TRY400
                    "live pages cannot read error=%s at=%s:%s",
                    type(error).__name__,
                    at.name,
                    at.lineno,
                )

    async def _read(self) -> None:
        """Turn what happened since the last read into one frame."""
        before, after = self._now, self.number
        events = await self._missed(after, before)
        if events == []:
            return  # what was committed is not for pages: a login, a repeated message
        now = await self._source.snapshot()
        if events and events[-1].number != now.event_number:
            events = await self._missed(after, before)
        if before is None or events is None:
            # Another store or site file, somebody erased, another day, or too much: load again.
            self._frames.clear()
        else:
            touched = _touched_by([e for e in events if e.number <= now.event_number])
            rendered = await asyncio.to_thread(
                self._rendered, tuple(self._audience), now, touched, before
            )
            self._frames.append(Frame(after + 1, now.event_number, self._steady(), rendered))
            self._forget_oldest()
        self._now = now
        self._caught_up.clear()
        self._tell_listeners()

    def _rendered(
        self,
        channels: tuple[str, ...],
        now: Snapshot,
        touched: frozenset[UUID],
        before: Snapshot | None,
    ) -> dict[str, bytes]:
        """Render news for channels, in a thread: the loop has every request to hand on."""
        return {
            name: message(now.event_number, self._channels[name](now, touched, before))
            for name in channels
        }

    def _forget_oldest(self) -> None:
        """Forget frames while all together hold too much: a closed day touches thousands."""
        excess = sum(frame.size for frame in self._frames) - self._keep_bytes
        while excess > 0 and len(self._frames) > 1:
            excess -= self._frames.popleft().size

    def _forget_old(self) -> None:
        """Forget what was rendered too long ago; the event log brings up to date as well."""
        oldest = self._steady() - SECONDS_KEPT
        while self._frames and self._frames[0].at < oldest:
            self._frames.popleft()
        if self._caught_up_since < oldest:
            self._caught_up.clear()

    async def _moves_within(self, seconds: float) -> bool:
        """Wait for news; False when there were none within that many seconds.

        A future and a timer of its own: `asyncio.timeout` around an event takes three times as
        long, which was a quarter of what it takes to hand news to a listener.
        """
        loop = asyncio.get_running_loop()
        moved: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(seconds, _settle, moved, False)  # noqa: FBT003  # the future's value
        self._waiting.add(moved)
        try:
            return await moved
        finally:
            timer.cancel()
            self._waiting.discard(moved)

    def _tell_listeners(self) -> None:
        for moved in self._waiting:
            _settle(moved, True)  # noqa: FBT003  # as above
        self._waiting.clear()


def _must_load_again(events: list[EventRow]) -> bool:
    """Whether to load a page anew is cheaper than to bring it up to date, or the only way.

    Of a party that had itself erased a page may show more than its row: what somebody opened.
    """
    return len(events) > LARGEST_CATCH_UP or any(e.kind in LOADED_AGAIN for e in events)


def _touched_by(events: list[EventRow]) -> frozenset[UUID]:
    return frozenset(event.about for event in events if event.about is not None)


def _settle(moved: asyncio.Future[bool], told: bool) -> None:  # noqa: FBT001  # the future's value
    if not moved.done():
        moved.set_result(told)


def event_stream(
    request: Request,
    *,
    channel: str,
    after: int,
    edition: str,
    may_watch: Callable[[], Awaitable[bool]],
) -> Response:
    """Answer a request for a channel of the app's hub.

    Follows from the Last-Event-ID header where there is one, else from `after`. A page that was
    loaded in another edition of the program is told to load itself anew.
    """
    hub: Hub = request.app.state.hub
    last_seen = request.headers.get("last-event-id", "")
    start = int(last_seen) if last_seen.isdecimal() else after
    follows = edition == static_files.edition()
    stream = hub.follow(channel, after=start, may_watch=may_watch) if follows else _reload()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _reload() -> AsyncIterator[bytes]:
    yield RELOAD
