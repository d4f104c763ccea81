"""A helper sees number, language, size and priority: on the page, and in all that is sent to it."""

import re

import pytest

from kiosk.contract.messages import HelpKind
from server_stub.display_pages import display_channels
from server_stub.live import Hub
from server_stub.staff_fragments import staff_channels
from tests.server_stub.enrolled import party
from tests.server_stub.pages.test_live import Watcher

HIDDEN = ("entrance-1", "Information", "Housing", "Waiting", "Called", "2026", "12:0", "visit-")
"""Kiosk, stages, states, times, ids: none of it is a helper's."""


@pytest.fixture
def karl(browser):
    browser.log_in("karl", language="en")
    return browser


def words_of(html: str) -> str:
    """Return the rows of a page or a message."""
    return "".join(re.findall(r'<li class="visit.*?</li>', html, re.DOTALL))


def test_the_page_of_a_helper_shows_the_least(karl, arrive):
    check_in = arrive(1, party("information", "housing", language="uk", adults=2, children=1))

    page = karl.open("/staff")

    rows = words_of(page.html)
    assert "D101" in rows
    assert "Ukrainian" in rows
    assert 'aria-label="2 adults, 1 child"' in rows
    assert [word for word in HIDDEN if word in rows] == []
    assert str(check_in.id) not in page.html
    assert "/staff/live/incoming-helper?" in page.html
    assert not page.has_form("/staff/call-next")


def test_a_helper_goes_to_help_calls(karl, line, kiosk):
    call = kiosk.help_call(HelpKind.DOCTOR)
    line.put(f"/v1/help-calls/{call.id}", call)

    karl.press(karl.open("/staff").form("/staff/help"))

    assert "karl went at" in karl.open("/staff").text


@pytest.mark.parametrize("page", ["incoming", "counter", "hall"])
def test_a_helper_may_follow_no_other_stream(karl, page):
    answer = karl.open(f"/staff/live/{page}?language=en&after=0&edition=x")

    assert answer.status == 403


def test_a_visit_opens_to_no_helper_where_the_site_file_names_none(karl, arrive):
    check_in = arrive(1)

    page = karl.open(f"/staff/visits/{check_in.id}")

    assert page.status == 403
    assert "Your account may not do this." in page.text


def test_the_stream_of_a_helper_brings_the_least_and_takes_away_who_leaves(room, kiosk):
    async def story():
        site = lambda: room.site  # noqa: E731
        hub = Hub(room.room, staff_channels(site) | display_channels(site))
        await hub.open()
        try:
            async with Watcher(hub, after=0, channel="incoming-helper/en") as watcher:
                came = party("information", language="uk")
                admitted = await room.admission(kiosk, kiosk.check_in(1, content=came))
                hub.wake()
                came_in = (await watcher.news()).decode()
                called = await room.room.call_next(room.press())
                hub.wake()
                await watcher.news()
                await room.room.finish(room.press(called.visit))
                hub.wake()
                return admitted, came_in, (await watcher.news()).decode()
        finally:
            await hub.close()

    _, came_in, went = room.run(story())

    assert "D101" in came_in
    assert [word for word in HIDDEN if word in words_of(came_in)] == []
    assert 'hx-swap="delete"' in went
    assert "D101" not in went
