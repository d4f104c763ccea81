import pytest
from sqlalchemy import delete

from server_stub import tables
from tests.server_stub.conftest import CHEAP
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.staff_api.staff import Staff, tokens_of_each_role


@pytest.fixture(scope="session")
def logins(client, shared_clock) -> dict[str, str]:
    """A token for each role, of sessions that begin when most tests do."""
    shared_clock.now = MONDAY_NOON
    return tokens_of_each_role(client, CHEAP)


@pytest.fixture
def helper(client, logins, clock) -> Staff:  # noqa: ARG001  # sessions end
    return Staff(client, logins["helper"])


@pytest.fixture
def staff(client, logins, clock) -> Staff:  # noqa: ARG001  # sessions end
    return Staff(client, logins["counter"])


@pytest.fixture
def lead(client, logins, clock) -> Staff:  # noqa: ARG001  # sessions end
    return Staff(client, logins["lead"])


@pytest.fixture
def nobody_here(client) -> None:
    """The visits of other tests are gone, so that nobody else is called.

    So are the events, by which the server would go on from what it read before.
    """
    gone = (
        *(tables.visit, tables.staff_action, tables.passage, tables.outcome, tables.stage_calls),
        tables.event,
    )
    engine = client.app.state.engine
    with engine.execution_options(writes=True).begin() as connection:
        for table in gone:
            connection.execute(delete(table))
