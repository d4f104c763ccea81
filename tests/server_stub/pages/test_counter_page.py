"""The counter page without script: each step, what it says, and what it refuses."""

from uuid import uuid4

import pytest
from sqlalchemy import select, update

from server_stub import counter_view, tables
from server_stub.counter_view import counters_of
from tests.server_stub.enrolled import party
from tests.server_stub.pages.paper_browser import PaperBrowser

COUNTER = "/staff/counter"
TOKEN = "k" * 22


@pytest.fixture
def work(anna):
    """Press what the page offers at counter 1."""

    def press(step: str, page=None, **fields: object):
        form = (page or anna.open(COUNTER)).form(f"{COUNTER}/{step}")
        answer = anna.send(form.action, **{**form.fields, **fields})
        return anna.open(COUNTER) if answer.status == 303 else answer

    return press


@pytest.fixture
def lena(anna, change_store):
    """Let anna lead for a while."""

    def becomes(role):
        return update(tables.staff).where(tables.staff.c.name == "anna").values(role=role)

    change_store(lambda connection: connection.execute(becomes("lead")))
    yield anna
    change_store(lambda connection: connection.execute(becomes("counter")))


def visits(app):
    with app.app.state.engine.connect() as connection:
        return {row.number: row for row in connection.execute(select(tables.visit))}


def calls(app):
    with app.app.state.engine.connect() as connection:
        t = tables.event.c
        return len(connection.execute(select(t.number).where(t.kind == "call")).all())


def german(browser: PaperBrowser) -> None:
    browser.send("/staff/language", language="de", back=COUNTER)


def test_what_counters_see_is_worked_out_once_for_all_who_ask(app, anna, arrive, monkeypatch):
    made = []

    def counted(snapshot, site):
        made.append(snapshot.event_number)
        return counters_of(snapshot, site)

    monkeypatch.setattr(counter_view, "counters_of", counted)
    arrive(1)

    for address in (COUNTER, f"{COUNTER}/last?counter=1", f"{COUNTER}/found?number=101"):
        assert anna.open(address).status == 200
    snapshot = anna.client.portal.call(app.app.state.room.snapshot)
    assert app.app.state.counter_views.of(snapshot).desks["1"].upcoming

    assert made == [snapshot.event_number]


# --- choosing, and who is next --------------------------------------------------------------------


def test_a_counter_is_chosen_among_those_of_each_stage_and_remembered(anna):
    anna.send(f"{COUNTER}/at", counter="")
    page = anna.open(COUNTER)
    assert "Choose your counter" in page.text
    assert {"Information", "Door 1", "Onward travel", "Door 8"} <= set(page.text.split("  ")) or (
        "Information Door 1" in page.text
    )

    assert anna.send(f"{COUNTER}/at", counter="4").address == COUNTER
    assert "Counter 4 Registration · Door 4" in anna.open(COUNTER).text
    anna.send(f"{COUNTER}/at", counter="1")


def test_a_counter_that_the_site_does_not_have_is_refused_with_a_sentence(anna):
    page = anna.send(f"{COUNTER}/at", counter="99")

    assert "No counter is chosen. Choose your counter, then call the next." in page.text


def test_who_is_next_stands_there_before_the_call_and_why(anna, arrive):
    assert "No one is waiting here." in anna.open(COUNTER).text
    arrive(1)
    arrive(2)

    page = anna.open(COUNTER)

    assert "Next D101" in page.text
    assert "Before D102: waits longer." in page.text
    assert "Waiting: 2 parties · 6 persons" in page.text


def test_whoever_calls_without_a_right_to_is_told_so(browser):
    browser.log_in("karl", language="en")

    page = browser.open(COUNTER)

    assert (page.status, "Your account may not" in page.text) == (403, True)
    assert browser.send(f"{COUNTER}/call-next", action=uuid4(), counter="1").status == 403


# --- a party from call to end ---------------------------------------------------------------------


def test_a_party_is_called_served_its_outcomes_noted_and_sent_on(app, anna, arrive, work):
    arrive(1, party("housing", "registration"))
    anna.send(f"{COUNTER}/at", counter="3")

    page = work("call-next")
    assert "Called 1/3" in page.text
    assert "D101" in page.text
    page = work("serve")
    assert "Being served" in page.text
    page = work("outcome", **{"outcome.housed": "3", "outcome.moved-out": "0"})
    assert "Noted: Housed 3" in page.text
    assert "Send on to Registration" in page.text
    page = work("forward")

    assert page.has_form(f"{COUNTER}/call-next")
    assert "Your last step D101 was sent on to Registration." in page.text
    assert visits(app)["D101"].stage == "registration"
    anna.send(f"{COUNTER}/at", counter="1")


def test_the_last_step_is_taken_back_with_one_press(app, arrive, work):
    arrive(1)
    work("call-next")
    work("forward")
    assert visits(app)["D101"].stage == "housing"

    page = work("undo")

    assert visits(app)["D101"].state == "called"
    assert "Called 1/3" in page.text


def test_the_same_press_twice_calls_one_party_once(app, anna, arrive):
    arrive(1)
    arrive(2)
    form = anna.open(COUNTER).form(f"{COUNTER}/call-next")

    first, second = anna.press(form), anna.press(form)

    assert (first.status, second.status) == (303, 303)
    assert calls(app) == 1
    assert [v.state for v in visits(app).values()].count("called") == 1


def test_who_does_not_come_is_called_three_times_then_put_back_and_let_wait_again(
    app, anna, arrive, work
):
    arrive(1)
    page = work("call-next")
    assert not page.has_form(f"{COUNTER}/no-show")
    work("recall")
    page = work("recall")
    assert "Called 3/3" in page.text

    page = work("no-show")

    assert "Put back 1" in page.text
    assert visits(app)["D101"].state == "parked"
    work("readmit", anna.open(f"{COUNTER}?number=101"))
    assert visits(app)["D101"].state == "waiting"


def test_a_chosen_number_is_found_and_called(app, anna, arrive, work):
    for sequence in (1, 2, 3):
        arrive(sequence)
    assert "No number X9 today." in anna.open(f"{COUNTER}?number=x9").text

    work("call", anna.open(f"{COUNTER}?number=103"))

    assert visits(app)["D103"].state == "called"
    page = anna.open(f"{COUNTER}?number=D102")
    assert "Your counter has D103: send it on or finish it, then call this one." in page.text


def test_priority_appointment_and_route_are_set_where_the_party_waits(app, anna, arrive, work):
    arrive(1)
    found = f"{COUNTER}?number=101"

    work("priority", anna.open(found))
    work("appointment", anna.open(found), time="14:15")
    form = anna.open(found).form(f"{COUNTER}/reroute")
    anna.send(form.action, **{**form.fields, "later": ["housing", "benefits"]})

    visit = visits(app)["D101"]
    assert visit.priority
    assert visit.appointment_at.isoformat() == "2026-11-23T13:15:00+00:00"
    assert visit.route == ["information", "housing", "benefits"]
    assert "Nothing is filled in." in work("appointment", anna.open(found), time="").text


def test_stages_are_passed_in_the_order_that_was_said_before(app, anna, arrive):
    arrive(1, party("benefits", "registration", "housing"))
    form = anna.open(f"{COUNTER}?number=101").form(f"{COUNTER}/reroute")
    ticked = ["information", "housing", "registration"]  # as the page has them: the site's order

    anna.send(form.action, **{**form.fields, "later": ticked})

    route = ["benefits", "registration", "housing", "information"]
    assert visits(app)["D101"].route == route


# --- splitting and merging ------------------------------------------------------------------------


def test_a_party_that_is_split_gets_a_slip_for_who_goes(app, arrive, work):
    arrive(1)
    work("call-next")

    page = work("split", adults=1, children=0)

    assert "U101 goes on by itself, D101 stays." in page.text
    assert "Slip of U101" in page.text
    assert visits(app)["U101"].adults == 1


def test_who_waits_goes_on_with_the_party_at_hand(app, anna, arrive, work):
    arrive(1)
    arrive(2)
    work("call-next")

    work("merge", anna.open(f"{COUNTER}?number=D102"))

    assert visits(app)["D102"].state == "merged"
    assert visits(app)["D101"].adults == 4


# --- numbers by hand ------------------------------------------------------------------------------


def by_hand(anna, **fields):
    form = anna.open(f"{COUNTER}/by-hand").form(f"{COUNTER}/by-hand")
    said = {"language": "uk", "adults": 2, "children": 1, "route": ["information", "housing"]}
    sent = {name: form.fields[name] for name in ("action", "ticket_token", "counter")}
    return anna.send(form.action, **{**sent, **said, **fields})


def test_a_number_by_hand_comes_with_its_slip_in_the_party_s_language_and_german(app, anna):
    page = by_hand(anna)

    assert page.status == 200
    assert "U101 waits at Information." in page.text
    for words in ("Ваш номер", "Ihre Nummer", "Українська", "Збережіть цей талон."):
        assert words in page.text
    assert visits(app)["U101"].route == ["information", "housing"]


def test_reloading_the_answer_gives_no_second_number(app, anna):
    action = uuid4()
    first = by_hand(anna, action=action, ticket_token=TOKEN)
    again = by_hand(anna, action=action, ticket_token=TOKEN)

    assert "U101" in first.text
    assert "U101" in again.text
    assert set(visits(app)) == {"U101"}


def test_nobody_gets_no_number_and_a_sentence_says_so(app, anna):
    page = by_hand(anna, adults=0, children=0)

    assert page.status == 409
    assert "A number is for one person or more. Say how many they are." in page.text
    assert visits(app) == {}
    page = by_hand(anna, route=[])
    assert "It needs one stage, and none twice." in page.text


def test_a_slip_that_is_printed_again_is_a_copy_without_the_secret(app, anna, arrive):
    arrive(1)
    visit = visits(app)["D101"]

    page = anna.open(f"{COUNTER}/slip/{visit.id}")

    assert "A copy, marked 2." in page.text
    assert "D101" in page.text
    assert 'class="qr"' not in page.html
    assert anna.open(f"{COUNTER}/slip/{uuid4()}").status == 404


# --- what is refused ------------------------------------------------------------------------------


def test_a_reason_is_said_in_the_language_of_the_page_and_names_stages(app, anna, arrive):
    arrive(1, party("housing"))
    anna.send(f"{COUNTER}/at", counter="3")
    anna.press(anna.open(COUNTER).form(f"{COUNTER}/call-next"))
    visit = visits(app)["D101"]
    sent = {"action": uuid4(), "counter": "3", "visit": visit.id, "seen": visit.version}

    page = anna.send(f"{COUNTER}/forward", **sent)
    assert page.status == 409
    assert "Housing is the last stage of its route." in page.text
    page = anna.send(f"{COUNTER}/no-show", **{**sent, "action": uuid4()})
    assert "That cannot be done with D101 now. Called 1 of 3 times." in page.text
    german(anna)
    page = anna.send(f"{COUNTER}/forward", **{**sent, "action": uuid4()})
    assert "Das geht mit D101 jetzt nicht. Unterkunft ist die letzte Station ihres Weges." in (
        page.text
    )
    anna.send("/staff/language", language="en", back=COUNTER)
    anna.send(f"{COUNTER}/at", counter="1")


def test_a_stale_press_is_told_who_was_faster(anna, arrive, work):
    arrive(1)
    work("call-next")
    stale = anna.open(COUNTER).form(f"{COUNTER}/recall")
    work("serve")

    page = anna.press(stale)

    assert page.status == 409
    assert "D101 was changed by anna" in page.text
    assert "Being served" in page.text


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("call-next", {"action": "no-uuid"}),
        ("call-next", {}),
        ("outcome", {"action": uuid4(), "outcome.housed": "many"}),
        ("close-day", {"action": uuid4(), "day": "2026-11-23"}),
        ("stock", {"action": uuid4(), "figure": "housed", "persons": "4"}),
        ("nonsense", {"action": uuid4()}),
        ("recall", {"action": uuid4(), "counter": "1", "visit": "x", "seen": "1"}),
    ],
)
def test_what_no_button_of_the_page_says_changes_nothing(app, anna, step, fields):
    page = anna.send(f"{COUNTER}/{step}", **fields)

    assert page.status == 409
    assert "This button is out of date." in page.text
    assert visits(app) == {}


# --- corrections ----------------------------------------------------------------------------------


def test_only_a_lead_corrects_and_gets_the_form(app, anna, arrive):
    arrive(1)
    visit = visits(app)["D101"]

    assert anna.open(f"{COUNTER}/correct/{visit.id}").status == 403
    sent = {"action": uuid4(), "visit": visit.id, "seen": 1, "adults": 5, "was.adults": 2}
    refused = anna.send(f"{COUNTER}/correct", **sent)
    assert (refused.status, "Only a shift lead may do that." in refused.text) == (409, True)
    assert not refused.has_form(f"{COUNTER}/correct"), "nor is she shown what is stored"


def test_a_lead_sets_right_how_many_they_are_and_what_was_achieved(app, lena, arrive):
    arrive(1, party("information", "housing", adults=2, children=1))
    visit = visits(app)["D101"]
    address = f"{COUNTER}/correct/{visit.id}"
    form = lena.open(address).form(f"{COUNTER}/correct")
    route = {"route": ["information", "housing"], "stage": ""}

    page = lena.send(form.action, **{**form.fields, **route})
    assert "Nothing is filled in." in page.text
    page = lena.send(form.action, **{**form.fields, **route, "adults": 4, "outcome.housed": 2})

    assert "D101 is corrected." in page.text
    after = visits(app)["D101"]
    assert (after.adults, after.children, after.route, after.state) == (
        *(4, 1),
        ["information", "housing"],
        "waiting",
    )
    again = lena.open(address).form(f"{COUNTER}/correct")
    assert again.fields["was.outcome.housed"] == "2"


def test_a_correction_leaves_a_route_in_its_own_order(app, lena, arrive):
    arrive(1, party("benefits", "housing"))
    visit = visits(app)["D101"]
    form = lena.open(f"{COUNTER}/correct/{visit.id}").form(f"{COUNTER}/correct")
    ticked = {"route": ["housing", "benefits"], "stage": ""}

    assert "Nothing is filled in." in lena.send(form.action, **{**form.fields, **ticked}).text
    lena.send(form.action, **{**form.fields, **ticked, "children": 2})

    assert visits(app)["D101"].route == ["benefits", "housing"]
    assert visits(app)["D101"].children == 2
