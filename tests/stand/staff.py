"""A member of staff at the staff pages, by their own HTTP routes: reads forms and submits them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests


@dataclass
class PageForm:
    """One form as the page sent it: where it goes, and the values that stand in it."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.words: list[str] = []
        self._form: PageForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input" and self._form and given.get("name"):
            self._form.values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def forms_of(html: str) -> list[PageForm]:
    """Return the forms of a page, or of a part of one."""
    reader = _FormReader()
    reader.feed(html)
    return reader.forms


class StaffMember:
    """Someone who is logged in at the staff page.

    Args:
        address: The server's.
        name: Of the login.
        password: Of the login.

    """

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en"
        self.submit("/staff/login", "/staff/login", name=name, password=password)

    def close(self) -> None:
        """Close the connection."""
        self.session.close()

    def work_at(self, counter: str) -> None:
        """Choose a counter."""
        self.submit("/staff/counter", "/staff/counter/at", counter=counter)

    def call_next(self) -> None:
        """Press "Call next"."""
        self.submit("/staff/counter", "/staff/counter/call-next")

    def forward(self) -> None:
        """Send the called party on."""
        self.submit("/staff/counter", "/staff/counter/forward")

    def go_to_help(self) -> None:
        """Say of the first open help call: I am going."""
        self.submit("/staff", "/staff/help")

    def words(self, page: str = "/staff") -> list[str]:
        """Return every text that stands on a page now; on the incoming page unless told."""
        return self._read(page).words

    def _read(self, path: str) -> _FormReader:
        answer = self.session.get(self.address + path, timeout=30)
        answer.raise_for_status()
        page = _FormReader()
        page.feed(answer.text)
        return page

    def submit(self, page: str, action: str, **filled_in: str) -> str:
        """Fill in a form of a page and send it; return the page that comes back."""
        forms = self._read(page).forms
        form = next((f for f in forms if f.action.split("?")[0] == action), None)
        if form is None:
            raise AssertionError(f"{page} offers no form {action}: {[f.action for f in forms]}")
        answer = self.session.post(
            self.address + form.action,
            data={**form.values, **filled_in},
            headers={"Origin": self.address},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.text
