from datetime import timedelta

import pytest

from server_stub.last_queue import LastNumber, LastQueue, read_last_queue
from tests.server_stub.enrolled import MONDAY_NOON, party
from tests.server_stub.test_closing import Lead

pytestmark = pytest.mark.both_databases


def read(room, at=MONDAY_NOON) -> LastQueue:
    with room.engine.connect() as connection:
        return read_last_queue(connection, room.site, as_of=at)


def numbers(queue: LastQueue) -> dict[str, dict[str, list[str]]]:
    return {
        stage.stage.id: {
            "waiting": [party.number for party in stage.waiting],
            "at counters": [f"{party.number} {party.counter}" for party in stage.at_counters],
            "parked": [party.number for party in stage.parked],
        }
        for stage in queue.stages
    }


def test_it_holds_who_is_at_each_stage_and_nobody_who_has_gone(room, kiosk, other_kiosk):
    for sequence in range(1, 7):
        room.admit(kiosk, kiosk.check_in(sequence))
    room.admit(other_kiosk, other_kiosk.check_in(1, content=party("housing", language="ar")))
    room.do(room.room.finish, room.call_next("1"))
    room.do(room.room.forward, room.call_next("1"))
    served = room.do(room.room.serve, room.call_next("1"))
    room.do(room.room.park, served)
    room.do(room.room.serve, room.call_next("1"))
    room.call_next("2")

    assert numbers(read(room)) == {
        "information": {
            "waiting": ["D106"],
            "at counters": ["D104 1", "D105 2"],
            "parked": ["D103"],
        },
        "housing": {"waiting": ["F101", "D102"], "at counters": [], "parked": []},
    }


def test_it_is_in_the_order_of_calling(room, kiosk, clock):
    for sequence in range(1, 5):
        room.admit(kiosk, kiosk.check_in(sequence))
    Lead(room).stop()
    Lead(room).close()
    clock.move(20 * 3600)
    late, urgent = kiosk.check_in(5), kiosk.check_in(6)
    for check_in in (late, urgent):
        room.admit(kiosk, check_in)
    room.do(room.room.set_priority, room.visit(urgent.id), saying={"priority": True})

    queue = read(room, clock.now)
    assert numbers(queue)["information"]["waiting"] == [
        *("D106", "D101", "D102", "D103", "D104", "D105")
    ]
    waiting = queue.stages[0].waiting
    assert [party.priority for party in waiting] == [True, *[False] * 5]
    assert [party.carried_over for party in waiting] == [False, *[True] * 4, False]


def test_it_tells_size_and_language_and_since_when(room, kiosk, clock):
    room.admit(kiosk, kiosk.check_in(1), age=600)
    room.admit(kiosk, kiosk.check_in(2).model_copy(update={"sealed": None}))

    first, unread = read(room, clock.now).stages[0].waiting
    assert (first.language, first.adults, first.children) == ("uk", 2, 1)
    assert first.since == MONDAY_NOON - timedelta(minutes=10)
    assert (unread.language, unread.adults, unread.children) == (None, 0, 0)


def test_it_tells_the_last_number_of_each_kiosk_that_gave_out_any(room, kiosk):
    room.admit(kiosk, kiosk.check_in(2))
    room.admit(kiosk, kiosk.check_in(1))

    assert read(room).last_numbers == (LastNumber(kiosk.name, "D102"),)


def test_who_is_at_a_stage_that_the_site_no_longer_has_is_not_lost(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1, content=party("housing")))
    stages = tuple(stage for stage in room.site.stages if stage.id != "housing")
    site = room.site.model_copy(update={"stages": stages})

    with room.engine.connect() as connection:
        queue = read_last_queue(connection, site, as_of=MONDAY_NOON)

    assert [party.number for party in queue.elsewhere] == ["D101"]
    assert queue.stages == ()
