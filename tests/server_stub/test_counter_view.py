"""What a counter sees: always what a call would come to, and who waits behind."""

from dataclasses import replace

import pytest

from server_stub.calling import Called, NobodyWaits
from server_stub.counter_view import SHOWN, LatestViews, Next, counters_of, found_by, places_of
from server_stub.queue_rules import CalledBefore, CallsPaused, Reason
from server_stub.visit import VisitState
from tests.server_stub.enrolled import party


@pytest.fixture
def fill(room, kiosk, clock):
    """Let parties arrive a minute apart; return their visits by number."""

    def arrive(*parties):
        for sequence, content in enumerate(parties, 1):
            room.admit(kiosk, kiosk.check_in(sequence, content=content))
            clock.move(60)
        return {visit.number: visit for visit in room.snapshot().visits}

    return arrive


def view(room):
    return counters_of(room.snapshot(), room.room.site)


def call_as_announced(room, counter):
    """Call next, and compare what comes with what the counter saw before; return it."""
    announced = view(room).desks[counter].upcoming
    answer = room.call(counter)
    if announced is None:
        assert isinstance(answer, NobodyWaits)
    elif isinstance(announced, CallsPaused):
        assert answer == announced
    else:
        assert isinstance(answer, Called)
        assert (answer.visit.id, answer.why) == (announced.visit.id, announced.why)
    return answer


def test_who_is_announced_is_who_is_called_and_for_the_reason_that_was_told(room, fill):
    visits = fill(*[party()] * 7)
    for number in ("D103", "D104", "D105"):
        room.do(room.room.set_priority, visits[number], saying={"priority": True})

    called = [call_as_announced(room, f"i{n}") for n in range(1, 9)]

    numbers = [answer.visit.number for answer in called[:7]]
    assert numbers == ["D103", "D104", "D101", "D105", "D102", "D106", "D107"]
    assert called[2].why.before == (CalledBefore("D105", Reason.TURN),)
    assert called[7] == NobodyWaits()


def test_a_counter_that_speaks_a_language_announces_such_a_party_until_others_waited_enough(
    room, fill
):
    fill(party(), *[party(language="ar")] * 5)
    counters = [
        known.model_copy(update={"languages": ("ar",)}) if known.id == "1" else known
        for known in room.site.counters
    ]
    called = []
    with room.with_site(counters=tuple(counters)):
        for _ in range(4):
            assert view(room).desks["2"].upcoming.visit.number == "D101" or called[3:]
            visit = call_as_announced(room, "1").visit
            called.append(visit.number)
            room.do(room.room.finish, visit)

    assert called == ["D102", "D103", "D104", "D101"]


def test_a_full_stage_is_announced_as_a_pause_and_room_as_its_end(room, fill):
    fill(party(adults=2, children=1), party(adults=2, children=0))
    stages = [
        stage.model_copy(update={"most_persons": 4}) if stage.id == "information" else stage
        for stage in room.site.stages
    ]
    with room.with_site(stages=tuple(stages)):
        first = call_as_announced(room, "1").visit
        pause = call_as_announced(room, "2")
        assert (pause.persons, pause.most, pause.number) == (3, 4, "D102")
        room.do(room.room.finish, first)
        assert call_as_announced(room, "2").visit.number == "D102"


def test_who_waits_in_a_full_hall_is_announced_before_who_would_have_to_come_in(room, fill):
    visits = fill(party("housing", adults=3, children=0), *[party(adults=3, children=0)] * 2)
    with room.with_site(most_persons=6):
        for number in ("D102", "D103"):
            room.call("i1" if number == "D102" else "i2")
        inside = room.do(room.room.reroute, room.visit(visits["D102"]), ("housing",), counter="i1")
        room.do(room.room.forward, inside, counter="i1")

        answer = call_as_announced(room, "3")

    assert answer.visit.number == "D102"
    assert answer.why.before == (CalledBefore("D101", Reason.INSIDE),)


def test_who_is_parked_keeps_no_place_in_the_hall(room, fill):
    fill(party(adults=3, children=0), party(adults=3, children=0))
    with room.with_site(most_persons=3):
        first = call_as_announced(room, "1").visit
        assert isinstance(view(room).desks["2"].upcoming, CallsPaused)
        served = room.do(room.room.serve, first)
        room.do(room.room.park, served)
        assert call_as_announced(room, "2").visit.number == "D102"


def test_a_queue_tells_how_many_wait_and_shows_the_first_as_they_are_called(room, fill):
    visits = fill(*[party()] * (SHOWN + 4))
    for number in ("D110", "D111", "D112"):
        room.do(room.room.set_priority, visits[number], saying={"priority": True})

    queue = view(room).queues["information"]

    assert (queue.parties, queue.unseen) == (SHOWN + 4, 4)
    assert queue.persons == sum(visit.persons for visit in visits.values())
    numbers = [visit.number for visit in queue.first]
    assert numbers[:6] == ["D110", "D111", "D101", "D112", "D102", "D103"]
    assert len(numbers) == SHOWN


def test_who_is_put_back_is_in_the_queue_no_more_but_below_it(room, fill):
    fill(party(), party())
    first = room.call_next("1")
    room.do(room.room.park, room.do(room.room.serve, first))

    queue = view(room).queues["information"]

    assert [visit.number for visit in queue.first] == ["D102"]
    assert [visit.number for visit in queue.parked] == ["D101"]


def test_a_counter_sees_its_party_and_where_it_goes_from_here(room, fill):
    fill(party("information", "housing"))
    called = room.call_next("1")

    desk = view(room).desks["1"]

    assert (desk.party.id, desk.next_stage.id) == (called.id, "housing")
    assert [place.passed for place in places_of(desk.party, room.site)] == ["here", "later"]
    assert view(room).desks["2"].party is None


def test_a_number_is_found_with_or_without_its_letters(room, fill):
    visits = fill(party(), party())
    snapshot = room.snapshot()

    for typed in ("D102", "d 102", "102"):
        assert found_by(typed, snapshot) == [visits["D102"]]
    for typed in ("", "   ", "10", "2", "X102", "%"):
        assert found_by(typed, snapshot) == []


def test_of_equal_numbers_the_open_one_is_found_first(room, fill):
    fill(party(), party())
    first = room.call_next("1")
    room.do(room.room.finish, first)
    snapshot = room.snapshot()
    both = replace(
        snapshot,
        visits=tuple(replace(visit, number="D101") for visit in reversed(snapshot.visits)),
    )

    assert [visit.state for visit in found_by("D101", both)] == [
        VisitState.WAITING,
        VisitState.FINISHED,
    ]


def test_one_view_is_made_of_a_snapshot_however_many_ask(room, fill):
    fill(party())
    views = LatestViews(lambda: room.room.site)
    before = room.snapshot()
    seen = views.of(before)
    room.call_next("1")
    now = room.snapshot()

    assert views.of(now) is views.of(now)
    assert views.of(before) is seen
    assert isinstance(seen.desks["1"].upcoming, Next)
    assert views.of(now).desks["1"].party is not None
