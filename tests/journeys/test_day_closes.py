"""A lead ends the day before the hours say so: kiosks close, and nobody who began is sent away."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests

from kiosk.language import catalogue
from server_stub.arrival import service_day
from server_stub.staff_api import paths

PASSWORD = "made up for the lead"
CLOSED = catalogue("uk").text("Closed now")


@pytest.fixture
def press(server) -> Callable[..., dict[str, object]]:
    """Does something as a lead, over the staff API."""
    server.command(
        *("add-staff", "lena", "--role", "lead", "--password-from-stdin"), stdin=PASSWORD
    )
    server.start()
    session = requests.post(
        f"{server.address}{paths.SESSIONS}",
        json={"name": "lena", "password": PASSWORD},
        timeout=10,
    )
    token = session.json()["token"]
    today = service_day(datetime.now(UTC), "Europe/Berlin")

    def press(step: str, **said: object) -> dict[str, object]:
        answer = requests.put(
            f"{server.address}{paths.ACTIONS}/{uuid4()}",
            json={"step": step, "day": today.isoformat(), **said},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    return press


def hear(kiosk) -> None:
    """Let the kiosk report now, and not within 15 seconds."""
    kiosk.app.flow._desk._courier.report_soon()


def opening(kiosk):
    return kiosk.app.flow.conversation.opening


def test_a_day_that_a_lead_closes_ends_at_the_kiosk_between_two_parties(
    press, kiosk, printer, server
):
    hear(kiosk)
    for tile in ("language:uk", "next", "adults:1", "children:0", "next"):
        kiosk.tap_id(tile)
    press("stop-numbers")
    hear(kiosk)
    kiosk.wait_until(lambda: not kiosk.app.flow._desk.opening.is_open)
    for tile in ("before:collect", "wait:nobody"):
        kiosk.tap_id(tile)
    kiosk.wait_until(lambda: kiosk.app.flow.ticket)
    number = kiosk.app.flow.ticket.number
    assert number in kiosk.texts(), "who had begun gets a number"
    printer.wait_for_slips(1, timeout=20)

    kiosk.tap_id("done")
    kiosk.wait_until(lambda: not opening(kiosk).is_open)
    kiosk.frames(5)
    kiosk.tap_id("language:uk")
    kiosk.wait_until(lambda: CLOSED in kiosk.texts())
    assert "next" not in kiosk.tiles()
    kiosk.tap_id("done")

    press("close-day", rest="carry-over")
    press("open-day-again")
    hear(kiosk)
    kiosk.wait_until(lambda: opening(kiosk).is_open)
    kiosk.frames(5)
    kiosk.tap_id("language:uk")
    kiosk.wait_until(lambda: "next" in kiosk.tiles())
    kiosk.tap_id("cancel")

    press("stop-numbers")
    hear(kiosk)
    kiosk.wait_until(lambda: not opening(kiosk).is_open)
    server.stop()
    hear(kiosk)
    kiosk.frames(30)
    assert not opening(kiosk).is_open, "the server has gone, and its word still counts"
    assert opening(kiosk).opens_at.hour == 4, "the site is always open but for that word"
