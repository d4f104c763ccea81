"""The site file and the opening hours, rewritten by an admin in Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations, wrong_in_any_look
from tests.browser.conftest import PASSWORD as ANNAS
from tests.browser.conftest import Site
from tests.browser.crowd import KioskAtTheDoor
from tests.server_stub.site_drafts import with_keys, without_stages
from tests.stand.server import ServerStand

pytestmark = pytest.mark.browser

PASSWORD = "made-up-password"
SITE, HOURS = "/staff/admin/site", "/staff/admin/hours"


@pytest.fixture(scope="session")
def with_admin(tmp_path_factory, set_up_once) -> tuple[Path, Path, str]:
    """The same data folder, with adam in it, who administers."""
    data, settings, display = set_up_once
    stand = ServerStand(tmp_path_factory.mktemp("with-admin") / "data")
    shutil.copytree(data, stand.data)
    stand.add_staff("adam", PASSWORD, role="admin")
    return stand.data, settings, display


@pytest.fixture
def site(tmp_path, with_admin) -> Iterator[Site]:
    data, settings, display = with_admin
    shutil.copytree(data, tmp_path / "data")
    with ServerStand(tmp_path / "data") as server:
        kiosk = KioskAtTheDoor.of(settings, server.address)
        yield Site(server, kiosk, server.address + display)


@pytest.fixture
def as_admin(site) -> Callable[[BrowserContext], Page]:
    """Let adam log in; return his page."""

    def log_adam_in(context: BrowserContext) -> Page:
        page = log_in(site, context, "adam", PASSWORD, back=SITE)
        expect(page.get_by_role("heading", name="Site file", exact=True)).to_be_visible()
        return page

    return log_adam_in


def log_in(
    site: Site, context: BrowserContext, name: str, password: str, *, back: str = "/staff"
) -> Page:
    page = context.new_page()
    page.goto(f"{site.server.address}/staff/login?back={back}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".head .site")).to_be_visible()
    return page


def test_a_site_file_is_mended_checked_and_put_in_force_while_others_work(
    site, as_admin, open_context
):
    anna = log_in(site, open_context(), "anna", ANNAS)
    page = as_admin(open_context(may_complain=True))  # 422 is a complaint to Chromium
    page.get_by_role("link", name="Rewrite or upload").click()
    text = page.get_by_role("textbox", name="TOML")
    toml = text.input_value()
    lines = toml.splitlines()
    expect(page.locator(".numbers")).to_contain_text(str(len(lines)))

    text.fill(toml.replace('door = "4"', 'door = "12345"'))
    page.get_by_role("button", name="Check").click()
    wrong = lines.index('door = "4"') + 1
    page.get_by_role("link", name=f"Line {wrong}").click()
    chosen = "t => t.value.slice(t.selectionStart, t.selectionEnd)"
    assert text.evaluate(chosen) == 'door = "12345"'

    text.fill(with_keys(without_stages(toml, "housing"), name="Hafen"))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Who is here now")).to_be_visible()
    page.get_by_label("Note").fill("the harbour")
    page.get_by_label("I have read what changes.").check()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    expect(page.get_by_text("the harbour").first).to_be_visible()

    # Anna's page loads itself again: it shows the site of today.
    expect(anna.locator(".head .site")).to_have_text("Hafen")

    page.get_by_role("link", name="Back to this one").click()
    page.get_by_label("I have read what changes.").check()
    page.get_by_role("button", name="Put in force").click()
    expect(anna.locator(".head .site")).to_have_text("Info-Point")


def test_hours_are_set_by_a_form_and_a_day_is_closed_early(site, as_admin, open_context):
    page = as_admin(open_context(may_complain=True))
    page.goto(f"{site.server.address}{HOURS}")
    page.get_by_label("Saturday").first.fill("10-")
    page.get_by_role("button", name="Let these hours hold").click()
    expect(page.get_by_text("some hours were not understood")).to_be_visible()
    expect(page.get_by_label("Saturday").first).to_have_value("10-")
    assert violations(page) == []

    page.get_by_label("Saturday").first.fill("10-14")
    page.get_by_role("button", name="Let these hours hold").click()
    expect(page.get_by_text("These hours hold now.")).to_be_visible()
    expect(page.get_by_label("Saturday").first).to_have_value("10:00-14:00")

    page.get_by_label("Closed today from").fill("00:01")
    page.get_by_role("button", name="Close earlier today").click()
    expect(page.get_by_text("Closed now", exact=True)).to_be_visible()
    # Whether it is open as usual depends on the hour at which this runs.
    page.get_by_role("button", name="Today as usual again").click()
    expect(page.get_by_role("button", name="Today as usual again")).to_have_count(0)
    expect(page.get_by_role("button", name="Close earlier today")).to_be_visible()


def test_axe_finds_nothing_and_nothing_slides_sideways(site, as_admin, open_context):
    page = as_admin(open_context(may_complain=True))

    assert wrong_in_any_look(page) == []
    for path in (HOURS, f"{SITE}/versions/1", f"{SITE}/edit"):
        page.goto(f"{site.server.address}{path}")
        assert wrong_in_any_look(page) == []
    toml = page.get_by_role("textbox", name="TOML").input_value()
    broken = toml.replace('landmark = "boat"', 'landmark = "b"')
    for draft in (without_stages(toml, "housing"), broken):
        page.get_by_role("textbox", name="TOML").fill(draft)
        page.get_by_role("button", name="Check").click()
        page.wait_for_load_state()
        for more in page.locator("main details > summary").all():
            more.click()
        assert wrong_in_any_look(page) == []
