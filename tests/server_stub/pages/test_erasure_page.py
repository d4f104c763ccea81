import pytest

from server_stub import tables
from server_stub.actions import Press
from server_stub.staff_fragments import staff_channels
from tests.server_stub.enrolled import new_id
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


@pytest.mark.parametrize("channel", ["incoming/en", "incoming-helper/en"])
def test_an_open_list_takes_the_row_away(room, kiosk, clock, channel):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    before = room.snapshot()
    clock.move(60)
    press = Press(new_id(), staff="lena", role="lead", visit=check_in.id)
    room.run(room.room.erase(press))
    render = staff_channels(lambda: room.site)[channel]

    news = render(room.snapshot(), frozenset({check_in.id}), before)

    assert news.count('hx-swap="delete"') == 1
    assert check_in.number not in news


def test_a_wall_shows_the_call_no_more(room, kiosk, clock):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    called = room.call_next("1")
    assert [call.number for call in room.snapshot().calls] == [called.number]
    clock.move(60)
    room.run(room.room.erase(Press(new_id(), staff="lena", role="lead", visit=check_in.id)))

    assert room.snapshot().calls == ()
    assert room.call_next("1") is None, "and its counter is free"
