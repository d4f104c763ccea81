import io
import re
import wave

import pytest

from server_stub import administration, tables
from server_stub.admin_act import AdministrationError
from server_stub.call_sounds import CallSounds
from server_stub.voice import Voice
from server_stub.wall_calls import calls_of
from tests.server_stub.enrolled import party


def on_the_wall(page) -> str:
    """Return the part of a display's page in which the calls stand."""
    return re.search(r'<template id="calls">(.*?)</template>', page.html, re.DOTALL)[1]


@pytest.fixture
def calls(room, clock):
    """Returns the calls that stand, newest first, a minute after the last thing that was done."""

    def now():
        clock.move(60)
        return calls_of(room.snapshot(), room.site)

    return now


@pytest.fixture
def mute(app):
    """The app on a machine without espeak-ng."""
    state = app.app.state
    with_voice = state.call_sounds
    recordings = state.settings.recordings
    state.call_sounds = CallSounds(recordings, voice=Voice("no-such-program"))
    yield app
    state.call_sounds = with_voice


def test_a_browser_that_was_not_let_in_is_told_how(browser):
    page = browser.open("/display")

    assert page.status == 403
    assert "Diese Anzeige ist nicht eingerichtet." in page.text
    assert "Öffnen Sie die Adresse" in page.text


def test_a_wrong_token_lets_nobody_in(browser):
    assert browser.open("/display/enter?token=wrong").status == 403
    assert not browser.client.cookies
    assert browser.open("/display/live?after=0&edition=x").status == 401
    assert browser.open("/display/sounds/uk/D101/1.wav").status == 401


def test_the_address_of_a_display_lets_it_in_and_leaves_no_token_in_the_address(
    browser, display_token
):
    answer = browser.client.get(f"/display/enter?token={display_token}")

    assert answer.headers["location"] == "/display"
    assert {"HttpOnly", "Path=/display"} <= set(answer.headers["set-cookie"].split("; "))
    page = browser.open("/display")
    assert page.status == 200
    assert "No number has been called yet." in page.text


def test_calls_stand_newest_first_with_the_landmark_and_door_of_their_counter(
    room, kiosk, clock, calls
):
    for sequence in range(1, 8):
        room.admit(kiosk, kiosk.check_in(sequence))
        room.call_next(f"i{sequence}")
        clock.move(60)

    standing = calls()

    assert [(call.number, call.counter) for call in standing] == [
        (f"D10{sequence}", f"i{sequence}") for sequence in range(7, 0, -1)
    ]
    assert {(call.stage.landmark, call.stage.door) for call in standing} == {("tree", "1")}
    assert {(call.language, call.arrived) for call in standing} == {("uk", False)}


def test_a_call_stands_however_many_are_called_and_served_meanwhile(room, kiosk, calls):
    for sequence in range(1, 63):
        room.admit(kiosk, kiosk.check_in(sequence))
    awaited = room.call_next("i1")
    for _ in range(60):
        room.do(room.room.finish, room.call_next("1"))
    last = room.call_next("1")

    assert [call.number for call in calls()] == [last.number, awaited.number]


def test_calls_of_yesterday_are_not_on_the_wall_in_the_morning(room, kiosk, clock, calls):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
        room.call_next(f"i{sequence}")
    clock.move(24 * 3600)
    assert calls() == []

    room.do(room.room.finish, room.snapshot().visits[0], counter="i2")
    room.admit(kiosk, kiosk.check_in(3))
    room.call_next("i2")

    assert [call.number for call in calls()] == ["D103"]


def test_a_number_that_is_called_again_is_a_new_call(room, kiosk, calls):
    room.admit(kiosk, kiosk.check_in(1))
    visit = room.call_next("1")
    (first,) = calls()
    room.do(room.room.recall, visit)

    (second,) = calls()

    assert (second.visit, second.number) == (first.visit, first.number)
    assert second.called_at_ms == first.called_at_ms + 60_000


@pytest.mark.parametrize("step", ["finish", "forward", "leave", "undo"])
def test_a_call_goes_from_the_wall_when_it_is_over_or_taken_back(step, room, kiosk, calls):
    room.admit(kiosk, kiosk.check_in(1, content=party("information", "registration")))
    visit = room.call_next("1")
    assert len(calls()) == 1

    room.do(getattr(room.room, step), visit)

    assert calls() == []


def test_a_party_at_its_counter_need_not_be_called_any_more(room, kiosk, calls):
    room.admit(kiosk, kiosk.check_in(1))
    room.do(room.room.serve, room.call_next("1"))

    assert [call.arrived for call in calls()] == [True]


def test_the_wall_tells_nothing_that_reveals_a_need(anna, arrive, display_token):
    arrive(1, party("information", language="uk", adults=7))
    anna.press(anna.open("/staff/counter").form("/staff/counter/call-next"))
    anna.open(f"/display/enter?token={display_token}")

    page = anna.open("/display")

    assert "D101" in on_the_wall(page)
    # A stage's id is there for the script; its name is nowhere, and neither is on the screen.
    for secret in ("information", "Information", "Ukrain", "7", "entrance"):
        assert secret not in page.text
    assert "Information" not in page.html


def test_a_call_is_written_in_the_language_of_the_party_and_in_german(anna, arrive, display_token):
    arrive(1, party("information", language="ar"))
    anna.press(anna.open("/staff/counter").form("/staff/counter/call-next"))
    anna.open(f"/display/enter?token={display_token}")

    call = on_the_wall(anna.open("/display"))

    assert '<span lang="ar" dir="rtl">يُرجى التوجه إلى المكتب <bdi>1</bdi></span>' in call
    assert '<span lang="de" dir="ltr">Bitte kommen Sie zu Schalter <bdi>1</bdi></span>' in call
    sounds = re.search(r'data-sounds="([^"]*)"', call)[1].split()
    assert sounds == ["/display/sounds/ar/D101/1.wav", "/display/sounds/de/D101/1.wav"]


def test_a_display_hears_a_call(browser, display_token):
    browser.open(f"/display/enter?token={display_token}")

    answer = browser.client.get("/display/sounds/uk/D214/5.wav")

    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == "no-store"
    with wave.open(io.BytesIO(answer.content)) as wav:
        assert 2 < wav.getnframes() / wav.getframerate() < 9


@pytest.mark.parametrize(
    "what", ["xx/D214/5", "uk/D2144/5", "uk/214/5", "uk/D214/99", "uk/D214/..%2f5", "../D214/5"]
)
def test_nothing_is_said_that_is_no_call(what, browser, display_token):
    browser.open(f"/display/enter?token={display_token}")

    assert browser.client.get(f"/display/sounds/{what}.wav").status_code in {404, 422}


def test_a_display_on_a_machine_without_a_voice_says_so_and_shows_calls_all_the_same(
    mute, browser, display_token
):
    browser.open(f"/display/enter?token={display_token}")

    assert mute.get("/display/sounds/uk/D214/5.wav").status_code == 404
    assert '<span class="hint" id="no-voice">' in browser.open("/display").html


def test_a_display_of_some_stages_is_told_which_and_how_it_looks(
    browser, change_store, display_token
):
    change_store(bind, stages="housing registration", look="dark")
    try:
        browser.open(f"/display/enter?token={display_token}")
        page = browser.open("/display")
    finally:
        change_store(bind, stages="", look="auto")

    assert 'data-stages="housing registration"' in page.html
    assert 'data-look="dark"' in page.html


def bind(connection, *, stages: str, look: str) -> None:
    connection.execute(tables.display.update().values(stages=stages, look=look))


def test_a_display_cannot_be_bound_to_a_stage_that_is_not_there(settings):
    with pytest.raises(AdministrationError, match="there is no stage kitchen: choose of info"):
        administration.add_display(settings, "hall", stages=["housing", "kitchen"])
