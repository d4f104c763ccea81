from datetime import date, timedelta
from itertools import pairwise

import pytest

from server_stub import tables
from server_stub.actions import Press
from server_stub.step_errors import (
    NotOfThisSiteError,
    OtherCounterError,
    StaleActionError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.visit import IllegalStepError, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party

pytestmark = pytest.mark.both_databases


@pytest.fixture
def waiting(room, kiosk, clock):
    """Five parties, a minute apart, for information and then housing."""
    for sequence in range(1, 6):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(60)
    return room


def absent(room, counter="1"):
    """Return the next party after three calls to which it did not come."""
    visit = room.call_next(counter)
    for step in (room.room.recall, room.room.recall, room.room.no_show):
        visit = room.do(step, visit, counter=counter)
    return visit


def test_a_party_is_served_put_back_and_served_again(waiting, clock):
    served = waiting.do(waiting.room.serve, waiting.call_next("1"))
    assert (served.state, served.serving_since) == (VisitState.SERVING, clock.now)
    parked = waiting.do(waiting.room.park, served)
    assert (parked.state, parked.serving_since) == (VisitState.PARKED, None)
    assert waiting.call_next("1").number == "D102"
    readmitted = waiting.do(waiting.room.readmit, parked)

    assert readmitted.state is VisitState.WAITING
    kinds = [event.kind.value for event in waiting.events()[5:]]
    assert kinds == ["call", "serve", "park", "call", "readmit"]


def test_two_of_its_class_are_called_before_a_party_that_is_let_in_again(waiting):
    readmitted = waiting.do(waiting.room.readmit, absent(waiting))

    order = [waiting.call_next(counter).number for counter in ("i1", "i2", "i3", "i4", "i5")]

    assert readmitted.calls == 0
    assert order == ["D102", "D103", "D101", "D104", "D105"]


def test_who_is_let_in_again_goes_before_the_third_also_with_a_later_number(waiting):
    last = waiting.snapshot().visits[0]
    visit = waiting.do(waiting.room.call_chosen, last).visit
    for step in (waiting.room.recall, waiting.room.recall, waiting.room.no_show):
        visit = waiting.do(step, visit)
    waiting.do(waiting.room.readmit, visit)

    order = [waiting.call_next(counter).number for counter in ("i1", "i2", "i3", "i4")]

    assert order == ["D101", "D102", "D105", "D103"]


def test_who_is_let_in_where_few_wait_comes_after_them(room, kiosk, clock):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(60)
    room.do(room.room.readmit, absent(room))
    clock.move(60)
    room.admit(kiosk, kiosk.check_in(3))

    order = [room.call_next(counter).number for counter in ("i1", "i2", "i3")]

    assert order == ["D102", "D101", "D103"]


def test_nobody_is_absent_after_two_calls(waiting):
    twice = waiting.do(waiting.room.recall, waiting.call_next("1"))

    with pytest.raises(IllegalStepError, match="called 2 of 3 times"):
        waiting.do(waiting.room.no_show, twice)


def test_a_party_that_leaves_is_not_called_any_more(waiting):
    first = waiting.snapshot().visits[-1]

    left = waiting.do(waiting.room.leave, first, counter=None)

    assert (left.state, left.ended_at) == (VisitState.LEFT, MONDAY_NOON + timedelta(minutes=5))
    assert waiting.call_next("1").number == "D102"


def test_a_served_party_is_its_counters_but_a_lead_may_help(waiting):
    served = waiting.do(waiting.room.serve, waiting.call_next("1"))

    for counter, role in (("2", "counter"), ("2", "lead"), (None, "counter")):
        with pytest.raises(OtherCounterError):
            waiting.do(waiting.room.finish, served, counter=counter, role=role)
    finished = waiting.do(waiting.room.finish, served, counter=None, role="lead")
    assert (finished.state, finished.counter) == (VisitState.FINISHED, "1")


def test_who_has_chosen_no_counter_calls_nobody(waiting):
    with pytest.raises(UnknownCounterError, match="no counter chosen"):
        waiting.call(None, role="lead")


def test_a_press_beside_no_visit_does_nothing(waiting):
    press = Press(new_id(), "anna", counter="1")

    with pytest.raises(UnknownVisitError):
        waiting.run(waiting.room.serve(press))


# --- outcomes -------------------------------------------------------------------------------------


def at_registration(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1, content=party("registration", adults=2, children=1)))
    return room.call_next("4")


def test_outcomes_are_noted_for_persons_and_begin_the_service(room, kiosk, clock):
    called = at_registration(room, kiosk)
    clock.move(60)
    noted = {"biometrics-taken": 3, "permit-issued": 2}
    action = new_id()

    served = room.do(room.room.note_outcomes, called, noted, counter="4", action=action)

    assert (served.state, served.serving_since) == (VisitState.SERVING, clock.now)
    rows = sorted(room.rows(tables.outcome), key=lambda row: row["ordinal"])
    assert [(r["outcome"], r["persons"], r["stage"]) for r in rows] == [
        ("biometrics-taken", 3, "registration"),
        ("permit-issued", 2, "registration"),
    ]
    assert {(r["id"], r["visit"], r["staff"], r["service_day"]) for r in rows} == {
        (action, called.id, "anna", date(2026, 11, 23))
    }


def test_outcomes_that_are_sent_again_are_noted_once(room, kiosk):
    called, action = at_registration(room, kiosk), new_id()
    noted = {"permit-issued": 2}
    answers = [
        room.do(room.room.note_outcomes, called, noted, counter="4", action=action)
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert len(room.rows(tables.outcome)) == 1


@pytest.mark.parametrize(
    "noted", [{}, {"permit-issued": 0}, {"permit-issued": -1}, {"housed": 1}, {"unheard-of": 1}]
)
def test_a_stage_notes_only_what_it_may_achieve_for_somebody(room, kiosk, noted):
    called = at_registration(room, kiosk)

    with pytest.raises(NotOfThisSiteError):
        room.do(room.room.note_outcomes, called, noted, counter="4")
    assert room.rows(tables.outcome) == []
    assert room.visit(called) == called


# --- routes ---------------------------------------------------------------------------------------


def test_a_later_stage_is_added_and_one_is_skipped(waiting):
    called = waiting.call_next("1")

    rerouted = waiting.do(waiting.room.reroute, called, ("benefits", "onward-travel"))
    assert rerouted.route == ("information", "benefits", "onward-travel")
    sent_on = waiting.do(waiting.room.forward, rerouted)
    assert sent_on.stage == "benefits"


def test_a_stage_that_is_passed_or_unknown_is_not_added(waiting):
    called = waiting.call_next("1")

    with pytest.raises(IllegalStepError, match="no stage is passed twice"):
        waiting.do(waiting.room.reroute, called, ("information",))
    with pytest.raises(NotOfThisSiteError, match="moon: the site has no such stage"):
        waiting.do(waiting.room.reroute, called, ("moon",))


# --- the time at a stage --------------------------------------------------------------------------


def test_the_time_at_a_stage_is_kept_when_the_party_goes_on(waiting, clock):
    called = waiting.call_next("1")
    clock.move(30)
    served = waiting.do(waiting.room.serve, called)
    clock.move(90)
    action = new_id()
    waiting.do(waiting.room.forward, served, action=action)

    (kept,) = waiting.rows(tables.passage)
    assert (kept["id"], kept["visit"], kept["stage"]) == (action, called.id, "information")
    assert (kept["waited_from"], kept["first_called_at"]) == (MONDAY_NOON, called.called_at)
    assert (kept["served_at"], kept["ended_at"]) == (served.serving_since, clock.now)
    assert (kept["counter"], kept["ended_by"], kept["persons"]) == ("1", Step.FORWARD, 3)
    assert (kept["language"], kept["service_day"]) == ("uk", date(2026, 11, 23))


def test_where_nobody_said_that_serving_began_the_last_call_counts(waiting, clock):
    called = waiting.call_next("1")
    clock.move(60)
    recalled = waiting.do(waiting.room.recall, called)
    clock.move(60)
    waiting.do(waiting.room.finish, recalled)

    (kept,) = waiting.rows(tables.passage)
    assert (kept["first_called_at"], kept["served_at"]) == (called.called_at, recalled.called_at)


def test_who_leaves_while_waiting_was_never_served(waiting):
    waiting.do(waiting.room.leave, waiting.snapshot().visits[-1], counter=None)

    (kept,) = waiting.rows(tables.passage)
    assert (kept["first_called_at"], kept["served_at"], kept["counter"]) == (None, None, None)
    assert kept["ended_by"] == Step.LEAVE


def test_who_leaves_when_called_was_called_but_not_served(waiting):
    called = waiting.call_next("1")
    waiting.do(waiting.room.leave, called)

    (kept,) = waiting.rows(tables.passage)
    assert (kept["first_called_at"], kept["served_at"]) == (called.called_at, None)
    assert kept["counter"] == "1"


def test_to_put_back_and_let_in_again_is_one_time_at_the_stage(waiting):
    parked = waiting.do(waiting.room.park, waiting.do(waiting.room.serve, waiting.call_next("1")))
    waiting.do(waiting.room.readmit, parked)

    assert waiting.rows(tables.passage) == []


def test_a_stage_that_ends_at_the_moment_at_which_it_began_is_kept_too(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))
    room.do(room.room.forward, room.call_next("1"))

    (kept,) = room.rows(tables.passage)
    assert kept["waited_from"] == kept["ended_at"]


def test_each_step_is_kept_with_the_visit_before_and_after_it(waiting):
    visit = waiting.call_next("1")
    for step in (waiting.room.recall, waiting.room.serve, waiting.room.forward):
        visit = waiting.do(step, visit)

    kept = sorted(waiting.rows(tables.staff_action), key=lambda row: row["version"])
    assert [row["step"] for row in kept] == ["call", "recall", "serve", "forward"]
    assert kept[0]["before"]["state"] == "waiting"
    for before, after in pairwise(kept):
        assert before["after"] == after["before"]
    assert kept[-1]["after"] == visit.progress.to_json()


def test_every_step_by_two_at_once_is_taken_once(waiting):
    called = waiting.call_next("1")

    for step in (waiting.room.recall, waiting.room.serve, waiting.room.forward):
        presses = [step(waiting.press(called, staff=staff)) for staff in ("anna", "berta")]
        done, refused = waiting.together(*presses)
        assert isinstance(refused, StaleActionError)
        called = done
