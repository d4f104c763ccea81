import pytest
from starlette.datastructures import Headers

from server_stub.origin import is_cross_origin

ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},  # another machine of the same city is another origin
    {"sec-fetch-site": "cross-site", "origin": "http://kiosk.example", "host": "kiosk.example"},
    {"origin": "http://elsewhere.example", "host": "kiosk.example"},
    {"origin": "http://kiosk.example:8080", "host": "kiosk.example"},
    {"origin": "null", "host": "kiosk.example"},
    {"origin": "http://[", "host": "kiosk.example"},
    {"origin": "http://["},
]
OURS = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},  # typed into the address bar
    {"origin": "http://kiosk.example", "host": "kiosk.example"},  # no Sec-Fetch-Site over http
    {"host": "kiosk.example"},  # no browser: a kiosk, curl
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_change_asked_for_by_another_origin_is_recognised(headers):
    assert is_cross_origin("POST", Headers(headers))


@pytest.mark.parametrize("headers", OURS)
def test_our_own_pages_and_programs_may_ask_for_changes(headers):
    assert not is_cross_origin("POST", Headers(headers))


def test_reading_is_never_cross_origin():
    assert not is_cross_origin("GET", Headers({"sec-fetch-site": "cross-site"}))


def test_a_form_on_another_site_cannot_call_a_number(anna, arrive):
    arrive(1)
    button = anna.open("/staff/counter").form("/staff/counter/call-next")
    anna.headers["Sec-Fetch-Site"] = "cross-site"

    refused = anna.press(button)

    assert refused.status == 403
    assert "Open the page of this server itself" in refused.text
    del anna.headers["Sec-Fetch-Site"]
    assert anna.open("/staff/counter").has_form("/staff/counter/call-next"), "nobody was called"


def test_a_form_on_another_site_cannot_log_anyone_in(browser):
    browser.headers["Origin"] = "http://elsewhere.example"

    assert browser.log_in().status == 403
    assert not browser.client.cookies


def test_an_origin_that_nobody_can_read_is_refused_like_any_other(browser):
    browser.headers["Origin"] = "http://["

    assert browser.log_in().status == 403
