from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from server_stub.checks.inspection import inspect_database
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import OpenRoom, open_room
from tests.server_stub.worked_day import WorkedDay


@pytest.fixture(scope="session")
def worked(new_data, tmp_path_factory, made_once, shared_clock) -> Iterator[OpenRoom]:
    """A database in which everything was done once; tests take back whatever they change."""
    shared_clock.now = MONDAY_NOON  # wherever the test before has left it
    settings = new_data(tmp_path_factory.mktemp("worked") / "data")
    with open_room(settings) as room:
        WorkedDay(room, made_once[1], made_once[2], clock=shared_clock).work()
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
