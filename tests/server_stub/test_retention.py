from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select

from kiosk.contract.questions import Digits
from server_stub import daily_figures, tables
from server_stub.admin_act import AdminAct
from server_stub.admission import Newcomer, admit
from server_stub.arrival import service_day
from server_stub.checks.inspection import inspect_database
from server_stub.figures_files import as_csv
from server_stub.figures_report import report
from server_stub.queue_rules import CallsPaused
from server_stub.retention import what_may_be_due
from server_stub.retention_periods import (
    DEFAULTS,
    PROMISED_HOURS,
    Kind,
    PeriodError,
    UnknownKindError,
    read_periods,
    set_period,
)
from server_stub.site_versions import newest
from server_stub.taking_site import proposed, take_site
from tests.server_stub.conftest import ROOT
from tests.server_stub.enrolled import MONDAY_NOON, StandingClock
from tests.server_stub.every_cell import cells_with
from tests.server_stub.open_room import OpenRoom, open_room
from tests.server_stub.site_drafts import asking_for_a_letter
from tests.server_stub.worked_day import WorkedDay

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

OF_PARTIES = (
    tables.visit,
    tables.check_in_body,
    tables.slip_outcome,
    tables.passage,
    tables.outcome,
    tables.help_call,
)
FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def worked(new_data, tmp_path_factory, made_once, shared_clock) -> Iterator[OpenRoom]:
    """A store in which everything was done once; tests take back whatever they delete."""
    shared_clock.now = MONDAY_NOON
    with open_room(new_data(tmp_path_factory.mktemp("retention") / "data")) as room:
        day = WorkedDay(room, made_once[1], made_once[2], clock=shared_clock)
        day.work()
        room.run(room.room.call_for_help(made_once[1].help_call(), age=None))
        with room.with_site(most_persons=1):
            waiting = room.visit(next(r["id"] for r in room.rows(tables.visit) if _waits(r)))
            for call in (
                room.room.call_next(room.press()),
                room.room.call_chosen(room.press(waiting)),
            ):
                assert isinstance(room.run(call), CallsPaused)
        yield room


def _waits(row) -> bool:
    return row["state"] == "waiting" and row["stage"] == "information"


class Later:
    """The store some time later, in a transaction that is taken back."""

    def __init__(self, room: OpenRoom, connection: Connection, clock: StandingClock) -> None:
        self.site = room.site
        self.connection = connection
        self.clock = clock

    def pass_by(self, hours: float) -> None:
        """Let time go by, with the rounds of the server: open visits end, days are rolled up."""
        self.clock.now += timedelta(hours=hours)
        t = tables.visit.c
        self.connection.execute(
            tables.visit.update()
            .where(t.ended_at.is_(None), t.arrived_at < self.clock.now - timedelta(hours=60))
            .values(ended_at=self.clock.now, state="left", counter=None)
        )
        today = service_day(self.clock.now, self.site.time_zone)
        while day := daily_figures.next_to_roll_up(self.connection, self.site, today=today):
            daily_figures.roll_up(self.connection, self.site, day, at=self.clock.now)

    def delete(self) -> int:
        """Delete what is due, as the errand does; return how many rows led others."""
        gone = 0
        for due in what_may_be_due(self.connection, self.site, now=self.clock.now):
            if due.is_there(self.connection):
                while some := due.delete_some(self.connection):
                    gone += some
        return gone

    def set(self, kind: Kind, hours: int) -> None:
        act = AdminAct(self.connection, self.site.id, by="olga", now=self.clock.now)
        set_period(act, kind, hours=hours)

    def count(self, table, *where) -> int:
        return self.connection.execute(
            select(func.count()).select_from(table).where(*where)
        ).scalar_one()

    def figures(self) -> bytes:
        """Return all that is reported of these days."""
        period = daily_figures.read_period(
            self.connection,
            self.site,
            first=FIRST,
            last=LAST,
            today=service_day(self.clock.now, self.site.time_zone),
        )
        return as_csv(report(period, self.site, today=LAST, language="en"))

    def faults(self) -> dict[str, list[str]]:
        results = inspect_database(self.connection, now=self.clock.now).results
        return {r.name: [str(f) for f in r.findings] for r in results if r.findings}


@pytest.fixture
def later(worked, shared_clock) -> Iterator[Later]:
    before = shared_clock.now
    with worked.engine.execution_options(writes=True).connect() as connection:
        yield Later(worked, connection, shared_clock)
        connection.rollback()
    shared_clock.now = before


def test_before_its_time_nothing_is_deleted(later):
    assert later.delete() == 0


def test_after_a_week_nothing_of_parties_is_left_but_their_figures(later):
    later.pass_by(80)
    later.pass_by(60)
    figures = later.figures()

    later.delete()

    assert {table.name: later.count(table) for table in OF_PARTIES} == {
        table.name: 0 for table in OF_PARTIES
    }
    assert later.figures() == figures
    assert later.count(tables.ledger) > 0
    assert later.delete() == 0


def test_what_is_deleted_stays_counted_however_often_days_are_rolled_up_again(later):
    later.pass_by(80)
    figures = later.figures()
    later.pass_by(60)
    later.delete()

    for _ in range(4):
        later.pass_by(24)

    assert later.figures() == figures


def test_a_check_of_the_store_finds_nothing_missing_that_was_deleted_for_its_age(later):
    later.pass_by(80)
    before = later.faults()
    later.pass_by(60)

    later.delete()

    assert {name: f for name, f in later.faults().items() if name not in before} == {}


def test_visits_wait_until_the_figures_of_their_day_are_written_down(later):
    later.pass_by(80)
    later.clock.now += timedelta(hours=60)
    later.connection.execute(tables.daily_figures.delete())

    later.delete()

    assert later.count(tables.visit) > 0
    assert later.count(tables.check_in_body) == 0, "what was answered does not wait"


def test_what_staff_did_outlives_parties_without_telling_with_whom(later):
    t = tables.staff_action.c
    before = later.count(tables.staff_action)
    later.pass_by(80)
    later.pass_by(60)

    later.delete()

    assert later.count(tables.staff_action) == before
    assert later.count(tables.staff_action, t.visit.is_not(None)) == 0
    assert later.count(tables.staff_action, t.before.is_not(None)) == 0


MAY_KEEP = {"ledger.id", "staff_action.id", "kiosk.enrolment"}
"""Columns in which a visit's id may stay: one that staff issue has the id of that action, and so
has the desk's series of the first of them."""


def test_after_their_time_no_number_of_a_party_is_anywhere_and_its_id_tells_nothing_of_it(later):
    visits = later.connection.execute(select(tables.visit.c.id, tables.visit.c.number)).all()
    ids = [str(visit.id) for visit in visits]
    numbers = [f'"{visit.number}"' for visit in visits]
    before = cells_with(later.connection, *ids, *numbers)
    assert {"staff_action.request", "staff_action.answer"} <= set().union(*before.values())
    later.pass_by(80)
    later.pass_by(60)

    later.delete()

    found = cells_with(later.connection, *ids, *numbers)
    assert set().union(*found.values()) <= MAY_KEEP
    assert not found.keys() & {*numbers}


def test_what_changed_no_visit_is_forgotten_for_its_own_age_and_looked_at_once(later):
    t = tables.staff_action.c
    notes = (t.visit.is_(None), t.at <= later.clock.now)
    later.clock.now += timedelta(hours=48)

    later.delete()

    told = later.connection.execute(select(t.request, t.answer).where(*notes)).all()
    assert later.count(tables.visit) > 0
    assert told
    assert {(str(row.request), row.answer) for row in told} == {("{}", None)}
    assert later.delete() == 0


def test_after_ninety_days_nobody_is_told_who_did_what(later):
    later.pass_by(80)
    later.pass_by(60)
    later.delete()

    later.pass_by(91 * 24)
    later.delete()

    assert later.count(tables.staff_action) == 0
    assert later.count(tables.audit) == 0


def test_answers_and_tickets_can_go_before_the_visit_does(later):
    ended = tables.visit.c.ended_at.is_not(None)
    later.set(Kind.ANSWERS, 1)
    later.set(Kind.TICKETS, 1)
    here = later.count(tables.visit)
    later.clock.now += timedelta(hours=2)

    later.delete()

    token = tables.visit.c.ticket_token_sha256
    assert later.count(tables.visit) == here
    assert later.count(tables.visit, ended, token.is_not(None)) == 0
    assert later.count(tables.visit, ~ended, token.is_not(None)) > 0
    assert later.faults() == {}


def test_what_a_site_file_promises_to_delete_sooner_goes_sooner_also_while_a_party_waits(later):
    said = {"de": "Wozu", "en": "What for"}
    letter = Digits(
        id="letter",
        kind="digits",
        text="Number",
        length=6,
        purpose=said,
        retention_days=1,
        readers=("counter",),
    )
    later.site = later.site.model_copy(update={"questions": (*later.site.questions, letter)})
    t = tables.visit.c
    today = t.arrived_at > later.clock.now - timedelta(days=1)
    later.delete()
    checked_in = later.count(tables.visit, today, ~t.by_hand, t.split_from.is_(None))
    assert later.count(tables.check_in_body) == checked_in > 0

    later.clock.now += timedelta(hours=24)
    later.delete()

    assert later.count(tables.check_in_body) == 0
    assert later.count(tables.visit, t.ended_at.is_(None)) > 0


def test_what_a_site_file_promised_is_kept_also_when_the_next_one_promises_less(later):
    toml = newest(later.connection, later.site.id).toml
    for number, following in enumerate((asking_for_a_letter(toml, days=1), toml), start=1):
        proposal = proposed(following, source="a test", staff="", seen=number)
        take_site(later.connection, later.site, proposal=proposal, at=later.clock.now)
    later.delete()
    assert later.count(tables.check_in_body) > 0
    later.clock.now += timedelta(hours=24)

    later.delete()

    assert later.count(tables.check_in_body) == 0
    assert later.count(tables.visit, tables.visit.c.ended_at.is_(None)) > 0
    assert later.faults() == {}


def test_what_an_older_site_file_promised_is_kept_also_by_a_kiosk_that_never_heard_of_the_next(
    later, kiosk
):
    """It was offline for days, and those who come to it are still asked by the older one."""
    toml = newest(later.connection, later.site.id).toml
    for number, following in enumerate((asking_for_a_letter(toml, days=1), toml), start=1):
        proposal = proposed(following, source="a test", staff="", seen=number)
        take_site(later.connection, later.site, proposal=proposal, at=later.clock.now)
    later.clock.now += timedelta(days=3)
    check_in = kiosk.check_in(901)
    newcomer = Newcomer(
        check_in=check_in,
        body=check_in.to_bytes(),
        content=None,
        device=kiosk.device,
        received_at=later.clock.now,
        age=None,
    )
    admit(later.connection, [newcomer], site=later.site)
    its_answers = tables.check_in_body.c.id == check_in.id
    later.delete()
    assert later.count(tables.check_in_body, its_answers) == 1
    later.clock.now += timedelta(hours=24)

    later.delete()

    assert later.count(tables.check_in_body, its_answers) == 0
    assert not any(str(check_in.id) in fault for some in later.faults().values() for fault in some)


def test_answers_go_two_days_after_arrival_as_kiosks_promise_whatever_becomes_of_the_visit(later):
    t = tables.visit.c
    still_here = later.connection.execute(select(t.id).where(t.ended_at.is_(None))).scalars().all()
    of_those = tables.check_in_body.c.id.in_(still_here)
    assert later.count(tables.check_in_body, of_those) > 0

    later.clock.now += timedelta(hours=PROMISED_HOURS)
    later.delete()

    assert later.count(tables.check_in_body) == 0
    assert later.count(tables.visit, t.id.in_(still_here)) == len(still_here)
    assert later.faults() == {}


def test_a_slips_outcome_goes_also_where_its_check_in_never_came(later):
    stray = uuid4()
    values = {"kiosk": "entrance-1", "outcome": "printed", "copies": 1, "revision": 1}
    later.connection.execute(
        tables.slip_outcome.insert().values(
            site=later.site.id, id=stray, at=later.clock.now, **values
        )
    )
    later.clock.now += timedelta(hours=47)
    later.delete()
    assert later.count(tables.slip_outcome, tables.slip_outcome.c.id == stray) == 1

    later.clock.now += timedelta(hours=1)
    later.delete()

    assert later.count(tables.slip_outcome, tables.slip_outcome.c.id == stray) == 0


def test_the_newest_event_stays_so_that_live_pages_go_on_from_it(later):
    later.pass_by(80)
    later.pass_by(60)
    next_event = later.connection.execute(select(tables.site.c.next_event)).scalar_one()

    later.delete()

    numbers = later.connection.execute(select(tables.event.c.number)).scalars().all()
    assert numbers == [next_event - 1]


def test_that_visits_were_deleted_is_in_the_audit_log(later):
    t = tables.audit.c
    visits = later.count(tables.visit)
    later.pass_by(80)
    later.pass_by(60)

    later.delete()

    told = later.connection.execute(
        select(t.staff, t.about, t.detail).where(t.act == "deleted")
    ).all()
    assert [(row.staff, row.about) for row in told] == [("", "visits")]
    assert told[0].detail.startswith(f"{visits}, of 2026-11-2")


# ---- the periods ----


def test_nothing_of_parties_is_kept_longer_than_kiosks_promise():
    site_file = (ROOT / "assets" / "sites" / "duesseldorf.toml").read_text(encoding="utf-8")

    assert "Your answers are deleted after two days." in site_file
    assert all(DEFAULTS[kind].most <= PROMISED_HOURS for kind in set(Kind) - {Kind.AUDIT})


def test_a_period_holds_from_the_moment_it_is_set(later):
    later.set(Kind.AUDIT, 30 * 24)

    periods = read_periods(later.connection, later.site.id)

    assert periods[Kind.AUDIT].hours == 720
    assert {k: p for k, p in periods.items() if k is not Kind.AUDIT} == {
        k: p for k, p in DEFAULTS.items() if k is not Kind.AUDIT
    }


@pytest.mark.parametrize(
    ("kind", "hours"), [("answers", 0), ("answers", 49), ("audit", 719), ("audit", 8761)]
)
def test_a_period_outside_its_bounds_is_refused(later, kind, hours):
    with pytest.raises(PeriodError):
        later.set(kind, hours)


def test_what_is_not_kept_has_no_period(later):
    with pytest.raises(UnknownKindError):
        later.set("photographs", 1)
