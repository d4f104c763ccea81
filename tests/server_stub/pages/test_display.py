import re

from tests.server_stub.enrolled import new_id, party


def test_a_browser_that_was_not_let_in_is_told_how(browser):
    page = browser.open("/display")

    assert page.status == 403
    assert "Diese Anzeige ist nicht eingerichtet." in page.text
    assert "Öffnen Sie die Adresse" in page.text


def test_a_wrong_token_lets_nobody_in(browser):
    assert browser.open("/display/enter?token=wrong").status == 403
    assert not browser.client.cookies
    assert browser.open("/display/live?after=0&edition=x").status == 401


def test_the_address_of_a_display_lets_it_in_and_leaves_no_token_in_the_address(
    browser, display_token
):
    answer = browser.client.get(f"/display/enter?token={display_token}")

    assert answer.headers["location"] == "/display"
    assert {"HttpOnly", "Path=/display"} <= set(answer.headers["set-cookie"].split("; "))
    page = browser.open("/display")
    assert page.status == 200
    assert "No number has been called yet." in page.text


def test_the_display_shows_the_last_six_calls_newest_first(anna, arrive, clock, display_token):
    for sequence in range(1, 8):
        arrive(sequence, party("information"))
        anna.send("/staff/call-next", counter=f"i{sequence}", action=new_id())
        clock.move(60)
    anna.open(f"/display/enter?token={display_token}")

    board = anna.open("/display").html

    calls = re.findall(r'<span class="number">(D\d+)<', board)
    assert calls == ["D107", "D106", "D105", "D104", "D103", "D102"]
    assert re.findall(r"<b>(\w+)</b>", board) == ["i7", "i6", "i5", "i4", "i3", "i2"]
    assert board.count("landmark-tree") == 6


def test_the_display_tells_nothing_but_numbers_and_counters(anna, arrive, display_token):
    arrive(1, party("information", language="uk", adults=7))
    anna.press(anna.open("/staff").form("/staff/call-next"))
    anna.open(f"/display/enter?token={display_token}")

    page = anna.open("/display")

    for secret in ("Ukrain", "uk", "7", "entrance"):
        assert secret not in page.text
