"""The pages of administration in a real browser: presses, what is shown once, print, axe."""

import re
import shutil
from collections.abc import Callable, Iterator
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kiosk.courier import Delivery, Route, deliver_next
from kiosk.journal import Journal
from kiosk.server_link import NotEnrolledError, ServerLink
from tests.browser.axe import violations
from tests.browser.conftest import PASSWORD, Site
from tests.browser.crowd import KioskAtTheDoor
from tests.kiosk.arrivals import StandingClock, issue
from tests.server_stub.asking import Machine
from tests.stand.server import ServerStand

pytestmark = pytest.mark.browser

A_PASSWORD = re.compile(r"^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$")


@pytest.fixture(scope="module")
def administered(tmp_path_factory, set_up_once) -> Iterator[Site]:
    """A running server that olga administers; its tests leave what they make."""
    data, kiosk_settings, display = set_up_once
    folder = tmp_path_factory.mktemp("administered")
    shutil.copytree(data, folder / "data")
    stand = ServerStand(folder / "data")
    stand.add_staff("olga", PASSWORD, role="admin")
    with stand as server:
        kiosk = KioskAtTheDoor.of(kiosk_settings, server.address)
        yield Site(server, kiosk, server.address + display)


@pytest.fixture
def olga(administered, open_context) -> Callable[..., Page]:
    """Let olga log in; return her page at an address of administration."""

    def at(path: str, context: BrowserContext | None = None, **options: object) -> Page:
        page = (context or open_context(**options)).new_page()
        page.goto(f"{administered.server.address}/staff/login?back=/staff/admin{path}")
        page.get_by_label("Name").fill("olga")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("main h1")).to_be_visible()
        return page

    return at


def make_account(page: Page, name: str, *, role: str = "Helper") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label(role, exact=False).first.check()
    page.get_by_role("button", name="Make the account").click()


def test_a_password_is_shown_once_on_a_card_that_fits_one_sheet(olga, administered, open_context):
    page = olga("/accounts")
    make_account(page, "nadia", role="Shift lead")
    expect(page.get_by_role("heading", name="The account is made")).to_be_visible()
    password = page.locator(".is-secret").inner_text()
    sheets = page.pdf(prefer_css_page_size=True)

    assert A_PASSWORD.match(password)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
    page.reload()
    assert password not in page.content()

    nadia = open_context().new_page()
    nadia.goto(f"{administered.server.address}/staff/login?back=/staff/hall")
    nadia.get_by_label("Name").fill("nadia")
    nadia.get_by_label("Password").fill(password)
    nadia.get_by_role("button", name="Log in").click()
    expect(nadia.get_by_role("link", name="Hall")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("losses", [1, 2])
def test_a_press_that_the_network_lost_is_sent_once_more_or_said_to_have_failed(olga, losses):
    page = olga("/accounts", may_complain=True)
    name, sent = f"lost-{losses}", []

    def lose(route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(route.request.post_data)
        if len(sent) <= losses:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/staff/admin/accounts", lose)
    make_account(page, name)

    if losses == 1:
        expect(page.locator(".is-secret")).to_be_visible()
    else:
        expect(page.get_by_text("Press the button again: nothing happens twice.")).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value(name)
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_a_refusal_is_in_view_and_has_the_focus(olga):
    page = olga("/accounts", may_complain=True, viewport={"width": 1024, "height": 700})
    make_account(page, "anna")

    said = page.get_by_text("There is an account of this name already.")
    expect(said).to_be_in_viewport()
    expect(page.locator("#notice")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("anna")


def test_what_cannot_be_taken_back_is_asked_again_and_done_by_keyboard_alone(olga):
    page = olga("/accounts")
    make_account(page, "vera")
    page.get_by_role("link", name="To the account").click()
    opener = page.locator("summary", has_text="Shut the account")
    expect(page.get_by_role("button", name="Shut the account", exact=True)).to_be_hidden()

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("cannot log in until the account is opened again")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The account is shut.")).to_be_visible()
    expect(page.get_by_role("heading", name="Open the account again")).to_be_visible()


def test_a_machine_that_asks_appears_by_itself_and_is_a_kiosk_once_it_is_approved(
    olga, administered
):
    page = olga("/kiosks")
    page.get_by_label("Name").fill("exit-1")
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".code").inner_text()
    expect(page.get_by_text("No machine has come with it yet.")).to_be_visible()

    with httpx2.Client(base_url=administered.server.address) as client:
        machine = Machine(client)
        enrolment = machine.asks(code).enrolment
        asking = page.get_by_role("heading", name="exit-1 asks to be enrolled")
        expect(asking).to_be_visible(timeout=10_000)
        assert page.locator(".fingerprint").inner_text().split() == machine.fingerprint.split()
        assert violations(page) == []
        opener = page.locator("summary", has_text="It is not the same")
        opener.click()
        with page.expect_response(lambda answer: "/asking" in answer.url) as looked:
            pass  # the page looks again, and closes nothing
        assert looked.value.status == 204
        expect(page.get_by_role("button", name="Refuse", exact=True)).to_be_visible()
        opener.click()
        page.get_by_role("button", name="It is the same: approve").click()
        expect(page.get_by_text("The kiosk is enrolled.")).to_be_visible()
        expect(asking).to_be_hidden()
        assert machine.asks(code).enrolled.name == "exit-1"
        assert machine.gets_in(enrolment)

    page.get_by_role("link", name="exit-1").click()
    page.get_by_label("Name on the pages").fill("Way out, right")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("heading", name="Way out, right")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Never heard of yet:")).to_contain_text("Way out, right")


def test_a_page_that_is_loaded_again_after_a_press_is_the_one_that_it_led_to(olga):
    page = olga("/displays")
    page.get_by_label("Name").fill("balcony")
    page.get_by_role("button", name="Make the display").click()
    page.get_by_role("link", name="To the display").click()
    page.get_by_label("New name").fill("terrace")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_role("heading", name="terrace")).to_be_visible()

    page.reload()

    expect(page.get_by_role("heading", name="terrace")).to_be_visible()


def test_a_revoked_kiosk_is_refused_at_once_and_keeps_its_outbox(olga, administered, tmp_path):
    kiosk = administered.kiosk.settings
    enrolment = UUID(kiosk["kiosk"]["enrolment"])
    journal = Journal(tmp_path / "journal.db", enrolment=enrolment)
    link = ServerLink(administered.server.address, token=kiosk["server"]["token"])
    route = Route(lambda work: work(journal), link, StandingClock(), "entrance-1")
    issue(journal, 2)
    assert deliver_next(route) is Delivery.DELIVERED

    page = olga(f"/kiosk?enrolment={enrolment}")
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="Revoke entrance-1").click()
    expect(page.get_by_text("Nothing of it is taken any more.")).to_be_visible()
    page.wait_for_timeout(1000)  # for so long a token is remembered, see device_tokens

    with pytest.raises(NotEnrolledError):
        deliver_next(route)
    assert journal.depth() == 1
    link.close()
    journal.close()


def test_every_door_has_one_sheet_of_paper(olga):
    page = olga("/signs")
    sheets = page.pdf(prefer_css_page_size=True, print_background=True)

    doors = page.locator(".sheet").count()
    assert doors == 9
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == doors
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", sheets)) == {b"0 0 594.95996 841.91998"}


def test_what_is_shown_once_is_accessible_too(olga):
    page = olga("/displays")
    page.get_by_label("Name").fill("gallery")
    page.get_by_role("button", name="Make the display").click()
    expect(page.get_by_role("img", name="The address as a QR code")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="Accounts").click()
    make_account(page, "wanda")
    expect(page.locator(".is-secret")).to_be_visible()
    assert violations(page) == []
