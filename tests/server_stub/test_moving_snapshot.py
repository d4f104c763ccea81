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


@pytest.fixture
def three_calls(room, kiosk, clock):
    """Three calls to as many counters."""
    for sequence in range(1, 5):
        room.admit(kiosk, kiosk.check_in(sequence))
    called = []
    for counter in ("1", "i1", "i2"):
        clock.move(10)
        called.append(room.call_next(counter))
        room.snapshot()
    return called


def numbers(visits):
    return [visit.number for visit in visits]


def test_who_is_called_again_is_the_first_of_the_calls(room, three_calls, clock):
    assert numbers(room.snapshot().calls) == ["D103", "D102", "D101"]
    clock.move(10)

    room.do(room.room.recall, three_calls[0])

    assert numbers(room.snapshot().calls) == ["D101", "D103", "D102"]


@pytest.mark.parametrize("step", [Step.UNDO, Step.FORWARD, Step.LEAVE])
def test_a_call_that_stands_no_more_is_none_of_the_calls(room, three_calls, step):
    room.do(getattr(room.room, step.name.lower()), three_calls[1], counter="i1")

    assert numbers(room.snapshot().calls) == ["D103", "D101"]


def test_a_step_that_calls_nobody_leaves_the_last_calls_in_their_order(room, three_calls):
    before = room.snapshot()

    room.do(room.room.serve, three_calls[1], counter="i1")

    assert numbers(room.snapshot().calls) == ["D103", "D102", "D101"]
    assert before.calls[0] is room.snapshot().calls[0]


def test_where_nobody_of_the_calls_is_touched_they_are_the_same_ones(room, kiosk, three_calls):
    room.do(room.room.finish, three_calls[0])
    before = room.snapshot()

    room.admit(kiosk, kiosk.check_in(5))

    assert room.snapshot().calls is before.calls


def test_who_ends_is_known_and_not_here_any_more(room, kiosk):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
    called = room.call_next("1")
    before = room.snapshot()
    assert before.here.keys() == before.by_id.keys()

    room.do(room.room.finish, called)

    now = room.snapshot()
    assert numbers(now.here.values()) == ["D102"]
    assert set(now.visits) == set(now.by_id.values())
    (other,) = now.here
    assert now.by_id[other] is before.by_id[other]


def test_who_came_on_an_earlier_day_is_gone_as_soon_as_its_visit_ends(room, three_calls, clock):
    clock.move(timedelta(days=1).total_seconds())
    again = room.do(room.room.recall, three_calls[0])
    clock.move(10)
    other = room.do(room.room.recall, three_calls[1], counter="i1")
    clock.move(10)
    room.do(room.room.recall, three_calls[2], counter="i2")
    assert numbers(room.snapshot().calls) == ["D103", "D102", "D101"]

    room.do(room.room.finish, other, counter="i1")

    now = room.snapshot()
    assert other.id not in now.by_id
    assert numbers(now.calls) == ["D103", "D101"]
    assert again.id in now.here


def test_who_asks_at_the_same_time_gets_the_same_one(room, kiosk):
    room.snapshot()
    room.admit(kiosk, kiosk.check_in(1))

    first, *others = room.together(*(room.room.snapshot() for _ in range(8)))

    assert numbers(first.visits) == ["D101"]
    assert all(other is first for other in others)


def test_what_was_heard_again_is_kept(room, kiosk, clock):
    room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device))
    before = room.run(room.room.snapshot())
    clock.move(60)
    room.run(room.room.hear(kiosk.heartbeat(), device=kiosk.device))

    now = room.run(room.room.snapshot())

    assert now.kiosks != before.kiosks
    assert room.run(room.room.snapshot()) is now


def test_who_was_erased_is_no_more_named_by_a_part_of_its_party(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))
    whole = room.snapshot().visits[0]
    going = {"adults": 1, "children": 0, "ticket_token": "BBBBBBBBBBBBBBBBBBBBBB"}
    stays = room.do(room.room.split, whole, saying=going).visit
    assert whole.id in {visit.split_from for visit in room.snapshot().visits}

    room.do(room.room.erase, stays, counter=None, role="lead")

    (part,) = room.snapshot().visits
    assert part.split_from == part.id


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
