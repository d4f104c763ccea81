"""A browser without script: follows forms and links, and knows what a page says."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from starlette.testclient import TestClient

PASSWORD = "right-password"

WITHOUT_TEXT = {"template", "title"}
"""What a browser does not show on the page."""


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, what its button says."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    button: str = ""


class Page(HTMLParser):
    """A page that was answered: its status, where it is or leads, its words and its forms."""

    def __init__(self, answer) -> None:
        super().__init__()
        self.status = answer.status_code
        self.html = answer.text
        self.address = answer.headers.get("location") or answer.url.path
        self.forms: list[Form] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self.feed(answer.text)

    @property
    def text(self) -> str:
        """All words, with single blanks between them."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> Form:
        """Return the first form that goes there."""
        return next(form for form in self.forms if form.action == action)

    def has_form(self, action: str) -> bool:
        return any(form.action == action for form in self.forms)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in {"form", "button", *WITHOUT_TEXT}:
            self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))  # a dialog's has none
        if tag == "input" and "form" in self._open:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if WITHOUT_TEXT & set(self._open):
            return
        self._words.append(data)
        if "button" in self._open and "form" in self._open:
            self.forms[-1].button += data.strip()


class PaperBrowser:
    """Somebody who reads pages and presses buttons."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.headers: dict[str, str] = {"Accept-Language": "en"}

    def open(self, path: str) -> Page:
        return Page(self.client.get(path, headers=self.headers))

    def send(self, path: str, **fields: object) -> Page:
        return Page(self.client.post(path, data=fields, headers=self.headers))

    def press(self, form: Form) -> Page:
        return self.send(form.action, **form.fields)

    def log_in(self, name: str = "anna", password: str = PASSWORD, **more: str) -> Page:
        return self.send("/staff/login", name=name, password=password, **more)
