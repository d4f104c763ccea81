"""What becomes of the figures of two days where a party is of both."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from server_stub import daily_figures, tables
from server_stub.arrival import service_day
from server_stub.figures import Count, Tally
from server_stub.retention import what_may_be_due
from server_stub.undoing import SetRight
from server_stub.visit import VisitState
from tests.server_stub.enrolled import party
from tests.server_stub.test_closing import Lead
from tests.server_stub.test_served_by_hand import Outage

pytestmark = pytest.mark.both_databases

HOUR = 3600
MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


class House:
    """A room whose past days are rolled up."""

    def __init__(self, room, kiosk, clock):
        self.room, self.clock = room, clock
        self._kiosk, self._came = kiosk, 0

    @property
    def today(self) -> date:
        return service_day(self.clock.now, self.room.site.time_zone)

    def arrives(self, *route: str, age: float | None = None):
        self._came += 1
        content = party(*route).model_copy(update={"ticket_token": f"{self._came:022}"})
        check_in = self._kiosk.check_in(self._came, content=content)
        self.room.admit(self._kiosk, check_in, age=age)
        return self.room.visit(check_in.id)

    def carries_over(self) -> None:
        lead = Lead(self.room)
        lead.stop(day=self.today)
        lead.close(day=self.today)

    def until(self, day: date, hour: int) -> None:
        self.clock.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def rolls_up(self) -> None:
        site, today = self.room.site, self.today
        for _ in range(10):
            with self.room.engine.connect() as connection:
                day = daily_figures.next_to_roll_up(connection, site, today=today)
                if day is None:
                    return
                counted = daily_figures.count(connection, site, day)
            write = partial(daily_figures.write_down, site=site, day=day, counted=counted)
            self.room.writer.submit(partial(write, at=self.clock.now)).result()

    def told(self, first: date, last: date | None = None) -> Tally:
        """Roll up, and return what the city is told of some days."""
        self.rolls_up()
        with self.room.engine.connect() as connection:
            return daily_figures.read_period(
                connection, self.room.site, first=first, last=last or first, today=self.today
            ).tally


@pytest.fixture
def house(room, kiosk, clock) -> House:
    return House(room, kiosk, clock)


def test_what_a_lead_sets_right_twice_is_counted_on_the_day_on_which_it_was_reached(house):
    room, lead = house.room, Lead(house.room)
    outcome = next(one.id for one in room.site.outcomes if one.stage == "registration")
    counter = next(one.id for one in room.site.counters if one.stage == "registration")
    of_monday = house.arrives("registration")
    house.carries_over()
    house.until(TUESDAY, 10)
    called = room.call_next(counter)
    room.do(room.room.note_outcomes, called, {outcome: 1}, counter=counter)
    room.do(room.room.finish, room.visit(of_monday), counter=counter)
    house.until(WEDNESDAY, 10)
    assert house.told(TUESDAY).outcomes == {outcome: 1}

    room.run(room.room.correct(_press(lead, of_monday), SetRight(outcomes={outcome: 30})))
    wrong = house.told(TUESDAY).outcomes[outcome]
    room.run(room.room.undo(_press(lead, of_monday)))
    room.run(room.room.correct(_press(lead, of_monday), SetRight(outcomes={outcome: 3})))

    assert house.told(TUESDAY).outcomes[outcome] == wrong - 27


def test_a_no_show_of_a_party_of_another_day_is_counted_after_the_day_was_closed(house):
    room = house.room
    of_monday = house.arrives("information")
    house.carries_over()
    house.until(TUESDAY, 10)
    house.arrives("information")
    house.carries_over()
    assert house.told(TUESDAY).stages["information"].no_shows == 0

    assert room.call_next("1").id == of_monday.id
    for step in (room.room.recall, room.room.recall, room.room.no_show):
        room.do(step, room.visit(of_monday))

    assert house.told(TUESDAY).stages["information"].no_shows == 1


def test_who_was_served_by_hand_was_not_carried_over_and_not_at_home_over_night(house):
    Outage(house.room).mark("D101", "D103")
    house.until(TUESDAY, 8)
    for _ in range(3):
        late = house.arrives("information", age=20.5 * HOUR)
    assert late.state is VisitState.FINISHED

    assert house.told(MONDAY).visits == Count(3, 9)
    assert house.told(MONDAY, TUESDAY).carried_over == Count(0, 0)
    assert house.told(TUESDAY).stages["information"].overnight == 0


def test_who_goes_on_with_a_party_of_yesterday_was_not_carried_over_themselves(house):
    room = house.room
    of_monday = house.arrives("information")
    house.carries_over()
    house.until(TUESDAY, 10)
    of_tuesday = house.arrives("information")
    assert house.told(MONDAY, TUESDAY).carried_over == Count(1, 3)

    of_monday, of_tuesday = room.visit(of_monday), room.visit(of_tuesday)
    press = room.press(of_monday)
    room.run(room.room.merge(press, into=of_tuesday.id, into_seen=of_tuesday.version))

    assert house.told(TUESDAY).carried_over == Count(0, 0)
    assert house.told(MONDAY).carried_over.parties == 1


def _press(lead: Lead, visit):
    return lead.press(visit=lead.room.visit(visit))


def test_who_comes_after_the_first_of_their_day_was_deleted_is_counted_on_it(house):
    room = house.room
    came = house.arrives("information")
    room.do(room.room.leave, room.visit(came), role="lead", counter=None)
    house.until(WEDNESDAY, 12)
    house.rolls_up()
    _delete_what_is_due(house)
    assert room.rows(tables.visit) == []
    alone = house.told(MONDAY)

    late = [house.arrives("information", age=48.5 * HOUR) for _ in range(2)]

    assert {visit.service_day for visit in late} == {MONDAY}
    after = house.told(MONDAY)
    assert (alone.visits, after.visits) == (Count(1, 3), Count(3, 9))
    assert after.carried_over == Count(2, 6)
    assert (after.left, after.stocks) == (alone.left, alone.stocks)
    for visit in late:
        room.do(room.room.leave, room.visit(visit), role="lead", counter=None)
    house.until(WEDNESDAY + timedelta(days=9), 12)
    house.rolls_up()
    _delete_what_is_due(house)
    assert room.rows(tables.visit) == []
    assert house.told(MONDAY) == after


def _delete_what_is_due(house: House) -> None:
    with house.room.engine.connect() as connection:
        kinds = what_may_be_due(connection, house.room.site, now=house.clock.now)
    for due in kinds:
        while house.room.writer.submit(due.delete_some).result():
            pass
