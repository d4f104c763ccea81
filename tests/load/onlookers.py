"""The onlookers of a load: walls that follow the calls, phones on their tickets, and the leads."""

import asyncio
import random
import re
import time
from bisect import bisect_right
from collections import defaultdict
from html import unescape

from server_stub.display_pages import COOKIE
from tests.load.hour_glass import HourGlass
from tests.load.line import GONE, Line, header
from tests.load.notes import Notes
from tests.load.plan import Plan

CALL = re.compile(rb'class="call" data-visit="([^"]+)" data-at="(\d+)"[^>]*? data-stage="([^"]*)"')
WALL = re.compile(r'data-after="(\d+)" data-edition="([^"]*)"')
STREAM = re.compile(r'hx-sse:connect="([^"]+)"')
SECONDS = re.compile(rb'data-seconds="([\d.]+)"')

REST_SECONDS = 2.0
"""Between two questions of the hall's page, as `hall.js` has it."""

PAGE_PAUSE_SECONDS = 5.0
"""Between two pages that somebody opens."""

FOLLOWED_SECONDS = 60.0
"""Then a phone is put away, and another one is taken out."""

PATIENCE_SECONDS = 10.0
"""Then a phone gives a look up and waits twice as long, as `ticket.js` has it."""

LONGEST_SECONDS = 15.0
"""Until a phone looks again that was told nothing."""

PAGES = {
    "page of incoming": "/staff",
    "page of a counter": "/staff/counter",
    "page of the hall": "/staff/hall",
    "page of figures": "/staff/figures",
}


async def look(plan: Plan, glass: HourGlass, notes: Notes) -> None:
    """Let all of them look, until the parent says that it is over."""
    walls = [_Wall(plan, path, notes) for path in plan.displays]
    for wall in walls:
        await wall.enter()
    tasks = [asyncio.create_task(wall.follow_for_ever()) for wall in walls]
    await glass.begin()
    tasks += [asyncio.create_task(_page_for_ever(plan, *page, notes)) for page in PAGES.items()]
    tasks += [asyncio.create_task(_follow_page(plan, path, notes)) for path in ("/staff",) * 2]
    tasks.append(asyncio.create_task(_follow_hall(plan, notes)))
    tasks += [
        asyncio.create_task(_phone_for_ever(plan, glass, notes, number))
        for number in range(plan.size.phones)
    ]
    await glass.is_over()
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            notes.wrong("an onlooker", repr(ended))
    sightings: defaultdict[str, list[float]] = defaultdict(list)
    for wall in walls:
        for call, at in wall.seen.items():
            sightings[call].append(at)
    notes.seen["sightings"] = sightings


class _Wall:
    """A call display: what it was told of each call, and when."""

    def __init__(self, plan: Plan, path: str, notes: Notes) -> None:
        self.seen: dict[str, float] = {}
        self._plan = plan
        self._path = path
        self._notes = notes
        self._line = Line(plan.port, {})
        self._last: frozenset[str] = frozenset()

    async def enter(self) -> None:
        """Open the address that lets a display in."""
        answer = await self._line.ask("GET", self._path)
        cookie = header(answer.head, b"set-cookie").decode().partition(";")[0]
        if not cookie.startswith(COOKIE):
            raise AssertionError(f"no display is let in: {answer.status}")
        self._line = Line(self._plan.port, {"Cookie": cookie})
        await self._load()

    async def _load(self) -> None:
        answer = await self._line.ask("GET", "/display")
        self._notes.answered("page of a display", answer)
        found = WALL.search(answer.body.decode())
        if not found:
            raise AssertionError("the display's page tells no event number")
        self._stream = f"/display/live?after={found[1]}&edition={found[2]}"

    async def follow_for_ever(self) -> None:
        """Follow the calls, and load the page anew where the stream ends."""
        while True:
            try:
                async with self._line.follow(self._stream) as events:
                    async for event in events:
                        self._hear(event)
            except GONE as error:
                self._notes.wrong("display's stream", repr(error))
            self._notes.counted["displays that followed anew"] += 1
            await asyncio.sleep(0.5)
            await self._load()

    def _hear(self, event: bytes) -> None:
        now = time.perf_counter()
        if b"data: " not in event or b"event: " in event:
            return
        for visit, at, stage in CALL.findall(event):
            self.seen.setdefault(f"{visit.decode()} {stage.decode()} {at.decode()}", now)


async def _page_for_ever(plan: Plan, action: str, path: str, notes: Notes) -> None:
    """Open a page again and again, as leads do who go from one to the next."""
    line = Line(plan.port, {"Cookie": plan.lead})
    while True:
        notes.answered(action, await line.ask("GET", path))
        await asyncio.sleep(PAGE_PAUSE_SECONDS)


async def _follow_page(plan: Plan, path: str, notes: Notes) -> None:
    """Keep a live page open."""
    line = Line(plan.port, {"Cookie": plan.lead})
    while True:
        page = (await line.ask("GET", path)).body.decode()
        stream = STREAM.search(page)
        if stream is None:
            raise AssertionError(f"{path} names no stream")
        async with line.follow(unescape(stream[1])) as events:
            async for _ in events:
                notes.counted[f"events at {path}"] += 1
        notes.counted[f"pages of {path} that loaded anew"] += 1


async def _follow_hall(plan: Plan, notes: Notes) -> None:
    """Keep the hall's page open: it asks when it is told that something changed."""
    line = Line(plan.port, {"Cookie": plan.lead, "HX-Request": "true"})
    page = (await line.ask("GET", "/staff/hall")).body.decode()
    stream = STREAM.search(page)
    if stream is None:
        raise AssertionError("the hall names no stream")
    moved = asyncio.Event()

    async def ask_for_ever() -> None:
        while True:
            await moved.wait()
            moved.clear()
            notes.answered("hall asks for news", await line.ask("GET", "/staff/hall/now"))
            await asyncio.sleep(REST_SECONDS)

    async with asyncio.TaskGroup() as tasks, line.follow(unescape(stream[1])) as events:
        asking = tasks.create_task(ask_for_ever())
        async for _ in events:
            moved.set()
        asking.cancel()


async def _phone_for_ever(plan: Plan, glass: HourGlass, notes: Notes, number: int) -> None:
    """Follow one ticket after the other, of those who came last, as the page's script does."""
    chance = random.Random(f"{plan.size.seed} phone {number}")  # noqa: S311  # no secret
    came = [party.at for party in plan.parties]
    soon = min(PAGE_PAUSE_SECONDS, plan.size.minutes * 60 / 10)
    await glass.until(came[0] + soon * (1 + chance.random()))
    phone = _Phone(plan.ticket_port, notes)
    while True:
        here = bisect_right(came, glass.now)
        party = plan.parties[chance.randrange(max(0, here - plan.size.phones), here)]
        seconds = await phone.open(party.ticket_token)
        give_up = time.monotonic() + FOLLOWED_SECONDS
        while time.monotonic() < give_up:
            await asyncio.sleep(seconds * (0.9 + 0.2 * chance.random()))
            seconds = await phone.look(party.ticket_token)


class _Phone:
    """A phone with a ticket page. Its line is closed between two looks, as it would be."""

    def __init__(self, port: int, notes: Notes) -> None:
        self._port = port
        self._notes = notes
        self._tag = b""
        self._seconds = LONGEST_SECONDS

    async def open(self, token: str) -> float:
        """Open a ticket's page; return the seconds until it looks again."""
        self._tag = b""
        return await self._ask("ticket page", f"/t/{token}", b"") or LONGEST_SECONDS

    async def look(self, token: str) -> float:
        """Look whether it has changed; return the seconds until it looks again."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                seconds = await self._ask("ticket looked at", f"/t/{token}/now", self._tag)
        except TimeoutError:
            self._notes.counted["looks of phones that were given up"] += 1
            return 2 * self._seconds
        return seconds or self._seconds

    async def _ask(self, action: str, path: str, tag: bytes) -> float:
        line = Line(self._port, {"Accept-Language": "uk"})
        told = {"If-None-Match": tag.decode()} if tag else {}
        try:
            answer = await line.ask("GET", path, **told)
        except GONE as error:
            self._notes.wrong(action, repr(error))
            return LONGEST_SECONDS
        finally:
            line.close()
        if answer.status == 503:
            self._notes.counted["phones told to come again"] += 1
            return LONGEST_SECONDS
        if self._notes.answered(action, answer, expected=(200, 304)) and answer.status == 200:
            self._tag = answer.header(b"etag")
            found = SECONDS.search(answer.body)
            self._seconds = float(found[1]) if found else LONGEST_SECONDS
        return self._seconds
