"""A visit in full: what is shown to whom, and that it is noted."""

import pytest
from sqlalchemy import select

from kiosk.contract.messages import SlipState
from server_stub import tables
from tests.server_stub.enrolled import new_id, party


@pytest.fixture
def noted(change_store):
    """What the audit log says of opened visits."""

    def read():
        t = tables.audit.c
        query = select(t.staff, t.about, t.detail).where(t.act == "visit-opened").order_by(t.at)
        return change_store(lambda c: [tuple(row) for row in c.execute(query)])

    return read


def test_a_visit_opens_with_its_way_and_who_did_what(anna, arrive, line, kiosk):
    check_in = arrive(1, party("information", "housing", language="uk"))
    line.put(f"/v1/slips/{check_in.id}", kiosk.slip(check_in, SlipState.PRINTED))
    page = anna.press(anna.open("/staff/counter").form("/staff/counter/call-next"))
    anna.press(anna.open("/staff/counter").form("/staff/counter/forward"))

    page = anna.open(f"/staff/visits/{check_in.id}")

    assert "D101" in page.text
    assert "Ukrainian" in page.text
    assert "Arrived Mon 23 Nov 12:00 · entrance-1 · 1 slip printed" in page.text
    assert "1 Information 12:00 · called 12:01 · Counter 1 · until 12:01" in page.text
    assert "2 Housing 12:01" in page.text
    assert "12:01 anna sent on · Counter 1 12:01 anna called · Counter 1" in page.text
    assert "That you opened this is noted." in page.text


def test_what_a_party_chose_is_read_in_the_words_of_staff(anna, arrive):
    content = party().model_copy(update={"answers": {"before": ("no",), "need": ("sleep", "food")}})
    check_in = arrive(1, content)

    page = anna.open(f"/staff/visits/{check_in.id}")
    assert "What do you need today? A place to sleep Food and drink" in page.text
    assert 'class="icon icon-bed"' in page.html

    anna.send("/staff/language", language="de")
    page = anna.open(f"/staff/visits/{check_in.id}")
    anna.send("/staff/language", language="en")
    assert "Was brauchen Sie heute?" in page.text


def test_every_opening_is_noted_by_whom_and_of_what(anna, arrive, noted):
    check_in = arrive(1)
    anna.open("/staff")
    assert noted() == []

    anna.open(f"/staff/visits/{check_in.id}")
    anna.open(f"/staff/visits/{check_in.id}")

    assert noted() == [("anna", str(check_in.id), None)] * 2


def test_htmx_gets_the_panel_alone_and_its_progress_without_answers(anna, arrive, noted):
    content = party().model_copy(update={"answers": {"before": ("no",)}})
    check_in = arrive(1, content)
    anna.headers["HX-Request"] = "true"

    panel = anna.open(f"/staff/visits/{check_in.id}")
    progress = anna.open(f"/staff/visits/{check_in.id}/progress")

    assert "<html" not in panel.html
    assert "No, for the first time" in panel.text
    assert "Waiting" in progress.text
    assert "No, for the first time" not in progress.text
    assert len(noted()) == 1, "what shows no answers is not noted again"


@pytest.mark.parametrize("path", ["", "/progress"])
def test_a_visit_that_is_not_here_says_so(anna, path):
    page = anna.open(f"/staff/visits/{new_id()}{path}")

    assert page.status == 404
    assert "This visit is not here any more." in page.text


def test_answers_that_cannot_be_opened_are_said_to_be_so(anna, line, kiosk):
    check_in = kiosk.check_in(1).model_copy(update={"sealed": "AAAA"})
    line.check_in(check_in)

    page = anna.open(f"/staff/visits/{check_in.id}")

    assert "What the party answered is not here any more, or cannot be opened." in page.text
