"""Calls over a real store: classes, languages, room, chosen numbers, and how the store is read."""

import pytest
from sqlalchemy import event

from server_stub import tables
from server_stub.calling import Called, NobodyWaits
from server_stub.queue_rules import CalledBefore, CallsPaused, Reason
from server_stub.step_errors import CounterBusyError, OtherStageError, StaleActionError
from server_stub.visit import CallingClass, IllegalStepError, VisitState
from tests.server_stub.enrolled import new_id, party

pytestmark = pytest.mark.both_databases


@pytest.fixture
def fill(room, kiosk, clock):
    """Let parties arrive a minute apart; return their visits by number."""

    def arrive(*parties):
        for sequence, content in enumerate(parties, 1):
            room.admit(kiosk, kiosk.check_in(sequence, content=content))
            clock.move(60)
        return {visit.number: visit for visit in room.snapshot().visits}

    return arrive


def prioritise(room, visit):
    return room.do(room.room.set_priority, visit, saying={"priority": True})


def test_priority_is_called_first_and_the_page_is_told_before_whom(room, fill):
    visits = fill(party(), party(), party())
    prioritise(room, visits["D103"])

    answer = room.call("1")

    assert answer.visit.number == "D103"
    assert answer.why.calling_class is CallingClass.PRIORITY
    assert answer.why.before == (CalledBefore("D101", Reason.PRIORITY),)


def test_of_three_calls_at_a_stage_two_are_priority_whichever_counter_calls(room, fill):
    visits = fill(*[party()] * 6)
    for number in ("D103", "D104", "D105"):
        prioritise(room, visits[number])

    called = [room.call_next(f"i{n}").number for n in range(1, 7)]

    assert called == ["D103", "D104", "D101", "D105", "D102", "D106"]


def test_the_same_call_again_tells_the_same_reason(room, fill):
    visits = fill(party(), party())
    prioritise(room, visits["D102"])
    action = new_id()

    first = room.call("1", action=action)
    room.do(room.room.serve, first.visit)

    assert room.call("1", action=action) == first


def counters_that_speak(room, *languages):
    counters = [
        known.model_copy(update={"languages": languages}) if known.id == "1" else known
        for known in room.site.counters
    ]
    return room.with_site(counters=tuple(counters))


def test_a_counter_calls_who_speaks_its_language_and_nobody_is_passed_over_a_fourth_time(
    room, fill
):
    fill(party(), *[party(language="ar")] * 5)
    called = []
    with counters_that_speak(room, "ar"):
        for _ in range(4):
            visit = room.call_next("1")
            called.append(visit.number)
            room.do(room.room.finish, visit)

    assert called == ["D102", "D103", "D104", "D101"]


def test_to_be_passed_over_does_not_put_a_page_out_of_date(room, fill):
    visits = fill(party(), party(language="ar"))
    with counters_that_speak(room, "ar"):
        answer = room.call("1")

    assert answer.why.before == (CalledBefore("D101", Reason.LANGUAGE),)
    assert room.visit(visits["D101"]).passed_over == 1
    assert prioritise(room, visits["D101"]).priority


def test_a_passed_over_party_begins_anew_at_the_next_stage(room, fill):
    fill(party(), party(language="ar"))
    with counters_that_speak(room, "ar"):
        room.call("1")
    passed = room.call_next("2")

    assert room.do(room.room.forward, passed, counter="2").passed_over == 0


# --- room -----------------------------------------------------------------------------------------


def stage_for(room, persons):
    stages = [
        known.model_copy(update={"most_persons": persons}) if known.id == "information" else known
        for known in room.site.stages
    ]
    return room.with_site(stages=tuple(stages))


def test_calls_pause_where_the_next_party_does_not_fit_and_go_on_when_there_is_room(room, fill):
    fill(party(adults=3, children=0), party(adults=2, children=0))
    with stage_for(room, 4):
        first = room.call_next("1")
        assert room.call("2") == CallsPaused("information", 3, 4, "D102", 2)
        room.do(room.room.forward, first)
        assert room.call_next("2").number == "D102"


def test_a_pause_is_the_answer_also_when_the_button_is_sent_again(room, fill):
    fill(party(adults=3, children=0), party(adults=2, children=0))
    action = new_id()
    with stage_for(room, 4):
        first = room.call_next("1")
        paused = room.call("2", action=action)
        room.do(room.room.finish, first)
        assert room.call("2", action=action) == paused


def test_a_party_of_unknown_size_needs_room_for_one(room, fill):
    fill(party(adults=3, children=0), party(adults=0, children=0))
    with stage_for(room, 3):
        room.call_next("1")
        assert room.call("2") == CallsPaused("information", 3, 3, "D102", 1)
    with stage_for(room, 4):
        assert room.call_next("2").number == "D102"


def test_a_full_hall_keeps_out_who_is_outside_and_calls_who_is_inside(room, fill):
    fill(party("housing"), party(adults=2, children=0), party("information", "housing"))
    with room.with_site(most_persons=5):
        room.call_next("1")
        inside = room.call_next("2")
        assert room.call("3") == CallsPaused(None, 2 + 3, 5, "D101", 3)
        room.do(room.room.forward, inside, counter="2")
        answer = room.call("3")

    assert answer.visit.id == inside.id
    assert answer.why.before == (CalledBefore("D101", Reason.INSIDE),)


def parked(room, visit, *, counter="1"):
    """Serve a party that was called, and tell it to wait."""
    served = room.do(room.room.serve, visit, counter=counter)
    return room.do(room.room.park, served, counter=counter)


def test_who_was_told_to_wait_keeps_nobody_out_of_the_hall(room, fill):
    """Nobody calls it: where it has gone, calls would pause for it until the evening."""
    fill(party(), party())
    with room.with_site(most_persons=5):
        parked(room, room.call_next("1"))

        assert room.call("1").visit.number == "D102"


@pytest.mark.parametrize("chosen", [True, False])
def test_who_was_told_to_wait_need_not_wait_for_room_again(room, fill, chosen):
    fill(party(), party(), party(adults=1, children=0))
    with room.with_site(most_persons=5):
        waits = parked(room, room.call_next("1"))
        room.call_next("1")
        if chosen:
            back = choose(room, waits, counter="2")
        else:
            room.do(room.room.readmit, waits, counter="2")
            back = room.call("2")

        assert back.visit.number == "D101"
        assert room.call("i1") == CallsPaused(None, 3 + 3, 5, "D103", 1)


def test_who_has_finished_is_not_in_the_hall_any_more(room, fill):
    fill(party(adults=3, children=0), party(adults=3, children=0))
    with room.with_site(most_persons=5):
        room.do(room.room.finish, room.call_next("1"))
        assert room.call_next("1").number == "D102"


def test_who_does_not_come_after_three_calls_takes_no_room_in_the_hall(room, fill):
    """Else the hall fills with the absent, and by the evening nobody is called any more."""
    fill(party(adults=3, children=0), party(adults=3, children=0))
    with room.with_site(most_persons=5):
        absent = room.call_next("1")
        for step in (room.room.recall, room.room.recall, room.room.no_show):
            absent = room.do(step, absent)
        here = room.call_next("1")
        assert here.number == "D102"
        assert choose(room, absent, counter="2") == CallsPaused(None, 3, 5, "D101", 3)

        room.do(room.room.finish, here)
        assert choose(room, absent, counter="2").visit.inside


# --- a chosen number ------------------------------------------------------------------------------


def choose(room, visit, **pressed):
    return room.do(room.room.call_chosen, visit, **pressed)


def test_a_counter_may_call_a_chosen_number(room, fill):
    visits = fill(party(), party())
    action = new_id()

    answer = choose(room, visits["D102"], action=action)

    assert isinstance(answer, Called)
    assert (answer.visit.number, answer.visit.state) == ("D102", VisitState.CALLED)
    assert answer.why.before == ()
    assert choose(room, visits["D102"], action=action) == answer


def test_a_parked_number_can_be_called(room, fill):
    fill(party())
    served = room.do(room.room.serve, room.call_next("1"))
    parked = room.do(room.room.park, served)

    assert choose(room, parked).visit.calls == 1
    assert isinstance(room.call("2"), NobodyWaits)


def test_a_chosen_number_must_wait_at_the_counters_stage(room, fill):
    visits = fill(party("housing"), party())

    with pytest.raises(OtherStageError, match="D101 is at housing"):
        choose(room, visits["D101"])
    called = choose(room, visits["D102"]).visit
    with pytest.raises(IllegalStepError, match="D102 is called: cannot call it"):
        choose(room, called)


def test_a_chosen_number_is_not_called_by_a_busy_counter_or_from_an_old_page(room, fill):
    visits = fill(party(), party())
    room.call_next("1")

    with pytest.raises(CounterBusyError):
        choose(room, visits["D102"])
    with pytest.raises(StaleActionError):
        choose(room, visits["D101"], counter="2")


def test_a_chosen_number_needs_room(room, fill):
    visits = fill(party(), party())
    with stage_for(room, 5):
        room.call_next("1")
        assert isinstance(choose(room, visits["D102"], counter="2"), CallsPaused)


def test_a_chosen_number_of_unknown_size_needs_room_for_one(room, fill):
    visits = fill(party(adults=3, children=0), party(adults=0, children=0))
    with stage_for(room, 3):
        room.call_next("1")
        paused = choose(room, visits["D102"], counter="2")

    assert paused == CallsPaused("information", 3, 3, "D102", 1)


def test_a_chosen_priority_counts_among_the_two_of_three(room, fill):
    visits = fill(*[party()] * 5)
    for number in ("D103", "D104", "D105"):
        visits[number] = prioritise(room, visits[number])
    choose(room, visits["D105"], counter="i1")
    choose(room, visits["D104"], counter="i2")

    assert room.call_next("i3").number == "D101"


# --- how the store is read ------------------------------------------------------------------------


@pytest.mark.sqlite
def test_to_call_the_next_reads_ranges_of_an_index_and_sorts_nothing(room, fill):
    fill(party())
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    event.listen(room.engine, "before_cursor_execute", note)
    room.call_next("1")
    event.remove(room.engine, "before_cursor_execute", note)
    reads = [(said, given) for said, given in asked if said.startswith("SELECT")]
    with room.engine.connect() as connection:
        plans = {
            said: [
                row.detail
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
            ]
            for said, given in reads
        }

    (line,) = [plan for said, plan in plans.items() if "calling_class =" in said]
    ranges = [detail for detail in line if "ix_visit_waiting" in detail]
    assert len(ranges) == len(CallingClass)
    assert all("(site=? AND stage=? AND calling_class=?)" in detail for detail in ranges)
    everything = "\n".join(detail for plan in plans.values() for detail in plan)
    assert "TEMP B-TREE" not in everything
    assert "SCAN visit" not in everything


@pytest.mark.sqlite
def test_limits_of_persons_are_read_from_indices_of_open_visits(room, fill):
    fill(party())
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    event.listen(room.engine, "before_cursor_execute", note)
    with room.with_site(most_persons=9), stage_for(room, 5):
        room.call_next("1")
    event.remove(room.engine, "before_cursor_execute", note)
    with room.engine.connect() as connection:
        plans = [
            row.detail
            for said, given in asked
            if "sum(" in said
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
        ]

    assert any("uq_visit_at_counter" in detail for detail in plans)
    assert "SCAN visit" not in "\n".join(plans)


def test_a_counter_never_has_two_parties_in_the_store(room, fill):
    fill(party(), party())
    first = room.call_next("1")

    def steal(connection):
        t = tables.visit.c
        connection.execute(
            tables.visit.update()
            .where(t.number == "D102")
            .values(state="serving", counter=first.counter)
        )

    with pytest.raises(Exception, match="could not be stored"):
        room.writer.submit(steal).result(10)
