"""Each check finds exactly what was broken, in a database that is otherwise whole."""

import pytest
from sqlalchemy import text

from server_stub import tables
from server_stub.checks.inspection import OF_ITS_ROWS, inspect_database
from server_stub.checks.tables_there import RESTORE
from tests.server_stub.checks.breakages import BREAKAGES

pytestmark = pytest.mark.both_databases

NOT_IN_A_DAY = {
    *("staff", "staff_session", "login_failure", "display", "health_probe"),
    *("help_call", "kiosk_report", "kiosk_day"),
    *("audit", "retention", "erased_figures"),
    *("enrolment_code", "enrolment_request", "challenge", "attempt"),
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


@pytest.mark.sqlite  # PostgreSQL never lets go of its foreign keys
def test_a_row_that_names_one_that_is_not_there_is_found(broken, found):
    with broken() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(text("DELETE FROM kiosk WHERE name = 'entrance-2'"))
        told = found(connection)

    assert "belongs to kiosk (duesseldorf, " in told["references"][0]
    assert "which is not there; restore" in told["references"][0]


def test_an_index_that_only_makes_quick_is_to_be_looked_at(broken, found, clock):
    with broken() as connection:
        connection.execute(text("DROP INDEX ix_visit_waiting"))
        told = found(connection)
        assert inspect_database(connection, now=clock.now).whole

    assert told["indices"][0].startswith("index ix_visit_waiting of visit: is missing: what it")


@pytest.mark.parametrize(
    ("broken_by", "said"),
    [
        ("DELETE FROM site", "the database: holds no site; restore"),
        ("UPDATE site SET file_json = '{}'", "site duesseldorf: its file cannot be understood (at"),
    ],
)
def test_a_site_that_cannot_be_used_ends_the_inspection(broken, found, broken_by, said):
    with broken() as connection:
        connection.execute(text(broken_by))
        told = found(connection)

    assert set(told) == {"sites"}
    assert told["sites"][0].startswith(said)


def test_a_column_that_is_missing_ends_the_inspection(broken, found):
    with broken() as connection:
        connection.execute(text("ALTER TABLE passage RENAME COLUMN persons TO people"))
        told = found(connection)

    assert told == {"tables": [f"column passage.persons: is missing; {RESTORE}"]}
