from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server_stub import tables
from server_stub.actions import ActionReusedError
from server_stub.event_log import EventKind
from server_stub.parties import PartyByHand
from server_stub.served_by_hand import MarkedRange, RangeError, UnknownRangeError
from server_stub.step_errors import DayClosedError, LeadNeededError
from server_stub.visit import VisitState
from tests.server_stub.enrolled import new_id, party
from tests.server_stub.test_closing import Lead, findings

pytestmark = pytest.mark.both_databases

FINISHED, WAITING = VisitState.FINISHED, VisitState.WAITING


class Outage(Lead):
    """A lead after an outage."""

    def mark(self, first: str, last: str, **other: object) -> MarkedRange:
        pressed = self.press(**other)
        return self.room.run(self.room.room.mark_served_by_hand(pressed, first=first, last=last))

    def take_back(self, marked: MarkedRange, **other: object) -> MarkedRange:
        pressed = self.press(**other)
        return self.room.run(self.room.room.take_back_served_by_hand(pressed, marked=marked.id))


@pytest.fixture
def lead(room) -> Outage:
    return Outage(room)


@pytest.fixture
def arrive(room, kiosk):
    """Let parties of these sequences check in; return them by number."""

    def check_in(*sequences: int) -> dict[str, object]:
        made = {}
        for n in sequences:
            content = party().model_copy(update={"ticket_token": f"{n:022}"})
            number = f"D{numbers()[(n - 1) % len(numbers())]}"
            message = kiosk.check_in(n, content=content).model_copy(update={"number": number})
            room.admit(kiosk, message)
            made[number] = message.id
        return made

    return check_in


def numbers() -> list[int]:
    return [n for n in range(101, 1000) if n not in (200, 300, 666)]


def states(room) -> dict[str, str]:
    return {row["number"]: row["state"] for row in room.rows(tables.visit)}


def test_the_open_visits_of_a_range_are_finished_and_no_others(room, lead, arrive, clock):
    arrive(1, 2, 3, 4, 5)
    room.call_next("1")
    clock.move(60)

    marked = lead.mark("D101", "D103")

    assert (marked.numbers, marked.visits) == (3, 3)
    assert states(room) == {
        "D101": "finished",
        "D102": "finished",
        "D103": "finished",
        "D104": "waiting",
        "D105": "waiting",
    }
    assert {row["ended_by"] for row in room.rows(tables.passage)} == {"served-by-hand"}
    assert findings(room, clock.now) == []


def test_a_check_in_of_the_range_that_comes_later_is_finished_and_marked(room, lead, arrive, clock):
    arrive(1)
    lead.mark("D101", "D103")
    clock.move(60)
    late = arrive(2, 3, 4)

    assert states(room) == dict.fromkeys(("D101", "D102", "D103"), FINISHED) | {"D104": WAITING}
    marks = {row["number"]: row["marked"] for row in room.rows(tables.visit)}
    assert marks == {"D101": "", "D102": "by-hand", "D103": "by-hand", "D104": ""}
    told = [event.kind for event in room.events() if event.about == late["D102"]]
    assert told == [EventKind.CHECK_IN, EventKind.SERVED_BY_HAND]
    assert findings(room, clock.now) == []


def test_a_check_in_that_nobody_could_read_stays_marked_as_such(room, kiosk, lead, arrive):
    arrive(1)
    lead.mark("D101", "D103")
    room.admit(kiosk, kiosk.check_in(2).model_copy(update={"sealed": None}))

    assert {row["marked"] for row in room.rows(tables.visit)} == {"", "unreadable"}


def test_a_range_that_is_taken_back_leaves_everything_as_it_was(room, lead, arrive, clock):
    parties = arrive(1, 2)
    clock.move(60)
    before = {number: room.visit(visit).progress for number, visit in parties.items()}
    marked = lead.mark("D101", "D103")
    parties |= arrive(3)

    assert lead.take_back(marked) == MarkedRange(marked.id, numbers=3, visits=3)
    assert set(states(room).values()) == {"waiting"}
    for number, progress in before.items():
        after = room.visit(parties[number]).progress
        assert after == type(progress)(
            **{name: getattr(progress, name) for name in progress.__dataclass_fields__}
            | {"version": progress.version + 2}
        )
    assert room.rows(tables.passage) == []
    assert room.rows(tables.served_by_hand) == []
    assert room.call_next("1").number == "D101"
    assert findings(room, clock.now) == []


def test_a_party_that_was_at_a_counter_waits_again_for_that_may_have_another_now(
    room, lead, arrive, clock
):
    arrive(1, 2)
    room.call_next("1")
    clock.move(60)
    marked = lead.mark("D101", "D101")
    room.call_next("1")
    lead.take_back(marked)

    assert states(room) == {"D101": "waiting", "D102": "called"}
    assert room.call_next("2").number == "D101"


def test_what_another_range_holds_too_stays_finished_until_that_is_taken_back(room, lead, arrive):
    arrive(1, 2, 3, 4)
    first, second = lead.mark("D101", "D103"), lead.mark("D102", "D104")
    assert (first.visits, second.visits) == (3, 1)

    assert lead.take_back(first).visits == 1
    assert states(room) == {"D101": WAITING} | dict.fromkeys(("D102", "D103", "D104"), FINISHED)
    assert lead.take_back(second).visits == 3
    assert set(states(room).values()) == {"waiting"}


def test_what_was_finished_at_a_counter_is_not_opened_again(room, lead, arrive):
    arrive(1, 2)
    room.do(room.room.finish, room.call_next("1"))
    marked = lead.mark("D101", "D102")
    assert marked.visits == 1
    lead.take_back(marked)

    assert states(room) == {"D101": "finished", "D102": "waiting"}


def test_numbers_run_past_999_and_mean_the_newest_of_the_kiosk(room, lead, arrive):
    """The kiosk has given out 896 numbers in a round, so D101 is its sequence 1 and 897."""
    arrive(1, 2, 895, 896, 897, 898)

    assert lead.mark("D998", "D101").numbers == 3
    by_order = {row["arrival_order"]: row["state"] for row in room.rows(tables.visit)}
    assert by_order == {
        1: "waiting",
        2: "waiting",
        895: "finished",
        896: "finished",
        897: "finished",
        898: "waiting",
    }


def test_numbers_that_only_the_kiosk_knows_of_are_meant_by_what_it_reports(room, kiosk, lead):
    report = kiosk.heartbeat(highest=1000)
    room.run(room.room.hear(report, device=kiosk.device))
    lead.mark("D150", "D204")

    (row,) = room.rows(tables.served_by_hand)
    assert (row["first_sequence"], row["last_sequence"]) == (896 + 50, 896 + 103)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("D260", "D214", "D260 comes after D214: name the first number first"),
        ("D101", "F103", "both numbers must be of one series"),
        ("X101", "X103", "'X101' is no number of a kiosk"),
        ("D100", "D103", "D100 is no number of series D"),
        ("D102", "D200", "D200 is no number of series D"),
        ("", "", "'' is no number of a kiosk"),
    ],
)
def test_what_is_no_range_is_refused_with_the_reason(room, lead, arrive, first, last, reason):
    arrive(1)

    with pytest.raises(RangeError, match=reason):
        lead.mark(first, last)

    assert room.rows(tables.served_by_hand) == []
    assert states(room) == {"D101": "waiting"}


def test_a_kiosk_with_another_skip_list_is_told_apart(room, kiosk, lead):
    other = kiosk.check_in(102).model_copy(update={"number": "D202"})
    room.admit(kiosk, other)

    with pytest.raises(RangeError, match="D203 would be D202 at kiosk entrance-1"):
        lead.mark("D201", "D203")


@contextmanager
def enrolled(room, letter, *, name="old", retired=True, highest=400):
    """Let another kiosk have had a letter, or have it now."""
    row = {
        "site": room.site.id,
        "enrolment": (enrolment := new_id()),
        "name": name,
        "letter": letter,
        "enrolled_at": datetime(2026, 1 if retired else 12, 1, tzinfo=UTC),
        "retired_at": datetime(2026, 2, 1, tzinfo=UTC) if retired else None,
        "highest_sequence": highest,
        "complete_to": highest,
    }
    t = tables.kiosk
    room.writer.submit(lambda c: c.execute(t.insert().values(**row)) and None).result()
    try:
        yield enrolment
    finally:
        gone = t.delete().where(t.c.enrolment == enrolment)
        room.empty()
        room.writer.submit(lambda c: c.execute(gone) and None).result()


@contextmanager
def retired(room, kiosk):
    """Let a kiosk be taken out of use."""
    t = tables.kiosk

    def since(at):
        out_of_use = t.update().where(t.c.enrolment == kiosk.enrolment).values(retired_at=at)
        room.writer.submit(lambda c: c.execute(out_of_use) and None).result()

    since(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    try:
        yield
    finally:
        since(None)


def test_of_two_kiosks_with_a_letter_the_one_in_use_is_meant(room, kiosk, lead, arrive):
    arrive(1)
    with enrolled(room, kiosk.letter):
        assert lead.mark("D101", "D101").visits == 1
        assert room.rows(tables.served_by_hand)[0]["enrolment"] == kiosk.enrolment


def test_a_kiosk_that_was_retired_meanwhile_is_meant_where_its_parties_are_still_here(
    room, kiosk, lead, arrive, clock
):
    arrive(1, 2, 3)
    with retired(room, kiosk), enrolled(room, "D", name="new", retired=False, highest=0) as new:
        marked = lead.mark("D101", "D102")
        assert marked.visits == 2
        assert states(room) == {"D101": "finished", "D102": "finished", "D103": "waiting"}

        lead.take_back(marked)
        assert set(states(room).values()) == {"waiting"}
        lead.mark("D101", "D103")
        lead.mark("D101", "D103")  # of the old one's nobody is here any more

        enrolments = [row["enrolment"] for row in room.rows(tables.served_by_hand)]
        assert sorted(enrolments) == sorted([kiosk.enrolment, new])
        assert findings(room, clock.now) == []


def issue(room, **pressed):
    by_hand = PartyByHand(
        route=("information",), adults=1, children=0, ticket_token=new_id().hex[-22:]
    )
    return room.run(room.room.issue_by_hand(room.press(**pressed), by_hand))


def test_numbers_that_staff_have_issued_can_be_marked_and_taken_back(room, lead, arrive, clock):
    arrive(1)
    issued = [issue(room) for _ in range(4)]
    token = {"adults": 1, "children": 0, "ticket_token": "C" * 22}
    (whole,) = [visit for visit in room.snapshot().visits if visit.number == "D101"]
    parts = room.do(room.room.split, whole, saying=token)
    before = {visit.number: room.visit(visit).progress for visit in (*issued, parts.other)}
    assert [*before] == ["U101", "U102", "U103", "U104", "U105"]

    marked = lead.mark("U102", "U105")
    overlapping = lead.mark("U104", "U104")

    assert (marked.numbers, marked.visits) == (4, 4)
    waits = {number for number, state in states(room).items() if state == "waiting"}
    assert waits == {"D101", "U101"}
    assert lead.take_back(marked).visits == 3
    assert states(room)["U104"] == "finished"
    assert lead.take_back(overlapping).visits == 1
    for visit in (*issued, parts.other):
        assert replace(room.visit(visit).progress, version=1) == before[visit.number]
    assert findings(room, clock.now) == []


def test_a_number_that_staff_issue_again_after_999_is_not_the_one_of_the_last_round(room, lead):
    first = issue(room)
    room.do(room.room.leave, first)
    t = tables.kiosk
    round_it = t.update().where(t.c.kind == "desk").values(highest_sequence=896, complete_to=896)
    room.writer.submit(lambda c: c.execute(round_it) and None).result()
    again = issue(room)
    assert again.number == first.number == "U101"

    marked = lead.mark("U101", "U101")

    assert (room.visit(first).state, room.visit(again).state) == (VisitState.LEFT, FINISHED)
    assert room.rows(tables.served_by_hand)[0]["first_sequence"] == 897
    assert lead.take_back(marked).visits == 1
    assert (room.visit(first).state, room.visit(again).state) == (VisitState.LEFT, WAITING)


def test_of_two_parties_that_had_a_number_only_the_one_is_opened_again_that_the_range_finished(
    room, lead
):
    first = issue(room)
    earlier = lead.mark("U101", "U101")
    t = tables.kiosk
    round_it = t.update().where(t.c.kind == "desk").values(highest_sequence=896, complete_to=896)
    room.writer.submit(lambda c: c.execute(round_it) and None).result()
    again = issue(room)
    marked = lead.mark("U101", "U101")

    assert lead.take_back(marked).visits == 1
    assert (room.visit(first).state, room.visit(again).state) == (FINISHED, WAITING)
    assert lead.take_back(earlier).visits == 1
    assert room.visit(first).state == WAITING


def test_only_a_lead_marks_and_takes_back(lead):
    with pytest.raises(LeadNeededError):
        lead.mark("D101", "D103", role="counter")
    marked = lead.mark("D101", "D103")
    with pytest.raises(LeadNeededError):
        lead.take_back(marked, role="counter")


def test_the_same_press_again_gets_the_same_answer(lead, arrive):
    arrive(1, 2)
    marked = lead.mark("D101", "D102", action=(press := new_id()))
    arrive(3)
    assert lead.mark("D101", "D102", action=press) == marked
    with pytest.raises(ActionReusedError):
        lead.mark("D101", "D103", action=press)
    back = lead.take_back(marked, action=(press := new_id()))
    assert lead.take_back(marked, action=press) == back
    with pytest.raises(UnknownRangeError):
        lead.take_back(marked)


def test_a_range_that_is_taken_back_carries_over_who_came_on_a_day_that_was_closed_since(
    room, lead, arrive, clock
):
    arrive(1)
    clock.move(24 * 3600)
    marked = lead.mark("D101", "D101")
    lead.stop()
    lead.close()

    lead.take_back(marked)

    (back,) = room.snapshot().visits
    assert (back.state, back.carried_over) == (WAITING, clock.now)


def test_a_range_stands_once_its_day_is_closed(lead, arrive):
    arrive(1)
    marked = lead.mark("D101", "D101")
    lead.stop()
    lead.close()

    with pytest.raises(DayClosedError):
        lead.take_back(marked)
    lead.open_again()
    assert lead.take_back(marked).visits == 1


def test_a_range_stands_once_a_day_is_closed_on_which_it_has_finished_somebody(
    room, lead, arrive, clock
):
    arrive(1)
    marked = lead.mark("D101", "D102")
    clock.move(24 * 3600)
    arrive(2)
    tuesday = clock.now.date()
    lead.stop(day=tuesday)
    lead.close(day=tuesday)

    with pytest.raises(DayClosedError, match="2026-11-24 is closed"):
        lead.take_back(marked)

    assert set(states(room).values()) == {FINISHED}
    assert len(room.rows(tables.passage)) == 2
    lead.open_again(day=tuesday)
    assert lead.take_back(marked).visits == 2
