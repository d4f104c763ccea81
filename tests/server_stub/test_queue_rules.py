from datetime import timedelta

from sqlalchemy import select

from server_stub import tables
from server_stub.queue_rules import CALLING_ORDER, in_calling_order
from tests.server_stub.enrolled import MONDAY_NOON


def test_who_came_first_is_called_first_whatever_the_number_says(room, kiosk, other_kiosk, clock):
    for sequence, device in ((40, kiosk), (3, other_kiosk), (41, kiosk), (2, other_kiosk)):
        clock.move(60)
        room.admit(device, device.check_in(sequence))

    called = [room.call_next(counter).number for counter in ("i1", "i2", "i3", "i4")]

    # F102 was made before F103: the order of a kiosk's own sequence holds.
    assert called == ["D140", "F102", "F103", "D141"]


def test_the_database_and_the_rule_agree_on_the_order(room, kiosk, other_kiosk):
    for sequence in range(1, 8):  # all arrive at the same instant
        room.admit(kiosk, kiosk.check_in(sequence), age=0)
        room.admit(other_kiosk, other_kiosk.check_in(8 - sequence), age=0)
    visits = room.snapshot().visits
    t = tables.visit.c
    with room.engine.connect() as connection:
        by_database = connection.execute(
            select(t.id).order_by(*(t[name] for name in CALLING_ORDER))
        ).scalars()
        ordered = list(by_database)

    assert [visit.id for visit in in_calling_order(visits)] == ordered
    assert len(ordered) == 14


def test_the_sequence_parts_parties_that_arrived_at_one_instant(room, kiosk):
    for sequence in (2, 1):
        room.admit(kiosk, kiosk.check_in(sequence))

    visits = room.snapshot().visits
    assert {visit.arrived_at for visit in visits} == {MONDAY_NOON}
    assert [visit.number for visit in in_calling_order(visits)] == ["D101", "D102"]


def test_waiting_longer_counts_at_a_later_stage_too(room, kiosk, clock):
    early, late = kiosk.check_in(1), kiosk.check_in(2)
    room.admit(kiosk, early)
    clock.move(60)
    room.admit(kiosk, late)
    first, second = room.call_next("1"), room.call_next("2")
    room.do(room.room.forward, second, counter="2")
    clock.move(timedelta(minutes=5).total_seconds())
    room.do(room.room.forward, first)

    assert room.call_next("3").id == early.id
