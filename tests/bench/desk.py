"""A counter that presses the buttons of its page as fast as it is answered, as htmx does."""

import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Event
from urllib.parse import urlencode

from uuid_utils.compat import uuid7

from tests.stand.staff import StaffMember, forms_of

HTMX = {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Desk:
    """One counter that calls a party, finishes with it, and calls the next one.

    Attributes:
        counter: At the stage whose queue it calls.
        calls: Seconds from each press of "Call next" to its answer, the desk with its number.

    """

    counter: str
    calls: list[float] = field(default_factory=list)

    def open(self, address: str, *, name: str, password: str) -> None:
        """Log in and sit down at the counter."""
        member = StaffMember(address, name, password)
        member.work_at(self.counter)
        cookies = member.session.cookies.get_dict()
        member.close()
        self._headers = {
            **HTMX,
            "Origin": address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        host, port = address.removeprefix("http://").split(":")
        self._line = HTTPConnection(host, int(port), timeout=60)

    def work_until(self, done: Event) -> None:
        """Call and finish, one party after the other."""
        while not done.is_set():
            began = time.perf_counter()
            answer = self._press("call-next", action=str(uuid7()), counter=self.counter)
            self.calls.append(time.perf_counter() - began)
            finish = next(
                (f for f in forms_of(answer) if f.action == "/staff/counter/finish"), None
            )
            if finish is None:
                raise AssertionError(f"nobody was called: {answer[:500]}")
            self._press("finish", **finish.values)
        self._line.close()

    def _press(self, step: str, **values: str) -> str:
        self._line.request("POST", f"/staff/counter/{step}", urlencode(values), self._headers)
        answer = self._line.getresponse()
        said = answer.read().decode()
        if answer.status != 200:
            raise AssertionError(f"{step}: {answer.status} {said[:500]}")
        return said
