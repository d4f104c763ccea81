"""The counters of a load: each follows its page's stream and presses its buttons, as htmx does."""

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from html import unescape
from urllib.parse import urlencode

from server_stub.live import RELOAD
from tests.day.account import Account
from tests.day.plan import PER_PERSON, minutes_of_service
from tests.day.world import (
    BACK_AFTER,
    CALLS_BEFORE_NO_SHOW,
    COMES_BACK,
    HOUSED,
    NOT_THERE,
    PERMITTED,
    RECALL_AFTER,
    TRANSFERRED,
    WALK,
)
from tests.load.hour_glass import HourGlass
from tests.load.line import GONE, Answer, Line
from tests.load.notes import Notes
from tests.load.plan import CounterKey, Plan, PlannedParty

FORM = re.compile(r'<form [^>]*action="/staff/counter/([\w-]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')
STREAM = re.compile(r'hx-sse:connect="([^"]+)"')
WAITING = re.compile(rb'hx-target="\.waiting-([\w-]+)"[^>]*>(.*?)</hx-partial>', re.DOTALL)
SOME = re.compile(rb"<b>(\d+)")
LOOK_AGAIN_SECONDS = 1.0
SECONDS_AFTER_THE_DAY = 120.0
"""And as long as the day itself: on a machine that others use too, counters may fall behind."""


def longest(plan: Plan) -> float:
    """Return the seconds after which whoever is still there is told as an error."""
    return 2 * plan.size.minutes * 60 + SECONDS_AFTER_THE_DAY


Buttons = Mapping[str, dict[str, str]]
"""What each button of a desk sends, by its step."""


class Hall:
    """What all at the counters know together, and the account of what they did.

    Args:
        plan: Of the load.

    Attributes:
        account: What happened, as those wrote it down who did it.
        over: Set when everybody has gone.

    """

    def __init__(self, plan: Plan) -> None:
        self.account = Account()
        self.over = asyncio.Event()
        self.parties = {party.check_in: party for party in plan.parties}
        self._here = set(self.parties)
        self._stage_of = {party.check_in: party.route[0] for party in plan.parties}
        self._at_counter: set[str] = set()
        self._told: defaultdict[str, int] = defaultdict(int)
        self._moved: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._heard: set[bytes] = set()

    def hear(self, event: bytes) -> None:
        """Take in what a counter's stream brought; the same comes to each of them."""
        if event in self._heard:
            return
        if len(self._heard) > 200:
            self._heard.clear()
        self._heard.add(event)
        for stage, said in WAITING.findall(event):
            some = SOME.search(said)
            self._told[stage.decode()] = int(some[1]) if some else 0
            self._moved[stage.decode()].set()

    async def somebody_waits(self, stage: str) -> None:
        """Return when somebody is said to wait there, or all is over."""
        while not self._told[stage] and not self.over.is_set():
            self._moved[stage].clear()
            try:
                await asyncio.wait_for(self._moved[stage].wait(), LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue

    async def has_moved(self, stage: str) -> None:
        """Return when there is news of a stage, or after some seconds."""
        self._moved[stage].clear()
        try:
            await asyncio.wait_for(self._moved[stage].wait(), LOOK_AGAIN_SECONDS)
        except TimeoutError:
            return

    def is_called(self, visit: str, stage: str) -> str:
        """Note that a party was called; return what is wrong with that, if anything is."""
        if visit in self._at_counter:
            return "called while it was at a counter"
        self._at_counter.add(visit)
        if self._stage_of.get(visit) != stage:
            return f"called at {stage}, was at {self._stage_of.get(visit)}"
        return ""

    def is_put_back(self, visit: str) -> None:
        """Note that it waits again, or does not."""
        self._at_counter.discard(visit)

    def lets_go(self, visit: str, next_stage: str | None) -> None:
        """Note where a party goes from a counter, None for home: before the button is pressed.

        The next counter may have called it before the answer to this press is read.
        """
        party, stage = self.parties[visit], self._stage_of[visit]
        self.account.served[stage].add(party.persons)
        self._at_counter.discard(visit)
        if next_stage:
            self._stage_of[visit] = next_stage
        else:
            self.account.finished.add(party.persons)

    def has_left(self, visit: str) -> None:
        """Note that a party has gone away."""
        persons = self.parties[visit].persons
        self.account.left.add(persons)
        self.account.left_at[self._stage_of[visit]].add(persons)
        self.is_gone(visit)

    def stage_after(self, visit: str) -> str | None:
        """Return where a party goes next; None for home."""
        route = self.parties[visit].route
        rest = route[route.index(self._stage_of[visit]) + 1 :]
        return rest[0] if rest else None

    def is_gone(self, visit: str) -> None:
        """Note that a party's last press was answered."""
        self._here.discard(visit)
        if not self._here:
            self.over.set()
            for moved in self._moved.values():
                moved.set()

    @property
    def rest(self) -> int:
        """How many have not gone yet."""
        return len(self._here)

    def still_there(self) -> list[str]:
        """Return who has not gone yet, with the stage and whether a counter has them."""
        return [
            f"{visit} {self._stage_of[visit]} {'called' if visit in self._at_counter else 'waits'}"
            for visit in sorted(self._here)
        ]


async def work(plan: Plan, glass: HourGlass, notes: Notes) -> None:
    """Let all counters work until everybody has gone."""
    hall = Hall(plan)
    notes.seen["presses"] = []
    desks = [_Desk(plan, key, hall, glass, notes) for key in plan.counters]
    for desk in desks:
        await desk.open()
    following = [asyncio.create_task(desk.follow_for_ever()) for desk in desks]
    await glass.begin()
    working = [asyncio.create_task(desk.work()) for desk in desks]
    try:
        limit = longest(plan)
        await asyncio.wait_for(hall.over.wait(), limit)
        notes.seen["over"] = glass.now
        await asyncio.gather(*working)
    except TimeoutError:
        notes.wrong("the day", f"{hall.rest} parties were still there after {limit:.0f} s")
        notes.seen["rest"] = hall.still_there()
    for task in (*following, *working):
        task.cancel()
    await asyncio.gather(*following, *working, return_exceptions=True)
    notes.seen["account"] = _told(hall)


class _Desk:
    """Somebody at a counter: calls, waits for the party, serves it, lets it go."""

    def __init__(
        self, plan: Plan, key: CounterKey, hall: Hall, glass: HourGlass, notes: Notes
    ) -> None:
        self._key = key
        self._hall = hall
        self._glass = glass
        self._notes = notes
        self._chance = random.Random(f"{plan.size.seed} {key.counter}")  # noqa: S311  # no secret
        self._hurry = plan.size.hurry
        headers = {
            "Cookie": key.cookie,
            "Origin": f"http://127.0.0.1:{plan.port}",
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._line = Line(plan.port, headers)
        self._other_tab = Line(plan.port, headers)
        self._stream = Line(plan.port, {"Cookie": key.cookie})
        self._buttons: Buttons = {}
        self._path = ""
        self._later: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the page."""
        answer = await self._line.ask("GET", "/staff/counter")
        page = answer.body.decode()
        self._buttons = _buttons(page)
        stream = STREAM.search(page)
        if stream is None or "call-next" not in self._buttons:
            raise AssertionError(f"counter {self._key.counter}: {answer.status} {page[:300]}")
        self._path = unescape(stream[1])

    async def follow_for_ever(self) -> None:
        """Follow the stream, and follow it anew where it ends, as the page does."""
        while True:
            try:
                async with self._stream.follow(self._path) as events:
                    async for event in events:
                        self._notes.counted["events at counters"] += 1
                        if event + b"\n\n" == RELOAD:
                            self._notes.counted["pages told to load anew"] += 1
                            break
                        self._hall.hear(event)
            except GONE as error:
                self._notes.wrong("counter's stream", repr(error))
            await asyncio.sleep(0.5)
            await self.open()

    async def work(self) -> None:
        """Work until everybody has gone."""
        while not self._hall.over.is_set():
            await self._hall.somebody_waits(self._key.stage)
            if self._hall.over.is_set():
                break
            visit = await self._call()
            if visit is None:
                await self._hall.has_moved(self._key.stage)
            elif await self._comes(visit):
                await self._serve(visit)
        await asyncio.gather(*self._later)

    async def _call(self) -> str | None:
        """Call whoever is next; return the visit, None where nobody waited any more."""
        pressed = time.perf_counter()
        visit = await self._press("call-next", "call next")
        if visit is None:
            self._notes.counted["calls that found nobody"] += 1
            return None
        self._notes.seen["presses"].append((visit, self._key.stage, pressed))
        if wrong := self._hall.is_called(visit, self._key.stage):
            self._notes.counted["called wrongly"] += 1
            self._notes.wrong("call next", f"{visit} {wrong}")
        answer = await self._line.ask("GET", f"/staff/counter/last?counter={self._key.counter}")
        self._notes.answered("why it was called", answer)
        return visit

    async def _comes(self, visit: str) -> bool:
        """Wait for the party; return whether it came before it was given up."""
        if self._chance.random() >= NOT_THERE:
            await self._pass(self._chance.uniform(*WALK))
            return True
        for _ in range(CALLS_BEFORE_NO_SHOW - 1):
            await self._pass(RECALL_AFTER)
            self._notes.seen["presses"].append((visit, self._key.stage, time.perf_counter()))
            await self._press("recall", "call again")
        await self._pass(RECALL_AFTER)
        self._hall.is_put_back(visit)
        self._hall.account.no_shows[self._key.stage] += 1
        await self._press("no-show", "no-show")
        self._later.add(asyncio.create_task(self._look_after(visit)))
        return False

    async def _look_after(self, visit: str) -> None:
        """Let a party that was given up wait again when it comes, or note that it has left."""
        await self._pass(self._chance.uniform(*BACK_AFTER))
        step = "readmit" if self._chance.random() < COMES_BACK else "leave"
        party = self._hall.parties[visit]
        answer = await self._other_tab.ask("GET", f"/staff/counter/found?number={party.number}")
        self._notes.answered("find a number", answer)
        parts = answer.body.decode().partition(f'id="found-{visit}"')[2].partition("</article>")
        fields = _buttons(parts[0]).get(step)
        if fields is None:
            self._notes.wrong(step, f"{visit} offers none: {answer.body[:600]!r}")
            return
        answer = await self._other_tab.ask(
            "POST", f"/staff/counter/{step}", urlencode(fields).encode()
        )
        self._notes.answered(f"{step} after a no-show", answer)
        if step == "leave":
            self._hall.has_left(visit)

    async def _serve(self, visit: str) -> None:
        """Serve a party, note what was achieved, and send it on or home."""
        party = self._hall.parties[visit]
        await self._press("serve", "serve")
        await self._pass(minutes_of_service(self._key.stage, party.persons, self._chance))
        for outcome, persons in _outcomes(self._key.stage, party, self._chance):
            self._hall.account.outcomes[outcome] += persons
            await self._press("outcome", "note an outcome", **{f"outcome.{outcome}": str(persons)})
        following = self._hall.stage_after(visit)
        self._hall.lets_go(visit, following)
        if following:
            await self._press("forward", "send on")
        else:
            await self._press("finish", "finish")
            self._hall.is_gone(visit)

    async def _press(self, step: str, action: str, **filled_in: str) -> str | None:
        """Press a button; return the visit that the desk has then."""
        fields = self._buttons.get(step)
        if fields is None:
            self._notes.wrong(action, f"not offered, but {sorted(self._buttons)}")
            return None
        body = urlencode(fields | filled_in).encode()
        answer = await self._line.ask("POST", f"/staff/counter/{step}", body)
        self._notes.answered(action, answer)
        return self._take(answer)

    def _take(self, answer: Answer) -> str | None:
        """Take in the desk of an answer; return the visit that it has."""
        html = answer.body.decode()
        _, found, desk = html.partition(f'id="desk-{self._key.counter}"')
        if not found:
            return None
        desk = desk.partition("</section>")[0]
        self._buttons = _buttons(desk)
        visit = re.match(r'[^>]*data-visit="([0-9a-f-]{36})-\d+"', desk)
        return visit[1] if visit else None

    async def _pass(self, minutes: float) -> None:
        """Let minutes of the day pass."""
        await asyncio.sleep(minutes * 60 / self._hurry)


def _buttons(html: str) -> Buttons:
    """Return what each form sends; of two for one step the first."""
    found: dict[str, dict[str, str]] = {}
    for step, inner in FORM.findall(html):
        found.setdefault(step, {name: unescape(value) for name, value in FIELD.findall(inner)})
    return found


def _outcomes(stage: str, party: PlannedParty, chance: random.Random) -> list[tuple[str, int]]:
    """Return what a stage achieved, and for how many persons: as on the synthetic day."""
    if stage == PER_PERSON:
        taken = [("biometrics-taken", party.persons)]
        return [*taken, ("permit-issued", party.persons)] if chance.random() < PERMITTED else taken
    share = {"housing": (HOUSED, "housed"), "onward-travel": (TRANSFERRED, "transferred")}
    likely, outcome = share.get(stage, (0.0, ""))
    return [(outcome, party.persons)] if chance.random() < likely else []


def _told(hall: Hall) -> dict[str, object]:
    """Return the account as plain values: parties and persons, or a count."""
    account, pair = hall.account, partial(map, lambda it: (it[0], (it[1].parties, it[1].persons)))
    return {
        "finished": (account.finished.parties, account.finished.persons),
        "left": (account.left.parties, account.left.persons),
        "served": dict(pair(account.served.items())),
        "left_at": dict(pair(account.left_at.items())),
        "no_shows": dict(account.no_shows),
        "outcomes": dict(account.outcomes),
    }
