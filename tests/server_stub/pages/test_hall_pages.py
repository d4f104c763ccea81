import re
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Connection

from kiosk.contract.messages import HelpKind
from kiosk.contract.paths import LARGEST_BODY
from server_stub import day_book, staff_sessions, tables
from server_stub.actions import Press
from server_stub.closing import open_visits
from server_stub.parties import PartyByHand
from server_stub.service_days import DayState
from server_stub.staff_door import MOST_FIELDS
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party
from tests.server_stub.pages.paper_browser import PaperBrowser

TODAY = MONDAY_NOON.date()
DAY = "/staff/hall/day"
BY_HAND = "/staff/hall/by-hand"


def begin_session(connection: Connection, site: str, *, name: str, role: str) -> str:
    """Let somebody be logged in without the time that a password takes."""
    t = tables.staff
    if not connection.execute(t.select().where(t.c.name == name)).first():
        row = {"site": site, "name": name, "password_hash": "none", "role": role}
        connection.execute(t.insert().values(row | {"created_at": MONDAY_NOON}))
    return staff_sessions.log_in(
        connection, site, name=name, address="192.0.2.7", language="en", now=MONDAY_NOON
    )


@pytest.fixture
def as_somebody(browser, change_store, kiosk):
    """Log somebody in with a role, and return their browser."""

    def log_in(role: str) -> PaperBrowser:
        token = change_store(begin_session, site=kiosk.site, name=f"{role}-1", role=role)
        browser.client.cookies.set("ankunft-staff", token, path="/staff")
        return browser

    return log_in


@pytest.fixture
def lena(as_somebody) -> PaperBrowser:
    """A browser in which a shift lead is logged in."""
    return as_somebody("lead")


@pytest.fixture
def store(app, kiosk):
    """Reads the store."""

    class Store:
        site = app.app.state.room.site

        def day(self) -> DayState:
            with app.app.state.engine.connect() as connection:
                return day_book.read_day(connection, kiosk.site, TODAY).state

        def open_numbers(self) -> list[str]:
            with app.app.state.engine.connect() as connection:
                return [v.number for v in open_visits(connection, self.site, day=TODAY)]

    return Store()


# --- the hall -------------------------------------------------------------------------------------


def test_only_a_lead_sees_the_hall(as_somebody):
    for role, status in (("helper", 403), ("counter", 403), ("lead", 200), ("admin", 200)):
        browser = as_somebody(role)
        addresses = ("/staff/hall", "/staff/hall/now", DAY, BY_HAND, "/staff/hall/stock")
        assert {browser.open(one).status for one in (*addresses, "/staff/hall/queue")} == {status}


def test_whoever_is_not_logged_in_comes_back_to_the_hall(browser):
    answered = browser.open("/staff/hall")

    assert (answered.status, answered.address) == (303, "/staff/login?back=%2Fstaff%2Fhall")


def test_an_empty_hall_says_so(lena):
    page = lena.open("/staff/hall")

    assert page.status == 200
    assert "No stage needs more counters now." in page.text
    assert "Everybody who was sent on has come, or is waiting in turn." in page.text


def test_the_hall_shows_where_a_counter_must_be_opened(lena, arrive):
    arrive(1)
    arrive(2)

    page = lena.open("/staff/hall")

    assert "Information: open 1 counter 2 parties wait and nobody calls." in page.text
    assert "Parties waiting 2 6 persons" in page.text
    assert "D101" in page.text


def test_the_live_part_is_what_the_page_holds(lena, arrive):
    arrive(1)
    page = lena.open("/staff/hall")

    now = lena.open("/staff/hall/now")

    assert now.html in page.html
    assert now.html.startswith('\n<div id="hall"') or now.html.lstrip().startswith('<div id="hall"')


def test_the_hall_is_in_the_language_of_whoever_looks(lena):
    lena.send("/staff/language", language="de", back="/staff/hall")

    assert "Wo Personal gebraucht wird" in lena.open("/staff/hall").text


def test_a_kiosk_in_trouble_is_told_with_what_to_do(lena, line, kiosk):
    line.beat(kiosk.heartbeat(printer="paper-out", troubles=("disk-full",), clock_trusted=False))

    text = lena.open("/staff/hall").text

    assert "paper is out Put in a new roll." in text
    assert "disk is full: gives out no numbers" in text
    assert "clock is wrong: prints no times" in text
    assert "need somebody: entrance-1, entrance-2" in text


def test_staff_read_what_they_call_a_kiosk(lena, line, kiosk, change_store):
    change_store(label_kiosk, enrolment=kiosk.enrolment, label="Main door")
    call = kiosk.help_call()
    line.put(f"/v1/help-calls/{call.id}", call)

    text = lena.open("/staff/hall").text
    change_store(label_kiosk, enrolment=kiosk.enrolment, label=None)

    assert "Someone asks for a person Main door" in text
    assert "need somebody: Main door, entrance-2" in text


def label_kiosk(connection: Connection, enrolment: UUID, label: str | None) -> None:
    t = tables.kiosk
    connection.execute(t.update().where(t.c.enrolment == enrolment).values(label=label))


def test_a_lead_goes_to_a_help_call(lena, line, kiosk):
    call = kiosk.help_call(HelpKind.DOCTOR)
    line.put(f"/v1/help-calls/{call.id}", call)
    page = lena.open("/staff/hall")
    assert "A doctor is needed" in page.text

    answered = lena.press(page.form("/staff/hall/help"))

    assert (answered.status, answered.address) == (303, "/staff/hall")
    assert "A doctor is needed" not in lena.open("/staff/hall").text


def test_a_help_call_that_is_gone_is_said_to_be(lena):
    answered = lena.send("/staff/hall/help", help_call="nonsense")

    assert answered.status == 404
    assert "This help call is not open any more." in answered.text


@pytest.mark.parametrize("role", ["helper", "counter"])
def test_nobody_but_a_lead_is_answered_with_the_hall_for_a_help_call(as_somebody, arrive, role):
    arrive(1)

    answered = as_somebody(role).send("/staff/hall/help", help_call="nonsense")

    assert answered.status == 403
    assert 'id="hall"' not in answered.html
    assert "D101" not in answered.html


def test_the_queue_to_print_is_a_file_that_needs_no_server(lena, arrive):
    arrive(1)

    answer = lena.client.get("/staff/hall/queue")

    said = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="queue-2026-11-23-\d{4}\.html"', said)
    assert "D101" in answer.text
    assert not re.search(r'(src|href)="', answer.text)


# --- the service day ------------------------------------------------------------------------------


def test_a_day_is_stopped_closed_and_opened_again(lena, arrive, store):
    arrive(1)
    arrive(2)

    said = lena.press(lena.open(DAY).form(f"{DAY}/stop-numbers"))
    assert "Kiosks give out no more numbers." in said.text
    assert store.day() is DayState.CLOSING

    form = said.form(f"{DAY}/close")
    decided = {"action": form.fields["action"], "day": form.fields["day"]}
    said = lena.send(form.action, **decided | {"rest": ""})
    assert "Nobody has said what becomes of these parties: D101, D102." in said.text
    assert (said.status, store.day()) == (409, DayState.CLOSING)

    decided["action"] = said.form(f"{DAY}/close").fields["action"]
    said = lena.send(form.action, **decided | {"rest": "carry-over"})
    assert "The day is closed. 2 parties go on tomorrow, 0 visits have ended." in said.text
    assert store.day() is DayState.CLOSED
    assert not said.has_form(f"{DAY}/close")

    said = lena.press(said.form(f"{DAY}/open-again"))
    assert "The day is open again." in said.text
    assert store.day() is DayState.OPEN


def test_a_lead_decides_for_one_party_otherwise_than_for_the_rest(lena, arrive, store):
    left = arrive(1)
    arrive(2)
    closing = lena.press(lena.open(DAY).form(f"{DAY}/stop-numbers"))
    form = closing.form(f"{DAY}/close")

    decided = {"action": form.fields["action"], "day": form.fields["day"], "rest": "carry-over"}
    said = lena.send(form.action, **decided | {f"visit-{left.id}": "leave"})

    assert "1 party goes on tomorrow, 1 visit has ended." in said.text
    assert store.open_numbers() == ["D102"]


def test_as_many_are_decided_one_by_one_as_a_form_can_hold(lena, arrive):
    left = arrive(1)
    closing = lena.press(lena.open(DAY).form(f"{DAY}/stop-numbers"))
    form = closing.form(f"{DAY}/close")
    decided = {"action": form.fields["action"], "day": form.fields["day"], "rest": "carry-over"}
    shortest = len(f"visit-{left.id}=leave&")
    others = (LARGEST_BODY - 150) // shortest - 1

    each = {f"visit-{new_id()}": "leave" for _ in range(others)}
    said = lena.send(form.action, **decided | each | {f"visit-{left.id}": "leave"})

    assert "0 parties go on tomorrow, 1 visit has ended." in said.text
    assert others + len(decided) + 1 <= MOST_FIELDS
    assert LARGEST_BODY < MOST_FIELDS * shortest < 1.1 * LARGEST_BODY


def test_a_day_is_closed_at_once(lena, arrive, store):
    arrive(1)

    said = lena.press(lena.open(DAY).form(f"{DAY}/close-at-once"))

    assert "The day is closed. 1 party goes on tomorrow, 0 visits have ended." in said.text
    assert store.day() is DayState.CLOSED


def test_a_press_that_is_sent_twice_closes_the_day_once(lena, arrive, store):
    arrive(1)
    form = lena.open(DAY).form(f"{DAY}/close-at-once")

    first, again = lena.press(form), lena.press(form)

    assert (first.status, again.status) == (200, 200)
    assert "1 party goes on tomorrow" in again.text
    assert store.day() is DayState.CLOSED


def test_whoever_presses_on_an_old_page_learns_how_it_stands(lena):
    old = lena.open(DAY)
    lena.press(old.form(f"{DAY}/close-at-once"))

    said = lena.press(old.form(f"{DAY}/stop-numbers"))

    assert said.status == 409
    assert "The day does not allow that now" in said.text
    assert said.has_form(f"{DAY}/open-again")


@pytest.mark.parametrize(
    "fields",
    [
        {"day": "tomorrow", "action": str(new_id())},
        {"day": "2026-11-23", "action": "none"},
        {"day": "2026-11-23", "action": str(new_id()), "rest": "forward"},
        {"day": "2026-11-23", "action": str(new_id()), "visit-x": "leave"},
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(lena, store, fields):
    lena.press(lena.open(DAY).form(f"{DAY}/stop-numbers"))

    said = lena.send(f"{DAY}/close", **fields)

    assert said.status == 409
    assert "This button is out of date." in said.text
    assert store.day() is DayState.CLOSING


@pytest.mark.parametrize("day", ["0026-11-23", "2026-10-23"])
@pytest.mark.parametrize("step", ["stop-numbers", "close-at-once"])
def test_a_day_of_which_nothing_is_known_is_not_closed(lena, app, day, step):
    page = lena.send(f"{DAY}/{step}", action=str(new_id()), day=day)

    assert page.status == 409
    with app.app.state.engine.connect() as connection:
        days = connection.execute(tables.service_day.select()).all()
    assert days == []


def test_a_counter_cannot_close_the_day(as_somebody, store):
    counter = as_somebody("counter")

    said = counter.send(f"{DAY}/stop-numbers", action=str(new_id()), day=TODAY.isoformat())

    assert said.status == 403
    assert store.day() is DayState.OPEN


def test_a_step_by_htmx_answers_with_the_notice_and_the_day(lena, arrive):
    arrive(1)
    form = lena.open(DAY).form(f"{DAY}/stop-numbers")
    lena.headers["HX-Request"] = "true"

    said = lena.press(form)

    assert said.html.lstrip().startswith('<div class="notice is-done">')
    assert '<hx-partial hx-target="#day"' in said.html
    assert "<html" not in said.html


# --- served by hand -------------------------------------------------------------------------------


def test_a_range_is_previewed_marked_and_taken_back(lena, arrive, store):
    for sequence in (1, 2, 3):
        arrive(sequence)

    seen = lena.open(f"{BY_HAND}?first=d 101&last=d105")
    assert "Numbers in the range 5" in seen.text
    assert "Visits that are finished 3" in seen.text
    assert "Not here yet: finished when they come 2" in seen.text
    assert "D101 Information D102 Information D103 Information" in seen.text
    assert store.open_numbers() == ["D101", "D102", "D103"]

    said = lena.press(seen.form(f"{BY_HAND}/mark"))
    assert "5 numbers are marked as served by hand. 3 visits are finished by it." in said.text
    assert store.open_numbers() == []

    said = lena.press(said.form(f"{BY_HAND}/take-back"))
    assert "The range is taken back. 3 parties wait again." in said.text
    assert "No range has been marked yet." in said.text
    assert store.open_numbers() == ["D101", "D102", "D103"]


def test_a_preview_tells_what_has_ended_before(lena, arrive, app):
    for sequence in (1, 2):
        arrive(sequence)
    room = app.app.state.room
    shown = {v.number: v for v in app.portal.call(room.snapshot).visits}
    app.portal.call(partial(leave, room, shown["D101"]))

    seen = lena.open(f"{BY_HAND}?first=D101&last=D102")

    assert "Visits that are finished 1" in seen.text
    assert "Ended before: nothing changes 1" in seen.text


async def leave(room, visit):
    press = Press(new_id(), staff="lena", role="lead", visit=visit.id, seen=visit.version)
    return await room.leave(press)


def test_numbers_that_staff_have_issued_are_a_range_too(lena, app, store):
    room = app.app.state.room
    for _ in range(2):
        press = Press(new_id(), staff="anna", counter="1")
        issued = PartyByHand(("information",), adults=1, children=0, ticket_token=new_id().hex[:22])
        app.portal.call(room.issue_by_hand, press, issued)

    seen = lena.open(f"{BY_HAND}?first=U101&last=U103")

    assert "U101 to U103 of desk" in seen.text
    assert "Visits that are finished 2" in seen.text
    assert "Not here yet: finished when they come 1" in seen.text
    assert store.open_numbers() == ["U101", "U102"]


@pytest.mark.parametrize(
    "asked", ["first=D101&last=F102", "first=%3Cb%3E&last=D102", "first=D120&last=D101", "last=Q1"]
)
def test_what_is_no_range_is_said_to_be_none(lena, arrive, asked):
    arrive(1)

    said = lena.open(f"{BY_HAND}?{asked}")

    assert said.status == 409
    assert "These numbers are no range of one kiosk or desk." in said.text
    assert "<b>" not in said.form(BY_HAND).fields.values()


def test_a_range_that_somebody_took_back_before_is_said_to_be_gone(lena, arrive):
    arrive(1)
    marked = lena.press(lena.open(f"{BY_HAND}?first=D101").form(f"{BY_HAND}/mark"))
    form = marked.form(f"{BY_HAND}/take-back")
    lena.press(form)

    said = lena.send(form.action, **form.fields | {"action": str(new_id())})

    assert said.status == 409
    assert "This range was taken back already." in said.text


def test_a_range_by_htmx_answers_with_the_notice_and_the_ranges(lena, arrive):
    arrive(1)
    form = lena.open(f"{BY_HAND}?first=D101").form(f"{BY_HAND}/mark")
    lena.headers["HX-Request"] = "true"

    said = lena.press(form)

    assert said.html.lstrip().startswith('<div class="notice is-done">')
    assert '<hx-partial hx-target="#by-hand"' in said.html
    assert said.has_form(f"{BY_HAND}/take-back")
    assert "<html" not in said.html


# --- counts ---------------------------------------------------------------------------------------


def test_a_count_is_entered_and_goes_on_with_what_is_achieved(lena, arrive, app, change_store):
    page = lena.open("/staff/hall/stock")
    assert "Nobody has counted yet." in page.text
    form = page.form("/staff/hall/stock")

    said = lena.send(form.action, **form.fields | {"persons": "250"})
    assert "250 persons are counted." in said.text

    arrive(1, party("housing", adults=2, children=1))
    change_store(achieve, site=app.app.state.room.site.id)

    text = lena.open("/staff/hall/stock").text
    assert "252 now" in text
    assert "Since then: +2." in text


def achieve(connection: Connection, site: str) -> None:
    """Three are housed and one moves out, a minute after the count."""
    visit = connection.execute(tables.visit.select()).first()
    told = {"site": site, "visit": visit.id, "stage": "housing", "service_day": TODAY}
    told |= {"at": MONDAY_NOON.replace(minute=2), "staff": "anna", "ordinal": 0}
    for outcome, persons in (("housed", 3), ("moved-out", 1)):
        row = told | {"id": new_id(), "outcome": outcome, "persons": persons}
        connection.execute(tables.outcome.insert().values(row))


@pytest.mark.parametrize("persons", ["", "-1", "many", "2.5", "12345678", "٣"])
def test_what_is_no_count_is_said_to_be_none(lena, persons):
    form = lena.open("/staff/hall/stock").form("/staff/hall/stock")

    said = lena.send(form.action, **form.fields | {"persons": persons})

    assert said.status == 409
    assert "That is no number of persons." in said.text
    assert "Nobody has counted yet." in said.text


def test_a_count_by_htmx_answers_with_the_notice_and_the_stocks(lena):
    form = lena.open("/staff/hall/stock").form("/staff/hall/stock")
    lena.headers["HX-Request"] = "true"

    said = lena.send(form.action, **form.fields | {"persons": "250"})

    assert said.html.lstrip().startswith('<div class="notice is-done">')
    assert '<hx-partial hx-target="#stocks"' in said.html
    assert "250 now" in said.text
    assert "<html" not in said.html
