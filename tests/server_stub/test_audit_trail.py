import csv
import io
from contextlib import nullcontext
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from server_stub import audit, tables
from server_stub.audit_files import as_csv
from server_stub.audit_trail import SERVER, Entry, Search, read_all, read_page
from server_stub.site_in_force import load_site
from server_stub.store import engine_for
from tests.server_stub.administering import SITE, Office
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.put_visits import PutVisits

pytestmark = pytest.mark.both_databases

ZONE = "Europe/Berlin"


@pytest.fixture
def office(settings, clock):
    """An office over a store of which nobody knows yet who made it."""
    with engine_for(settings) as engine:
        office = Office(engine, clock)
        office.do(lambda act: act.connection.execute(tables.audit.delete()))
        yield office


def pressed(
    office: Office,
    clock,
    step: str,
    *,
    staff="anna",
    visit: UUID | None = None,
    counter: str | None = "5",
):
    row = {
        "site": SITE,
        "id": uuid4(),
        "step": step,
        "staff": staff,
        "at": clock.now,
        "counter": counter,
        "visit": visit,
        "request": {},
        "undone": False,
    }
    office.do(lambda act: act.connection.execute(tables.staff_action.insert().values(row)))
    clock.move(1)


def noted(office: Office, clock, act: str, *, staff="olga", about: str | None = None):
    office.do(
        lambda a: audit.note(a.connection, SITE, staff=staff, act=act, about=about, now=clock.now)
    )
    clock.move(1)


def visit_d214(office: Office) -> UUID:
    return office.do(
        lambda a: PutVisits(a.connection, load_site(a.connection).site).visit(number="D214")
    )


def page(office: Office, *, after: str | None = None, size: int = 100, **search: object):
    return office.read(
        lambda c: read_page(
            c, SITE, search=Search(**search), time_zone=ZONE, after=after, size=size
        )
    )


def acts(page) -> list[str]:
    return [entry.act for entry in page.entries]


def test_what_staff_pressed_and_what_was_administered_is_one_trail_latest_first(office, clock):
    pressed(office, clock, "call")
    noted(office, clock, "kiosk-revoked", about="entrance-1")
    pressed(office, clock, "finish")

    assert acts(page(office)) == ["finish", "kiosk-revoked", "call"]


def test_a_visit_is_told_by_its_number_and_no_longer_when_it_is_gone(office, clock):
    visit = visit_d214(office)
    pressed(office, clock, "call", visit=visit)
    noted(office, clock, "visit-opened", about=f"{visit}")
    pressed(office, clock, "call", visit=uuid4())

    gone, opened, called = page(office).entries

    assert (opened.about, called.about) == ("D214", "D214")
    assert UUID(gone.about)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"staff": "anna"}, ["finish", "call"]),
        ({"staff": SERVER}, ["leave"]),
        ({"act": "kiosk-revoked"}, ["kiosk-revoked"]),
        ({"about": "d214"}, ["visit-opened", "call"]),
        ({"about": "entrance-1"}, ["kiosk-revoked"]),
        ({"about": "5"}, ["finish", "call"]),
        ({"staff": "anna", "act": "finish"}, ["finish"]),
        ({"staff": "nobody"}, []),
    ],
)
def test_entries_are_found_by_who_what_and_whom(office, clock, search, found):
    visit = visit_d214(office)
    pressed(office, clock, "call", visit=visit)
    noted(office, clock, "kiosk-revoked", about="entrance-1")
    pressed(office, clock, "finish", visit=None)
    pressed(office, clock, "leave", staff="", counter=None)
    noted(office, clock, "visit-opened", about=f"{visit}")

    assert acts(page(office, **search)) == found


def test_a_day_is_a_day_of_the_sites_clocks(office, clock):
    clock.now = MONDAY_NOON.replace(hour=22, minute=59)  # 23:59 in Düsseldorf
    pressed(office, clock, "call")
    clock.now += timedelta(minutes=2)
    pressed(office, clock, "finish")

    assert acts(page(office, day=date(2026, 11, 23))) == ["call"]
    assert acts(page(office, day=date(2026, 11, 24))) == ["finish"]


def test_pages_follow_one_another_without_a_gap_or_an_entry_twice(office, clock):
    for number in range(12):
        pressed(office, clock, f"step-{number}")
        noted(office, clock, f"act-{number}")
        clock.move(-1)  # some are of one moment
    everything = acts(page(office))

    told, after = [], None
    while True:
        part = page(office, after=after, size=5)
        told += acts(part)
        after = part.after
        if after is None:
            break

    assert told == everything
    assert len(told) == len(set(told)) == 24
    assert acts(page(office)) == [
        e.act
        for e in office.read(
            lambda c: list(read_all(lambda: nullcontext(c), SITE, search=Search(), time_zone=ZONE))
        )
    ]


@pytest.mark.parametrize(
    "after", ["", "yesterday", "2026-11-23T11:00:00~x", "2026-11-23~" + "0" * 32]
)
def test_a_cursor_that_is_none_begins_at_the_latest(office, clock, after):
    pressed(office, clock, "call")

    assert acts(page(office, after=after)) == ["call"]


def test_a_spreadsheet_runs_nothing_of_what_is_in_the_file():
    entry = Entry(MONDAY_NOON, UUID(int=1), "=anna", "call", "D214", counter="5", undone=True)

    text = b"".join(as_csv([entry], time_zone=ZONE)).decode("utf-8-sig")

    assert list(csv.DictReader(io.StringIO(text), delimiter=";")) == [
        {
            "at": "2026-11-23T12:00:00+01:00",
            "staff": "'=anna",
            "act": "call",
            "about": "D214",
            "detail": "",
            "counter": "5",
            "undone": "yes",
        }
    ]


def test_an_act_of_the_audit_log_is_not_looked_for_among_millions_of_steps(office, clock):
    noted(office, clock, "account-made", about="nadia")
    asked = []

    def look(connection):
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        return read_page(connection, SITE, search=Search(act="account-made"), time_zone=ZONE)

    assert acts(office.read(look)) == ["account-made"]
    assert not any("staff_action" in statement for statement in asked)
    pressed(office, clock, "call")
    assert acts(page(office, act="call")) == ["call"]
