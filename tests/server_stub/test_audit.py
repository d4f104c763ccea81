import pytest
from sqlalchemy import select

from server_stub import audit, tables
from tests.server_stub.enrolled import MONDAY_NOON

pytestmark = pytest.mark.both_databases


def test_an_entry_says_who_did_what_to_whom_and_when(room):
    with room.engine.execution_options(writes=True).begin() as connection:
        audit.note(
            connection,
            room.site.id,
            staff="anna",
            act="kiosk-revoked",
            now=MONDAY_NOON,
            about="entrance-1",
        )
        (row,) = connection.execute(select(tables.audit)).mappings()

    assert {name: value for name, value in row.items() if name != "id"} == {
        "site": room.site.id,
        "at": MONDAY_NOON,
        "staff": "anna",
        "act": "kiosk-revoked",
        "about": "entrance-1",
        "detail": None,
    }
