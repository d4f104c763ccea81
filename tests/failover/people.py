"""The people of the house: parties at kiosks, staff at counters, and when each was answered."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

import requests

from server_stub.staff_api import paths
from tests.chaos.following import LogReader
from tests.chaos.kiosk_process import KioskProcess
from tests.chaos.pressing import PressingDesk

PAUSE_AT_COUNTER = 0.25
PATIENCE_SECONDS = 5.0
"""After which staff press again."""

LAST_WORD_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Answered:
    """Something that was asked, and answered in the end; by the monotonic clock."""

    asked: float
    answered: float


def longest_gap(answers: Sequence[Answered], *, begin: float, end: float) -> float:
    """Return for how many seconds at most nothing was answered between two moments."""
    moments = [begin, *(one.answered for one in answers if begin < one.answered < end), end]
    return max(after - before for before, after in pairwise(moments))


def longest_wait(answers: Sequence[Answered], *, begin: float, end: float) -> float:
    """Return how long whoever asked between two moments waited at most, in seconds."""
    return max((a.answered - a.asked for a in answers if begin <= a.asked < end), default=0.0)


class Counter(PressingDesk):
    """Somebody at a counter, who notes when each press was answered.

    Attributes:
        answers: To all presses.
        acknowledged: Ids of the presses that were done, as the server has confirmed.
        called: Of them, each call: action, visit and stage.

    """

    def __init__(self, address: str, counter: str, **told: Any) -> None:
        super().__init__(address, counter, timeout=PATIENCE_SECONDS, **told)
        self.answers: list[Answered] = []
        self.acknowledged: list[UUID] = []
        self.called: list[tuple[UUID, str, str]] = []

    def _press(self, said: dict[str, object]) -> dict[str, Any] | None:
        began = time.monotonic()
        answer = super()._press(said)
        self.answers.append(Answered(began, time.monotonic()))
        if answer is None:
            return None
        action, visit = UUID(answer["action"]), answer["visit"]
        self.acknowledged.append(action)
        if said["step"] == "call-next" and visit:
            self.called.append((action, visit["id"], visit["stage"]))
        return answer


class Reception(Counter):
    """Somebody who gives numbers by hand to whoever cannot use a kiosk.

    Attributes:
        issued: Visit and number of each, in order.

    """

    def __init__(self, address: str, **told: Any) -> None:
        super().__init__(address, "1", **told)
        self.issued: list[tuple[str, str]] = []

    def work(self, until: threading.Event, *, pause: float) -> None:
        """Issue one number after the other until then."""
        said = {"step": "by-hand", "route": ["information"], "adults": 1, "children": 0}
        while not until.wait(pause) and not self.gives_up.is_set():
            answer = self._press(said | {"ticket_token": token_urlsafe(16)})
            if answer:
                self.issued.append((answer["visit"]["id"], answer["visit"]["number"]))


@dataclass
class Kiosk(KioskProcess):
    """A kiosk that notes how long each party waited for its number.

    Attributes:
        answers: To each party, its number.

    """

    answers: list[Answered] = field(default_factory=list)
    _sent_in: deque[float] = field(default_factory=deque)

    def party(self, seed: str) -> None:
        """Send a party in."""
        self._sent_in.append(time.monotonic())
        super().party(seed)

    def _on_answered(self) -> None:
        self.answers.append(Answered(self._sent_in.popleft(), time.monotonic()))
        super()._on_answered()

    def work(self, until: threading.Event, *, pause: float, dice: Random) -> None:
        """Let parties come until then."""
        while not until.wait(pause * dice.uniform(0.5, 1.5)):
            self.party(f"{dice.random()}")


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as a follower was told of it."""

    number: int
    kind: str
    about: str | None


class Follower(LogReader):
    """Somebody else's program that reads the event log, and keeps what it was told.

    Attributes:
        heard: Every event, in order.

    """

    def __init__(self, address: str, *, token: str) -> None:
        super().__init__(address, token=token, timeout=PATIENCE_SECONDS)
        self.heard: list[Heard] = []

    def _read(self) -> None:
        after = self.heard[-1].number if self.heard else 0
        try:
            answer = self._session.get(
                f"{self._address}{paths.EVENTS}?after={after}&limit=100", timeout=self._timeout
            )
            told = answer.json()
        except (requests.RequestException, ValueError):
            return
        if answer.status_code == 200 and "items" in told:
            self.heard += [Heard(e["number"], e["kind"], e["about"]) for e in told["items"]]
            self.numbers = [one.number for one in self.heard[-1:]]


@dataclass
class People:
    """Everybody, each at work in a thread.

    Attributes:
        kiosks: With the parties in front of them.
        counters: Staff, the one who issues numbers by hand among them.

    """

    kiosks: Sequence[Kiosk]
    counters: Sequence[Counter]
    followers: Sequence[Any]
    dice: Random
    between: float = 1.0
    _no_more_come: threading.Event = field(default_factory=threading.Event)
    _go_home: threading.Event = field(default_factory=threading.Event)
    _nothing_more: threading.Event = field(default_factory=threading.Event)
    _guests: list[threading.Thread] = field(default_factory=list)
    _staff: list[threading.Thread] = field(default_factory=list)
    _following: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Let them come and work."""
        for kiosk in self.kiosks:
            dice = Random(self.dice.random())  # noqa: S311  # the same parties each time
            told = {"pause": self.between, "dice": dice}
            self._guests.append(_work(kiosk.work, self._no_more_come, **told))
        for counter in self.counters:
            self._staff.append(_work(counter.work, self._go_home, pause=PAUSE_AT_COUNTER))
        for follower in self.followers:
            self._following.append(_work(follower.follow, self._nothing_more))

    def no_more_parties(self) -> None:
        """Close the entrance; return when everybody there has a number."""
        self._no_more_come.set()
        for thread in self._guests:
            thread.join()

    def go_home(self) -> None:
        """Let staff finish what they are at; return when they have gone."""
        self._go_home.set()
        for thread in self._staff:
            thread.join(60)
        for one in self.counters:
            one.close()

    def stop_following(self) -> None:
        """Let followers hear the last, which they are told at once, and hang up."""
        time.sleep(LAST_WORD_SECONDS)
        self._nothing_more.set()
        for one in self.followers:
            one.close()


def _work(work: Any, until: threading.Event, **told: Any) -> threading.Thread:
    thread = threading.Thread(target=work, args=(until,), kwargs=told, daemon=True)
    thread.start()
    return thread
