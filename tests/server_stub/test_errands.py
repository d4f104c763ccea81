"""What a running server does by itself, with the real app and a real store."""

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from server_stub import daily_figures, tables
from server_stub import errands as errands_module
from server_stub.app import create_app
from server_stub.checks.inspection import inspect_database
from server_stub.clock_check import check_clock
from server_stub.clock_watch import ClockWatch
from server_stub.errands import errands
from server_stub.queue_sheet import sheet_files
from server_stub.site_in_force import load_site
from server_stub.sqlite import empty_log, log_bytes
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.test_closing import MONDAY, Lead

pytestmark = pytest.mark.both_databases


@pytest.fixture
def do(room, settings):
    """Does the errand of a name, on the room's store."""
    with room.engine.connect() as connection:
        in_force = load_site(connection)
    watch = ClockWatch(settings.clock, settings.steady)
    made = errands(
        settings, lambda: in_force.site, engine=room.engine, writer=room.writer, watch=watch
    )
    return {errand.name: errand.run for errand in made}


def test_overdue_visits_end(room, kiosk, clock, do):
    room.admit(kiosk, kiosk.check_in(1))
    Lead(room).stop()
    Lead(room).close()
    clock.move(48 * 3600)
    commits = room.writer.commits
    do["ending overdue visits"]()
    do["ending overdue visits"]()

    assert [row["state"] for row in room.rows(tables.visit)] == ["left"]
    assert room.writer.commits == commits + 1, "where nothing is to be done, nothing is written"


@contextmanager
def somebody_reads_until_one_waits(engine):
    """Meanwhile somebody reads, until writers are made to wait for the end of that."""
    begun, changed, ended = threading.Event(), threading.Event(), threading.Event()

    def may_write(probe: Connection) -> bool:
        probe.exec_driver_sql("PRAGMA busy_timeout = 50")  # ms: nobody else holds it for as long
        try:
            probe.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError:
            return False
        probe.exec_driver_sql("ROLLBACK")
        return True

    def read() -> None:
        alone = {"isolation_level": "AUTOCOMMIT"}
        with engine.connect() as reader, engine.execution_options(**alone).connect() as probe:
            reader.execute(select(tables.visit).limit(1)).all()
            begun.set()
            changed.wait(10)
            while not ended.is_set() and may_write(probe):
                pass

    reading = threading.Thread(target=read)
    reading.start()
    assert begun.wait(10)
    try:
        yield changed
    finally:
        changed.set()
        ended.set()
        reading.join()


@pytest.mark.sqlite
def test_a_large_log_is_cut_although_somebody_reads(room, kiosk, do, monkeypatch):
    monkeypatch.setattr(errands_module, "LOG_SECONDS", 20.0)
    with somebody_reads_until_one_waits(room.engine) as changed:
        room.admit(kiosk, kiosk.check_in(1))
        assert not empty_log(room.engine), "whoever reads is in the way of one who does not wait"
        changed.set()
        do["cutting the log"]()
        assert log_bytes(room.engine) > 0, "it is small, so nobody is made to wait"
        monkeypatch.setattr(errands_module, "MOST_LOG_BYTES", 1)
        do["cutting the log"]()
        assert log_bytes(room.engine) == 0


class Seconds:
    """Seconds since the machine was started, which pass as they are told to."""

    passed = 0.0

    def __call__(self) -> float:
        return self.passed


def errands_after_start(room, settings, seconds):
    """Return the errands of a server that starts now, with seconds that never jump."""
    with room.engine.connect() as connection:
        site = load_site(connection).site
        ahead = check_clock(connection, site.id, now=settings.clock())
    watch = ClockWatch(settings.clock, seconds, ahead=ahead)
    return errands(settings, lambda: site, engine=room.engine, writer=room.writer, watch=watch)


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_a_clock_that_was_set_ends_and_deletes_nothing_until_it_is_right(
    room, kiosk, clock, settings, jump
):
    seconds = Seconds()
    made = errands_after_start(room, settings, seconds)
    room.admit(kiosk, kiosk.check_in(1))
    before = [room.rows(table) for table in (tables.visit, tables.check_in_body)]

    def round_after(passed: float, *, set_by: timedelta = timedelta(0)) -> bool:
        seconds.passed += passed
        clock.now += timedelta(seconds=passed) + set_by
        for errand in made[:3]:
            errand.run()
        return [room.rows(table) for table in (tables.visit, tables.check_in_body)] == before

    assert round_after(30, set_by=jump)
    assert round_after(3600)
    assert round_after(30, set_by=-jump)  # it is right again
    assert not round_after(5 * 24 * 3600)  # and what is old goes


def test_a_clock_that_was_set_and_stands_for_a_day_is_believed(room, kiosk, clock, settings):
    seconds = Seconds()
    made = errands_after_start(room, settings, seconds)
    room.admit(kiosk, kiosk.check_in(1))

    for passed, gone in ((30, 0), (23 * 3600, 0), (2 * 3600, 1)):
        seconds.passed += passed
        clock.now += timedelta(seconds=passed, days=400 if passed == 30 else 0)
        for errand in made[:3]:
            errand.run()
        assert 1 - len(room.rows(tables.check_in_body)) == gone


@pytest.mark.parametrize(("days", "deletes_at_once"), [(2.9, True), (3.1, False), (4000, False)])
def test_a_server_that_starts_with_a_clock_far_ahead_believes_no_age_for_a_day(
    room, kiosk, clock, settings, days, deletes_at_once
):
    room.admit(kiosk, kiosk.check_in(1))
    seconds = Seconds()
    clock.now += timedelta(days=days)
    made = errands_after_start(room, settings, seconds)

    for passed, gone in ((30, deletes_at_once), (23 * 3600, deletes_at_once), (2 * 3600, True)):
        seconds.passed += passed
        clock.now += timedelta(seconds=passed)
        for errand in made[:3]:
            errand.run()
        assert (room.rows(tables.check_in_body) == []) == gone


def test_a_server_started_anew_after_a_jump_believes_no_age_though_somebody_came_meanwhile(
    room, kiosk, clock, settings
):
    """Started once more it believes none either, until the clock has stood for a day."""

    def there_after_a_round(made, *, passed: float) -> int:
        clock.move(passed)
        seconds.passed += passed
        for errand in made[:3]:
            errand.run()
        return len(room.rows(tables.check_in_body))

    seconds = Seconds()
    room.admit(kiosk, kiosk.check_in(1))
    made = errands_after_start(room, settings, seconds)
    clock.now += timedelta(days=100)
    there_after_a_round(made, passed=30)
    room.admit(kiosk, kiosk.check_in(2), age=0)

    for _ in range(2):
        made = errands_after_start(room, settings, seconds)
        assert there_after_a_round(made, passed=3600) == 2
    assert there_after_a_round(made, passed=22 * 3600) == 2
    made = errands_after_start(room, settings, seconds)
    assert there_after_a_round(made, passed=3600) == 1


def test_days_that_are_over_are_rolled_up_one_after_the_other(room, kiosk, clock, do):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(24 * 3600)
    do["rolling up figures"]()
    assert len(room.rows(tables.daily_figures)) == 1
    do["rolling up figures"]()
    do["rolling up figures"]()

    days = [row["day"] for row in room.rows(tables.daily_figures)]
    assert days == sorted({row["service_day"] for row in room.rows(tables.visit)})


def test_a_closed_day_has_its_figures_after_the_next_round(room, kiosk, clock, do):
    """Also where the server stopped right after it was closed: nothing but the store is asked."""
    room.admit(kiosk, kiosk.check_in(1))
    lead = Lead(room)
    lead.stop()
    do["rolling up figures"]()
    lead.close()
    assert room.rows(tables.daily_figures) == []
    clock.move(1)
    do["rolling up figures"]()
    commits = room.writer.commits
    do["rolling up figures"]()

    (row,) = room.rows(tables.daily_figures)
    assert (row["day"], row["made_at"]) == (MONDAY, clock.now)
    assert room.writer.commits == commits, "where nothing is to be done, nothing is written"


def test_a_closed_day_on_which_nobody_came_has_figures_too(room, do):
    Lead(room).stop()
    Lead(room).close()
    do["rolling up figures"]()

    assert [row["day"] for row in room.rows(tables.daily_figures)] == [MONDAY]


def test_a_day_that_changes_after_it_was_closed_is_counted_anew(room, kiosk, clock, do):
    Lead(room).stop()
    Lead(room).close()
    do["rolling up figures"]()
    clock.move(60)
    room.admit(kiosk, kiosk.check_in(1))
    do["rolling up figures"]()

    (row,) = room.rows(tables.daily_figures)
    assert (row["figures"]["signs"]["visits"], row["made_at"]) == (1, clock.now)


def test_a_day_long_past_that_is_closed_at_last_is_counted_anew(room, kiosk, clock, do):
    """A party was called and never let go, so that no 48 hours have ended its visit."""
    room.admit(kiosk, kiosk.check_in(1))
    room.call_next("1")
    clock.move(9 * 24 * 3600)
    do["rolling up figures"]()
    (before,) = room.rows(tables.daily_figures)
    clock.move(60)
    lead = Lead(room)
    lead.stop()
    lead.close()
    do["rolling up figures"]()

    after = next(row for row in room.rows(tables.daily_figures) if row["day"] == MONDAY)
    assert (before["made_at"], after["made_at"]) == (clock.now - timedelta(seconds=60), clock.now)
    assert after["figures"] != before["figures"]


def test_a_closed_day_goes_before_days_that_nobody_closed(room, kiosk, clock, do):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(24 * 3600)
    tuesday = MONDAY + timedelta(days=1)
    Lead(room).stop(tuesday)
    Lead(room).close(day=tuesday)
    do["rolling up figures"]()

    assert [row["day"] for row in room.rows(tables.daily_figures)] == [tuesday]


def test_what_is_older_than_its_period_is_deleted(room, kiosk, clock, do):
    room.admit(kiosk, kiosk.check_in(1))
    room.do(room.room.leave, room.call_next("1"))
    clock.move(49 * 3600)
    do["rolling up figures"]()
    do["deleting what is old"]()
    commits = room.writer.commits
    do["deleting what is old"]()

    assert room.rows(tables.visit) == room.rows(tables.check_in_body) == []
    assert [row["figures"]["visits"] for row in room.rows(tables.daily_figures)] == [[1, 3]]
    assert room.writer.commits == commits, "where nothing is to be done, nothing is written"


@pytest.mark.parametrize("wrong_by", [timedelta(days=365), timedelta(days=2), timedelta(days=-200)])
def test_what_was_pressed_while_the_clock_was_wrong_keeps_nobodys_visit(
    room, kiosk, clock, do, wrong_by
):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
    clock.now += wrong_by
    sent_on = room.do(room.room.forward, room.call_next("1"))
    clock.now -= wrong_by
    for visit in (sent_on, room.call_next("1")):
        room.do(room.room.leave, visit, role="lead", counter=None)
    clock.move(49 * 3600)
    for _ in range(3):
        do["rolling up figures"]()
        do["deleting what is old"]()
    commits = room.writer.commits
    do["deleting what is old"]()

    assert room.rows(tables.visit) == room.rows(tables.passage) == []
    assert room.writer.commits == commits, "where nothing is to be done, nothing is written"


@pytest.mark.parametrize("arrives_while_ahead", [False, True])
def test_a_party_that_ended_while_the_clock_was_a_year_ahead_goes_two_days_after_it_came(
    room, kiosk, clock, do, arrives_while_ahead
):
    def are_there_after(**passed: float) -> list[bool]:
        clock.now += timedelta(**passed)
        for _ in range(3):
            do["rolling up figures"]()
            do["deleting what is old"]()
        return [room.rows(table) != [] for table in (tables.visit, tables.check_in_body)]

    a_year = timedelta(days=365)
    by_the_kiosks_clock = UUID(int=int(clock.now.timestamp() * 1000) << 80)
    check_in = kiosk.check_in(1).model_copy(update={"id": by_the_kiosks_clock})
    clock.now += arrives_while_ahead * a_year
    room.admit(kiosk, check_in)
    clock.now += (not arrives_while_ahead) * a_year
    room.do(room.room.leave, room.call_next("1"), role="lead")
    clock.now -= a_year

    assert are_there_after(hours=47) == [True, True]
    assert are_there_after(hours=2) == [False, False]
    with room.engine.connect() as connection:
        results = inspect_database(connection, now=clock.now).results
    assert [str(finding) for result in results for finding in result.findings] == []


def test_what_was_pressed_while_the_clock_was_ahead_is_in_the_figures_of_the_day_that_it_showed(
    room, kiosk, clock, do
):
    def rounds_after(**passed: float) -> None:
        clock.now += timedelta(**passed)
        for _ in range(3):
            do["rolling up figures"]()
            do["deleting what is old"]()

    room.admit(kiosk, kiosk.check_in(1))
    clock.now += timedelta(days=365)
    called = room.call_next("1")
    sent_on = room.do(room.room.forward, called)
    clock.now -= timedelta(days=365)
    room.do(room.room.leave, sent_on, role="lead", counter=None)
    rounds_after(hours=49)
    clock.now = MONDAY_NOON + timedelta(days=365)
    room.admit(kiosk, kiosk.check_in(2))
    room.do(room.room.leave, room.do(room.room.forward, room.call_next("1")))
    for _ in range(3):
        rounds_after(hours=25)

    day = MONDAY + timedelta(days=365)
    with room.engine.connect() as connection:
        period = daily_figures.read_period(
            connection, room.site, first=day, last=day, today=day + timedelta(days=3)
        )
    assert room.rows(tables.passage) == room.rows(tables.erased_figures) == []
    assert period.tally.visits.parties == 1
    assert period.tally.stages[called.stage].served.parties == 2


def test_the_last_queue_is_there_when_the_server_has_gone(settings, kiosk):
    """Written when it starts and once more when it stops, with whoever came in between."""
    app = create_app(replace(settings, seconds_between_rounds=3600.0))
    page, text = sheet_files(settings.queue_folder)["de"]

    async def serve() -> None:
        async with app.router.lifespan_context(app):
            check_in = kiosk.check_in(1)
            await app.state.room.admit(
                check_in.to_bytes(), device=kiosk.device, age=None, path_id=check_in.id
            )

    asyncio.run(serve())

    assert "D101" in text.read_text(encoding="utf-8")
    assert "D101" in page.read_text(encoding="utf-8")
    assert settings.queue_folder.parent == settings.data


def test_a_folder_of_ones_own_takes_the_last_queue(settings, tmp_path):
    elsewhere = tmp_path / "share"
    app = create_app(replace(settings, seconds_between_rounds=3600.0, last_queue=elsewhere))

    async def serve() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(serve())

    assert len(list(elsewhere.iterdir())) == 4
    assert not (settings.data / "queue").exists()


def test_a_folder_that_cannot_be_written_to_stops_no_server(settings, tmp_path, caplog):
    taken = tmp_path / "share"
    taken.write_text("a file, and no folder")
    app = create_app(replace(settings, seconds_between_rounds=3600.0, last_queue=taken))

    async def serve() -> int:
        async with app.router.lifespan_context(app):
            with app.state.engine.connect() as connection:
                return len(connection.execute(select(tables.site.c.id)).all())

    assert asyncio.run(serve()) == 1
    assert "writing the last queue failed" in caplog.text
