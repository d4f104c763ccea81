"""Each check finds exactly what was broken, in a database that is otherwise whole."""

import pytest
from sqlalchemy import text

from server_stub import tables
from server_stub.checks.inspection import OF_ITS_ROWS
from tests.server_stub.checks.breakages import BREAKAGES

pytestmark = pytest.mark.both_databases

NOT_IN_A_DAY = {
    *("staff", "staff_session", "login_failure", "display", "health_probe"),
    *("help_call", "kiosk_report", "kiosk_day"),
}
"""What no check looks at."""


def test_a_database_that_was_worked_with_is_whole(broken, found):
    with broken() as connection:
        assert found(connection) == {}


def test_the_worked_day_has_rows_for_every_check(worked):
    empty = {name for name, table in tables.metadata.tables.items() if not worked.rows(table)}

    assert empty <= NOT_IN_A_DAY


@pytest.mark.slow  # a whole inspection for each
@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_wrong_is_found_and_nothing_else(broken, found, name):
    checks, breakage = BREAKAGES[name]
    with broken() as connection:
        words = breakage(connection)
        told = found(connection)

    assert set(told) == checks
    assert any(words in finding for findings in told.values() for finding in findings)


def test_every_check_of_rows_is_broken_by_a_test():
    assert {check.name for check in OF_ITS_ROWS} <= set().union(*(c for c, _ in BREAKAGES.values()))


@pytest.mark.sqlite  # PostgreSQL takes no JSON that is none
def test_what_cannot_be_read_is_a_finding_that_shows_nothing_of_it(broken, found):
    with broken() as connection:
        connection.execute(text("UPDATE visit SET route = 'no JSON at all'"))
        connection.execute(text("UPDATE visit SET calling_class = 7"))
        told = found(connection)

    assert set(told) == {"stages"}
    assert told["stages"][-1].startswith("the database: cannot be read (JSONDecodeError); restore")
    assert "no JSON at all" not in str(told)
