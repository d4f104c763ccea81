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
    """One counter that calls a party, serves it, lets it go, and calls the next one.

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
        """Call, serve and let go, one party after the other."""
        while not done.is_set():
            began = time.perf_counter()
            answer = self._press("call-next", action=str(uuid7()), counter=self.counter)
            self.calls.append(time.perf_counter() - began)
            self._end(self._press_offered("serve", answer))
        self._line.close()

    def _end(self, answer: str) -> None:
        """Let the party that is being served go: on to where it must, or home."""
        offered = {form.action for form in forms_of(answer)}
        step = "finish" if "/staff/counter/finish" in offered else "forward"
        self._press_offered(step, answer)

    def _press_offered(self, step: str, answer: str) -> str:
        """Press a button of the desk that was answered, or raise AssertionError."""
        offered = {form.action: form for form in forms_of(answer)}
        if f"/staff/counter/{step}" not in offered:
            raise AssertionError(f"the desk offers no {step}: {sorted(offered)} {answer[:500]}")
        return self._press(step, **offered[f"/staff/counter/{step}"].values)

    def _press(self, step: str, **values: str) -> str:
        self._line.request("POST", f"/staff/counter/{step}", urlencode(values), self._headers)
        answer = self._line.getresponse()
        said = answer.read().decode()
        if answer.status != 200:
            raise AssertionError(f"{step}: {answer.status} {said[:500]}")
        return said
