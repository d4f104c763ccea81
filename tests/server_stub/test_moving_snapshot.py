"""The moving snapshot; every `room.snapshot` asserts that it shows what a fresh one shows."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from server_stub import moving_snapshot
from server_stub.visit import Step

pytestmark = pytest.mark.both_databases


@pytest.fixture
def asked(room):
    """The statements that are run meanwhile."""
    statements = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):
        statements.append(statement)

    event.listen(room.engine, "before_cursor_execute", note)
    yield statements
    event.remove(room.engine, "before_cursor_execute", note)


def moving(room, asked):
    """Return the next snapshot, and what was asked of the visits for it."""
    asked.clear()
    snapshot = room.run(room.room.snapshot())
    return snapshot, [statement for statement in asked if "FROM visit" in statement]


def test_where_nothing_happened_nothing_is_read(room, kiosk, asked):
    room.admit(kiosk, kiosk.check_in(1))
    before, _ = moving(room, asked)

    now, of_visits = moving(room, asked)

    assert now is before
    assert of_visits == []


def test_of_the_visits_only_those_are_read_that_something_happened_to(room, kiosk, asked):
    for sequence in range(1, 6):
        room.admit(kiosk, kiosk.check_in(sequence))
    before, _ = moving(room, asked)
    called = room.call_next("1")

    now, of_visits = moving(room, asked)

    assert [statement.count("UNION") for statement in of_visits] == [0]
    changed = [new for old, new in zip(before.visits, now.visits, strict=True) if old is not new]
    assert [(visit.id, visit.state) for visit in changed] == [(called.id, called.state)]
    assert [visit.id for visit in now.calls] == [called.id]


def test_each_step_moves_it_to_what_a_fresh_one_shows(room, kiosk, other_kiosk, clock):
    for sequence in range(1, 5):
        clock.move(10)
        room.admit(kiosk, kiosk.check_in(sequence), age=5.0 * (sequence % 2))
        room.admit(other_kiosk, other_kiosk.check_in(sequence))
        assert len(room.snapshot().visits) == 2 * sequence
    visit = room.call_next("1")
    for step in (Step.RECALL, Step.SERVE, Step.PARK, Step.READMIT):
        visit = room.do(getattr(room.room, step.name.lower()), visit)
        assert visit.state in {shown.state for shown in room.snapshot().visits}
    room.do(room.room.finish, room.call_next("1"))
    room.snapshot()
    room.run(room.room.call_for_help(kiosk.help_call(), age=None))
    room.run(room.room.note_slip(kiosk.slip(kiosk.check_in(1))))
    room.run(room.room.hear(kiosk.heartbeat(highest=4), device=kiosk.device))

    assert len(room.snapshot().help_calls) == 1


def test_a_report_without_news_is_heard_all_the_same(room, kiosk, clock):
    for _ in range(2):
        clock.move(60)
        room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device))
        heard = {shown.name: shown.reported_at for shown in room.snapshot().kiosks}
        assert heard["entrance-1"] == clock.now


def test_an_undone_first_call_leaves_the_list_of_calls(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))
    called = room.call_next("1")
    assert [visit.id for visit in room.snapshot().calls] == [called.id]

    room.do(room.room.undo, called)

    assert room.snapshot().calls == ()


def test_a_party_that_comes_late_stands_where_it_belongs(room, kiosk, clock):
    for sequence, age in ((1, None), (3, 5), (2, 60), (9, 600)):
        clock.move(30)
        room.admit(kiosk, kiosk.check_in(sequence), age=age)
        room.snapshot()


def test_a_new_day_is_read_anew(room, kiosk, asked, clock):
    room.admit(kiosk, kiosk.check_in(1))
    room.do(room.room.finish, room.call_next("1"))
    moving(room, asked)

    clock.move(timedelta(days=1).total_seconds())
    now, of_visits = moving(room, asked)

    assert now.visits == ()
    assert any("UNION" in statement for statement in of_visits)


def test_after_very_much_everything_is_read_anew(room, kiosk, asked, monkeypatch):
    monkeypatch.setattr(moving_snapshot, "MOST_EVENTS", 2)
    room.admit(kiosk, kiosk.check_in(1))
    moving(room, asked)
    for sequence in (2, 3, 4):
        room.admit(kiosk, kiosk.check_in(sequence))

    now, of_visits = moving(room, asked)

    assert len(now.visits) == 4
    assert any("UNION" in statement for statement in of_visits)


def test_another_history_under_the_same_numbers_is_read_anew(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))
    room.snapshot()
    room.empty()
    again = kiosk.check_in(1)
    room.admit(kiosk, again)

    assert [visit.id for visit in room.snapshot().visits] == [again.id]
