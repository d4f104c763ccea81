import pytest
from sqlalchemy import delete

from server_stub import tables
from server_stub.actions import Press
from tests.server_stub.enrolled import new_id

pytestmark = pytest.mark.both_databases


def test_events_are_numbered_without_a_gap_when_many_things_happen_at_once(
    room, kiosk, other_kiosk
):
    admissions = [
        room.admission(device, device.check_in(sequence))
        for sequence in range(1, 31)
        for device in (kiosk, other_kiosk)
    ]
    refused = [
        room.room.recall(Press(new_id(), "anna", counter="1", visit=new_id(), seen=1))
        for _ in range(10)
    ]

    answers = room.together(
        *(x for pair in zip(admissions, refused * 6, strict=True) for x in pair)
    )

    assert sum(isinstance(answer, Exception) for answer in answers) == 60
    events = room.events()
    assert [event.number for event in events] == list(range(1, 61))
    assert {event.about for event in events} == {visit.id for visit in room.snapshot().visits}


def test_a_page_follows_from_the_number_of_its_snapshot(room, kiosk):
    assert room.snapshot().event_number == 0
    room.admit(kiosk, kiosk.check_in(1))
    number = room.snapshot().event_number
    assert room.events(after=number) == []

    room.admit(kiosk, kiosk.check_in(2))

    assert [event.number for event in room.events(after=number)] == [number + 1]


def test_no_more_events_are_read_than_asked_for(room, kiosk):
    for sequence in range(1, 6):
        room.admit(kiosk, kiosk.check_in(sequence))

    numbers = [event.number for event in room.run(room.room.events_after(1, 3))]

    assert numbers == [2, 3, 4]


def test_a_number_that_was_never_given_means_load_again(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))

    assert room.run(room.room.events_after(1, 10)) == []
    assert room.run(room.room.events_after(2, 10)) is None
    assert room.run(room.room.events_after(-1, 10)) is None


def test_a_number_whose_successors_were_pruned_means_load_again(room, kiosk):
    for sequence in range(1, 6):
        room.admit(kiosk, kiosk.check_in(sequence))
    room.writer.submit(
        lambda connection: connection.execute(
            delete(tables.event).where(tables.event.c.number <= 3)
        )
    ).result()

    assert room.run(room.room.events_after(2, 10)) is None
    assert [event.number for event in room.run(room.room.events_after(3, 10))] == [4, 5]
