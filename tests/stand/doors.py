"""The doors of a busy day's server: all its routes, and the keys of everybody who may knock."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import requests
from fastapi.routing import APIRoute
from sqlalchemy import Connection, Engine, select

from server_stub import display_pages, staff_login, staff_sessions, tables
from server_stub.app import create_app
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import open_store
from tests.server_stub.enrolled import new_id
from tests.stand.busy_day import NOW, BusyDay

STAFF = {"helper": "hedi", "counter": "anna", "lead": "lena", "admin": "adam"}
"""Who of the busy day has which role."""

WHO = ("nobody", "kiosk", "display", *STAFF)

ASKED = {
    "/display/enter": "token={display}",
    "/display/live": "after=0&edition=",
    "/staff/admin/account": "name=anna",
    "/staff/admin/display": "name=hall",
    "/staff/admin/kiosk": "enrolment={enrolment}",
    "/staff/counter/found": "number=D101",
    "/staff/hall/queue": "stage=registration",
    "/staff/live/{page}": "after=0&language=en&edition=",
}
"""What a route wants to know besides its path."""

NUMBERED_BY_TICKETS = "/display/sounds/{language}/{number}/{counter}.wav"
"""Its number is called from the wall; elsewhere a number is that of a site file."""


@dataclass(frozen=True, slots=True)
class Key:
    """What somebody sends with every request.

    Attributes:
        cookies: Of a browser.
        headers: Of a program.

    """

    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the server.

    Attributes:
        route: Its path, with the names of what stands in it.
        address: Where it is.
        who: Of `WHO`, the least who may open it.

    """

    route: str
    address: str
    who: str


def routes() -> list[str]:
    """Return method and path of every route that the server has, files left out."""
    app = create_app(Settings(data=Path("nowhere")))
    return sorted(
        (
            f"{method} {route.path}"
            for route in _api_routes(app.routes)
            for method in route.methods or ()
        ),
        key=lambda route: (route.split()[1], route),
    )


def _is_for_browsers(route: str) -> bool:
    """Return whether it may be a page: no form, no sound, no program's, no stream without end."""
    is_other = "/v1/" in route or "/live" in route or route.endswith(".wav")
    return route.startswith("GET ") and not is_other


def _api_routes(some: Iterable[Any]) -> Iterator[APIRoute]:
    for route in some:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(route, "original_router", None):  # what include_router left
            yield from _api_routes(inner.routes)


@dataclass
class Doors:
    """A busy day that is not served yet, or is: addresses and keys of all its doors.

    Args:
        day: Whose; each new session of staff is put into its store.

    """

    day: BusyDay

    def __post_init__(self) -> None:
        """Read what the paths of routes are filled with."""
        with open_store(self._settings) as engine, engine.connect() as connection:
            self.values = _values(connection) | {"display": self.day.known["displays"]["hall"]}

    def address(self, route: str) -> str:
        """Return path and query of a route, leading to something that is there."""
        path = route.split()[1]
        values = self.values
        if path == NUMBERED_BY_TICKETS:
            values = values | {"number": values["ticket"]}
        return f"{path}?{ASKED.get(path, '')}".removesuffix("?").format_map(values)

    def keys(self, *, language: str = "en") -> dict[str, Key]:
        """Return new keys for everybody in `WHO`; counter 1 is anna's."""
        display = {display_pages.COOKIE: self.day.known["displays"]["hall"]}
        kiosk = {"Authorization": f"Bearer {self.day.known['kiosks']['entrance-1']}"}
        keys = {"nobody": Key(), "kiosk": Key(headers=kiosk), "display": Key(cookies=display)}
        with open_store(self._settings) as engine, _writing(engine) as connection:
            site = load_site(connection).site.id
            for role, name in STAFF.items():
                keys[role] = _key_of_staff(connection, site, name=name, language=language)
        return keys

    def pages(self, keys: dict[str, Key], *, most: int | None = None) -> list[Page]:
        """Return the pages of the server, which is serving: what its routes answer in HTML.

        Args:
            keys: Of everybody in `WHO`.
            most: So many of them; all where that is None.

        """
        asked = [route for route in routes() if _is_for_browsers(route)]
        found = (self._page(route, keys) for route in asked)
        return list(islice((page for page in found if page), most))

    def _page(self, route: str, keys: dict[str, Key]) -> Page | None:
        """Return what is at a route, for the first who may open it; None where that is no page."""
        address = self.day.server.address + self.address(route)
        for who in WHO:
            told = {"cookies": keys[who].cookies, "allow_redirects": False}
            answer = requests.get(address, **told, timeout=30)
            to_save = "Content-Disposition" in answer.headers  # a sheet for paper
            is_whole = "<!doctype html" in answer.text[:400].lower()
            if answer.status_code == requests.codes.ok and is_whole and not to_save:
                return Page(route.split()[1], address, who)
        return None

    @property
    def _settings(self) -> Settings:
        return Settings(data=self.day.server.data, clock=lambda: NOW)


def _writing(engine: Engine) -> AbstractContextManager[Connection]:
    return engine.execution_options(writes=True).begin()


def _key_of_staff(connection: Connection, site: str, *, name: str, language: str) -> Key:
    """Log someone in: a browser sends the token as a cookie, a program in a header."""
    told = {"name": name, "address": "127.0.0.1", "language": language}
    token = staff_sessions.log_in(connection, site, **told, now=NOW)
    session = staff_sessions.session_of(connection, site, token=token, now=NOW)
    assert session
    if name == STAFF["counter"]:
        staff_sessions.choose_counter(connection, site, session=session, counter="1")
    return Key({staff_login.COOKIE: token}, {"Authorization": f"Bearer {token}"})


def _values(connection: Connection) -> dict[str, str]:
    """Return what stands in the places of paths: things that are there."""
    t = tables.visit.c
    waits = select(t.id, t.number).where(t.state == "waiting").order_by(t.id.desc()).limit(1)
    visit, ticket = map(str, connection.execute(waits).one())
    calls = select(tables.help_call.c.id).limit(1)
    version = select(tables.site_file.c.number).limit(1)
    here = tables.kiosk.c
    kiosk = select(here.enrolment).where(here.name == "entrance-2")
    return {
        "visit": visit,
        "visit_id": visit,
        "ticket": ticket,
        "check_in_id": str(new_id()),
        "action_id": str(new_id()),
        "help_call_id": str(connection.execute(calls).scalar_one()),
        "enrolment": str(connection.execute(kiosk).scalar_one()),
        "stage_id": "registration",
        "step": "call-next",
        "page": "hall",
        "day": (NOW - timedelta(days=1)).date().isoformat(),
        "number": str(connection.execute(version).scalar() or 1),
        "language": "uk",
        "counter": "1",
        "key": "nothing",
        "name": "nothing",
    }
