import re
from dataclasses import fields
from datetime import timedelta

import pytest
from sqlalchemy import update

from kiosk.contract.messages import HelpKind, SlipState, Trouble
from printer.status import PrinterState
from server_stub import parties, passing_on, tables
from server_stub.actions import Press
from server_stub.kiosk_rows import KioskRow
from server_stub.staff_fragments import silent_of
from server_stub.staff_login import COOKIE
from server_stub.visit import Step
from tests.server_stub.enrolled import MONDAY_NOON, new_id, party
from tests.server_stub.pages.paper_browser import Page, PaperBrowser

BUTTONS = ["help", "language", "look", "counter/at", "counter/call-next"]


def test_nobody_sees_presses_or_follows_anything_without_logging_in(browser):
    assert browser.open("/staff").address == "/staff/login"
    assert {browser.send(f"/staff/{button}").address for button in BUTTONS} == {"/staff/login"}
    assert browser.open("/staff/live/incoming?language=en&after=0&edition=x").status == 401


def test_a_press_after_the_session_is_over_says_so_on_the_page(browser):
    browser.client.cookies.set(COOKIE, "gone", path="/staff")
    browser.headers["HX-Request"] = "true"

    said = browser.send("/staff/counter/call-next", counter="1", action=new_id())

    assert said.status == 401
    assert "Your session is over." in said.text
    assert 'href="/staff/login"' in said.html


def test_an_empty_room_says_that_no_one_is_waiting(anna):
    assert "No one is waiting." in anna.open("/staff").text


def test_a_party_is_shown_with_all_that_staff_need(anna, arrive, line, kiosk):
    check_in = arrive(114, party("information", "registration", language="uk"))
    line.put(f"/v1/slips/{check_in.id}", kiosk.slip(check_in, SlipState.FAILED))

    row = row_of(anna.open("/staff"), check_in.id)

    assert 'aria-label="2 adults, 1 child"' in row
    for word in ("D214", "Ukrainian", "Waiting", "Information", "Registration", "12:00"):
        assert word in row
    assert "entrance-1" in row
    assert "No slip: number only on the screen" in row
    assert 'class="is-here" aria-current="step"><span class="door">1<' in row


def test_the_newest_party_stands_on_top(anna, arrive):
    for sequence in (1, 2, 3):
        arrive(sequence)

    assert numbers_in(anna.open("/staff")) == ["D103", "D102", "D101"]


def test_a_party_whose_answers_cannot_be_read_is_marked(anna, line, kiosk):
    check_in = kiosk.check_in(1).model_copy(update={"sealed": "AAAA"})
    line.check_in(check_in)

    row = row_of(anna.open("/staff"), check_in.id)

    assert "Answers unreadable: please ask the party" in row
    assert "adult" not in row


def test_the_page_speaks_german_after_the_language_was_chosen(anna, arrive):
    arrive(1)
    anna.send("/staff/language", language="de")
    page = anna.open("/staff")
    anna.send("/staff/language", language="en")

    assert 'lang="de"' in page.html
    assert page.form("/staff/logout").button == "Abmelden"
    assert "Wartet" in page.text
    assert "Ukrainisch" in page.text


def test_a_help_call_is_answered_once_and_everyone_sees_by_whom(anna, line, kiosk):
    call = kiosk.help_call(HelpKind.CHILD_ALONE)
    line.put(f"/v1/help-calls/{call.id}", call)
    page = anna.open("/staff")
    assert "A child is alone" in page.text

    button = page.form("/staff/help")
    anna.press(button)
    page = anna.open("/staff")
    assert "anna went at" in page.text
    assert not page.has_form("/staff/help")

    anna.client.cookies.clear()
    anna.log_in("mehmet", language="en")
    anna.headers["HX-Request"] = "true"
    assert "anna is already going to entrance-1." in anna.press(button).text


def test_a_help_call_that_nobody_knows_is_answered_in_words(anna):
    page = anna.send("/staff/help", help_call="nonsense")

    assert page.status == 404
    assert "This help call is not open any more." in page.text


def test_what_a_kiosk_reports_is_shown_and_never_run(anna, line, kiosk):
    line.beat(kiosk.heartbeat(printer="paper-out", outbox_depth=2, clock_trusted=False))
    page = anna.open("/staff")
    assert "paper is out" in page.text
    assert "2 check-ins not sent yet" in page.text
    assert "clock is wrong" in page.text

    line.beat(kiosk.heartbeat(printer="<script>alert(1)</script>"))
    page = anna.open("/staff")
    assert "printer: <script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.html


@pytest.mark.parametrize("state", PrinterState, ids=lambda state: state.value)
def test_staff_read_each_state_of_a_printer_in_words(anna, line, kiosk, state):
    line.beat(kiosk.heartbeat(printer=state.value))

    assert f"printer: {state.value}" not in anna.open("/staff").text


def test_a_kiosk_that_fell_silent_is_not_told_by_its_last_good_report():
    soon, late = MONDAY_NOON, MONDAY_NOON + timedelta(minutes=2)
    kiosks = [kiosk_heard(at) for at in (late, soon, None, late - timedelta(seconds=80))]

    assert silent_of(kiosks) == {kiosks[1].enrolment}
    assert silent_of([kiosk_heard(None)]) == frozenset()


def kiosk_heard(at):
    known = dict.fromkeys(field.name for field in fields(KioskRow))
    return KioskRow(**known | {"enrolment": new_id(), "reported_at": at})


def test_an_address_where_nothing_is_says_so_on_a_page(browser):
    browser.headers["Accept"] = "text/html"
    page = browser.open("/staff/nothing")

    assert page.status == 404
    assert "There is no page at this address." in page.text
    assert 'href="/staff"' in page.html
    assert "<html" not in browser.open("/staff/v1/nothing").html


def test_staff_read_which_of_two_printers_is_down(anna, line, kiosk):
    line.beat(kiosk.heartbeat(printer="paper-out; second: ready"))

    assert "paper is out · second printer: printer ready" in anna.open("/staff").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["D103", "D102", "D101"]),
        ("show=registration", ["D102"]),
        ("show=nowhere", ["D103", "D102", "D101"]),
        ("show=finished", []),
        ("language=ar", ["D103"]),
        ("language=unknown", []),
        ("need=housing", ["D103", "D101"]),
        ("need=housing&language=uk", ["D101"]),
        ("find=d102", ["D102"]),
        ("find=10", ["D103", "D102", "D101"]),
        ("find=D999", []),
    ],
)
def test_the_list_shows_what_the_filter_wants(anna, arrive, query, shown):
    arrive(1, party("information", "housing", language="uk"))
    arrive(2, party("registration", language="uk"))
    arrive(3, party("information", "housing", language="ar"))

    assert numbers_in(anna.open(f"/staff?{query}")) == shown


def test_a_number_that_nobody_has_is_answered_with_what_to_do(anna, arrive):
    arrive(1)

    page = anna.open('/staff?find=<b>"X')

    assert '<b id="sought">&lt;B&gt;&#34;X</b>' in page.html
    assert "Look among the finished, or ask for the slip" in page.text


def test_what_a_party_is_here_for_is_shown_by_its_route(anna, arrive):
    check_in = arrive(1, party("information", "housing", "benefits"))

    needs = re.search(r'<span class="needs">(.*?)</span>', row_of(anna.open("/staff"), check_in.id))

    assert re.findall(r"icon-([\w-]+)", needs[1]) == ["bed", "money"]


PAGES = ["/staff", "/staff/login", "/display", "/nothing-here", "/static/ankunft.css"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_nothing_but_our_own_files(anna, path):
    answer = anna.client.get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES[:3])
def test_a_page_holds_no_script_or_style_of_its_own(anna, arrive, path):
    arrive(1)
    html = anna.open(path).html

    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert not re.search(r"(src|href)=\"(https?:|//)", html)


def test_a_page_is_not_kept_by_the_browser_but_its_files_are(anna):
    page = anna.client.get("/staff")
    style = re.search(r'href="(/static/ankunft.css\?v=\w+)"', page.text)[1]

    assert page.headers["Cache-Control"] == "no-store"
    assert "immutable" in anna.client.get(style).headers["Cache-Control"]
    font = re.search(r'url\("(fonts/[^"]+)"\)', anna.client.get(style).text)[1]
    letters = anna.client.get(f"/static/{font}")
    assert letters.headers["Content-Type"] == "font/woff2"
    assert "immutable" in letters.headers["Cache-Control"]
    assert anna.client.get("/static/icons/landmark-tree.svg").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "fonts/README.md",
        "fonts/AnkunftSans-Bold.ttf",
        "fonts/build.py",
        "fonts/",
        "icons/../fonts/build.py",
        "../app.py",
    ],
)
def test_only_files_meant_for_browsers_are_served(anna, path):
    assert anna.client.get(f"/static/{path}").status_code == 404


def call_next(browser: PaperBrowser) -> None:
    """Press "Call next" on the counter page."""
    browser.press(browser.open("/staff/counter").form("/staff/counter/call-next"))


def numbers_in(page: Page) -> list[str]:
    """Return the numbers that the list shows, from the top."""
    rows = (
        page.html.split('id="visits"', 1)[1]
        .split("</ol>\n      <p", 1)[0]
        .split('<li class="visit')
    )
    shown = [row for row in rows[1:] if " hidden>" not in row.split("\n", 1)[0]]
    return [re.search(r'class="number"[^>]*>(\w+)<', row)[1] for row in shown]


def row_of(page: Page, check_in: object) -> str:
    """Return the row of a visit as HTML."""
    return page.html.split(f'id="visit-{check_in}"', 1)[1].split("\n</li>", 1)[0]


@pytest.mark.parametrize("trouble", [*Trouble, "texts-uk"], ids=str)
def test_each_trouble_of_a_kiosk_is_told_in_words(anna, line, kiosk, trouble):
    line.beat(kiosk.heartbeat(troubles=[trouble]))

    html = anna.open("/staff").html
    kiosks = html[html.index('id="kiosks"') :]
    told = re.findall(r'<span class="is-trouble">(.*?)</span>', kiosks)
    assert len(told) == 1
    assert len(told[0].split()) >= 3
    assert str(trouble) not in told


def test_a_trouble_that_this_server_does_not_know_is_told_by_its_name(anna, line, kiosk):
    line.beat(kiosk.heartbeat(troubles=["on-fire", "texts-xx"]))

    assert "on-fire" in anna.open("/staff").text


@pytest.mark.parametrize(("sound", "told"), [("none", True), ("ready", False), ("off", False)])
def test_a_kiosk_without_sound_is_told(anna, line, kiosk, sound, told):
    line.beat(kiosk.heartbeat(sound=sound))

    assert ("no sound" in anna.open("/staff").text) is told


@pytest.fixture
def take(app, change_store, clock):
    """Take a step at counter 1, as other pages and programs can."""
    site = app.app.state.room.site

    def taken(case, visit, *, seen=1, **said):
        press = Press(new_id(), "berta", counter="1", visit=visit, seen=seen)
        return change_store(case, site=site, press=press, at=clock.now, **said)

    return taken


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], "Called to counter 1"),
        ([Step.SERVE], "At counter 1"),
        ([Step.SERVE, Step.PARK], "Put back"),
        ([Step.LEAVE], "Has left"),
    ],
)
def test_each_state_is_told_in_words(anna, arrive, take, steps, words):
    check_in = arrive(1, party("information", "housing"))
    call_next(anna)
    for seen, step in enumerate(steps, 2):
        take(passing_on.take_plain, check_in.id, seen=seen, step=step)

    show = "?show=finished" if steps == [Step.LEAVE] else ""
    assert words in row_of(anna.open(f"/staff{show}"), check_in.id)


def test_who_goes_on_with_another_party_is_not_here_any_more(anna, arrive, take):
    kept, given_up = arrive(1), arrive(2)
    take(parties.merge, given_up.id, into=kept.id, into_seen=1)

    assert row_of(anna.open("/staff"), kept.id)
    gone = anna.open("/staff?show=finished")
    assert "Goes on with another party" in row_of(gone, given_up.id)


def test_priority_that_staff_have_set_is_shown(anna, arrive, take):
    check_in = arrive(1)
    take(parties.set_priority, check_in.id, priority=True)

    assert "Priority" in row_of(anna.open("/staff"), check_in.id)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("late", "Its check-in came after its day had ended"),
        ("by-hand", "Was served by hand before its check-in came"),
    ],
)
def test_who_is_of_an_earlier_day_is_shown_with_the_day_and_with_what_happened(
    anna, arrive, change_store, clock, marked, words
):
    party = arrive(1)
    over = update(tables.visit).values(carried_over=clock.now, marked=marked)
    change_store(lambda c: c.execute(over.where(tables.visit.c.id == party.id)) and None)
    page = anna.open("/staff")

    assert "Mon 23 Nov 12:00" in page.text
    assert words in page.text


def test_a_kiosk_that_fell_silent_days_ago_does_not_look_as_if_it_were_today(anna, line, kiosk):
    line.beat(kiosk.heartbeat())

    assert "reported at Mon 23 Nov 12:00" in anna.open("/staff").text
