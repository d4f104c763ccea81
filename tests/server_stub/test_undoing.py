from dataclasses import replace
from datetime import timedelta

import pytest

from server_stub import tables
from server_stub.progress import Correction
from server_stub.step_errors import (
    CounterBusyError,
    DayClosedError,
    LeadNeededError,
    NotOfThisSiteError,
    OtherCounterError,
    StaleActionError,
)
from server_stub.undoing import SetRight
from server_stub.visit import IllegalStepError, VisitState
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party

pytestmark = pytest.mark.both_databases


@pytest.fixture
def served(room, kiosk, clock):
    """A party at registration that is being served there, and another that waits."""
    for sequence in (1, 2):
        content = party("registration", "benefits")
        room.admit(kiosk, kiosk.check_in(sequence, content=content))
        clock.move(60)
    return room.do(room.room.serve, room.call_next("4"), counter="4")


def undo(room, visit, counter="4", **pressed):
    return room.do(room.room.undo, visit, counter=counter, **pressed)


def correct(room, visit, right, role="lead", **pressed):
    return room.do(room.room.correct, visit, right, counter=None, role=role, **pressed)


def close(room, clock):
    def closed(connection):
        day = (clock.now - timedelta(hours=3)).date()
        row = {"site": room.site.id, "day": day, "state": "closed", "changed_at": clock.now}
        connection.execute(tables.service_day.insert(), row)

    room.writer.submit(closed).result(10)


def test_what_was_sent_on_is_back_exactly_as_it_was(room, served, clock):
    clock.move(60)
    sent_on = room.do(room.room.forward, served, counter="4")
    clock.move(60)

    back = undo(room, sent_on)

    assert back == replace(served, version=sent_on.version + 1)
    assert room.visit(served) == back
    assert room.rows(tables.passage) == []
    assert room.events()[-1].kind == "undo"
    undone = {row["step"]: row["undone"] for row in room.rows(tables.staff_action)}
    assert undone == {"call": False, "serve": False, "forward": True, "undo": False}


def test_outcomes_that_are_undone_are_not_counted(room, served):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")

    undo(room, noted)

    assert room.rows(tables.outcome) == []


def test_an_undo_that_is_sent_again_is_one_undo(room, served):
    action = new_id()
    sent_on = room.do(room.room.forward, served, counter="4")
    back = undo(room, sent_on, action=action)
    room.do(room.room.finish, back, counter="4")

    assert undo(room, sent_on, action=action) == back


def test_an_undo_is_not_undone_and_a_new_visit_has_nothing_to_undo(room, served):
    back = undo(room, room.do(room.room.forward, served, counter="4"))
    with pytest.raises(IllegalStepError, match="an undo is not undone"):
        undo(room, back)
    waiting = next(v for v in room.snapshot().visits if v.state is VisitState.WAITING)
    with pytest.raises(IllegalStepError, match="nothing was done with it yet"):
        undo(room, waiting)


def test_what_was_sent_on_and_called_there_is_not_fetched_back(room, served):
    sent_on = room.do(room.room.forward, served, counter="4")
    room.call_next("6")

    with pytest.raises(StaleActionError):
        undo(room, sent_on)


def test_another_counter_does_not_undo_but_a_lead_does(room, served):
    finished = room.do(room.room.finish, served, counter="4")

    with pytest.raises(OtherCounterError):
        undo(room, finished, counter="5")
    back = undo(room, finished, counter=None, role="lead")
    assert (back.state, back.inside, back.ended_at) == (VisitState.SERVING, True, None)


def test_a_party_does_not_come_back_to_a_counter_that_has_another(room, served):
    finished = room.do(room.room.finish, served, counter="4")
    other = room.call_next("4")

    with pytest.raises(CounterBusyError, match=f"counter 4 still has {other.number}"):
        undo(room, finished)
    assert room.visit(served).state is VisitState.FINISHED


@pytest.mark.usefixtures("served")
def test_a_call_that_is_undone_lets_the_party_wait_where_it_was(room):
    called = room.call_next("5")

    back = undo(room, called, counter="5")

    assert (back.state, back.calls, back.inside) == (VisitState.WAITING, 0, False)
    assert room.call_next("5").id == called.id


def test_splits_and_mergers_are_taken_back_by_their_opposite(room, served):
    said = {"adults": 1, "children": 0, "ticket_token": "B" * 22}
    stays = room.do(room.room.split, served, saying=said, counter="4").visit

    with pytest.raises(IllegalStepError, match="merging the two"):
        undo(room, stays)


def test_nothing_of_a_closed_day_is_undone(room, served, clock):
    finished = room.do(room.room.finish, served, counter="4")
    close(room, clock)

    with pytest.raises(DayClosedError, match="2026-11-23 is closed"):
        undo(room, finished)


# --- corrections ----------------------------------------------------------------------------------


def test_a_lead_brings_a_party_back_to_a_stage(room, served, clock):
    finished = room.do(room.room.finish, served, counter="4")
    clock.move(60)
    right = SetRight(Correction(stage="registration", adults=4))

    back = correct(room, finished, right)

    assert (back.state, back.stage, back.adults) == (VisitState.WAITING, "registration", 4)
    assert (back.stage_since, back.ended_at) == (clock.now, None)
    (kept,) = room.rows(tables.passage)
    assert kept["ended_by"] == "finish"


def test_a_correction_that_moves_an_open_party_ends_its_time_at_the_stage(room, served, clock):
    clock.move(60)
    moved = correct(room, served, SetRight(Correction(stage="benefits")))

    (kept,) = room.rows(tables.passage)
    assert (kept["stage"], kept["ended_by"], kept["ended_at"]) == (
        "registration",
        "correct",
        clock.now,
    )
    assert (moved.stage, moved.calls) == ("benefits", 0)


def test_a_lead_sets_right_what_was_achieved(room, served):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")

    correct(room, noted, SetRight(outcomes={"permit-issued": -1, "biometrics-taken": 2}))

    rows = [(row["outcome"], row["persons"]) for row in room.rows(tables.outcome)]
    assert sorted(rows) == [("biometrics-taken", 2), ("permit-issued", -1), ("permit-issued", 3)]


def test_no_more_is_taken_away_than_was_noted(room, served):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 1}, counter="4")

    with pytest.raises(NotOfThisSiteError, match="1 persons are noted"):
        correct(room, noted, SetRight(outcomes={"permit-issued": -2}))
    with pytest.raises(NotOfThisSiteError, match="no such outcome"):
        correct(room, noted, SetRight(outcomes={"moon": 1}))


def test_an_outcome_of_yesterday_is_corrected_on_yesterdays_figures(room, served, clock):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")
    clock.move(timedelta(days=1).total_seconds())

    correct(room, noted, SetRight(outcomes={"permit-issued": -1}))

    assert {row["service_day"] for row in room.rows(tables.outcome)} == {MONDAY_NOON.date()}


def test_a_correction_is_undone_with_its_outcomes(room, served):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")
    right = SetRight(Correction(adults=9), {"permit-issued": -1})

    back = undo(room, correct(room, noted, right), counter=None, role="lead")

    assert (back.adults, back.state) == (noted.adults, noted.state)
    assert [row["persons"] for row in room.rows(tables.outcome)] == [3]


def test_what_a_lead_has_set_right_no_counter_takes_back(room, served):
    corrected = correct(room, served, SetRight(visit=Correction(adults=4)))

    with pytest.raises(LeadNeededError):
        undo(room, corrected)
    assert room.visit(served) == corrected
    assert undo(room, corrected, counter=None, role="lead").adults == served.adults


def test_a_correction_of_a_day_that_was_closed_since_is_not_undone(room, served, clock):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 2}, counter="4")
    closed_then = clock.now
    clock.move(24 * 3600)
    corrected = correct(room, noted, SetRight(outcomes={"permit-issued": -1}))
    row = {"day": closed_then.date(), "state": "closed", "changed_at": clock.now}
    room.writer.submit(
        lambda c: c.execute(tables.service_day.insert(), {"site": room.site.id} | row)
    ).result(10)

    with pytest.raises(DayClosedError):
        undo(room, corrected, counter=None, role="lead")
    assert [row["persons"] for row in room.rows(tables.outcome)] == [2, -1]


def test_only_a_lead_corrects(room, served):
    with pytest.raises(LeadNeededError, match="ask the shift lead"):
        correct(room, served, SetRight(Correction(adults=1)), role="counter")
    assert room.visit(served) == served


def test_nothing_of_a_closed_day_is_corrected(room, served, clock):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")
    finished = room.do(room.room.finish, noted, counter="4")
    close(room, clock)
    clock.move(timedelta(days=1).total_seconds())

    for right in (SetRight(outcomes={"permit-issued": -1}), SetRight(Correction(adults=1))):
        with pytest.raises(DayClosedError):
            correct(room, finished, right)
    assert len(room.rows(tables.outcome)) == 1


def test_what_a_closed_day_counted_stands_also_where_the_party_is_still_here(room, served, clock):
    noted = room.do(room.room.note_outcomes, served, {"permit-issued": 3}, counter="4")
    close(room, clock)
    clock.move(timedelta(days=1).total_seconds())

    with pytest.raises(DayClosedError, match="2026-11-23"):
        correct(room, noted, SetRight(outcomes={"permit-issued": -1}))
    assert correct(room, noted, SetRight(Correction(adults=1))).adults == 1


def test_a_stage_that_the_site_does_not_have_is_refused(room, served):
    for right in (Correction(stage="moon"), Correction(route=("registration", "moon"))):
        with pytest.raises(NotOfThisSiteError, match="moon"):
            correct(room, served, SetRight(right))
