"""Every route of the server, asked by everybody: who gets in stands in `rights_of_routes.toml`."""

import tomllib
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.stand.busy_day import busy_day
from tests.stand.doors import WHO, Doors, Key, routes

pytestmark = pytest.mark.slow

TABLE = Path(__file__).with_name("rights_of_routes.toml")
ENDS_A_SESSION = ("POST /staff/logout", "DELETE /staff/v1/sessions/this")
SENT = {"POST /staff/login": {"name": "a" * 99}}
"""Read and refused, where an empty form would be a wrong password."""

NOTHING_THERE = {"GET /staff/admin/site/preview/{key}/{name}.png"}
"""Whose 404 comes from behind the door: no picture is drawn, which takes a kiosk's program long."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Iterator[dict[str, str]]:
    """What each route answers to each of `WHO`."""
    doors = Doors(busy_day(tmp_path_factory.mktemp("doors") / "day"))
    record_a_call(doors)
    keys = doors.keys()
    last = {route: doors.keys() for route in ENDS_A_SESSION}
    with doors.day.server as server:
        address = server.address

        def row(route: str) -> str:
            own = last.get(route, keys)
            ask = partial(answer_to, route, address + doors.address(route))
            return " ".join(ask(own[who]) for who in WHO)

        known = routes()
        with ThreadPoolExecutor(4) as pool:
            yield dict(zip(known, pool.map(row, known), strict=True))


def record_a_call(doors: Doors) -> None:
    """Let a call be said also on a machine that has no voice."""
    folder = doors.day.server.data / "recordings" / doors.values["language"]
    folder.mkdir(parents=True)
    for name in ("number", *doors.values["ticket"], f"come-{doors.values['counter']}"):
        with wave.open(str(folder / f"{name}.wav"), "wb") as part:
            part.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
            part.writeframes(bytes(16))


def answer_to(route: str, address: str, key: Key) -> str:
    """Return "in", or the status with which somebody is kept out, or nothing was found."""
    with requests.request(
        route.split(maxsplit=1)[0],
        address,
        cookies=key.cookies,
        data=SENT.get(route),
        headers={**key.headers, "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
        stream=True,  # some answers never end
        timeout=30,
    ) as answer:
        to_login = urlsplit(answer.headers.get("Location", "")).path == "/staff/login"
        kept_out = answer.status_code in {401, 403} or (answer.status_code == 303 and to_login)
        # What leads nowhere, or cannot be read, says nothing of the door: it may lie before it.
        leads_nowhere = (
            route.startswith("GET ")
            and answer.status_code in {404, 422}
            and route not in NOTHING_THERE
        )
        return str(answer.status_code) if kept_out or leads_nowhere else "in"


def test_every_route_lets_in_whom_the_table_names_and_nobody_else(asked):
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))

    assert table["who"] == list(WHO)
    assert asked == {route: " ".join(row.split()) for route, row in table["routes"].items()}
