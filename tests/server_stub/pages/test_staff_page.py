import re

import pytest
from sqlalchemy import update

from kiosk.contract.messages import HelpKind, SlipState, Trouble
from kiosk.contract.site_file import read_site_file
from printer.status import PrinterState
from server_stub import parties, passing_on, staff_notices, tables
from server_stub.actions import Press
from server_stub.page_texts import catalogue
from server_stub.queue_rules import CallsPaused
from server_stub.staff_login import COOKIE
from server_stub.visit import Step
from tests.server_stub.conftest import ROOT
from tests.server_stub.enrolled import new_id, party
from tests.server_stub.pages.paper_browser import Page

BUTTONS = ["call-next", "recall", "forward", "finish", "help", "counter", "language", "look"]


def test_nobody_sees_presses_or_follows_anything_without_logging_in(browser):
    assert browser.open("/staff").address == "/staff/login"
    assert {browser.send(f"/staff/{button}").address for button in BUTTONS} == {"/staff/login"}
    assert browser.open("/staff/live/incoming?language=en&after=0&edition=x").status == 401


def test_a_press_after_the_session_is_over_says_so_on_the_page(browser):
    browser.client.cookies.set(COOKIE, "gone", path="/staff")
    browser.headers["HX-Request"] = "true"

    said = browser.send("/staff/call-next", counter="1", action=new_id())

    assert said.status == 401
    assert "Your session is over." in said.text
    assert 'href="/staff/login"' in said.html


def test_an_empty_room_says_that_no_one_is_waiting(anna):
    page = anna.open("/staff")

    assert "No one is waiting." in page.text
    assert "No one is waiting here." in page.text


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
    assert page.form("/staff/call-next").button == "Nächste aufrufen"
    assert "1 Gruppe wartet hier." in page.text
    assert "Ukrainisch" in page.text


def test_a_number_is_called_sent_on_and_finished_without_any_script(anna, arrive):
    arrive(1, party("information", "housing"))

    assert anna.press(anna.open("/staff").form("/staff/call-next")).address == "/staff"
    page = anna.open("/staff")
    assert "Called to counter 1" in page.text
    assert page.form("/staff/forward").button == "Send on to Housing"
    assert not page.has_form("/staff/call-next")

    anna.press(page.form("/staff/recall"))
    page = anna.open("/staff")
    assert "2 times" in page.text

    anna.press(page.form("/staff/forward"))
    assert "No one is waiting here." in anna.open("/staff").text

    anna.send("/staff/counter", counter="3")
    anna.press(anna.open("/staff").form("/staff/call-next"))
    page = anna.open("/staff")
    assert not page.has_form("/staff/forward"), "housing is the end of the route"
    anna.press(page.form("/staff/finish"))
    page = anna.open("/staff?show=finished")
    anna.send("/staff/counter", counter="1")
    assert 'id="count-finished">1<' in page.html
    assert numbers_in(page) == ["D101"]


def test_a_button_that_is_sent_twice_calls_once(anna, arrive):
    arrive(1)
    arrive(2)
    button = anna.open("/staff").form("/staff/call-next")

    anna.press(button)
    assert anna.press(button).address == "/staff"

    page = anna.open("/staff")
    assert page.html.count("is-called") == 1
    assert "1 party is waiting here." in page.text


def test_a_page_that_is_behind_is_told_who_was_faster(anna, arrive, clock):
    arrive(114)
    anna.press(anna.open("/staff").form("/staff/call-next"))
    behind = anna.open("/staff")
    clock.move(120)
    anna.press(behind.form("/staff/finish"))

    page = anna.press(behind.form("/staff/forward"))

    assert page.status == 409
    assert "D214 was already finished by counter 1 at 12:03." in page.text
    assert "This page now shows how it stands." in page.text
    assert page.form("/staff/call-next").button == "Call next"


def test_a_counter_that_still_has_a_party_is_told_to_let_it_go_first(anna, arrive):
    arrive(1)
    arrive(2)
    early = anna.open("/staff").form("/staff/call-next")
    anna.press(anna.open("/staff").form("/staff/call-next"))

    page = anna.press(early)

    assert page.status == 409
    assert "Counter 1 still has D101. Send it on or finish it" in page.text


def test_calling_without_a_counter_says_to_choose_one(browser, arrive):
    arrive(1)
    browser.log_in("mehmet", language="en")

    page = browser.send("/staff/call-next", action=new_id())

    assert page.status == 409
    assert "No counter is chosen. Choose your counter, then call the next." in page.text
    assert browser.send("/staff/counter", counter="99").status == 422


def test_an_account_that_lost_its_right_is_sent_to_the_shift_lead(browser, arrive):
    arrive(1)
    browser.log_in("karl", language="en")

    page = browser.send("/staff/call-next", action=new_id(), counter="1")

    assert page.status == 403
    assert "Your account may not do this. Please ask the shift lead." in page.text
    browser.log_in("mehmet", language="en")
    assert "Waiting" in browser.open("/staff").text


@pytest.mark.parametrize("field", ["action", "visit", "seen"])
def test_a_button_of_nonsense_is_answered_in_words(anna, field):
    fields = {"action": new_id(), "visit": new_id(), "seen": 1, "counter": "1"}

    page = anna.send("/staff/finish", **fields | {field: "nonsense"})

    assert page.status == 409
    assert "This button is out of date." in page.text


def test_htmx_gets_the_notice_and_the_desk_and_nothing_else(anna, arrive):
    arrive(1)
    button = anna.open("/staff").form("/staff/call-next")
    anna.headers["HX-Request"] = "true"

    part = anna.press(button)

    assert part.text.startswith("D101 is called to counter 1.")
    assert '<hx-partial hx-target="#desk-1" hx-swap="outerMorph">' in part.html
    assert "<html" not in part.html


def test_a_help_call_is_answered_once_and_everyone_sees_by_whom(anna, line, kiosk):
    call = kiosk.help_call(HelpKind.CHILD_ALONE)
    line.put(f"/v1/help-calls/{call.id}", call)
    page = anna.open("/staff")
    assert "A child is alone" in page.text

    button = page.form("/staff/help")
    anna.press(button)
    page = anna.open("/staff")
    assert "anna is going" in page.text
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
    assert anna.client.get("/static/fonts/AnkunftSans-Bold.ttf").status_code == 200
    assert anna.client.get("/static/icons/landmark-tree.svg").status_code == 200


@pytest.mark.parametrize(
    "path", ["fonts/build.py", "fonts/", "icons/../fonts/build.py", "../app.py"]
)
def test_only_files_meant_for_browsers_are_served(anna, path):
    assert anna.client.get(f"/static/{path}").status_code == 404


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


def test_after_a_call_the_page_says_before_whom_and_why(anna, arrive, take):
    arrive(1)
    second = arrive(2)
    take(parties.set_priority, second.id, priority=True)
    anna.headers["HX-Request"] = "true"

    said = anna.press(anna.open("/staff").form("/staff/call-next"))

    assert "D102 is called to counter 1." in said.text
    assert "Called before D101: priority." in said.text


def test_without_script_the_page_after_a_call_says_why_until_the_party_is_served(
    anna, arrive, take
):
    first = arrive(1)
    arrive(2)
    anna.press(anna.open("/staff").form("/staff/call-next"))

    assert "Called before D102: waits longer." in anna.open("/staff").text
    anna.press(anna.open("/staff").form("/staff/recall"))
    assert "Called before D102: waits longer." in anna.open("/staff").text
    take(passing_on.take_plain, first.id, seen=3, step=Step.SERVE)
    assert "Called before" not in anna.open("/staff").text


def test_who_waits_longer_is_told_so_in_german_too(anna, arrive):
    arrive(1)
    arrive(2)
    anna.send("/staff/language", language="de")
    anna.headers["HX-Request"] = "true"
    said = anna.press(anna.open("/staff").form("/staff/call-next"))
    del anna.headers["HX-Request"]
    anna.send("/staff/language", language="en")

    assert "Vor D102 aufgerufen: wartet länger." in said.text


@pytest.mark.parametrize(
    ("steps", "words", "button"),
    [
        ([Step.SERVE], "At counter 1", True),
        ([Step.SERVE, Step.PARK], "Put back", False),
        ([Step.LEAVE], "Has left", False),
    ],
)
def test_each_state_is_told_in_words(anna, arrive, take, steps, words, button):
    check_in = arrive(1, party("information", "housing"))
    anna.press(anna.open("/staff").form("/staff/call-next"))
    for seen, step in enumerate(steps, 2):
        take(passing_on.take_plain, check_in.id, seen=seen, step=step)

    show = "?show=finished" if steps == [Step.LEAVE] else ""
    page = anna.open(f"/staff{show}")

    assert words in row_of(page, check_in.id)
    assert page.has_form("/staff/forward") is button
    assert not page.has_form("/staff/recall")


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


def test_a_page_that_is_behind_is_told_of_a_step_that_no_counter_took(anna, arrive, take):
    check_in = arrive(1)
    anna.press(anna.open("/staff").form("/staff/call-next"))
    old = anna.open("/staff").form("/staff/finish")
    take(parties.set_priority, check_in.id, seen=2, priority=True)

    assert "D101 was changed by berta" in anna.press(old).text


def test_a_pause_is_told_with_what_it_waits_for():
    site = read_site_file(ROOT / "assets" / "sites" / "duesseldorf.toml")
    hall = CallsPaused(None, 299, 300, "D101", 3)
    stage = CallsPaused("housing", 20, 20, "D102", 1)

    told = [
        staff_notices.paused(pause, site, texts=catalogue(language), language=language)
        for pause, language in ((hall, "en"), (stage, "de"))
    ]

    assert told[0].what == "Calls pause: 299 of at most 300 persons are in the hall."
    assert told[0].next_step.startswith("D101 waits for room for 3 persons.")
    assert told[1].what == "Aufrufe ruhen: 20 von höchstens 20 Personen sind bei Unterkunft."
    assert told[1].next_step.startswith("D102 wartet auf Platz für 1 Person.")


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
