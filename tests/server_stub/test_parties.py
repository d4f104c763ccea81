from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.contract.site import ALL_SERIES, SERIES_LETTERS
from server_stub import tables
from server_stub.device_tokens import token_sha256
from server_stub.parties import PartyByHand
from server_stub.step_errors import (
    ActionReusedError,
    EmptyPartyError,
    FarAppointmentError,
    NoLetterError,
    NotOfThisSiteError,
    StaleActionError,
)
from server_stub.visit import CallingClass, IllegalStepError, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party

pytestmark = pytest.mark.both_databases

TOKEN = "BBBBBBBBBBBBBBBBBBBBBB"
FAMILY = PartyByHand(
    route=("information", "housing"), adults=1, children=2, language="fa", ticket_token=TOKEN
)


@pytest.fixture
def waiting(room, kiosk, clock):
    """Two parties of two adults and a child, a minute apart."""
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(60)
    return room


def by_number(room):
    return {visit.number: visit for visit in room.snapshot().visits}


def issue(room, said=FAMILY, **pressed):
    return room.run(room.room.issue_by_hand(room.press(**pressed), said))


def split(room, visit, adults, children, **pressed):
    said = {"adults": adults, "children": children, "ticket_token": TOKEN}
    return room.do(room.room.split, visit, saying=said, **pressed)


def merge(room, visit, into, **pressed):
    said = {"into": into.id, "into_seen": into.version}
    return room.do(room.room.merge, visit, saying=said, **pressed)


# --- numbers by hand ------------------------------------------------------------------------------


def test_staff_give_a_number_of_a_series_of_their_own(waiting, clock):
    action = new_id()
    issued = issue(waiting, action=action)

    assert (issued.id, issued.number, issued.kiosk) == (action, "U101", "desk")
    assert (issued.by_hand, issued.arrived_at, issued.version) == (True, clock.now, 1)
    assert waiting.visit(action) == issued
    assert issued in waiting.snapshot().visits
    assert waiting.events()[-1].kind == "by-hand"
    stored = next(row for row in waiting.rows(tables.visit) if row["id"] == action)
    assert stored["ticket_token_sha256"] == token_sha256(TOKEN)


def test_the_next_number_by_hand_is_another_and_the_same_press_gives_one(waiting):
    action = new_id()
    first = issue(waiting, action=action)

    assert issue(waiting, action=action) == first
    assert issue(waiting).number == "U102"
    assert len(waiting.snapshot().visits) == 4
    with pytest.raises(ActionReusedError):
        issue(waiting, replace(FAMILY, adults=9), action=action)


def test_whoever_got_a_number_by_hand_waits_like_the_others(waiting):
    issue(waiting)

    order = [waiting.call_next(counter).number for counter in ("i1", "i2", "i3")]
    assert order == ["D101", "D102", "U101"]


def test_staff_see_no_kiosk_where_numbers_are_given_by_hand(waiting):
    issue(waiting)

    assert [kiosk.name for kiosk in waiting.snapshot().kiosks] == ["entrance-1", "entrance-2"]


@pytest.mark.parametrize(
    "route", [(), ("moon",), ("information", "information")], ids=["none", "unknown", "twice"]
)
def test_a_number_by_hand_needs_a_route(room, route):
    with pytest.raises(NotOfThisSiteError):
        issue(room, replace(FAMILY, route=route))
    assert room.rows(tables.visit) == []


def test_nobody_gets_no_number(room):
    with pytest.raises(EmptyPartyError, match="say how many they are"):
        issue(room, replace(FAMILY, adults=0, children=0))
    assert room.rows(tables.visit) == []
    assert issue(room, replace(FAMILY, adults=0, children=1)).number == "U101"


def test_a_number_that_an_open_visit_holds_is_not_given_again(room):
    held = issue(room)
    after_a_round = tables.kiosk.update().where(tables.kiosk.c.kind == "desk")
    room.writer.submit(
        lambda c: c.execute(after_a_round.values(highest_sequence=999 - 101 + 1 - 3))
    ).result(10)

    assert issue(room).number == "U102"
    room.do(room.room.leave, held, counter=None)


def test_where_kiosks_have_all_single_letters_staff_issue_numbers_of_two(room):
    with_kiosks(room, SERIES_LETTERS)
    try:
        issued = issue(room)
    finally:
        without_kiosks(room)

    assert issued.number == "LJ101"


def test_where_kiosks_have_all_letters_staff_are_told_to_retire_one(room):
    with_kiosks(room, ALL_SERIES)
    try:
        with pytest.raises(NoLetterError, match="retire one"):
            issue(room)
    finally:
        without_kiosks(room)


def with_kiosks(room, letters):
    """Enrol kiosks until all these letters are taken."""

    def enrol(connection):
        taken = {row.letter for row in connection.execute(tables.kiosk.select())}
        for letter in {*letters} - taken:
            connection.execute(
                tables.kiosk.insert().values(
                    site=room.site.id,
                    enrolment=new_id(),
                    name=f"k-{letter.lower()}",
                    letter=letter,
                    enrolled_at=MONDAY_NOON,
                    highest_sequence=0,
                    complete_to=0,
                )
            )

    room.writer.submit(enrol).result(10)


def without_kiosks(room):
    """Take away what `with_kiosks` has enrolled, and the desk's series with it."""
    gone = tables.kiosk.c.name.startswith("k-") | (tables.kiosk.c.kind == "desk")
    room.writer.submit(lambda c: c.execute(tables.kiosk.delete().where(gone))).result(10)


# --- splitting ------------------------------------------------------------------------------------


def test_some_of_a_party_go_on_by_themselves_and_wait_where_it_does(waiting):
    whole = by_number(waiting)["D101"]

    parties = split(waiting, whole, 1, 0)

    assert (parties.visit.adults, parties.visit.children) == (1, 1)
    assert (parties.other.adults, parties.other.children) == (1, 0)
    assert (parties.other.number, parties.other.split_from) == ("U101", whole.id)
    assert (parties.other.waits_from, parties.other.route) == (whole.waits_from, whole.route)
    assert waiting.visit(parties.other) == parties.other
    assert {waiting.call_next("i1").number, waiting.call_next("i2").number} == {"D101", "U101"}
    assert [event.kind.value for event in waiting.events()[2:4]] == ["split", "split"]


def test_a_split_that_is_sent_again_is_the_same_split(waiting):
    whole, action = by_number(waiting)["D101"], new_id()
    parties = split(waiting, whole, 1, 0, action=action)
    waiting.do(waiting.room.leave, parties.other, counter=None)

    assert split(waiting, whole, 1, 0, action=action) == parties
    assert len(waiting.snapshot().visits) == 3


def test_a_split_that_is_refused_takes_no_number(waiting):
    whole = by_number(waiting)["D101"]

    for adults, children in ((0, 0), (2, 1), (3, 0), (-1, 1)):
        with pytest.raises(IllegalStepError):
            split(waiting, whole, adults, children)
    assert issue(waiting).number == "U101"


def test_who_splits_off_at_a_counter_waits_and_the_rest_stays_there(waiting):
    called = waiting.call_next("1")

    parties = split(waiting, called, 1, 0)

    assert (parties.visit.state, parties.visit.counter) == (VisitState.CALLED, "1")
    assert (parties.other.state, parties.other.counter) == (VisitState.WAITING, None)
    assert parties.other.inside


# --- merging --------------------------------------------------------------------------------------


def test_two_parties_go_on_as_one(waiting, clock):
    visits = by_number(waiting)

    parties = merge(waiting, visits["D102"], visits["D101"])

    assert (parties.visit.state, parties.visit.merged_into) == (
        VisitState.MERGED,
        visits["D101"].id,
    )
    assert parties.visit.ended_at == clock.now
    assert (parties.other.adults, parties.other.children) == (4, 2)
    assert waiting.visit(parties.other) == parties.other
    (kept,) = waiting.rows(tables.passage)
    assert (kept["visit"], kept["ended_by"]) == (visits["D102"].id, "merge")
    assert waiting.call_next("1").number == "D101"
    assert waiting.call_next("2") is None


def test_who_took_the_other_in_is_told_on_an_old_page(waiting):
    visits = by_number(waiting)
    merge(waiting, visits["D102"], visits["D101"], staff="berta")

    with pytest.raises(StaleActionError, match="D101 has changed: merge by berta"):
        waiting.do(waiting.room.set_priority, visits["D101"], saying={"priority": True})


def test_a_merger_that_is_sent_again_is_the_same_merger(waiting):
    visits, action = by_number(waiting), new_id()
    parties = merge(waiting, visits["D102"], visits["D101"], action=action)
    waiting.call_next("1")

    assert merge(waiting, visits["D102"], visits["D101"], action=action) == parties


def test_a_party_merges_with_a_called_one_but_not_while_it_is_called_itself(waiting):
    called = waiting.call_next("1")
    other = by_number(waiting)["D102"]

    with pytest.raises(IllegalStepError, match="D101 is called: cannot merge"):
        merge(waiting, called, other)
    assert merge(waiting, other, called).other.persons == 6


def test_nobody_merges_with_themselves_with_who_has_ended_or_with_an_old_page(waiting):
    visits = by_number(waiting)
    with pytest.raises(IllegalStepError, match="the same party"):
        merge(waiting, visits["D101"], visits["D101"])
    ended = waiting.do(waiting.room.leave, visits["D102"], counter=None)
    with pytest.raises(StaleActionError):
        merge(waiting, visits["D101"], visits["D102"])
    with pytest.raises(IllegalStepError, match="D102 is left"):
        merge(waiting, visits["D101"], ended)
    assert waiting.visit(visits["D101"]) == visits["D101"]


def test_what_was_split_can_be_merged_again(waiting):
    whole = by_number(waiting)["D101"]
    parties = split(waiting, whole, 1, 1)

    again = merge(waiting, parties.other, parties.visit)

    assert (again.other.adults, again.other.children) == (whole.adults, whole.children)
    assert again.other.route == whole.route


def test_stages_that_the_other_still_needs_are_added_in_the_sites_order(room, kiosk, clock):
    for sequence, route in ((1, ("information",)), (2, ("information", "benefits", "housing"))):
        room.admit(kiosk, kiosk.check_in(sequence, content=party(*route)))
        clock.move(60)
    visits = by_number(room)

    merged = merge(room, visits["D102"], visits["D101"])

    assert merged.other.route == ("information", "housing", "benefits")


def arrive(room, kiosk, clock, *parties):
    """Let parties arrive a minute apart; return their visits by number."""
    for sequence, content in enumerate(parties, 1):
        room.admit(kiosk, kiosk.check_in(sequence, content=content))
        clock.move(60)
    return by_number(room)


@pytest.mark.parametrize("goes_on", ["D101", "D103"])
def test_a_merged_party_has_the_better_place_whichever_number_goes_on(room, kiosk, clock, goes_on):
    visits = arrive(room, kiosk, clock, party(), party(), party())
    (given_up,) = {"D101", "D103"} - {goes_on}

    merged = merge(room, visits[given_up], visits[goes_on])

    assert room.call_next("1").number == goes_on
    assert merged.other.waits_from == visits["D101"].waits_from


def test_of_parties_that_arrived_at_one_instant_the_kiosks_order_counts(room, kiosk):
    """As after a power cut: nobody knows when they came, but who came before whom."""
    for sequence in range(1, 6):
        room.admit(kiosk, kiosk.check_in(sequence))
    visits, action = by_number(room), new_id()

    merged = merge(room, visits["D102"], visits["D105"], action=action)

    assert room.visit(merged.other) == merged.other
    assert merge(room, visits["D102"], visits["D105"], action=action) == merged
    assert [room.call_next(f"i{n}").number for n in range(1, 5)] == ["D101", "D105", "D103", "D104"]


def test_a_party_that_takes_in_one_with_an_appointment_has_it(room, kiosk, clock):
    visits = arrive(room, kiosk, clock, party(), party(), party())
    early = MONDAY_NOON - timedelta(minutes=5)
    appointed = room.do(room.room.set_appointment, visits["D103"], early)

    merged = merge(room, appointed, visits["D102"])

    assert merged.other.appointment_at == early
    assert room.call_next("1").number == "D102"


def test_a_party_that_takes_in_one_of_an_earlier_day_is_called_like_it(room, kiosk, clock):
    visits = arrive(room, kiosk, clock, party(), party())
    carried = room.visit(visits["D101"]).progress.after(Step.CARRY_OVER, at=clock.now)

    joined = visits["D102"].progress.taking_in(carried, order=())

    assert joined.carried_over == clock.now
    assert joined.calling_class is CallingClass.CARRIED_OVER


def test_a_parked_party_that_takes_in_one_that_waits_waits_too(waiting):
    served = waiting.do(waiting.room.serve, waiting.call_next("1"))
    parked = waiting.do(waiting.room.park, served)

    merge(waiting, by_number(waiting)["D102"], parked)

    assert waiting.call_next("1").number == "D101"


# --- what staff decide ----------------------------------------------------------------------------


def test_priority_is_set_and_cleared_without_a_reason(waiting):
    second = by_number(waiting)["D102"]
    first_now = waiting.do(waiting.room.set_priority, second, saying={"priority": True})
    cleared = waiting.do(waiting.room.set_priority, first_now, saying={"priority": False})

    assert (first_now.priority, cleared.priority) == (True, False)
    assert waiting.call_next("1").number == "D101"
    kept = [row["request"] for row in waiting.rows(tables.staff_action)][:2]
    assert {"step", "staff", "counter", "visit", "seen", "priority"} == set(kept[0])


def test_an_appointment_counts_from_its_time(waiting):
    second = by_number(waiting)["D102"]
    early = MONDAY_NOON - timedelta(minutes=30)

    appointed = waiting.do(waiting.room.set_appointment, second, early)

    assert appointed.appointment_at == early
    assert waiting.call("1").visit.number == "D102"
    assert waiting.visit(second).appointment_at == early


@pytest.mark.parametrize(
    "at", [MONDAY_NOON - timedelta(hours=8, seconds=1), MONDAY_NOON + timedelta(hours=16 + 48)]
)
def test_an_appointment_is_on_a_day_on_which_the_number_is_good(waiting, at):
    """It begins to be at four on Monday, and ends to be 48 hours after its day."""
    first = by_number(waiting)["D101"]
    good = r"D101 is good from 2026-11-23 04:00 to 2026-11-26 04:00: look at the appointment's date"

    with pytest.raises(FarAppointmentError, match=good):
        waiting.do(waiting.room.set_appointment, first, at)

    assert waiting.visit(first) == first
    inwards = timedelta(seconds=1 if at < MONDAY_NOON else -1)
    assert waiting.do(waiting.room.set_appointment, first, at + inwards).appointment_at


def test_an_appointment_that_is_taken_away_gives_back_the_place_by_arrival(waiting):
    first = by_number(waiting)["D101"]
    later = waiting.do(waiting.room.set_appointment, first, MONDAY_NOON + timedelta(hours=1))
    assert later.waits_from > first.waits_from

    again = waiting.do(waiting.room.set_appointment, later, None)

    assert (again.waits_from, again.appointment_at) == (first.waits_from, None)
    assert waiting.call_next("1").number == "D101"
