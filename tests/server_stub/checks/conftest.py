import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from server_stub.checks.inspection import Inspection, inspect_database
from tests.server_stub.enrolled import EnrolledKiosk, StandingClock, party
from tests.server_stub.open_room import OpenRoom, open_room

Look = Callable[[Connection], Inspection]


@pytest.fixture(scope="session")
def worked(new_data, tmp_path_factory, made_once, shared_clock) -> Iterator[OpenRoom]:
    """A database in which parties came, were called, sent on and finished; never changed."""
    settings = new_data(tmp_path_factory.mktemp("worked") / "data")
    with open_room(settings) as room:
        work(room, made_once[1], made_once[2], clock=shared_clock)
        yield room


@pytest.fixture
def broken(worked) -> Callable[[], Connection]:
    """Lend a connection on which anything can be broken: all is taken back in the end."""

    @contextmanager
    def broken() -> Iterator[Connection]:
        with worked.engine.execution_options(writes=True).connect() as connection:
            yield connection
            connection.rollback()

    return broken


@pytest.fixture
def found(clock) -> Callable[[Connection], dict[str, list[str]]]:
    """Return what is found, by the name of the check."""

    def found(connection: Connection) -> dict[str, list[str]]:
        results = inspect_database(connection, now=clock.now).results
        return {r.name: [str(finding) for finding in r.findings] for r in results if r.findings}

    return found


def arrive(room: OpenRoom, kiosk: EnrolledKiosk, sequence: int, *route: str, **told: object):
    content = party(*route, **told).model_copy(update={"ticket_token": secrets.token_urlsafe(16)})
    room.admit(kiosk, kiosk.check_in(sequence, content=content))


def work(
    room: OpenRoom, first: EnrolledKiosk, second: EnrolledKiosk, *, clock: StandingClock
) -> None:
    """Let three parties each come to two kiosks, and one be called, sent on and finished."""
    for sequence in (1, 2, 3):
        arrive(room, first, sequence)
        arrive(room, second, sequence, "information", adults=1, children=0)
        clock.move(60)
    one = room.call_next("1")
    clock.move(60)
    one = room.do(room.room.recall, one)
    clock.move(60)
    room.do(room.room.forward, one)
    two = room.call_next("1")
    clock.move(60)
    room.do(room.room.finish, two)
    room.call_next("1")
