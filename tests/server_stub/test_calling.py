import pytest
from sqlalchemy import select

from server_stub import tables
from server_stub.actions import Press
from server_stub.calling import line_at
from server_stub.queue_rules import CALLING_ORDER, LOOK_AHEAD, in_calling_order
from server_stub.step_errors import (
    ActionReusedError,
    CounterBusyError,
    OtherCounterError,
    StaleActionError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.visit import CallingClass, IllegalStepError, Step, VisitState
from tests.server_stub.enrolled import new_id, party

pytestmark = pytest.mark.both_databases


@pytest.fixture
def waiting(room, kiosk, clock):
    """Three parties, a minute apart, for information and then housing."""
    for sequence in (1, 2, 3):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(60)
    return room


def test_the_next_party_is_called_to_the_counter(waiting, clock):
    called = waiting.call_next("2", staff="anna")

    assert (called.number, called.state) == ("D101", VisitState.CALLED)
    assert (called.counter, called.calls, called.called_at) == ("2", 1, clock.now)
    snapshot = waiting.snapshot()
    assert called in snapshot.visits
    assert snapshot.calls == (called,)
    event = waiting.events()[-1]
    assert (event.kind, event.about, event.number) == ("call", called.id, snapshot.event_number)


def test_a_counter_calls_only_from_its_own_stage(waiting):
    assert waiting.call_next("3") is None  # a counter of housing
    assert waiting.call_next("1").number == "D101"


def test_nobody_is_called_where_nobody_waits(room):
    action = new_id()

    assert room.call_next("1", action=action) is None
    assert room.call_next("1", action=action) is None
    assert room.events() == []


def test_an_empty_answer_stays_empty_when_the_button_is_sent_again(room, kiosk):
    action = new_id()
    room.call_next("1", action=action)
    room.admit(kiosk, kiosk.check_in(1))

    assert room.call_next("1", action=action) is None
    assert room.call_next("1").number == "D101"


def test_sixteen_counters_that_call_at_once_never_call_the_same_party(room, kiosk):
    for sequence in range(1, 41):
        room.admit(kiosk, kiosk.check_in(sequence))
    calls = (
        room.room.call_next(room.press(counter=f"i{n}", staff=f"staff-{n}")) for n in range(1, 17)
    )

    called = [answer.visit for answer in room.together(*calls)]

    assert sorted(visit.number for visit in called) == [f"D{n}" for n in range(101, 117)]
    assert {visit.counter for visit in called} == {f"i{n}" for n in range(1, 17)}
    numbers = [event.number for event in room.events()]
    assert numbers == list(range(1, 40 + 16 + 1))


def test_a_button_that_is_sent_again_gets_the_same_answer(waiting):
    action = new_id()
    called = waiting.call_next("1", action=action)
    waiting.do(waiting.room.recall, called)

    again = waiting.call_next("1", action=action)

    assert again == called
    assert [event.kind for event in waiting.events()].count("call") == 1


def test_a_button_that_is_sent_many_times_at_once_calls_once(waiting):
    action = new_id()
    calls = (waiting.room.call_next(waiting.press(action=action)) for _ in range(10))

    answers = waiting.together(*calls)

    assert {answer.visit.number for answer in answers} == {"D101"}
    assert len(waiting.snapshot().calls) == 1


def test_a_step_that_is_sent_again_gets_the_same_answer(waiting):
    called = waiting.call_next("1")
    action = new_id()
    sent_on = waiting.do(waiting.room.forward, called, action=action)
    called_there = waiting.call_next("3")
    assert called_there.id == sent_on.id

    again = waiting.do(waiting.room.forward, called, action=action)

    assert again == sent_on
    assert (again.stage, again.state) == ("housing", VisitState.WAITING)


@pytest.mark.parametrize("change", ["step", "visit", "counter", "staff"])
def test_an_action_cannot_be_used_for_something_else(waiting, change):
    called, other = waiting.call_next("1"), waiting.call_next("2")
    action = new_id()
    waiting.do(waiting.room.recall, called, action=action)
    step = waiting.room.finish if change == "step" else waiting.room.recall
    visit = other if change == "visit" else called
    counter = "2" if change == "counter" else "1"
    staff = "berta" if change == "staff" else "anna"

    with pytest.raises(ActionReusedError):
        waiting.do(step, visit, counter=counter, staff=staff, action=action)


def test_who_acts_on_an_old_page_is_told_who_was_faster(waiting, clock):
    called = waiting.call_next("1", staff="anna")
    clock.move(30)
    waiting.do(waiting.room.forward, called, staff="berta")
    forwarded_at = clock.now
    clock.move(30)

    with pytest.raises(StaleActionError, match="D101 has changed: forward by berta") as caught:
        waiting.do(waiting.room.finish, called, staff="clara")

    assert (caught.value.number, caught.value.staff) == ("D101", "berta")
    assert (caught.value.step, caught.value.counter) == (Step.FORWARD, "1")
    assert caught.value.at == forwarded_at
    assert waiting.events()[-1].kind == "forward"


def test_of_two_who_act_at_once_one_is_told_about_the_other(waiting):
    called = waiting.call_next("1")
    presses = (
        waiting.room.finish(waiting.press(called, staff=staff)) for staff in ("anna", "berta")
    )

    done, refused = waiting.together(*presses)

    assert done.state is VisitState.FINISHED
    assert isinstance(refused, StaleActionError)
    assert refused.staff == "anna"


def test_a_counter_lets_go_of_its_party_before_it_calls_the_next(waiting):
    waiting.call_next("1")

    with pytest.raises(CounterBusyError, match="counter 1 still has D101") as caught:
        waiting.call_next("1")
    assert (caught.value.counter, caught.value.number) == ("1", "D101")


@pytest.mark.parametrize("step", ["forward", "finish"])
def test_a_counter_that_has_let_go_calls_the_next(waiting, step):
    called = waiting.call_next("1")
    waiting.do(getattr(waiting.room, step), called)

    assert waiting.call_next("1").number == "D102"


def test_a_party_belongs_to_the_counter_that_called_it(waiting):
    called = waiting.call_next("1")

    with pytest.raises(OtherCounterError, match="D101 was called by counter 1") as caught:
        waiting.do(waiting.room.finish, called, counter="2")
    assert (caught.value.number, caught.value.counter) == ("D101", "1")


def test_a_finished_visit_cannot_be_recalled(waiting):
    finished = waiting.do(waiting.room.finish, waiting.call_next("1"))

    with pytest.raises(IllegalStepError):
        waiting.do(waiting.room.recall, finished)


def test_a_party_passes_its_route_and_is_finished(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1, content=party("information", "benefits")))
    visit = room.do(room.room.forward, room.call_next("1"))
    assert (visit.stage, visit.state) == ("benefits", VisitState.WAITING)
    visit = room.do(room.room.recall, room.call_next("6"), counter="6")
    assert (visit.stage, visit.calls) == ("benefits", 2)
    visit = room.do(room.room.finish, visit, counter="6")

    assert visit.state is VisitState.FINISHED
    kinds = [event.kind.value for event in room.events()]
    assert kinds == ["check-in", "call", "forward", "call", "recall", "finish"]


def test_the_last_calls_are_shown_most_recent_first(waiting, clock):
    first = waiting.call_next("1")
    clock.move(5)
    waiting.call_next("2")
    clock.move(5)
    waiting.do(waiting.room.recall, first)

    assert [visit.number for visit in waiting.snapshot().calls] == ["D101", "D102"]


def test_an_unknown_counter_calls_nobody(waiting):
    with pytest.raises(UnknownCounterError):
        waiting.call_next("99")


def test_an_unknown_visit_cannot_be_recalled(waiting):
    called = waiting.call_next("1")
    unknown = waiting.room.recall(Press(new_id(), "anna", counter="1", visit=new_id(), seen=1))

    with pytest.raises(UnknownVisitError):
        waiting.run(unknown)
    assert called in waiting.snapshot().visits


def test_who_did_what_is_kept(waiting):
    called = waiting.call_next("1", staff="anna")
    waiting.do(waiting.room.finish, called, staff="berta")

    kept = [(row["staff"], row["step"], row["visit"]) for row in waiting.rows(tables.staff_action)]
    assert kept == [("anna", "call", called.id), ("berta", "finish", called.id)]


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
    t = tables.visit.c
    with room.engine.connect() as connection:
        ordered = connection.execute(select(t.id).order_by(*(t[n] for n in CALLING_ORDER)))
        by_database = list(ordered.scalars())
        head = line_at(connection, room.site.id, "information")[CallingClass.OTHERS]

    assert len(by_database) == 14
    assert [party.id for party in head] == by_database[:LOOK_AHEAD]
    assert in_calling_order(reversed(head)) == head


def test_waiting_longer_counts_at_a_later_stage_too(room, kiosk, clock):
    early, late = kiosk.check_in(1), kiosk.check_in(2)
    room.admit(kiosk, early)
    clock.move(60)
    room.admit(kiosk, late)
    first, second = room.call_next("1"), room.call_next("2")
    room.do(room.room.forward, second, counter="2")
    clock.move(300)
    room.do(room.room.forward, first)

    assert room.call_next("3").id == early.id
