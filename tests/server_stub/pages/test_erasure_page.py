import pytest

from server_stub import tables
from tests.server_stub.pages.paper_browser import Form, Page, PaperBrowser
from tests.server_stub.pages.test_hall_pages import begin_session

ERASE = "/staff/hall/erase"


@pytest.fixture
def lena(browser, change_store, kiosk) -> PaperBrowser:
    """A browser in which a shift lead is logged in."""
    token = change_store(begin_session, site=kiosk.site, name="lead-1", role="lead")
    browser.client.cookies.set("ankunft-staff", token, path="/staff")
    return browser


def button(page: Page, number: str) -> Form:
    """Return the form whose button erases, with its box ticked."""
    return next(form for form in page.forms if form.button == f"Delete {number} for good")


def visits(app) -> list[str]:
    with app.app.state.engine.connect() as connection:
        return [row.number for row in connection.execute(tables.visit.select())]


def test_a_number_is_shown_and_then_erased(lena, arrive, app):
    first, second = arrive(1), arrive(2)

    page = lena.open(f"{ERASE}?number={first.number.lower()}")
    assert "It cannot be undone." in page.text
    assert "It is still here" in page.text
    said = lena.press(button(page, first.number))

    assert f"All that was kept of {first.number} is deleted." in said.text
    assert visits(app) == [second.number]
    assert f"Nothing is kept of {first.number}" in lena.open(f"{ERASE}?number={first.number}").text


def test_without_the_tick_nothing_is_erased(lena, arrive, app):
    first = arrive(1)

    form = button(lena.open(f"{ERASE}?number={first.number}"), first.number)
    del form.fields["sure"]
    said = lena.press(form)

    assert said.status == 409
    assert "Nothing was deleted." in said.text
    assert visits(app) == [first.number]


def test_a_visit_that_is_open_in_full_is_told_to_be_gone(lena, arrive):
    first = arrive(1)
    lena.press(button(lena.open(f"{ERASE}?number={first.number}"), first.number))

    assert lena.open(f"/staff/visits/{first.id}").status == 404
