from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from server_stub import tables

pytestmark = pytest.mark.both_databases


def test_a_snapshot_is_of_one_moment(room, kiosk):
    for sequence in range(1, 4):
        room.admit(kiosk, kiosk.check_in(sequence))
        snapshot = room.snapshot()
        assert snapshot.event_number == len(snapshot.visits)


def test_finished_visits_of_earlier_days_are_not_shown_but_open_ones_are(room, kiosk, clock):
    room.admit(kiosk, kiosk.check_in(1))
    room.admit(kiosk, kiosk.check_in(2))
    finished = room.do(room.room.finish, room.call_next("1"))
    assert finished in room.snapshot().visits

    clock.move(timedelta(days=1).total_seconds())

    assert [visit.number for visit in room.snapshot().visits] == ["D102"]


def test_the_newest_arrival_is_on_top(room, kiosk, clock):
    for sequence in (1, 2, 3):
        clock.move(60)
        room.admit(kiosk, kiosk.check_in(sequence))

    assert [visit.number for visit in room.snapshot().visits] == ["D103", "D102", "D101"]


def test_what_is_read_behind_a_snapshot_is_of_its_moment_while_others_read_on(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))

    with room.room.seen() as (snapshot, connection):
        room.admit(kiosk, kiosk.check_in(2))
        later = room.snapshot()
        stored = connection.execute(select(func.count()).select_from(tables.visit)).scalar_one()

    assert stored == len(snapshot.visits) == 1
    assert len(later.visits) == 2


@pytest.mark.sqlite
def test_a_snapshot_never_reads_through_the_history(room):
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    event.listen(room.engine, "before_cursor_execute", note)
    room.snapshot()
    event.remove(room.engine, "before_cursor_execute", note)
    visits, *_ = [asking for asking in asked if "FROM visit" in asking[0] and "UNION" in asking[0]]
    with room.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {visits[0]}", visits[1]).all()

    read = "\n".join(row.detail for row in plan)
    assert "SCAN visit" not in read
    assert "ix_visit_service_day (site=? AND service_day=?)" in read
    assert "ix_visit_open" in read
