from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, event, update

from server_stub import tables
from server_stub.daily_figures import next_to_roll_up, read_day, read_period, roll_up
from server_stub.figures import Count, Stock
from server_stub.figures_of_day import Achieved, Arrival, Happenings, Passage, figures_of_day
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.happenings import DAY, SMALL_DAY, at
from tests.server_stub.stored_days import no_show, passage_row, put_day, visit_row

pytestmark = pytest.mark.both_databases

ONE_DAY = timedelta(days=1)
YESTERDAY, TOMORROW = DAY - ONE_DAY, DAY + ONE_DAY


class Books:
    """The figures of a store, and days to put into it."""

    def __init__(self, room, kiosks):
        self.engine, self.site, self.kiosks = room.engine, room.site, kiosks

    @contextmanager
    def writing(self):
        with self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    def put(self, day, happened):
        with self.writing() as connection:
            put_day(connection, day, happened, site=self.site.id, kiosks=self.kiosks)

    def insert(self, table, *rows):
        with self.writing() as connection:
            connection.execute(table.insert(), list(rows))

    def roll_up(self, day):
        with self.writing() as connection:
            roll_up(connection, self.site, day, at=MONDAY_NOON)

    def day(self, day):
        with self.engine.connect() as connection:
            return read_day(connection, self.site, day)

    def period(self, first, last, *, today=DAY):
        with self.engine.connect() as connection:
            return read_period(connection, self.site, first=first, last=last, today=today)

    def next_due(self, *, today=DAY):
        with self.engine.connect() as connection:
            return next_to_roll_up(connection, self.site, today=today)

    @contextmanager
    def statements(self):
        told = []

        def tell(*execution):
            told.append(execution[2:4])

        event.listen(self.engine, "before_cursor_execute", tell)
        yield told
        event.remove(self.engine, "before_cursor_execute", tell)


@pytest.fixture
def books(room, kiosk, other_kiosk) -> Books:
    return Books(room, (kiosk, other_kiosk))


def came(day: date, number: int = 1) -> Happenings:
    return Happenings(arrivals=[Arrival(at("9:00", day), 1, 0, "uk")] * number)


def test_the_store_tells_of_a_day_what_happened_on_it(books):
    books.put(YESTERDAY, SMALL_DAY)  # every row of it is another day's but for its moments
    books.put(DAY, SMALL_DAY)
    books.put(TOMORROW, SMALL_DAY)

    assert books.day(DAY) == figures_of_day(DAY, SMALL_DAY, site=books.site)


def test_a_rolled_up_day_is_the_day_as_it_was_counted(books):
    books.put(YESTERDAY, SMALL_DAY)
    books.put(DAY, SMALL_DAY)
    counted = books.period(YESTERDAY, DAY)
    books.roll_up(YESTERDAY)
    books.roll_up(DAY)
    rolled = books.period(YESTERDAY, DAY, today=DAY + timedelta(days=100))

    assert rolled == counted
    assert counted.tally.visits == Count(12, 20)
    assert counted.days == (YESTERDAY, DAY)


def test_days_without_anything_are_no_days_of_the_period(books):
    books.put(DAY, came(DAY))

    period = books.period(date(1970, 1, 1), date(2100, 1, 1))

    assert (period.days, period.tally.visits) == ((DAY,), Count(1, 1))
    assert books.period(TOMORROW, TOMORROW + ONE_DAY).days == ()


def test_rolling_up_again_changes_nothing_but_what_has_changed(books, room):
    books.put(DAY, came(DAY))
    books.roll_up(DAY)
    first = room.rows(tables.daily_figures)
    with books.statements() as statements:
        books.roll_up(DAY)

    assert room.rows(tables.daily_figures) == first
    assert not any(statement.startswith(("UPDATE", "INSERT")) for statement, _ in statements)
    books.put(DAY, came(DAY))
    books.roll_up(DAY)
    assert books.period(DAY, DAY).tally.visits == Count(2, 2)


@pytest.mark.parametrize(
    "late",
    [
        Happenings(arrivals=[Arrival(at("9:05"), 1, 0, "uk")]),
        Happenings(
            passages=[Passage(uuid4(), "housing", 1, at("9:00"), None, None, at("9:01"), "leave")]
        ),
        Happenings(achieved=[Achieved("housed", -1, at("9:05"))]),
        Happenings(help_calls=["person"]),
    ],
)
def test_what_comes_after_a_day_was_rolled_up_is_counted(books, late):
    books.put(DAY, came(DAY))
    books.roll_up(DAY)
    books.put(DAY, late)

    period = books.period(DAY, DAY, today=TOMORROW)

    assert period.tally == books.day(DAY).tally
    assert books.next_due(today=TOMORROW) == DAY
    books.roll_up(DAY)
    assert books.next_due(today=TOMORROW) is None


def test_a_step_taken_after_a_day_was_rolled_up_is_counted(books):
    books.put(DAY, came(DAY))
    books.roll_up(DAY)
    with books.writing() as connection:
        connection.execute(update(tables.visit).values(adults=4, version=2))

    assert books.period(DAY, DAY, today=TOMORROW).tally.visits == Count(1, 4)


def test_figures_outlive_the_rows_that_they_were_counted_from(books):
    books.put(DAY, SMALL_DAY)
    books.roll_up(DAY)
    before = books.period(DAY, DAY)
    with books.writing() as connection:
        for table in (tables.visit, tables.passage, tables.outcome, tables.staff_action):
            connection.execute(delete(table))
    books.roll_up(DAY)

    assert books.period(DAY, DAY) == before
    assert books.next_due(today=TOMORROW) is None


def test_past_days_are_rolled_up_one_by_one_from_the_earliest_and_today_is_not(books):
    for day in (DAY, YESTERDAY, DAY - timedelta(days=40)):
        books.put(day, came(day))
    due = []
    while day := books.next_due(today=DAY):
        due.append(day)
        books.roll_up(day)

    assert due == [DAY - timedelta(days=40), YESTERDAY]


def test_a_thousand_days_on_which_nobody_came_are_asked_for_together(books):
    books.put(DAY, came(DAY))
    books.roll_up(DAY)
    asked = []
    for quiet in (ONE_DAY, timedelta(days=1000)):
        with books.statements() as statements:
            assert books.next_due(today=DAY + quiet) is None
            assert books.period(DAY, DAY + quiet, today=DAY + quiet).days == (DAY,)
        asked.append(len(statements))

    assert asked[1] <= asked[0] < 20


def test_nothing_is_due_where_nothing_ever_happened(books):
    assert books.next_due() is None
    assert books.period(YESTERDAY, DAY).days == ()


def test_a_stock_goes_on_from_its_last_count_however_long_ago_and_however_rolled_up(books):
    counted_on = DAY - timedelta(days=30)
    books.put(counted_on, replace(SMALL_DAY, achieved=()))
    for day in (DAY - timedelta(days=20), DAY - timedelta(days=2), DAY):
        books.put(day, Happenings(achieved=[Achieved("housed", 10, at("12:00", day))]))
    books.roll_up(counted_on)
    books.roll_up(DAY - timedelta(days=20))

    assert books.period(DAY, DAY).tally.stocks == {"housed": Stock(3655, 30)}
    assert books.period(counted_on, DAY).tally.stocks == {"housed": Stock(3655, 30)}
    assert books.period(YESTERDAY, YESTERDAY).tally.stocks["housed"].persons == 3675
    before = counted_on - ONE_DAY
    assert books.period(before, before).tally.stocks == {}


def test_a_no_show_that_was_undone_is_none(books):
    site = books.site.id
    books.insert(
        tables.staff_action,
        no_show(site, "housing", MONDAY_NOON),
        no_show(site, "housing", MONDAY_NOON, undone=True),
        no_show(site, "housing", MONDAY_NOON) | {"step": "park"},
    )

    assert books.day(DAY).tally.stages["housing"].no_shows == 1


def test_only_a_party_that_was_carried_over_has_spent_the_night_at_home(books):
    site, visit = books.site.id, uuid4()
    evening = Passage(
        uuid4(), "housing", 1, at("17:00", YESTERDAY), at("9:00"), at("9:01"), at("9:05"), "forward"
    )
    early = Passage(
        uuid4(), "housing", 1, at("3:50"), at("4:10"), at("4:10"), at("4:15"), "forward"
    )
    arrival = Arrival(at("16:00", YESTERDAY), 1, 0, "uk", carried_over=True)
    books.insert(tables.visit, visit_row(site, YESTERDAY, arrival, id=visit))
    books.insert(tables.passage, passage_row(site, DAY, evening, visit=visit))
    books.insert(tables.passage, passage_row(site, DAY, early))

    housing = books.day(DAY).tally.stages["housing"]

    assert housing.overnight == 1
    assert {hour: waits.longest for hour, waits in housing.waits.items()} == {3: 20}


def test_a_year_is_read_from_its_roll_ups_and_not_from_its_rows(books):
    first = DAY - timedelta(days=20)
    for n in range(20):
        books.put(first + timedelta(days=n), came(first + timedelta(days=n)))
        books.roll_up(first + timedelta(days=n))
    with books.statements() as statements:
        period = books.period(first, DAY - timedelta(days=4))

    assert period.tally.visits == Count(17, 17)
    assert len(statements) < 12


@pytest.mark.sqlite
def test_a_day_is_counted_and_watched_by_indices_and_no_table_is_read_through(books):
    books.put(YESTERDAY, SMALL_DAY)
    books.put(DAY, SMALL_DAY)
    books.roll_up(YESTERDAY)
    with books.statements() as statements:
        books.period(YESTERDAY, DAY)
        books.next_due()
    plans = []
    with books.engine.connect() as connection:
        for statement, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [row.detail for row in plan]

    scanned = [plan for plan in plans if plan.startswith("SCAN")]
    assert set(scanned) <= {"SCAN CONSTANT ROW"}  # which is no table's
    assert any("ix_staff_action_no_show" in plan for plan in plans)
    assert any("ix_passage_service_day" in plan for plan in plans)
