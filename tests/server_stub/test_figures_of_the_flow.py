"""The figures of a day on which everything happens, worked through the server's use cases."""

from collections import Counter
from datetime import date, timedelta

import pytest

from server_stub import tables
from server_stub.daily_figures import read_day, read_period, roll_up
from server_stub.figures import Count, Stock
from server_stub.figures_files import rows
from server_stub.progress import Correction
from server_stub.undoing import SetRight
from tests.server_stub.worked_day import LEAD, WorkedDay

pytestmark = pytest.mark.both_databases

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def worked(room, kiosk, other_kiosk, clock) -> WorkedDay:
    day = WorkedDay(room, kiosk, other_kiosk, clock=clock)
    day.work()
    return day


def figures_of(room, day: date):
    with room.engine.connect() as connection:
        return read_day(connection, room.site, day)


@pytest.mark.usefixtures("worked")
def test_a_day_on_which_everything_happens_is_counted_right(room):
    monday = figures_of(room, MONDAY)
    tally = monday.tally

    # Eight of the kiosks and one by hand. One was split, and a part of it took in the one by
    # hand; of another a lead noted one adult less: 3 + 3 + 3 + 2 + 1 + 3 + 4 + 3 + 3 persons.
    assert tally.visits == Count(9, 25)
    assert (tally.adults, tally.children) == (17, 8)
    assert tally.by_hand == Count(1, 0)  # its two persons went on with the others
    # One was served to the end, one by hand; one that was finished was led back, and left.
    assert (tally.finished, tally.left) == (Count(2, 6), Count(6, 15))
    assert tally.carried_over == Count(1, 4)
    assert tally.outcomes == {"biometrics-taken": 3, "permit-issued": 2}
    assert tally.stocks["housed"] == Stock(counted=250, since=0)
    information = tally.stages["information"]
    assert (information.served, information.left) == (Count(2, 6), Count(5, 13))
    assert (information.no_shows, information.overnight) == (1, 0)
    # 3:30, 15:30, 17:00, 9:30 and 11:00 from coming to the first call.
    assert [information.all_waits.counts[m] for m in (4, 10, 11, 16, 17)] == [1] * 5
    assert information.all_waits.number == 5
    assert information.services.counts == (0, 1, 0, 1)
    spoken = {name: number for name, number in monday.breakdowns.languages.items() if number}
    assert spoken == {"ar": 1, "uk": 7, "": 1}
    assert monday.breakdowns.priority == {"no": 8, "yes": 1}


@pytest.mark.usefixtures("worked")
def test_every_visit_of_the_day_is_in_one_of_the_ways_in_which_visits_end(room):
    tally = figures_of(room, MONDAY).tally
    of_monday = [row for row in room.rows(tables.visit) if row["service_day"] == MONDAY]

    by_state = Counter(row["state"] for row in of_monday)
    assert by_state == {
        "finished": tally.finished.parties,
        "left": tally.left.parties,
        "merged": 1,
        "parked": tally.carried_over.parties,
    }
    assert len(of_monday) == tally.visits.parties + 1  # the part that was split off


@pytest.mark.usefixtures("worked")
def test_a_closed_day_stands_as_it_was_written_down(room):
    (kept,) = room.rows(tables.daily_figures)
    with room.engine.connect() as connection:
        period = read_period(connection, room.site, first=MONDAY, last=MONDAY, today=TUESDAY)

    assert kept["day"] == MONDAY
    assert period.tally == figures_of(room, MONDAY).tally


def test_a_party_that_comes_back_on_another_day_has_not_waited_all_night(room, worked, clock):
    carried = next(row for row in room.rows(tables.visit) if row["carried_over"])
    clock.move(60)
    called = room.run(room.room.call_chosen(room.press(room.visit(carried["id"]), counter="i1")))
    clock.move(60)
    worked.do("finish", called.visit, counter="i1")

    tally = figures_of(room, TUESDAY).tally

    assert tally.stages["information"].overnight == 1
    assert tally.stages["information"].all_waits.number == 0
    assert tally.finished == Count(1, 4)
    assert tally.visits == Count(5, 15)  # of Tuesday; it came on Monday


def test_a_party_that_is_led_back_on_another_day_has_finished_on_the_day_of_its_last_end_alone(
    room, kiosk, other_kiosk, clock
):
    day = WorkedDay(room, kiosk, other_kiosk, clock=clock)
    visit = day.arrive("housing", adults=2, children=2)

    def finish() -> None:
        day.call("3")
        day.do("finish", visit, counter="3")

    def finished() -> list[int]:
        with room.engine.connect() as connection:
            told = {"first": MONDAY, "last": TUESDAY, "today": TUESDAY}
            period = read_period(connection, room.site, **told)
        days = [figures_of(room, each).tally.finished.parties for each in (MONDAY, TUESDAY)]
        return [*days, period.tally.finished.parties]

    finish()
    assert finished() == [1, 0, 1]
    with room.engine.execution_options(writes=True).begin() as connection:
        roll_up(connection, room.site, MONDAY, at=clock.now)
    clock.move(24 * 3600)
    day.do("correct", visit, SetRight(Correction(stage="housing")), **LEAD)
    assert finished() == [0, 0, 0]
    finish()
    assert finished() == [0, 1, 1]


def test_what_is_taken_back_was_not_and_what_is_corrected_counts_as_corrected(
    room, kiosk, other_kiosk, clock
):
    day = WorkedDay(room, kiosk, other_kiosk, clock=clock)
    visit = day.arrive("housing", adults=2, children=2)
    day.call("3")
    day.do("note_outcomes", visit, {"housed": 4}, counter="3")
    day.do("undo", visit, counter="3")
    day.do("note_outcomes", visit, {"housed": 3}, counter="3")
    day.do("finish", visit, counter="3")
    day.do("undo", visit, counter="3")

    before = figures_of(room, MONDAY).tally
    assert (before.outcomes, before.finished) == ({"housed": 3}, Count())
    assert "housing" not in before.stages  # it is there still

    day.do("finish", visit, counter="3")
    day.do("correct", visit, SetRight(outcomes={"housed": -1}), **LEAD)
    after = figures_of(room, MONDAY).tally
    assert (after.outcomes, after.finished) == ({"housed": 2}, Count(1, 4))
    assert after.stages["housing"].served == Count(1, 4)
    assert after.stocks["housed"] == Stock(counted=None, since=2)


@pytest.mark.usefixtures("worked")
def test_the_report_of_both_days_is_that_of_their_sum(room):
    report = room.run(room.room.report(first=MONDAY, last=TUESDAY, language="en"))

    told = {(row["section"], row["figure"], row["unit"]): row["value"] for row in rows(report)}
    assert told["visits", "visits", "parties"] == 9 + 5
    assert told["stocks", "housed", "persons"] == 250
    assert report.period.days == (MONDAY, TUESDAY)


@pytest.mark.usefixtures("worked")
def test_the_report_of_no_days_is_that_of_today(room):
    assert room.run(room.room.report(language="de")).period.days == (TUESDAY,)
