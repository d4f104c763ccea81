"""Where parties go on to is counted, and told with the figures."""

from dataclasses import replace
from datetime import date

from server_stub.daily_figures import read_day
from server_stub.figures import Count, StageFigures, sum_of
from server_stub.figures_files import rows
from server_stub.figures_json import from_json, to_json
from server_stub.figures_of_day import Happenings, figures_of_day
from server_stub.figures_report import report
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.happenings import DAY, passage, shipped_site
from tests.server_stub.worked_day import WorkedDay

SITE = shipped_site()
TO_HOUSING = replace(
    passage("information", 3, came="8:00", called="8:04", served="8:05", gone="8:09"),
    onward="housing",
)
FINISHED = passage("information", 1, came="8:10", called="8:11", gone="8:20", by="finish")


def a_day(day: date = DAY):
    happened = Happenings(passages=(TO_HOUSING, replace(TO_HOUSING, visit="other"), FINISHED))
    return figures_of_day(day, happened, site=SITE)


def test_a_stage_tells_where_it_has_sent_parties_on_to():
    assert a_day().tally.stages["information"].onward == {"": Count(1, 1), "housing": Count(2, 6)}


def test_what_is_written_down_of_a_day_tells_it_too():
    assert from_json(to_json(a_day())) == a_day()


def test_a_day_that_an_older_program_wrote_down_is_read_without():
    told = to_json(a_day())
    del told["stages"]["information"]["onward"]

    stage: StageFigures = from_json(told).tally.stages["information"]
    assert stage.onward == {}
    assert stage.served == Count(3, 7)


def test_the_report_of_some_days_names_the_ways_and_who_came_each_day():
    next_day = DAY.replace(day=DAY.day + 1)
    period = sum_of([a_day(), a_day(next_day)], first=DAY, last=next_day)
    told = rows(report(period, SITE, today=next_day, language="en"))

    ways = [
        (r["stage"], r["figure"], r["unit"], r["value"]) for r in told if r["section"] == "flow"
    ]
    assert ways == [
        ("information", "housing", "parties", 4),
        ("information", "housing", "persons", 12),
        ("information", "(finished)", "parties", 2),
        ("information", "(finished)", "persons", 2),
    ]
    days = [(r["day"], r["unit"], r["value"]) for r in told if r["section"] == "days"]
    assert days == [
        (f"{day}", unit, 0) for day in (DAY, next_day) for unit in ("parties", "persons")
    ]


def test_the_stage_after_is_read_from_what_staff_have_pressed(room, kiosk, other_kiosk, clock):
    day = WorkedDay(room, kiosk, other_kiosk, clock=clock)
    day.plain_way()
    with room.engine.connect() as connection:
        figures = read_day(connection, room.site, MONDAY_NOON.date())

    stages = figures.tally.stages
    assert stages["information"].onward == {"registration": Count(1, 3)}
    assert stages["registration"].onward == {"": Count(1, 3)}
