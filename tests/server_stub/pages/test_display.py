from server_stub.display_pages import calls_of
from tests.server_stub.enrolled import party


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


def test_the_display_shows_the_last_six_calls_newest_first(room, kiosk, clock):
    for sequence in range(1, 8):
        room.admit(kiosk, kiosk.check_in(sequence))
        room.call_next(f"i{sequence}")
        clock.move(60)

    calls = calls_of(room.snapshot(), room.site)

    assert [(call.number, call.counter) for call in calls] == [
        ("D107", "i7"),
        ("D106", "i6"),
        ("D105", "i5"),
        ("D104", "i4"),
        ("D103", "i3"),
        ("D102", "i2"),
    ]
    assert {call.stage.landmark for call in calls} == {"tree"}


def test_calls_of_yesterday_are_not_on_the_wall_in_the_morning(room, kiosk, clock):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        room.call_next(f"i{sequence}")
    clock.move(24 * 3600)
    assert calls_of(room.snapshot(), room.site) == []

    room.do(room.room.finish, room.snapshot().visits[0], counter="i2")
    room.admit(kiosk, kiosk.check_in(3))
    room.call_next("i2")

    assert [call.number for call in calls_of(room.snapshot(), room.site)] == ["D103"]


def test_a_number_that_is_called_again_is_a_new_call(room, kiosk, clock):
    room.admit(kiosk, kiosk.check_in(1))
    visit = room.call_next("1")
    (first,) = calls_of(room.snapshot(), room.site)
    clock.move(60)
    room.do(room.room.recall, visit)

    (second,) = calls_of(room.snapshot(), room.site)

    assert second.number == first.number
    assert second.key != first.key, "so that it lights up again"


def test_the_display_tells_nothing_but_numbers_and_counters(anna, arrive, display_token):
    arrive(1, party("information", language="uk", adults=7))
    anna.press(anna.open("/staff").form("/staff/call-next"))
    anna.open(f"/display/enter?token={display_token}")

    page = anna.open("/display")

    assert "D101" in page.text
    for secret in ("Ukrain", "uk", "7", "entrance"):
        assert secret not in page.text
