"""Pressing on a bad line: a press has an id, and is sent until the server itself has answered."""

import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock
from typing import Any
from uuid import UUID, uuid4

import requests

from server_stub.staff_api import paths

NOT_FINAL = frozenset({500, 502, 503, 504})
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Press:
    """A press, and what it came to.

    Attributes:
        path: Where it is put; the id is in it.
        body: The same at every attempt.
        answer: The server's, as told the first time.

    """

    path: str
    body: bytes
    answer: dict[str, Any]


@dataclass
class Pressed:
    """What all counters pressed and were told.

    Attributes:
        presses: That were done.
        attempts: Requests that were sent for them.
        repeated: Presses that were sent once more later on.
        differing: Those of them that were answered otherwise then.
        refused: By code, how many presses were refused.
        unasked: Parties found at a counter that nobody there had been told of: a press that was
            refused, and whose late copy was done after all.

    """

    presses: list[Press] = field(default_factory=list)
    attempts: int = 0
    repeated: int = 0
    differing: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unasked: int = 0
    lock: Lock = field(default_factory=Lock)


class NotNowError(Exception):
    """The run ends before the server has answered."""


class PressingDesk:
    """Somebody at a counter, on a bad line.

    Args:
        address: Of the line.
        counter: Where.
        token: Of a session.
        pressed: Where it is noted.
        dice: Decide what is pressed.
        timeout: Seconds to wait for an answer.

    """

    def __init__(
        self,
        address: str,
        counter: str,
        *,
        token: str,
        pressed: Pressed,
        dice: Random,
        timeout: float,
    ) -> None:
        self._address = address
        self._counter = counter
        self._pressed = pressed
        self._dice = dice
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.gives_up = Event()

    def work(self, until: Event, *, pause: float) -> None:
        """Call, serve and send on until then; who is at the counter then is finished."""
        party: dict[str, Any] | None = None
        try:
            while not until.is_set():
                party = self._next_of(party)
                if self._dice.random() < 0.1:
                    self.repeat_one()
                until.wait(pause)
            if party:
                self._press({"step": "finish", "visit": party["id"], "seen": party["version"]})
        except NotNowError:
            pass

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def repeat_one(self) -> None:
        """Send an earlier press again."""
        with self._pressed.lock:
            press = self._dice.choice(self._pressed.presses) if self._pressed.presses else None
        if press:
            self.repeat(press)

    def repeat(self, press: Press) -> None:
        """Send a press again, and compare its answers."""
        again = self._ask("PUT", press.path, press.body)
        with self._pressed.lock:
            self._pressed.repeated += 1
            if _of_the_press(again) != _of_the_press(press.answer):
                self._pressed.differing.append(f"{press.path}: {press.answer} and then {again}")

    def _next_of(self, party: dict[str, Any] | None) -> dict[str, Any] | None:
        """Do the next thing with the party at the counter, or call one."""
        if party is None:
            done = self._press({"step": "call-next"})
            return done["visit"] if done else self._unasked()
        step = self._dice.choice(("forward", "finish"))
        if party["stage"] == party["route"][-1]:
            step = "finish"
        elif party["state"] == "called" and self._dice.random() < 0.4:
            step = self._dice.choice(("recall", "serve"))
        done = self._press({"step": step, "visit": party["id"], "seen": party["version"]})
        still_here = done is not None and step in {"recall", "serve"}
        return done["visit"] if done and still_here else None

    def _unasked(self) -> dict[str, Any] | None:
        """Return the party that is here although nobody here has been told of it."""
        answer = self._ask("GET", paths.STAGES)
        counters = (c for stage in answer["items"] for c in stage["counters"])
        here = next(c["visit"] for c in counters if c["id"] == self._counter)
        if here is None:
            return None
        with self._pressed.lock:
            self._pressed.unasked += 1
        return self._ask("GET", f"{paths.VISITS}/{here}")

    def _press(self, said: dict[str, object]) -> dict[str, Any] | None:
        """Return what a press came to; None where it was refused."""
        path = f"{paths.ACTIONS}/{uuid4()}"
        body = json.dumps(said | {"counter": self._counter}).encode()
        answer = self._ask("PUT", path, body)
        with self._pressed.lock:
            if "action" not in answer:
                self._pressed.refused[answer["code"]] += 1
                return None
            self._pressed.presses.append(Press(path, body, answer))
        return answer

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Return the server's own answer, however often it takes to ask."""
        while not self.gives_up.is_set():
            told = self._once(method, path, body)
            if told is not None:
                return told
            self.gives_up.wait(PAUSE_SECONDS)
        raise NotNowError

    def _once(self, method: str, path: str, body: bytes | None) -> dict[str, Any] | None:
        """Return the server's own answer; None where it is not that, or none."""
        with self._pressed.lock:
            self._pressed.attempts += 1
        try:
            answer = self._session.request(
                method,
                self._address + path,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
            )
            told = answer.json()
        except (requests.RequestException, ValueError):
            return None
        is_final = answer.status_code not in NOT_FINAL and _is_ours(told, path)
        return dict(told) if is_final else None


def _of_the_press(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what it tells of the slip, of which a kiosk may say more later."""
    visit = answer.get("visit")
    if not isinstance(visit, dict):  # a refusal, which names its visit
        return answer
    return answer | {"visit": {name: visit[name] for name in visit if name != "slip"}}


def _is_ours(told: Any, path: str) -> bool:
    """Whether it is our server's word on what was asked, and not a stranger's."""
    if not isinstance(told, dict):
        return False
    if "ankunft" in told:  # a refusal, in the server's own words
        return True
    about = path.rsplit("/", 1)[-1]
    named = told.get("action") or told.get("id")
    return named == about if _is_id(about) else "items" in told


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
