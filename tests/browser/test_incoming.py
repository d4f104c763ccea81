"""The incoming page in a real browser: filter, keys, a visit in full, sound, lost presses."""

import re

import pytest
from playwright.sync_api import Page, expect

from kiosk.contract.messages import HelpKind
from tests.browser.axe import wrong_in_any_look

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[str]:
    return page.locator("#visits > li:not([hidden]) .number").all_text_contents()


@pytest.fixture
def staff(open_context, log_in) -> Page:
    return log_in(open_context())


def test_the_filter_holds_for_those_who_come_later_and_through_a_change_of_language(site, staff):
    expect(staff.get_by_text("No one is waiting.", exact=True)).to_be_visible()
    first = site.kiosk.check_in(language="uk", route=("information", "housing"))[1]
    site.kiosk.check_in(language="ar", route=("information", "housing"))
    expect(staff.locator("#visits > li")).to_have_count(2)

    staff.locator("#filter [name=language]").select_option("uk")
    staff.get_by_label("Need").select_option("housing")
    assert shown(staff) == [first]
    site.kiosk.check_in(language="uk", route=("information",))
    site.kiosk.check_in(language="ar", route=("information", "housing"))
    later = site.kiosk.check_in(language="uk", route=("information", "housing"))[1]
    expect(staff.locator("#visits > li")).to_have_count(5)
    assert shown(staff) == [later, first]
    expect(staff.locator("#count-all")).to_have_text("5")

    staff.locator("details.who summary").click()
    staff.get_by_role("button", name="Deutsch").click()
    expect(staff.get_by_role("link", name="Ankünfte")).to_be_visible()
    assert shown(staff) == [later, first]

    staff.get_by_role("link", name="Filter aufheben").click()
    assert len(shown(staff)) == 5
    staff.get_by_role("link", name="Unterkunft").click()
    expect(staff.locator("[data-empty=all]")).to_be_visible()
    assert staff.url.endswith("/staff?show=housing")


def test_the_list_is_searched_walked_and_opened_by_keyboard_alone(site, staff):
    numbers = [site.kiosk.check_in()[1] for _ in range(3)]
    expect(staff.locator("#visits > li")).to_have_count(3)
    staff.locator("body").press("/")
    staff.keyboard.type(numbers[0].lower())
    assert shown(staff) == [numbers[0]]
    staff.keyboard.press("Enter")
    expect(staff.locator("#in-full-number")).to_have_text(numbers[0])
    expect(staff.locator("#in-full-number")).to_be_focused()

    staff.keyboard.press("Escape")
    expect(staff.locator("#in-full")).to_be_empty()
    expect(staff.get_by_role("link", name=numbers[0], exact=True)).to_be_focused()
    staff.keyboard.press("Escape")
    assert len(shown(staff)) == 3
    staff.keyboard.press("k")
    expect(staff.get_by_role("link", name=numbers[1], exact=True)).to_be_focused()

    staff.keyboard.press("?")
    expect(staff.get_by_role("heading", name="Keys of this page")).to_be_visible()
    staff.get_by_label("Keys work on this device").uncheck()
    staff.get_by_role("button", name="Close").click()
    staff.keyboard.press("j")
    staff.keyboard.press("?")
    expect(staff.get_by_role("heading", name="Keys of this page")).to_be_hidden()


def test_on_no_usual_screen_is_a_column_of_the_list_cut_off(site, staff):
    site.kiosk.check_in(route=("information", "housing", "registration", "benefits"), children=3)
    expect(staff.locator("#visits > li")).to_have_count(1)

    cut = {}
    for width in (360, 768, 959, 960, 1024, 1279, 1280, 1366, 1439, 1440, 1920, 3840):
        staff.set_viewport_size({"width": width, "height": 800})
        cut[width] = staff.locator("#visits > li > *").evaluate_all(
            "all => all.filter(e => e.getBoundingClientRect().right"
            " > e.closest('.list').getBoundingClientRect().right).map(e => e.className)"
        )

    assert {width: found for width, found in cut.items() if found} == {}


def test_a_number_that_nobody_has_says_what_to_do(site, staff):
    site.kiosk.check_in()
    expect(staff.locator("#visits > li")).to_have_count(1)

    staff.get_by_label("Number", exact=True).fill("Z999")

    expect(staff.get_by_text("No number here is like Z999.")).to_be_visible()


def test_an_open_visit_moves_on_beside_the_list(site, staff, counter_of):
    check_in, number = site.kiosk.check_in(route=("information", "housing"))
    staff.get_by_role("link", name=number, exact=True).click()
    panel = staff.locator("#in-full")
    expect(panel).to_contain_text("Waiting")

    counter_of(staff).get_by_role("button", name="Call next").click()

    expect(panel).to_contain_text("Called to counter 1")
    expect(panel).to_contain_text(re.compile(r"anna called"))
    expect(staff.locator(f"#visit-{check_in}")).to_have_attribute("data-opened", "")


def test_a_help_call_sounds_where_sound_was_switched_on_until_somebody_goes(site, staff):
    rings = staff.locator("html[data-ringing=true]")
    site.kiosk.call_for_help(HelpKind.DOCTOR)
    expect(staff.get_by_text("A doctor is needed")).to_be_visible()
    expect(staff.get_by_role("button", name="Sound is off")).to_be_visible()
    expect(rings).to_have_count(0)

    staff.get_by_role("button", name="Sound is off").click()
    expect(staff.get_by_role("button", name="Sound is on")).to_be_visible()
    expect(rings).to_have_count(1)

    staff.get_by_role("button", name="I am going").click()
    expect(staff.get_by_text("You are going to entrance-1.")).to_be_visible()
    expect(rings).to_have_count(0)


@pytest.mark.parametrize("losses", [1, 2])
def test_a_press_that_the_network_lost_is_sent_once_more_or_said_to_have_failed(
    site, open_context, log_in, losses
):
    staff = log_in(open_context(may_complain=True))
    site.kiosk.call_for_help(HelpKind.PERSON)
    sent: list[str] = []

    def lose(route) -> None:
        sent.append(route.request.post_data)
        if len(sent) <= losses:
            route.abort("connectionreset")
        else:
            route.continue_()

    staff.route("**/staff/help", lose)
    staff.get_by_role("button", name="I am going").click()

    expect(staff.get_by_text("Sending it once more …")).to_be_visible()
    if losses == 1:
        expect(staff.get_by_text("You are going to entrance-1.")).to_be_visible()
    else:
        expect(staff.get_by_text("Press the button again: nothing happens twice.")).to_be_visible()
        expect(staff.get_by_role("button", name="I am going")).to_be_enabled()
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_axe_finds_nothing_against_wcag_light_or_dark_narrow_or_wide(
    site, open_context, log_in, counter_of
):
    site.kiosk.call_for_help(HelpKind.CHILD_ALONE)
    number = site.kiosk.check_in(priority=True, route=("information", "housing", "benefits"))[1]
    site.kiosk.check_in(readable=False)
    for width in (360, 1280):
        context = open_context(viewport={"width": width, "height": 900})
        staff = log_in(context)
        if not staff.locator("#visits > .is-called").count():
            counter_of(staff).get_by_role("button", name="Call next").click()
        expect(staff.locator("#visits > .is-called")).to_have_count(1)
        staff.locator("details.who summary").click()
        assert wrong_in_any_look(staff, widths=(width, width)) == []

        staff.keyboard.press("Escape")
        staff.get_by_role("link", name=number, exact=True).click()
        expect(staff.get_by_role("heading", name=number)).to_be_visible()
        assert wrong_in_any_look(staff, widths=(width, width)) == []
        if width == 360:
            staff.go_back()
        staff.get_by_role("button", name="Keys").click()
        expect(staff.get_by_role("heading", name="Keys of this page")).to_be_visible()
        assert wrong_in_any_look(staff, widths=(width, width)) == []
        context.close()
