"""What one step changes of many visits is stored together, as if it were one after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Table, event, select

from server_stub import carry_over, tables
from server_stub.actions import Action
from server_stub.changes import store_changes
from server_stub.closing import Decisions, open_visits
from server_stub.service_days import DayStep
from server_stub.step_errors import StaleActionError
from server_stub.visit import Step
from tests.server_stub.enrolled import party
from tests.server_stub.test_closing import CARRY, MONDAY
from tests.server_stub.test_served_by_hand import Outage

pytestmark = pytest.mark.both_databases

WRITTEN = (tables.visit, tables.passage, tables.staff_action, tables.event)


class UndoneError(Exception):
    """What the command did is not to be kept."""


@pytest.fixture
def lead(room) -> Outage:
    return Outage(room)


@pytest.fixture
def arrive(room, kiosk) -> Callable[[int], list]:
    """Lets so many parties more check in; returns their ids."""
    came = iter(range(1, 1000))

    def check_in(many: int) -> list:
        made = []
        for n in (next(came) for _ in range(many)):
            content = party().model_copy(update={"ticket_token": f"{n:022}"})
            made.append(kiosk.check_in(n, content=content))
            room.admit(kiosk, made[-1])
        return [check_in.id for check_in in made]

    return check_in


@contextmanager
def statements(room) -> Iterator[list[str]]:
    """Note what is sent to the database meanwhile; a COPY is not among it."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _executemany) -> None:
        sent.append(statement)

    event.listen(room.engine, "before_cursor_execute", note)
    yield sent
    event.remove(room.engine, "before_cursor_execute", note)


def contents(connection: Connection) -> dict[Table, list]:
    return {
        table: list(connection.execute(select(table).order_by(*table.primary_key)))
        for table in WRITTEN
    }


def test_a_day_is_closed_as_if_each_visit_were_settled_by_itself(room, lead, arrive, clock):
    """One is called, one served, one parked, one has priority; every second one is carried over."""
    parties = arrive(8)
    room.call_next("1")
    room.do(room.room.serve, room.call_next("2"), counter="2")
    served = room.do(room.room.serve, room.call_next("i3"), counter="i3")
    room.do(room.room.park, served, counter="i3")
    room.do(room.room.set_priority, room.visit(parties[6]), saying={"priority": True})
    lead.stop()
    clock.move(60)
    each = {visit: (Step.LEAVE, Step.CARRY_OVER)[n % 2] for n, visit in enumerate(parties)}
    press = lead.press()
    expected: dict[Table, list] = {}

    def one_after_the_other(connection: Connection) -> None:
        asked = {"day": MONDAY.isoformat()}
        action = Action(connection, room.site, press, step=DayStep.CLOSE, at=clock.now, asked=asked)
        for visit in open_visits(connection, room.site, day=MONDAY):
            part = replace(action, step=each[visit.id])
            part.take_too(visit, visit.progress.after(each[visit.id], at=clock.now))
        expected.update(contents(connection))
        raise UndoneError

    with pytest.raises(UndoneError):
        room.writer.submit(one_after_the_other).result()
    lead.close(Decisions(each=each), action=press.action)

    with room.engine.connect() as connection:
        stored = contents(connection)
    stored[tables.staff_action] = [
        row for row in stored[tables.staff_action] if row.id != press.action
    ]
    assert stored[tables.event].pop().kind == "day"
    assert stored == expected


def test_what_was_decided_for_others_is_kept_once_and_not_with_each(room, lead, arrive):
    parties = arrive(3)
    lead.stop()
    lead.close(Decisions(each=dict.fromkeys(parties, Step.LEAVE)))

    asked = [row["request"].get("each", {}) for row in room.rows(tables.staff_action)]
    assert sorted(len(each) for each in asked) == [0, 0, 0, 0, 3]


def test_to_close_a_day_takes_as_many_statements_for_many_visits_as_for_few(room, lead, arrive):
    taken = []
    for many in (2, 12):
        arrive(many)
        lead.stop()
        with statements(room) as sent:
            assert lead.close(Decisions(rest=Step.LEAVE)).left == many
        taken.append(len(sent))
        lead.open_again()

    assert taken[0] == taken[1]


def test_a_range_takes_as_many_statements_for_many_visits_as_for_few(room, lead, arrive):
    arrive(14)
    taken = []
    for first, last, many in (("D101", "D102", 2), ("D103", "D114", 12)):
        with statements(room) as sent:
            marked = lead.mark(first, last)
            assert marked.visits == many
            assert lead.take_back(marked).visits == many
        taken.append(len(sent))

    assert taken[0] == taken[1]


def test_overdue_visits_end_by_as_many_statements_for_many_as_for_few(room, arrive, clock):
    taken = []
    for many in (2, 12):
        parties = arrive(many)
        clock.move(timedelta(days=4).total_seconds())
        command = partial(carry_over.end_overdue, site=room.site, visits=parties, at=clock.now)
        with statements(room) as sent:
            assert room.writer.submit(command).result() == many
        taken.append(len(sent))

    assert taken[0] == taken[1]


@pytest.mark.parametrize("many", [1, 3])
def test_where_a_visit_is_not_as_it_was_read_nothing_is_stored(room, lead, arrive, clock, many):
    arrive(many)
    with room.engine.connect() as connection:
        read = open_visits(connection, room.site, day=MONDAY)
    room.call_next("1")
    before = {table: room.rows(table) for table in WRITTEN}

    def settle(connection: Connection) -> None:
        action = Action(connection, room.site, lead.press(), step=Step.LEAVE, at=clock.now)
        changes = [action.part(v, v.progress.after(Step.LEAVE, at=clock.now)) for v in read]
        store_changes(connection, room.site.id, list(reversed(changes)))

    with pytest.raises(StaleActionError, match="D101"):
        room.writer.submit(settle).result()

    assert {table: room.rows(table) for table in WRITTEN} == before


def test_a_visit_that_is_named_twice_is_not_changed_twice(room, lead, arrive, clock):
    arrive(2)
    lead.stop()
    lead.close(CARRY)
    lead.open_again()
    with room.engine.connect() as connection:
        visit, _ = open_visits(connection, room.site, day=MONDAY)

    def settle(connection: Connection) -> None:
        action = Action(connection, room.site, lead.press(), step=Step.LEAVE, at=clock.now)
        leaves = action.part(visit, visit.progress.after(Step.LEAVE, at=clock.now))
        store_changes(connection, room.site.id, [leaves, leaves])

    with pytest.raises(StaleActionError):
        room.writer.submit(settle).result()

    assert room.visit(visit).state == visit.state
