"""The turmoil: clients who all want something at once, each of it twice, while servers are killed.

Kiosks deliver, counters call and send on. Every request goes to two of the servers at the same
time, and again to another one until it is answered: what must happen once is asked for again and
again. What the clients were told is kept, to be held against the database.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

from kiosk.contract import paths as kiosk_paths
from kiosk.contract.messages import CheckIn
from server_stub.staff_api import paths as staff_paths
from tests.server_stub.enrolled import EnrolledKiosk

NOT_ANSWERED = frozenset({500, 503})
LONGEST_SECONDS = 120.0


@dataclass
class Told:
    """What the clients were told.

    Attributes:
        half: How many check-ins are half of all.
        half_way: Set when so many are confirmed.
        requests: How many were sent, those that broke off too.
        repeated: How many of them because the one before broke off or was answered 503.
        confirmed: Ids of the check-ins that a receipt confirmed.
        calls: The actions that called a visit at a stage, by visit and stage.
        differing: What got two answers that differ.
        refused: How many actions were refused, by status and code.

    """

    half: int
    half_way: asyncio.Event = field(default_factory=asyncio.Event)
    requests: int = 0
    repeated: int = 0
    confirmed: set[UUID] = field(default_factory=set)
    calls: dict[tuple[str, str], set[UUID]] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def confirm(self, check_in: UUID) -> None:
        """Note that a receipt came."""
        self.confirmed.add(check_in)
        if len(self.confirmed) >= self.half:
            self.half_way.set()


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may be sent any number of times."""

    method: str
    path: str
    token: str
    body: bytes

    def to_bytes(self) -> bytes:
        """Return it as it goes over the line."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


@dataclass
class Line:
    """A connection to one server, opened anew where it broke."""

    port: int
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Request) -> tuple[int, bytes] | None:
        """Return status and body of the answer; None where there was none."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self._streams
            writer.write(request.to_bytes())
            head = await reader.readuntil(b"\r\n\r\n")
            _, _, rest = head.lower().partition(b"content-length:")
            body = await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return None
        return int(head.split(maxsplit=2)[1]), body

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Client:
    """Asks two servers the same thing at the same time, until both have answered.

    Args:
        ports: Of the servers; the first is asked first.
        told: Where it is noted.

    """

    def __init__(self, ports: Sequence[int], told: Told) -> None:
        self.told = told
        self._lines = [Line(port) for port in (ports if len(ports) > 1 else 2 * list(ports))]
        self._turns = cycle(range(len(self._lines)))

    async def ask(self, request: Request) -> list[tuple[int, bytes]]:
        """Return the two answers, each over a line of its own."""
        turns = next(self._turns), next(self._turns)
        return list(await asyncio.gather(*(self._insist(request, turn) for turn in turns)))

    def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()

    async def _insist(self, request: Request, turn: int) -> tuple[int, bytes]:
        answer = await self._send(self._lines[turn], request)
        while answer is None or answer[0] in NOT_ANSWERED:
            await asyncio.sleep(0.2)
            self.told.repeated += 1
            turn = (turn + 1) % len(self._lines)
            line = Line(self._lines[turn].port)  # what that server has already may be in use
            answer = await self._send(line, request)
            line.close()
        return answer

    async def _send(self, line: Line, request: Request) -> tuple[int, bytes] | None:
        self.told.requests += 1
        return await line.send(request)


async def deliver(client: Client, kiosk: EnrolledKiosk, check_ins: Sequence[CheckIn]) -> None:
    """Deliver check-ins as a kiosk does: the next when the last is confirmed."""
    for check_in in check_ins:
        request = Request(
            "PUT", kiosk_paths.check_in(check_in.id), kiosk.token, check_in.to_bytes()
        )
        answers = await client.ask(request)
        if any(status not in (200, 201) for status, _ in answers):
            client.told.differing.append(f"check-in {check_in.id}: {answers}")
            continue
        receipts = {(json.loads(body)["id"], json.loads(body)["sha256"]) for _, body in answers}
        if len(receipts) != 1:
            client.told.differing.append(f"check-in {check_in.id}: {receipts}")
        client.told.confirm(check_in.id)
    client.close()


class Desk:
    """Somebody who works at a counter: calls, sends on or finishes, calls again.

    Args:
        client: How the servers are asked.
        counter: Where; somebody else may work there too.
        token: Of a session.
        idle_seconds: How long it looks up while nobody waits.

    """

    def __init__(
        self, client: Client, counter: str, *, token: str, idle_seconds: float = 0.05
    ) -> None:
        self._idle_seconds = idle_seconds
        self._client = client
        self._counter = counter
        self._token = token
        self._steps = cycle(("forward", "finish", "forward"))

    async def work(self, until: asyncio.Event) -> None:
        """Work until nobody waits any more, after that event."""
        while True:
            last = until.is_set()
            came = await self._press({"step": "call-next"})
            if came is None:
                await asyncio.sleep(0.01)  # the other one at this counter still has a party
            elif came["nobody_waits"]:
                if last:
                    break
                await asyncio.sleep(self._idle_seconds)
            else:
                await self._let_go(came["visit"])
        self._client.close()

    async def _let_go(self, visit: dict[str, Any]) -> None:
        step = next(self._steps) if visit["stage"] != visit["route"][-1] else "finish"
        await self._press({"step": step, "visit": visit["id"], "seen": visit["version"]})

    async def _press(self, said: dict[str, object]) -> dict[str, Any] | None:
        """Return what a press came to; None where it was refused."""
        action, told = uuid4(), self._client.told
        body = json.dumps(said | {"counter": self._counter}).encode()
        request = Request("PUT", f"{staff_paths.ACTIONS}/{action}", self._token, body)
        answers = await self._client.ask(request)
        done = [json.loads(body) for status, body in answers if status in (200, 201)]
        if not done:
            status, refusal = answers[0]
            told.refused[f"{status} {json.loads(refusal).get('code')}"] += 1
            return None
        if len(done) == 1:
            # Refused while the counter was busy, and done a moment later: the later one counts.
            status, refusal = next(a for a in answers if a[0] not in (200, 201))
            told.refused[f"{status} {json.loads(refusal).get('code')}, then done"] += 1
        elif _as_answered(done[0]) != _as_answered(done[1]):
            told.differing.append(f"action {action}: {done}")
        answer: dict[str, Any] = done[0]
        visit = answer["visit"]
        if visit and said["step"] == "call-next":
            told.calls.setdefault((visit["id"], visit["stage"]), set()).add(action)
        return answer


def _as_answered(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what it tells of the present: whether the slip came out."""
    return answer | {"visit": {**(answer["visit"] or {}), "slip": None}}


async def log_in(port: int, *, name: str, password: str) -> str:
    """Return the token of a new session."""
    body = json.dumps({"name": name, "password": password}).encode()
    line = Line(port)
    answer = await line.send(Request("POST", staff_paths.SESSIONS, "", body))
    line.close()
    if answer is None or answer[0] != 201:
        raise AssertionError(f"nobody could log in: {answer}")
    return str(json.loads(answer[1])["token"])


async def turmoil(
    ports: Sequence[int],
    loads: Sequence[tuple[EnrolledKiosk, Sequence[CheckIn]]],
    *,
    counters: Sequence[str],
    token: str,
    told: Told,
) -> None:
    """Let all kiosks deliver their loads while all counters work; return when nobody waits."""
    turned = _turned(ports)
    delivered = asyncio.Event()
    desks = [Desk(Client(next(turned), told), counter, token=token) for counter in counters]
    async with asyncio.timeout(LONGEST_SECONDS), asyncio.TaskGroup() as clients:
        for desk in desks:
            clients.create_task(desk.work(delivered))
        await asyncio.gather(
            *(deliver(Client(next(turned), told), kiosk, load) for kiosk, load in loads)
        )
        delivered.set()


def _turned(ports: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ports, beginning at another one each time."""
    for first in cycle(range(len(ports))):
        yield [*ports[first:], *ports[:first]]
