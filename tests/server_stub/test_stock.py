from datetime import date

import pytest

from server_stub import tables
from server_stub.step_errors import ActionReusedError, LeadNeededError, NotOfThisSiteError
from tests.server_stub.enrolled import new_id

pytestmark = pytest.mark.both_databases


def count(room, persons=3655, *, figure="housed", role="lead", **pressed):
    press = room.press(counter=None, role=role, **pressed)
    return room.run(room.room.count_stock(press, figure=figure, persons=persons))


def test_a_lead_enters_how_many_are_housed_now(room, clock):
    action = new_id()
    for _ in range(2):
        count(room, action=action)

    (kept,) = room.rows(tables.stock_count)
    assert (kept["id"], kept["figure"], kept["persons"]) == (action, "housed", 3655)
    assert (kept["at"], kept["service_day"], kept["staff"]) == (
        clock.now,
        date(2026, 11, 23),
        "anna",
    )
    assert [event.kind.value for event in room.events()] == ["stock"]
    with pytest.raises(ActionReusedError):
        count(room, 3656, action=action)


def test_only_a_lead_counts_and_only_a_stock(room):
    with pytest.raises(LeadNeededError):
        count(room, role="counter")
    for figure, persons in (("transferred", 1), ("moon", 1), ("housed", -1)):
        with pytest.raises(NotOfThisSiteError):
            count(room, persons, figure=figure)
    assert room.rows(tables.stock_count) == []
