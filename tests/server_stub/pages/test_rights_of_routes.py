"""Every route of the server, asked by everybody: who gets in stands in `rights_of_routes.toml`."""

import tomllib
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


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Iterator[dict[str, str]]:
    """What each route answers to each of `WHO`."""
    doors = Doors(busy_day(tmp_path_factory.mktemp("doors") / "day"))
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


def answer_to(route: str, address: str, key: Key) -> str:
    """Return "in", or the status with which somebody is kept out."""
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
        return str(answer.status_code) if kept_out else "in"


def test_every_route_lets_in_whom_the_table_names_and_nobody_else(asked):
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))

    assert table["who"] == list(WHO)
    assert asked == {route: " ".join(row.split()) for route, row in table["routes"].items()}
