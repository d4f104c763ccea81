import pytest

from tests.server_stub.pages.paper_browser import PaperBrowser
from tests.server_stub.pages.test_hall_pages import begin_session

HERE = "/staff/admin/retention/wind-down"


@pytest.fixture
def olga(browser, change_store, kiosk) -> PaperBrowser:
    """A browser in which an administrator is logged in."""
    token = change_store(begin_session, site=kiosk.site, name="olga", role="admin")
    browser.client.cookies.set("ankunft-staff", token, path="/staff")
    return browser


def test_the_page_says_what_speaks_against_it_and_deletes_nothing(olga, arrive):
    arrive(1)
    page = olga.open(HERE)

    assert "1 party is still here." in page.text
    assert "In use: entrance-1, entrance-2" in page.text
    assert "python -m server_stub wind-down" in page.text
    assert [form.action for form in page.forms if "wind-down" in form.action] == []


def test_the_draft_is_a_sheet_to_be_saved_that_says_that_nothing_was_done(olga, arrive):
    arrive(1)
    answer = olga.client.get(f"{HERE}/draft")

    assert answer.headers["content-disposition"].startswith("attachment")
    assert "A draft: nothing has been deleted." in answer.text
    assert olga.open(HERE).status == 200
