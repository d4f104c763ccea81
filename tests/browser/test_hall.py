"""The shift lead's hall in a real browser: it follows by itself, and nobody is left out of it."""

import re
import shutil

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kiosk.contract.messages import HelpKind
from tests.browser.axe import wrong_in_any_look
from tests.browser.conftest import PASSWORD, Site
from tests.browser.crowd import KioskAtTheDoor
from tests.stand.server import ServerStand

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def led_once(tmp_path_factory, set_up_once):
    """A data folder in which lena is shift lead, to be copied."""
    data, settings, display = set_up_once
    folder = tmp_path_factory.mktemp("led")
    shutil.copytree(data, folder / "data")
    ServerStand(folder / "data").add_staff("lena", PASSWORD, role="lead")
    return folder / "data", settings, display


@pytest.fixture
def site(tmp_path, led_once):
    data, settings, display = led_once
    shutil.copytree(data, tmp_path / "data")
    with ServerStand(tmp_path / "data") as server:
        kiosk = KioskAtTheDoor.of(settings, server.address)
        yield Site(server, kiosk, server.address + display)


@pytest.fixture
def lead(site):
    """Log the shift lead in, and return their page with the hall in it."""

    def log_in(context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(f"{site.server.address}/staff/login?back=/staff/hall")
        page.locator("[name=name]").fill("lena")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        expect(page.locator("#hall")).to_be_visible()
        return page

    return log_in


def fits(page: Page) -> bool:
    """Return whether nobody has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_hall_follows_by_itself_and_answers_help(site, open_context, lead):
    page = lead(open_context())
    page.evaluate("window.neverReloaded = true")
    page.get_by_text("How this is worked out").click()
    way = page.get_by_role("link", name="Served by hand")
    way.focus()
    expect(page.get_by_text("No stage needs more counters now.")).to_be_visible()

    _, number = site.kiosk.check_in(adults=1, children=2)
    order = page.locator(".orders li")
    expect(order).to_contain_text("Information: open 1 counter")
    expect(page.locator(".tile", has_text="Parties waiting")).to_contain_text("3 persons")
    expect(page.get_by_role("link", name=number).first).to_be_visible()
    expect(page.get_by_text("Erlang C")).to_be_visible()
    expect(way).to_be_focused()

    site.kiosk.call_for_help(HelpKind.DOCTOR)
    expect(page.get_by_text("A doctor is needed")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\) Hall "))
    page.get_by_role("button", name="I am going").click()
    expect(page.locator("#notice")).to_contain_text("You are going to entrance-1.")
    expect(page.get_by_text("A doctor is needed")).to_be_hidden()

    site.kiosk.report(printer="paper-out")
    expect(page.locator(".hall-kiosks li")).to_contain_text("Put in a new roll.")
    assert page.evaluate("window.neverReloaded === true")


def test_what_is_no_hall_never_stands_in_its_place(site, open_context, lead):
    context = open_context(may_complain=True)
    page = lead(context)
    broken = {"status": 500, "content_type": "text/html", "body": "<h1>a proxy's own page</h1>"}
    context.route("**/staff/hall/now", lambda route: route.fulfill(**broken))
    with page.expect_response(lambda answer: answer.status == 500):
        site.kiosk.check_in()
    context.unroute("**/staff/hall/now")
    expect(page.get_by_text("a proxy's own page")).to_have_count(0)
    site.kiosk.check_in()

    expect(page.locator(".tile", has_text="Parties waiting")).to_contain_text("2")


def test_a_lead_closes_the_day_with_the_keyboard_alone(site, open_context, lead):
    site.kiosk.check_in()
    page = lead(open_context())
    page.get_by_role("link", name="Close or open the day").press("Enter")
    page.get_by_role("button", name="Stop numbers").press("Enter")
    expect(page.get_by_text("1 party is still here.")).to_be_visible()
    page.get_by_role("radio", name=re.compile("They have left")).press("Space")
    page.get_by_role("button", name="Close the day", exact=True).press("Enter")

    expect(page.locator("#notice")).to_contain_text("0 parties go on tomorrow, 1 visit has ended.")
    page.get_by_role("button", name="Open the day again").press("Enter")
    expect(page.get_by_role("button", name="Stop numbers")).to_be_visible()


def test_a_lead_marks_what_was_served_by_hand_and_enters_a_count(open_context, lead):
    number = "D231"  # whose check-in has not come yet
    page = lead(open_context())
    page.get_by_role("link", name="Served by hand").click()
    page.get_by_label("First number").fill(number.lower())
    page.get_by_label("Last number").fill(number)
    page.get_by_label("Last number").press("Enter")
    page.get_by_role("button", name="Mark as served by hand").click()
    expect(page.locator("#notice")).to_contain_text("1 number is marked as served by hand.")
    page.get_by_role("button", name=f"Take back {number}").click()
    expect(page.locator("#notice")).to_contain_text("The range is taken back.")

    page.get_by_role("link", name="To the hall").click()
    page.get_by_role("link", name="Enter a count").click()
    page.get_by_label("Persons counted now").fill("250")
    page.get_by_label("Persons counted now").press("Enter")
    expect(page.locator("#notice")).to_contain_text("250 persons are counted.")
    expect(page.locator(".stock")).to_contain_text("250 now")


def test_axe_finds_nothing_and_nothing_is_cut_light_or_dark_wide_or_narrow(
    site, open_context, lead
):
    numbers = [site.kiosk.check_in(language=language)[1] for language in ("uk", "ar", "de")]
    site.kiosk.call_for_help(HelpKind.CHILD_ALONE)
    site.kiosk.report(printer="paper-out", outbox_depth=12)
    page = lead(open_context(locale="de-DE"))  # the longer words
    assert wrong_in_any_look(page) == []
    for way in (f"by-hand?first={numbers[0]}&last={numbers[-1]}", "stock", "day"):
        page.goto(f"{site.server.address}/staff/hall/{way}")
        assert wrong_in_any_look(page) == []

    page.locator("[action$=stop-numbers] button").click()
    expect(page.locator(".closing tbody tr")).to_have_count(3)
    assert page.locator(".closing a.number").all_inner_texts() == numbers
    assert wrong_in_any_look(page) == []
