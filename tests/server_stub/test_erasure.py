from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, func, select

from kiosk.contract.messages import SlipState
from server_stub import audit, daily_figures, erasure, stock, tables
from server_stub.actions import Press
from server_stub.arrival import service_day
from server_stub.checks.inspection import inspect_database
from server_stub.event_log import EventKind
from server_stub.figures_files import as_csv
from server_stub.figures_report import report
from server_stub.retention import what_may_be_due
from server_stub.slip_outcomes import put_slip_outcome
from server_stub.snapshot import VisitRow
from server_stub.step_errors import LeadNeededError, UnknownVisitError
from server_stub.ticket_reading import visit_of
from tests.server_stub.enrolled import MONDAY_NOON, StandingClock, new_id
from tests.server_stub.every_cell import cells_with
from tests.server_stub.open_room import OpenRoom, open_room
from tests.server_stub.worked_day import LEAD, WorkedDay

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def worked(new_data, tmp_path_factory, made_once, shared_clock) -> Iterator[OpenRoom]:
    """A store in which everything was done once; tests take back whatever they erase."""
    shared_clock.now = MONDAY_NOON
    with open_room(new_data(tmp_path_factory.mktemp("erasure") / "data")) as room:
        WorkedDay(room, made_once[1], made_once[2], clock=shared_clock).work()
        yield room


class Desk:
    """A lead who erases, in a transaction that is taken back."""

    def __init__(self, room: OpenRoom, connection: Connection, clock: StandingClock) -> None:
        self.room = room
        self.site = room.site
        self.connection = connection
        self.clock = clock

    def erase(self, visit: VisitRow, **pressed: object) -> erasure.Erased:
        press = self.room.press(visit, **(LEAD | pressed))
        return erasure.erase(self.connection, self.site, press=press, at=self.clock.now)

    def visits(self, *where) -> list[VisitRow]:
        t = tables.visit.c
        return erasure.read_visits(
            self.connection, self.site.id, *where, order_by=(t.arrived_at, t.id)
        )

    def over(self) -> list[VisitRow]:
        """Return the visits that have ended, with all that they went on as."""
        found = [self.group(visit) for visit in self.visits(ENDED)]
        return [one.visit for one in found if not any(visit.is_open for visit in one.all)]

    def group(self, visit: VisitRow) -> erasure.Found:
        found = erasure.find(self.connection, self.site.id, number=visit.number)
        return next(one for one in found if one.visit.id == visit.id)

    def is_here(self, visit: VisitRow) -> bool:
        return bool(self.visits(tables.visit.c.id == visit.id))

    def figures(self) -> bytes:
        """Return all that is reported, as it stands now."""
        today = service_day(self.clock.now, self.site.time_zone)
        period = daily_figures.read_period(
            self.connection, self.site, first=FIRST, last=LAST, today=today
        )
        return as_csv(report(period, self.site, today=LAST, language="en"))

    def faults(self) -> list[str]:
        results = inspect_database(self.connection, now=self.clock.now).results
        return [str(finding) for result in results for finding in result.findings]

    def roll_up(self) -> None:
        today = service_day(self.clock.now, self.site.time_zone)
        while day := daily_figures.next_to_roll_up(self.connection, self.site, today=today):
            daily_figures.roll_up(self.connection, self.site, day, at=self.clock.now)

    def let_pass(self, hours: float) -> None:
        """Let time go by with the rounds of the server, that of retention too."""
        self.clock.now += timedelta(hours=hours)
        self.roll_up()
        for due in what_may_be_due(self.connection, self.site, now=self.clock.now):
            while due.delete_some(self.connection):
                continue


@pytest.fixture
def desk(worked, shared_clock) -> Iterator[Desk]:
    before = shared_clock.now
    with worked.engine.execution_options(writes=True).connect() as connection:
        yield Desk(worked, connection, shared_clock)
        connection.rollback()
    shared_clock.now = before


def names(visits: Iterable[VisitRow]) -> list[str]:
    return [name for visit in visits for name in (str(visit.id), visit.id.hex, visit.number)]


ENDED = tables.visit.c.ended_at.is_not(None)


def test_after_an_erasure_nothing_names_the_party_but_ledger_and_audit_log(desk):
    for visit in desk.visits():
        if not desk.is_here(visit):
            continue  # gone with a party that it went on with
        gone = desk.group(visit).all
        desk.erase(visit)

        others = {other.number for other in desk.visits()}
        unique = [name for name in names(gone) if name not in others]
        allowed = {"ledger.id", "audit.about", "event.about"}
        if visit.by_hand or visit.split_from:  # its id is the press's, which tells of nobody
            allowed |= {"staff_action.id", "kiosk.enrolment"}
        for name, columns in cells_with(desk.connection, *unique).items():
            assert columns <= allowed, f"{name}: {columns}"
    assert desk.visits() == []


def test_the_figures_are_exactly_as_if_the_visits_were_still_there(desk):
    ended = desk.over()
    before = desk.figures()
    assert len(ended) > 5

    for visit in ended:
        if desk.is_here(visit):
            desk.erase(visit)

    assert desk.figures() == before
    desk.roll_up()
    assert desk.figures() == before
    desk.let_pass(80)
    desk.let_pass(60)
    assert desk.figures() == before
    assert desk.connection.execute(select(func.count(tables.erased_figures.c.day))).scalar() == 0


def test_a_day_goes_on_being_counted_after_an_erasure(desk):
    """Also where it was rolled up before: what comes afterwards is not lost."""
    desk.erase(desk.over()[0])
    desk.roll_up()
    other = desk.over()[0]
    before = desk.figures()
    t = tables.visit
    desk.connection.execute(
        t.update().where(t.c.id == other.id).values(adults=t.c.adults + 5, version=t.c.version + 1)
    )

    assert desk.figures() != before


def test_a_stock_that_is_counted_after_an_erasure_counts_nobody_twice(desk):
    def count(persons: int) -> None:
        told = {"figure": "housed", "persons": persons, "at": desk.clock.now}
        stock.count(desk.connection, desk.site, press=desk.room.press(**LEAD), **told)

    visit = desk.visits(tables.visit.c.ended_at.is_(None))[0]
    today = desk.clock.now
    desk.connection.execute(
        tables.outcome.insert().values(
            site=desk.site.id,
            id=new_id(),
            ordinal=0,
            visit=visit.id,
            stage="housing",
            outcome="housed",
            persons=2,
            service_day=service_day(today, desk.site.time_zone),
            at=today,
            staff="anna",
        )
    )
    desk.erase(visit)
    desk.clock.move(60)
    count(40)

    day = service_day(today, desk.site.time_zone)
    stocks = daily_figures.read_day(desk.connection, desk.site, day).tally.stocks
    assert stocks["housed"].persons == 40


def test_a_check_of_the_store_finds_no_fault_in_an_erasure(desk):
    before = desk.faults()
    for visit in desk.visits():
        if desk.is_here(visit):
            desk.erase(visit)

    assert set(desk.faults()) <= set(before)


def test_a_party_that_is_still_here_leaves_first_and_frees_its_counter(desk):
    called = desk.visits(tables.visit.c.state == "called")[0]

    assert desk.erase(called).left == 1

    t = tables.staff_action.c
    last = desk.connection.execute(
        select(t.step, t.staff, t.visit).where(t.at == desk.clock.now, t.step == "leave")
    ).one()
    assert tuple(last) == ("leave", "lena", None)
    assert desk.visits(tables.visit.c.counter == called.counter, ~ENDED) == []


def test_parties_that_went_on_together_are_erased_together(desk):
    merged = desk.visits(tables.visit.c.merged_into.is_not(None))[0]
    into = merged.merged_into

    numbers = desk.erase(merged).numbers

    assert numbers[0] == merged.number
    assert len(numbers) == 2
    assert desk.visits(tables.visit.c.id == into) == []


def test_a_part_of_an_erased_party_stays_a_part(desk):
    part = desk.visits(tables.visit.c.split_from.is_not(None))[0]
    whole = desk.visits(tables.visit.c.id == part.split_from)[0]

    desk.erase(whole)

    left = desk.visits(tables.visit.c.id == part.id)
    assert [visit.split_from for visit in left] in ([part.id], [])


def test_of_a_part_that_is_erased_the_whole_keeps_only_how_many_went(desk):
    part = desk.visits(tables.visit.c.split_from.is_not(None))[0]
    t = tables.staff_action.c
    answer = select(t.answer).where(t.id == part.id)
    before = desk.connection.execute(answer).scalar_one()["split_off"]

    desk.erase(part)

    kept = {name: before[name] for name in ("adults", "children")}
    assert desk.connection.execute(answer).scalar_one() == {"split_off": kept}


def test_live_pages_are_told_which_row_to_take_away(desk):
    visit = next(one for one in desk.visits(~ENDED) if not desk.group(one).others)
    desk.erase(visit)

    t = tables.event.c
    last = desk.connection.execute(select(t.kind, t.about).order_by(t.number.desc()).limit(1)).one()
    assert tuple(last) == (EventKind.ERASE.value, visit.id)


def test_the_audit_log_says_that_it_was_done_and_by_whom(desk):
    visit = desk.over()[0]
    press = new_id()
    desk.erase(visit, action=press)

    t = tables.audit.c
    entry = desk.connection.execute(
        select(t.id, t.staff, t.act, t.about, t.detail).where(t.act == audit.VISIT_ERASED)
    ).first()
    assert tuple(entry) == (press, "lena", "visit-erased", str(visit.id), None)


def test_a_press_that_comes_twice_erases_once(desk):
    visit, press = desk.over()[0], new_id()
    desk.erase(visit, action=press)

    assert desk.erase(visit, action=press) == erasure.Erased(())
    with pytest.raises(UnknownVisitError):
        desk.erase(visit)


def test_only_a_lead_may(desk):
    with pytest.raises(LeadNeededError):
        desk.erase(desk.visits()[0], role="counter")


def test_a_check_in_that_its_kiosk_sends_again_lets_nobody_wait(room, kiosk, clock):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    room.run(room.room.note_slip(kiosk.slip(check_in, SlipState.PRINTED)))
    clock.move(60)
    press = Press(new_id(), staff="lena", role="lead", visit=check_in.id)
    before = room.snapshot()
    assert [visit.id for visit in before.visits] == [check_in.id]
    assert room.run(room.room.erase(press)).numbers == (check_in.number,)
    after = room.snapshot()

    assert after.visits == ()
    assert not room.admit(kiosk, check_in).first
    assert room.rows(tables.visit) == []
    assert room.rows(tables.check_in_body) == []


@pytest.fixture
def namesakes(room, kiosk, clock) -> tuple[VisitRow, VisitRow]:
    """Two parties of one number, that came a day after one another; the first one has left."""
    first, second = kiosk.check_in(1), kiosk.check_in(901)
    room.admit(kiosk, first)
    room.do(room.room.leave, room.visit(first.id), **LEAD)
    clock.move(24 * 3600)
    room.admit(kiosk, second)
    assert first.number == second.number
    return room.visit(first.id), room.visit(second.id)


def test_another_party_of_the_same_number_keeps_it(room, namesakes, clock):
    gone, here = namesakes
    press = room.press(counter="1")
    called = room.run(room.room.call_next(press))
    assert called.visit.id == here.id

    room.do(room.room.erase, gone, **LEAD)

    assert room.run(room.room.call_next(press)).visit == called.visit
    with room.engine.connect() as connection:
        results = inspect_database(connection, now=clock.now).results
    assert [str(finding) for result in results for finding in result.findings] == []
    assert room.do(room.room.undo, room.visit(here)).number == here.number


def test_another_party_of_the_same_number_keeps_it_where_a_third_one_names_it(
    room, namesakes, kiosk
):
    gone, here = namesakes
    third = kiosk.check_in(2)
    room.admit(kiosk, third)
    press = room.press(room.visit(third.id))
    told = {"into": here.id, "into_seen": here.version}
    room.run(room.room.merge(press, **told))

    room.do(room.room.erase, gone, **LEAD)

    assert room.run(room.room.merge(press, **told)).other.number == here.number


def test_a_slip_that_its_kiosk_tells_of_afterwards_leaves_nothing(room, kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    slip = kiosk.slip(check_in)
    with room.engine.execution_options(writes=True).begin() as connection:
        press = Press(new_id(), visit=check_in.id, **LEAD)
        erasure.erase(connection, room.site, press=press, at=MONDAY_NOON)
        told = connection.execute(select(func.count()).select_from(tables.event)).scalar()

        answer = put_slip_outcome(connection, room.site.id, slip, at=MONDAY_NOON)

        assert answer == (slip.revision, False)
        after = connection.execute(select(func.count()).select_from(tables.event)).scalar()
        assert after == told
    assert room.rows(tables.slip_outcome) == []


def test_the_phone_of_an_erased_party_is_told_what_a_stranger_is_told(room, kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    press = Press(new_id(), staff="lena", role="lead", visit=check_in.id)
    find = partial(visit_of, site=room.site.id, token="AAAAAAAAAAAAAAAAAAAAAA")
    with room.engine.connect() as connection:
        assert find(connection) is not None
    room.run(room.room.erase(press))

    with room.engine.connect() as connection:
        assert find(connection) is None


def test_a_number_is_found_however_it_is_typed_the_latest_first(room, kiosk, clock):
    for sequence in (1, 900):  # the digits come again
        room.admit(kiosk, kiosk.check_in(sequence))
        clock.move(60)
    number = room.rows(tables.visit)[0]["number"]
    with room.engine.connect() as connection:
        found = erasure.find(connection, room.site.id, number=f" {number.lower()} ")

    assert number in {one.visit.number for one in found}
    assert [one.visit.arrived_at for one in found] == sorted(
        (one.visit.arrived_at for one in found), reverse=True
    )
