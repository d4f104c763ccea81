"""Following on a bad line: live pages as their scripts follow them, and who reads the event log.

Each keeps what it was sent as a page does, and takes up where it was when the line breaks.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import requests

from server_stub.staff_api import paths

STREAM = re.compile(r'hx-sse:connect="(/staff/live/incoming[^"]*)"')
WALL = re.compile(r'data-after="(\d+)" data-edition="(\w+)"')
CALLS = re.compile(r'<template id="calls">(.*?)</template>', re.DOTALL)
CALL = re.compile(r'<li class="call" data-visit="([^"]+)" data-at="(\d+)"')
ROW = re.compile(r'<li class="visit[^"]*" id="visit-([0-9a-f-]{36})".*?</li>', re.DOTALL)
GONE = re.compile(r'hx-target="#visit-([0-9a-f-]{36})" hx-swap="delete"')
TAGS = re.compile(r"<[^>]*>")

PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
"""How long an answer may take in the calm, on a machine that has other things to do."""


@dataclass
class Followed:
    """What became of a follower's lines.

    Attributes:
        streams: How often it had to take up again.
        frames: Whole messages that came.
        reloads: How often it was told to load its page anew.
        wrong: What it was sent that it must not be sent: an event twice, or out of order.

    """

    streams: int = 0
    frames: int = 0
    reloads: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream."""

    event: str
    id: int | None
    data: str


def messages(lines: Iterator[str]) -> Iterator[Message]:
    """Yield whole messages of Server-Sent Events; what breaks off within one is none."""
    event, number, data = "", None, []
    for line in lines:
        name, _, value = line.partition(": ")
        if not line:
            yield Message(event, number, "\n".join(data))
            event, number, data = "", None, []
        elif name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            number = int(value)


class LivePage(ABC):
    """A page that follows the server's stream, without its browser.

    Args:
        address: Of the line.
        session: With the cookie that lets it in.
        timeout: Seconds of silence after which the line is given up.

    """

    def __init__(self, address: str, session: requests.Session, *, timeout: float) -> None:
        self.followed = Followed()
        self.after = 0
        self._address = address
        self._session = session
        self._session.trust_env = False
        self._timeout = timeout
        self._stream = ""

    def follow(self, until: Event) -> None:
        """Follow until then, through whatever breaks."""
        while not until.is_set():
            try:
                if not self._stream:
                    self._load()
                self._listen(until)
            except (requests.RequestException, ValueError):
                until.wait(PAUSE_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def loaded_anew(self) -> dict[str, str]:
        """Return what the page shows when it is loaded now, in the calm."""
        self._session.close()  # its connections were broken off in the storm
        self._timeout = PATIENCE_SECONDS
        self._load()
        return self.shown()

    def _load(self) -> None:
        page = self._get(self.path)
        if not page:
            raise ValueError("no page of ours")
        self.after, self._stream = self._read(page)

    def _get(self, path: str) -> str:
        answer = self._session.get(
            self._address + path, timeout=self._timeout, allow_redirects=False
        )
        ours = answer.status_code == 200 and "content-security-policy" in answer.headers
        return answer.text if ours else ""

    def _listen(self, until: Event) -> None:
        self.followed.streams += 1
        headers = {"Last-Event-ID": str(self.after)}
        with self._session.get(
            self._address + self._stream,
            headers=headers,
            stream=True,
            timeout=self._timeout,
            allow_redirects=False,
        ) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                raise ValueError("a stranger answers")
            answer.encoding = "utf-8"
            lines = (str(line) for line in answer.iter_lines(chunk_size=1, decode_unicode=True))
            for message in messages(lines):
                self._take(message)
                if until.is_set() or not self._stream:
                    return

    def _take(self, message: Message) -> None:
        if message.event == "reload":
            self.followed.reloads += 1
            self._stream = ""
        elif message.id is not None:
            self.followed.frames += 1
            if message.id <= self.after:
                self.followed.wrong.append(f"event {message.id} after {self.after}")
            self.after = message.id
            self._apply(message.data)

    # --- what pages differ in -------------------------------------------------------------------

    path = ""

    @abstractmethod
    def _read(self, page: str) -> tuple[int, str]:
        """Take in a page; return the number of its last event, and where its stream is."""

    @abstractmethod
    def _apply(self, data: str) -> None:
        """Take in a message."""

    @abstractmethod
    def shown(self) -> dict[str, str]:
        """Return what the page shows, piece by piece."""


class IncomingPage(LivePage):
    """The list of check-ins."""

    path = "/staff"

    def __init__(self, address: str, session: requests.Session, *, timeout: float) -> None:
        super().__init__(address, session, timeout=timeout)
        self._rows: dict[str, str] = {}

    def _read(self, page: str) -> tuple[int, str]:
        stream = STREAM.search(page)
        if stream is None:
            raise ValueError("no page of ours")
        self._rows = dict(_rows(page))
        path = stream[1].replace("&amp;", "&")
        after = re.search(r"after=(\d+)", path)
        assert after, path
        return int(after[1]), path

    def _apply(self, data: str) -> None:
        self._rows.update(_rows(data))
        for visit in (*GONE.findall(data), *_finished(data)):
            self._rows.pop(visit, None)

    def shown(self) -> dict[str, str]:
        """Return the text of each visit's row."""
        return dict(self._rows)


class WallPage(LivePage):
    """The call display."""

    path = "/display"

    def __init__(self, address: str, session: requests.Session, *, timeout: float) -> None:
        super().__init__(address, session, timeout=timeout)
        self._calls: dict[str, str] = {}

    def _read(self, page: str) -> tuple[int, str]:
        begins, calls = WALL.search(page), CALLS.search(page)
        if begins is None or calls is None:
            raise ValueError("no page of ours")
        self._calls = dict(CALL.findall(calls[1]))
        return int(begins[1]), f"/display/live?after={begins[1]}&edition={begins[2]}"

    def _apply(self, data: str) -> None:
        if data:
            self._calls = dict(CALL.findall(data))

    def shown(self) -> dict[str, str]:
        """Return when each party that is called was called."""
        return dict(self._calls)


class LogReader:
    """A program of somebody else that reads the event log through the staff API, page by page.

    Attributes:
        numbers: Of the events that it got, in order.

    """

    def __init__(self, address: str, *, token: str, timeout: float) -> None:
        self.numbers: list[int] = []
        self._address = address
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def follow(self, until: Event) -> None:
        """Read until then, and whatever has come until then."""
        while not until.wait(PAUSE_SECONDS):
            self._read()

    def read_to_the_end(self, last: Callable[[], int]) -> None:
        """Read until it has that event."""
        while not self.numbers or self.numbers[-1] < last():
            self._read()

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _read(self) -> None:
        after = self.numbers[-1] if self.numbers else 0
        try:
            answer = self._session.get(
                f"{self._address}{paths.EVENTS}?after={after}&limit=20",
                timeout=self._timeout,
                allow_redirects=False,
            )
            told = answer.json()
        except (requests.RequestException, ValueError):
            return
        if answer.status_code == 200 and "last" in told:
            self.numbers += [event["number"] for event in told["items"]]


def _finished(html: str) -> Iterator[str]:
    """Yield the visits whose rows are not shown any more."""
    return (
        found[1] for found in ROW.finditer(html) if " is-finished" in found[0].partition(">")[0]
    )


def _rows(html: str) -> Iterator[tuple[str, str]]:
    """Yield the visits of a list, each with its row's text."""
    for found in ROW.finditer(html):
        words = TAGS.sub(" ", found[0]).split()
        yield found[1], " ".join(words)
