"""What staff and those who wait really see, in a real browser over a real server."""

import signal

import pytest
from playwright.sync_api import Page, expect

from kiosk.contract.messages import HelpKind, SlipState

pytestmark = pytest.mark.browser


def stays_loaded(page: Page) -> None:
    """Mark the document, to notice if it is ever loaded again."""
    page.evaluate("window.neverReloaded = true")


def was_never_reloaded(page: Page) -> bool:
    return bool(page.evaluate("window.neverReloaded === true"))


def numbers(page: Page) -> list[str]:
    return page.locator("#visits > li > .number").all_text_contents()


def test_a_check_in_appears_is_called_and_shows_on_the_wall(site, open_context, log_in, counter_of):
    staff = log_in(open_context(reduced_motion="no-preference"))
    counter = counter_of(staff)
    wall = open_context(reduced_motion="no-preference").new_page()
    wall.goto(site.display)
    expect(wall.get_by_text("No number has been called yet.")).to_be_visible()
    expect(staff.get_by_text("No one is waiting.", exact=True)).to_be_visible()
    stays_loaded(staff)
    stays_loaded(wall)

    check_in, number = site.kiosk.check_in(adults=1, children=2)
    row = staff.locator(f"#visit-{check_in}")
    expect(row).to_contain_text(number)
    expect(row).to_contain_text("Ukrainian")
    site.kiosk.slip(check_in, SlipState.UNCONFIRMED)
    expect(row).to_contain_text("Slip perhaps not printed")

    counter.get_by_role("button", name="Call next").click()
    expect(counter.locator(".called-now .number")).to_have_text(number)
    expect(row).to_contain_text("Called to counter 1")
    expect(wall.locator("#now .number")).to_have_text([number])
    expect(wall.locator("#now .counter > b")).to_have_text(["1"])

    counter.get_by_role("button", name="Send on to Registration").click()
    expect(counter.get_by_text(f"{number} goes on to Registration.")).to_be_visible()
    expect(staff.locator("#count-registration")).to_have_text("1")
    expect(counter.get_by_role("button", name="Call next")).to_be_enabled()
    assert was_never_reloaded(staff)
    assert was_never_reloaded(wall)


def test_a_restarted_server_is_noticed_and_nothing_is_missed(
    site, open_context, log_in, counter_of
):
    context = open_context(may_complain=True)
    staff = log_in(context)
    wall = context.new_page()
    wall.goto(site.display)
    first = site.kiosk.check_in()[1]
    expect(staff.locator("#visits > li")).to_have_count(1)
    for page in (staff, wall):
        stays_loaded(page)
        expect(page.locator("#stale")).to_be_hidden()

    context.set_offline(True)
    site.server.stop(how=signal.SIGKILL)
    expect(staff.get_by_text("No connection to the server since")).to_be_visible()
    expect(staff.get_by_text("Not current")).to_be_visible()
    expect(wall.get_by_text("Nicht aktuell seit")).to_be_visible()
    site.server.start()
    missed = [site.kiosk.check_in()[1] for _ in range(3)]
    site.server.stop()
    site.server.start()
    context.set_offline(False)

    expect(staff.locator("#stale")).to_be_hidden()
    expect(wall.locator("#stale")).to_be_hidden()
    expect(staff.locator("#visits > li")).to_have_count(4)
    assert numbers(staff) == [*reversed(missed), first]
    counter_of(staff).get_by_role("button", name="Call next").click()
    expect(wall.locator("#now .number")).to_have_text([first])
    assert was_never_reloaded(staff)
    assert was_never_reloaded(wall)


def test_a_server_that_hangs_is_noticed_although_the_line_stays_open(site, open_context, log_in):
    context = open_context(may_complain=True)
    context.clock.install()
    staff = log_in(context)
    first = site.kiosk.check_in()[1]
    expect(staff.locator("#visits > li")).to_have_count(1)
    stays_loaded(staff)

    site.server._process.send_signal(signal.SIGSTOP)
    try:
        context.clock.fast_forward("00:39")
        expect(staff.locator("#stale")).to_be_hidden()
        context.clock.fast_forward("00:06")
        expect(staff.locator("#stale")).to_be_visible()
    finally:
        site.server._process.send_signal(signal.SIGCONT)

    second = site.kiosk.check_in()[1]
    expect(staff.locator("#stale")).to_be_hidden()
    expect(staff.locator("#visits > li")).to_have_count(2)
    assert numbers(staff) == [second, first]
    assert was_never_reloaded(staff)


def test_a_press_while_the_server_is_down_is_not_lost_in_silence(
    site, open_context, log_in, counter_of
):
    staff = counter_of(log_in(open_context(may_complain=True)))
    number = site.kiosk.check_in()[1]
    expect(staff.get_by_text(number).first).to_be_visible()

    site.server.stop(how=signal.SIGKILL)
    staff.get_by_role("button", name="Call next").click()
    expect(staff.get_by_text("Press the button again: nothing happens twice.")).to_be_visible()
    site.server.start()
    expect(staff.locator("#stale")).to_be_hidden()
    staff.get_by_role("button", name="Call next").click()

    expect(staff.locator(".called-now .number")).to_have_text(number)
    expect(staff.get_by_text(f"{number} is called to counter 1.")).to_be_visible()


def test_a_help_call_rings_in_the_title_until_somebody_goes(site, open_context, log_in):
    staff = log_in(open_context())

    site.kiosk.call_for_help(HelpKind.DOCTOR)

    expect(staff.get_by_text("A doctor is needed")).to_be_visible()
    expect(staff).to_have_title("(1) Incoming · Info-Point")
    staff.get_by_role("button", name="I am going").click()
    expect(staff.get_by_text("anna went at")).to_be_visible()
    expect(staff).to_have_title("Incoming · Info-Point")


def test_a_session_that_ended_says_so_where_the_button_is(open_context, log_in, counter_of):
    other_tab = log_in(open_context(may_complain=True))
    staff = counter_of(other_tab)
    other_tab.locator("details.who summary").click()
    other_tab.get_by_role("button", name="Log out").click()
    expect(other_tab.get_by_role("heading", name="Log in")).to_be_visible()

    staff.get_by_role("button", name="Call next").click()

    expect(staff.get_by_text("Your session is over.").last).to_be_visible()
    staff.locator("#notice").get_by_role("link", name="Log in again").click()
    expect(staff.get_by_label("Password")).to_be_visible()


def test_staff_can_work_without_any_script(site, open_context, log_in, counter_of):
    number = site.kiosk.check_in(language="ar")[1]
    site.kiosk.check_in(language="uk")
    staff = log_in(open_context(java_script_enabled=False))
    staff.locator("#filter [name=language]").select_option("ar")
    staff.get_by_role("button", name="Show").click()
    assert staff.locator("#visits > li:visible .number").all_text_contents() == [number]
    staff.get_by_role("link", name=number, exact=True).click()
    expect(staff.get_by_role("heading", name=number)).to_be_visible()

    staff = counter_of(staff)
    staff.get_by_role("button", name="Call next").click()

    expect(staff.locator(".called-now .number")).to_have_text(number)


def test_nothing_hangs_over_the_edge_of_the_screen(site, open_context, log_in, counter_of):
    context = open_context()
    staff = log_in(context)
    site.kiosk.call_for_help(HelpKind.CHILD_ALONE)
    for _ in range(2):
        site.kiosk.check_in(
            route=("information", "housing", "registration", "benefits", "onward-travel"),
            priority=True,
        )
    counter_of(staff).get_by_role("button", name="Call next").click()
    expect(staff.locator("#visits > .is-called")).to_have_count(1)
    wall = context.new_page()
    wall.goto(site.display)

    for width in (360, 768, 1920):
        for page, seen in ((staff, "#visits > .is-called"), (wall, "#now .call")):
            page.set_viewport_size({"width": width, "height": 800})
            page.reload()
            expect(page.locator(seen)).to_be_visible()
            page_width = page.evaluate("document.documentElement.scrollWidth")
            assert page_width <= width, (page.url, width)
        small = (
            "els => els.filter(e => e.getBoundingClientRect().height < 44).map(e => e.innerText)"
        )
        assert staff.locator("button:visible, nav a:visible").evaluate_all(small) == [], width


TIMERS_AFTER_HTMX = """async () => {
  const turn = () => new Promise((done) => setTimeout(done));
  while (!window.htmx) await turn();
  await turn();
  await turn();
}"""
"""Waits until htmx has run, and every timer that it set at once."""


def test_a_script_that_comes_late_does_not_leave_a_page_deaf(site, open_context, log_in):
    context = open_context()
    log_in(context)
    page = context.new_page()
    held = []
    page.route("**/hx-sse.min.js*", lambda route: held.append(route))  # noqa: PLW0108  # Playwright asks for its name
    with page.expect_request("**/hx-sse.min.js*"):
        page.goto(f"{site.server.address}/staff", wait_until="commit")
    page.evaluate(TIMERS_AFTER_HTMX)

    with page.expect_request("**/staff/live/*"):
        held[0].continue_()
