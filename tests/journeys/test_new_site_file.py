"""An admin puts another site file in force: the party at the kiosk ends by the old one, the next
party begins by the new one, and whoever waits where there is no stage any more goes on."""

import pytest
import requests

from kiosk.contract.site_file import parse_site
from tests.server_stub.site_drafts import with_keys, without_stages

PASSWORD = "made up for the admin"


@pytest.fixture
def admin(server) -> requests.Session:
    """Somebody who is logged in and administers; the server runs from here on."""
    server.command(
        *("add-staff", "adam", "--role", "admin", "--password-from-stdin"), stdin=PASSWORD
    )
    server.start()
    with requests.Session() as session:
        answer = session.post(
            f"{server.address}/staff/login",
            data={"name": "adam", "password": PASSWORD, "language": "en"},
            timeout=20,
        )
        assert answer.status_code == 200
        yield session


def hear(kiosk) -> None:
    """Let the kiosk report now, and not within 15 seconds."""
    kiosk.app.flow._desk._courier.report_soon()


def check_in(kiosk, *tiles: str) -> str:
    """Touch tiles until there is a number; return it."""
    for tile in tiles:
        kiosk.tap_id(tile)
    kiosk.wait_until(lambda: kiosk.app.flow.ticket)
    return kiosk.app.flow.ticket.number


def test_a_new_site_file_reaches_the_kiosk_between_two_parties(admin, kiosk, printer, server):
    toml = server.site_file.read_text(encoding="utf-8")
    new = with_keys(without_stages(toml, "housing"), name="Hafen")
    old_version = kiosk.app.flow._desk.site.version
    begun = ("language:uk", "next", "adults:1", "children:0", "next", "before:no", "need:sleep")
    for tile in begun:
        kiosk.tap_id(tile)

    sent = {"toml": (None, new), "seen": (None, "1"), "sure": (None, "yes")}
    taken = admin.post(f"{server.address}/staff/admin/site/take", files=sent, timeout=20)
    assert "Version 2 is in force." in taken.text
    hear(kiosk)
    kiosk.wait_until(lambda: kiosk.app.flow._desk.site.name == "Hafen")

    assert kiosk.app.flow.conversation.site.version == old_version, "not during a party"
    number = check_in(kiosk, "next", "wait:nobody")
    assert "housing" in {stage.id for stage in kiosk.app.flow.ticket.route}
    printer.wait_for_slips(1, timeout=20)
    kiosk.tap_id("done")
    kiosk.wait_until(lambda: kiosk.app.flow.conversation.site.name == "Hafen")
    kiosk.frames(5)
    assert "Hafen" in kiosk.texts()

    # Its route has a stage that there is not: it waits where it can, and staff see that.
    page = ""
    for _ in range(50):
        page = admin.get(f"{server.address}/staff", timeout=20).text
        if number in page:
            break
        kiosk.frames(10)
    assert number in page
    assert "Route unclear: please ask the party" in page

    second = check_in(
        *(kiosk, "language:uk", "next", "adults:1", "children:0", "next"),
        *("before:no", "need:register", "next", "wait:nobody"),
    )
    assert second != number
    route = [stage.id for stage in kiosk.app.flow.ticket.route]
    assert set(route) <= {stage.id for stage in parse_site(new, source="").stages}

    hear(kiosk)
    for _ in range(50):
        page = admin.get(f"{server.address}/staff/admin/site", timeout=20).text
        if "works by it" in page:
            break
        kiosk.frames(10)
    assert "works by it" in page, "the admin sees that the kiosk has it"
