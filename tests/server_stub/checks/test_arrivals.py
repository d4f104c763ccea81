import pytest

from server_stub.checks.inspection import inspect_database
from tests.server_stub.enrolled import MONDAY_NOON

pytestmark = pytest.mark.both_databases


def test_a_check_in_that_a_slower_clock_received_is_in_order(room, kiosk, clock):
    """As with a second server process, whose machine's clock is a little behind."""
    room.admit(kiosk, kiosk.check_in(1))
    clock.move(-1)
    room.admit(kiosk, kiosk.check_in(2))

    first, second = sorted(room.snapshot().visits, key=lambda visit: visit.arrival_order)
    assert second.arrived_at == first.arrived_at > clock()
    with room.engine.connect() as connection:
        inspection = inspect_database(connection, now=MONDAY_NOON)

    assert [r.findings for r in inspection.results if r.name == "arrivals"] == [()]
