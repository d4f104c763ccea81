"""What can be wrong with a database: each breaks one thing, and says what is to be found.

The rest of the database stays whole, so that the checks that find something can be named one by
one.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from server_stub import tables as t
from tests.server_stub.enrolled import MONDAY_NOON, new_id

Breakage = Callable[[Connection], str]
"""Breaks something; returns words that must be among what is found."""

BREAKAGES: dict[str, tuple[set[str], Breakage]] = {}
"""By name: the checks that find it, and what breaks it."""

v, a, p, o = t.visit.c, t.staff_action.c, t.passage.c, t.outcome.c
TUESDAY_NOON = MONDAY_NOON + timedelta(days=1)


def found_by(*checks: str) -> Callable[[Breakage], Breakage]:
    def noted(breakage: Breakage) -> Breakage:
        BREAKAGES[breakage.__name__] = (set(checks), breakage)
        return breakage

    return noted


def first(connection: Connection, table: Any, *where: Any) -> Row[Any]:
    row = connection.execute(
        select(table).where(*where).order_by(*table.primary_key).limit(1)
    ).one_or_none()
    assert row, f"the day has no such {table.name}"
    return row


def waiting(connection: Connection, *where: Any) -> Row[Any]:
    """Return a visit that nobody has touched."""
    return first(connection, t.visit, v.state == "waiting", v.version == 1, *where)


def change(connection: Connection, row: Row[Any], table: Any = t.visit, **values: Any) -> None:
    key = [column == row._mapping[column.name] for column in table.primary_key]
    assert connection.execute(update(table).where(*key).values(**values)).rowcount == 1


def remove(connection: Connection, row: Row[Any], table: Any) -> None:
    key = [column == row._mapping[column.name] for column in table.primary_key]
    assert connection.execute(delete(table).where(*key)).rowcount == 1


# --- the event log ----------------------------------------------------------------------------


@found_by("event-numbers")
def a_gap_in_the_events(c):
    c.execute(delete(t.event).where(t.event.c.number == 7))
    return "event 8: follows event 6: 1 missing"


@found_by("next-event")
def a_number_that_was_never_given(c):
    c.execute(update(t.site).values(next_event=t.site.c.next_event + 7))
    return "its last event is"


@found_by("event-kinds")
def an_event_of_the_future(c):
    c.execute(update(t.event).where(t.event.c.number == 1).values(kind="dance"))
    return "event 1: is of the unknown kind dance"


# --- check-ins --------------------------------------------------------------------------------


@found_by("check-ins")
def a_check_in_whose_party_waits_nowhere(c):
    row = waiting(c)
    remove(c, row, t.visit)
    return f"check-in {row.id}: was taken, but its party waits nowhere"


@found_by("check-ins")
def a_check_in_without_its_answers(c):
    row = waiting(c)
    remove(c, row, t.check_in_body)
    return f"check-in {row.id}: what its party answered"


@found_by("ledger")
def a_visit_that_the_ledger_does_not_know(c):
    row = waiting(c)
    remove(c, row, t.check_in_body)
    remove(c, row, t.ledger)
    c.execute(update(t.kiosk).values(complete_to=0))
    return f"visit {row.number} ({row.id}): came from a kiosk, but the ledger"


@found_by("bytes")
def bytes_that_were_never_received(c):
    row = first(c, t.check_in_body)
    change(c, row, t.check_in_body, body=row.body + b" ")
    return f"check-in {row.id}: its bytes are not those"


@found_by("arrivals")
def an_arrival_after_its_receipt(c):
    row = waiting(c)
    later = row.arrived_at + timedelta(minutes=5)
    change(c, row, arrived_at=later)
    change(c, row, t.ledger, arrived_at=later)
    return f"check-in {row.id}: arrived after it was received"


@found_by("arrivals")
def an_arrival_that_differs_from_its_visit(c):
    row = waiting(c)
    change(c, row, t.ledger, arrived_at=row.arrived_at - timedelta(minutes=5))
    return f"check-in {row.id}: arrived at"


@found_by("sequences")
def a_clash_with_nobody(c):
    row = first(c, t.ledger, t.ledger.c.sequence == 1)
    change(c, row, t.ledger, sequence=None, clash_sequence=1)
    c.execute(update(t.kiosk).values(complete_to=0))
    return f"check-in {row.id}: clashes over sequence 1, which nobody holds"


@found_by("sequences")
def a_check_in_without_a_sequence(c):
    row = first(c, t.ledger, t.ledger.c.sequence == 1)
    change(c, row, t.ledger, sequence=None)
    c.execute(update(t.kiosk).values(complete_to=0))
    return f"check-in {row.id}: has the sequences None and None"


@found_by("series")
def a_series_behind_its_ledger(c):
    c.execute(update(t.kiosk).where(t.kiosk.c.name == "entrance-1").values(highest_sequence=1))
    return "is in the ledger, but the highest seen is said to be 1"


@found_by("series")
def a_series_that_is_said_to_be_complete(c):
    c.execute(update(t.kiosk).where(t.kiosk.c.name == "entrance-1").values(complete_to=99))
    return "all sequences up to 99 are said to be here"


# --- visits -----------------------------------------------------------------------------------


@found_by("numbers")
def a_number_that_is_open_twice(c):
    one = waiting(c)
    other = waiting(c, v.kiosk == one.kiosk, v.id != one.id)
    change(c, other, number=one.number)
    return f"number {one.number}: 2 parties hold it at once"


@found_by("indices", "counters", "versions")
def two_parties_at_one_counter(c):
    one = first(c, t.visit, v.state == "called")
    c.execute(text("DROP INDEX uq_visit_at_counter"))
    called = {"state": "called", "counter": one.counter, "calls": 1, "called_at": one.called_at}
    change(c, first(c, t.visit, v.state == "parked"), **called)
    return f"counter {one.counter}: 2 parties are called there at once"


@found_by("called")
def a_party_that_nobody_has_called(c):
    row = waiting(c)
    change(c, row, state="called")
    return f"visit {row.number} ({row.id}): is called by counter None"


@found_by("stages")
def a_party_at_a_stage_that_is_not_there(c):
    row = waiting(c)
    change(c, row, stage="heaven")
    return f"visit {row.number} ({row.id}): is at stage heaven, which the site does not have"


@found_by("stages")
def a_party_beside_its_route(c):
    row = waiting(c)
    change(c, row, stage="benefits")
    return f"visit {row.number} ({row.id}): is at stage benefits, not on its route"


@found_by("states")
def a_state_of_the_future(c):
    row = waiting(c)
    change(c, row, state="asleep")
    return f"visit {row.number} ({row.id}): is asleep"


@found_by("states")
def a_class_to_which_it_does_not_belong(c):
    row = waiting(c)
    change(c, row, calling_class=0)
    return f"visit {row.number} ({row.id}): is called in class 0, without priority"


@found_by("counter-stages")
def a_counter_of_another_stage(c):
    row = waiting(c)
    called = {"state": "called", "calls": 1, "called_at": row.arrived_at, "inside": True}
    change(c, row, counter="7", **called)
    return f"visit {row.number} ({row.id}): is called at stage information by counter 7"


@found_by("ended")
def an_end_without_a_time(c):
    row = waiting(c)
    change(c, row, state="left")
    return f"visit {row.number} ({row.id}): is left, arrived"


@found_by("ended")
def an_end_of_what_goes_on(c):
    row = waiting(c)
    change(c, row, ended_at=row.arrived_at)
    return f"visit {row.number} ({row.id}): is waiting, arrived"


@found_by("merged")
def a_merger_with_nobody(c):
    row = waiting(c)
    change(c, row, state="merged", merged_into=new_id(), ended_at=TUESDAY_NOON + timedelta(hours=1))
    return f"visit {row.number} ({row.id}): is merged, merged into visit"


@found_by("merged")
def mergers_in_a_circle(c):
    one = waiting(c)
    other = waiting(c, v.id != one.id)
    ended = {"state": "merged", "ended_at": TUESDAY_NOON + timedelta(hours=1)}
    change(c, one, merged_into=other.id, **ended)
    change(c, other, merged_into=one.id, **ended)
    return f"visit {one.number} ({one.id}): was merged, in the end, into itself"


@found_by("split")
def a_split_from_nobody(c):
    row = waiting(c)
    change(c, row, split_from=new_id())
    return f"visit {row.number} ({row.id}): was split from visit"


@found_by("counts")
def fewer_than_no_children(c):
    row = waiting(c)
    change(c, row, children=-1)
    return f"visit {row.number} ({row.id}): has 2 adults, -1 children"


@found_by("tickets")
def one_ticket_for_two(c):
    one = waiting(c)
    other = waiting(c, v.id != one.id)
    change(c, other, ticket_token_sha256=one.ticket_token_sha256)
    return f"visit {one.number} ({one.id}): another party's ticket opens it too"


@found_by("service-days")
def another_service_day(c):
    row = waiting(c)
    change(c, row, service_day=row.service_day + timedelta(days=1))
    return f"visit {row.number} ({row.id}): arrived on 2026-11-24, but counts for 2026-11-25"


@found_by("letters")
def a_number_of_another_series(c):
    row = waiting(c)
    change(c, row, number="U777")
    return f"visit U777 ({row.id}): its kiosk {row.kiosk} gives out numbers with"


# --- actions ----------------------------------------------------------------------------------


@found_by("action-chain")
def an_action_that_was_lost(c):
    row = first(c, t.staff_action, a.step == "recall", a.version == 3)
    remove(c, row, t.staff_action)
    return f"on visit {row.after['number']}: "


@found_by("action-chain")
def an_action_that_began_elsewhere(c):
    row = first(c, t.staff_action, a.step == "recall", a.version == 3)
    change(c, row, t.staff_action, before=row.before | {"stage": "heaven", "passed_over": 9})
    told = f"action {row.id} on visit {row.after['number']}"
    return f"{told}: recall began where call did not end: stage differ"


@found_by("action-chain")
def an_undo_of_nothing(c):
    row = first(c, t.staff_action, a.undone)
    change(c, row, t.staff_action, undone=False)
    return f"is undo, and {row.step} before it is not marked as undone"


@found_by("versions")
def a_visit_that_moved_by_itself(c):
    row = first(c, t.visit, v.state == "parked")
    change(c, row, adults=9)
    return f"visit {row.number} ({row.id}): is not as park by anna left it: adults differ"


@found_by("versions")
def a_version_that_nobody_made(c):
    row = waiting(c)
    change(c, row, version=4)
    return f"visit {row.number} ({row.id}): is of version 4, but nobody did anything"


@found_by("versions")
def a_version_beyond_the_last_action(c):
    row = first(c, t.visit, v.state == "parked")
    change(c, row, version=row.version + 1)
    return f"visit {row.number} ({row.id}): is of version {row.version + 1}, its last action"


@found_by("persons", "action-chain")
def a_merger_that_lost_someone(c):
    row = first(c, t.staff_action, a.step == "merge", a.part_of.is_not(None))
    change(c, row, t.staff_action, after=row.after | {"adults": row.after["adults"] - 1})
    return f"action {row.id}: merged "


@found_by("persons")
def a_split_that_added_someone(c):
    row = first(c, t.staff_action, a.step == "split")
    gone = row.answer["split_off"]
    change(c, row, t.staff_action, answer={"split_off": gone | {"children": 9}})
    return f"action {row.id}: split (3, 2) adults and children into (2, 1) and (1, 9)"


@found_by("action-visits")
def an_action_on_nobody(c):
    row = first(c, t.staff_action, a.visit.is_not(None))
    new = row._asdict() | {"id": new_id(), "visit": new_id()}
    c.execute(insert(t.staff_action).values(**new))
    return f"action {new['id']}: {row.step} on visit {new['visit']}, which is not there"


@found_by("action-visits")
def a_part_of_nothing(c):
    row = first(c, t.staff_action, a.part_of.is_not(None), a.step == "leave")
    nothing = new_id()
    change(c, row, t.staff_action, part_of=nothing)
    return f"action {row.id}: leave is part of action {nothing}, which is not there"


@found_by("priority-runs")
def three_priority_calls_in_a_row(c):
    c.execute(update(t.stage_calls).values(priority_run=3))
    return "stage information: counts 3 priority calls in a row"


# --- passages ---------------------------------------------------------------------------------


def first_of_two_passages(c):
    several = select(p.visit).group_by(p.visit).having(func.count() > 1)
    corrected = select(a.visit).where(a.step == "correct", a.visit.is_not(None))
    return c.execute(
        select(t.passage)
        .where(p.visit.in_(several), p.visit.not_in(corrected))
        .order_by(p.visit, p.ended_at)
        .limit(1)
    ).one()


@found_by("passages")
def a_hole_between_two_stages(c):
    row = first_of_two_passages(c)
    change(c, row, t.passage, ended_at=row.ended_at + timedelta(seconds=1))
    return "at registration from"


@found_by("passages")
def a_stage_before_the_arrival(c):
    row = first_of_two_passages(c)
    change(c, row, t.passage, waited_from=row.waited_from - timedelta(hours=1))
    return f"passage {row.id} of visit"


@found_by("passages")
def a_stage_that_began_before_the_last_one_ended(c):
    row = first(c, t.visit, v.state == "parked", v.carried_over.is_not(None))
    since = row.stage_since - timedelta(seconds=1)
    change(c, row, stage_since=since)
    last = first(c, t.staff_action, a.visit == row.id, a.version == row.version)
    change(c, last, t.staff_action, after=last.after | {"stage_since": since.isoformat()})
    return f"visit {row.number} ({row.id}): is at information since"


@found_by("passage-times")
def a_call_after_the_end(c):
    row = first(c, t.passage, p.served_at.is_not(None))
    change(c, row, t.passage, served_at=row.ended_at + timedelta(hours=1))
    return f"passage {row.id} at {row.stage}: waited from"


@found_by("passage-actions")
def a_passage_that_nobody_ended(c):
    row = first(c, t.passage)
    change(c, row, t.passage, id=new_id())
    return f"at {row.stage}: no action ended it"


# --- what is counted --------------------------------------------------------------------------


@found_by("outcomes")
def an_outcome_that_nobody_recorded(c):
    row = first(c, t.outcome)
    change(c, row, t.outcome, id=new_id())
    return f"outcome {row.outcome} for {row.persons}"


@found_by("outcome-persons")
def an_outcome_for_fewer_than_none(c):
    row = first(c, t.outcome)
    change(c, row, t.outcome, persons=-1)
    return f"{row.outcome} for -1 persons, of"


@found_by("outcome-persons")
def an_outcome_for_more_than_came(c):
    row = first(c, t.outcome)
    change(c, row, t.outcome, persons=99)
    return f"{row.outcome} for 99 persons, of"


@found_by("outcome-names")
def an_outcome_that_the_site_lacks(c):
    row = first(c, t.outcome)
    change(c, row, t.outcome, outcome="danced")
    return "outcome danced: was recorded 1 times"


@found_by("stock-counts")
def a_count_below_none(c):
    c.execute(update(t.stock_count).values(persons=-3))
    return "says -3 persons"


@found_by("closed-days")
def a_party_forgotten_on_a_closed_day(c):
    row = first(c, t.visit, v.state == "parked", v.carried_over.is_not(None))
    change(c, row, carried_over=None)
    last = first(c, t.staff_action, a.visit == row.id, a.version == row.version)
    change(c, last, t.staff_action, after=last.after | {"carried_over": None})
    return f"visit {row.number} ({row.id}): is parked, but its day 2026-11-23 is closed"


@found_by("days")
def a_closed_day_without_figures(c):
    c.execute(delete(t.daily_figures))
    c.execute(update(t.service_day).values(changed_at=MONDAY_NOON - timedelta(minutes=10)))
    return "day 2026-11-23: is closed, but its figures are not written down"


@found_by("days")
def a_day_of_the_future(c):
    c.execute(update(t.service_day).values(state="asleep"))
    return "day 2026-11-23: is asleep"


@found_by("desk-series")
def a_desk_that_forgot_its_numbers(c):
    c.execute(update(t.kiosk).where(t.kiosk.c.kind == "desk").values(highest_sequence=0))
    return "counts 0 numbers, but 2 parties hold one"


# --- the site files ---------------------------------------------------------------------------


@found_by("site-files")
def a_site_whose_file_is_lost(c):
    c.execute(delete(t.site_file))
    return "has no file that is kept"


@found_by("site-files")
def a_file_that_was_never_in_force(c):
    row = first(c, t.site_file)
    c.execute(insert(t.site_file).values(dict(row._mapping) | {"number": 2, "version": "other"}))
    return "site file 2: is of version other"


# --- enrolments -------------------------------------------------------------------------------


@found_by("tokens")
def a_revoked_kiosk_that_still_gets_in(c):
    k = t.kiosk.c
    c.execute(update(t.kiosk).where(k.name == "entrance-2").values(revoked_at=MONDAY_NOON))
    return "kiosk entrance-2"


@found_by("tokens")
def a_desk_that_gets_in(c):
    desk = first(c, t.kiosk, t.kiosk.c.kind == "desk")
    token = first(c, t.kiosk_token)
    change(c, token, t.kiosk_token, enrolment=desk.enrolment)
    return "is no kiosk, and has one"


@found_by("kiosk-keys")
def a_key_that_two_kiosks_have(c):
    c.execute(update(t.kiosk).where(t.kiosk.c.kind == "kiosk").values(public_key="one"))
    return "has the key of another enrolment"
