"""The bad network of the chaos runs: each misfortune is what it says."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.chaos.fates import Dice, Misfortune
from tests.chaos.proxy import Line, Network
from tests.kiosk.loopback import Loopback, Response

pytestmark = pytest.mark.slow

BODY = b"taken " + bytes(range(65, 91)) * 8


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda _: Response(200, BODY)) as server:
        yield server


@contextmanager
def line_of(
    server: Loopback, *kinds: Misfortune, http: bool = True, silence: float = 0.1
) -> Iterator[tuple[Line, requests.Session]]:
    dice = Dice(1, share=1.0, kinds=kinds)
    with Network(dice, silence=silence, late=0.1) as network, requests.Session() as session:
        session.trust_env = False
        yield network.lay(int(server.server_address[1]), carries_http=http), session


def put(line: Line, session: requests.Session) -> bytes:
    answer = session.put(line.address + "/v1/slips/1", b"x" * 300, timeout=5, allow_redirects=False)
    return answer.content if answer.status_code == 200 else b""


@pytest.mark.parametrize(
    ("kind", "arrives"),
    [
        (Misfortune.REFUSED, 0),
        (Misfortune.SILENT, 0),
        (Misfortune.NOT_DELIVERED, 0),
        (Misfortune.ANSWER_LOST, 1),
        (Misfortune.ANSWER_TRUNCATED, 1),
        (Misfortune.DELIVERED_ALL_THE_SAME, 1),
        (Misfortune.OVERTAKEN, 1),
        (Misfortune.TWICE, 2),
    ],
)
def test_who_sends_is_not_told_and_the_server_has_it_or_not(
    server: Loopback, kind: Misfortune, arrives: int
) -> None:
    with line_of(server, kind) as (line, session):
        try:
            told = put(line, session) == BODY
        except requests.RequestException:
            told = False
        line.network.calm()

        assert told is (kind is Misfortune.TWICE)
        assert len(server.requests) == arrives
        assert put(line, session) == BODY  # in the calm


@pytest.mark.parametrize("kind", [Misfortune.CUT, Misfortune.ENDED, Misfortune.DEAF])
def test_a_line_breaks_at_any_byte(server: Loopback, kind: Misfortune) -> None:
    with line_of(server, kind) as (line, session):
        broken = 0
        for _ in range(12):
            try:
                broken += put(line, session) != BODY  # requests takes half a head for one
            except requests.RequestException:
                broken += 1
        assert broken > 0
        line.network.calm()
        assert put(line, session) == BODY


@pytest.mark.parametrize("kind", [Misfortune.LATE, Misfortune.TRICKLE])
def test_what_comes_slowly_comes_whole(server: Loopback, kind: Misfortune) -> None:
    with line_of(server, kind) as (line, session):
        assert put(line, session) == BODY


def test_a_request_that_is_overtaken_arrives_after_newer_ones(server: Loopback) -> None:
    with line_of(server, Misfortune.OVERTAKEN) as (line, session):
        with pytest.raises(requests.ConnectionError):
            session.put(line.address + "/old", b"", timeout=5)
        with line_of(server) as (calm, other):
            other.put(calm.address + "/new", b"", timeout=5)
        line.network.calm()

    assert [request.path for request in server.requests] == ["/new", "/old"]


def test_the_same_seed_throws_the_same() -> None:
    def thrown() -> list[object]:
        dice = Dice(7)
        return [throw for _ in range(50) for throw in (dice.connection(), dice.request())]

    assert thrown() == thrown()
