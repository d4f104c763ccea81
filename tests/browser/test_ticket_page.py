"""What a phone really shows of a ticket, in a real browser over a real server."""

import re
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.tickets import TicketSite, token

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
SHOWN = ("uk", "ar", "de", "ka")
MOST_BYTES = 30_000

NOTE_RINGING = """() => {
  window.rung = 0;
  navigator.vibrate = () => { window.rung += 1; return true; };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[TicketSite]:
    with TicketSite(tmp_path_factory.mktemp("tickets")) as site:
        yield site


@pytest.fixture
def phone(open_context) -> Callable[..., BrowserContext]:
    def make(**options: object) -> BrowserContext:
        return open_context(viewport=PHONE, **{"has_touch": True, **options})

    return make


def counter_and_door(page: Page) -> list[str]:
    return page.locator(".go dd").all_inner_texts()


def test_a_phone_follows_a_ticket_from_before_it_is_known_to_its_end(site, phone):
    context = phone(locale="ka-GE")
    context.clock.install()
    page = context.new_page()
    page.add_init_script(f"({NOTE_RINGING})()")
    page.goto(site.ticket(token("early")))
    expect(page.locator("section").first).to_have_attribute("lang", "ka")
    expect(page.get_by_text("A new slip is valid.")).to_be_visible()

    visit = site.arrive("early", language="uk")
    context.clock.fast_forward("00:17")
    expect(page.locator(".figure")).to_have_text(re.compile(r"^D\d+$"))
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    page.locator(".figure").tap()
    page.evaluate("window.neverReloaded = true")

    site.press("call", visit, counter="1")
    context.clock.fast_forward("00:17")
    expect(page.get_by_role("heading", name="викликають")).to_be_visible()
    assert counter_and_door(page) == ["1", " 1"]
    assert page.evaluate("window.rung") == 1
    expect(page).to_have_title(re.compile("→ 1"))
    context.clock.fast_forward("00:17")
    called = page.locator(".ticket").get_attribute("data-call")
    site.press("recall", visit, counter="1")
    context.clock.fast_forward("00:17")
    expect(page.locator(".ticket")).not_to_have_attribute("data-call", f"{called}")
    assert page.evaluate("window.rung") == 2

    site.press("forward", visit, counter="1")
    context.clock.fast_forward("00:17")
    expect(page.locator(".way .is-done")).to_have_count(1)
    site.press("call", visit, counter="5")
    context.clock.fast_forward("00:17")
    expect(page.locator(".go dd").first).to_have_text("5")
    assert counter_and_door(page) == ["5", " 4"]
    assert page.evaluate("window.neverReloaded === true")
    site.press("finish", visit, counter="5")
    context.clock.fast_forward("00:17")
    expect(page.get_by_text("Ваш візит завершено.")).to_be_visible()


def test_a_call_is_on_the_phone_within_seconds(site, phone):
    visit = site.arrive("near")
    site.press("priority", visit, priority=True)  # so it is next, whoever else waits
    page = phone().new_page()
    page.goto(site.ticket(token("near")))
    expect(page.locator(".is-waiting")).to_have_attribute("data-seconds", "3")

    site.press("call", visit, counter="2")

    expect(page.locator(".is-called")).to_be_visible(timeout=8_000)
    site.press("finish", visit, counter="2")


def test_a_page_without_script_renews_itself(site, phone):
    visit = site.arrive("plain")
    page = phone(java_script_enabled=False).new_page()
    page.route("**/t/*", sooner)
    page.goto(site.ticket(token("plain")))
    expect(page.locator(".is-waiting")).to_be_visible()
    expect(page.locator("#sound")).to_be_hidden()
    expect(page.locator(".as-of")).to_be_visible()

    site.press("call", visit, counter="2")

    expect(page.locator(".is-called")).to_be_visible()
    site.press("finish", visit, counter="2")


def sooner(route: Route) -> None:
    """Let a page that asks to be renewed after 20 seconds be so after two."""
    answer = route.fetch()
    told = answer.text()
    assert told.count('content="20"') == 1
    route.fulfill(response=answer, body=told.replace('content="20"', 'content="2"'))


def test_the_first_view_is_one_small_document(site, phone):
    site.arrive("small", route=("information", "housing", "registration", "benefits"))
    page = phone().new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # Playwright asks for its name
    page.goto(site.ticket(token("small")), wait_until="networkidle")

    assert [answer.url for answer in answers] == [site.ticket(token("small"))]
    sizes = answers[0].request.sizes()
    assert sizes["responseBodySize"] + sizes["responseHeadersSize"] < MOST_BYTES
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_phone_without_network_says_so_and_recovers(site, phone):
    context = phone(may_complain=True)
    context.clock.install()
    site.arrive("tunnel", language="de")
    page = context.new_page()
    page.goto(site.ticket(token("tunnel")))
    number = page.locator(".figure").inner_text()

    context.set_offline(True)
    for _ in range(3):
        context.clock.fast_forward("01:10")
    expect(page.get_by_text(re.compile(r"Keine Verbindung\. Stand: \d\d:\d\d"))).to_be_visible()
    expect(page.locator(".figure")).to_have_text(number)
    context.set_offline(False)

    expect(page.locator("#stale")).to_be_hidden()


def test_a_restarted_server_is_found_again(site, phone):
    context = phone(may_complain=True)
    context.clock.install()
    site.arrive("restart", language="de")
    page = context.new_page()
    page.goto(site.ticket(token("restart")))
    site.stand.stop(how=signal.SIGKILL)
    for _ in range(3):
        context.clock.fast_forward("01:10")
    expect(page.locator("#stale")).to_be_visible()

    site.stand.start()
    context.clock.fast_forward("01:10")

    expect(page.locator("#stale")).to_be_hidden()


def test_the_sound_comes_only_after_a_touch_and_goes_by_another(site, phone):
    site.arrive("sound", language="de")
    page = phone().new_page()
    page.goto(site.ticket(token("sound")))
    button = page.get_by_role("button")
    expect(button).to_have_attribute("aria-pressed", "false")

    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("Ton ist an")
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", SHOWN)
def test_every_state_fits_a_small_phone_and_anyone_can_use_it(site, phone, language, scheme):
    name = f"{language}-{scheme}"
    visit = site.arrive(name, language=language, route=("information", "registration", "benefits"))
    page = phone(color_scheme=scheme).new_page()
    steps = (("waiting", None), ("called", "call"), ("serving", "serve"), ("parked", "park"))
    for state, step in (*steps, ("ended", "leave")):
        if step:
            site.press(step, visit, **({} if step == "leave" else {"counter": "1"}))
        page.goto(site.ticket(token(name)))
        expect(page.locator(f".is-{state}")).to_be_visible()
        assert fits(page), state
        assert violations(page) == [], state
    page.goto(site.ticket(token("nobody")))
    assert fits(page)
    assert violations(page) == []


def fits(page: Page) -> bool:
    wide = page.evaluate("document.documentElement.scrollWidth")
    small = page.locator("button:visible").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 44).length"
    )
    return bool(wide <= PHONE["width"] and not small)


def test_twice_as_large_letters_stay_on_the_screen(site, phone):
    site.arrive("large", language="de")
    page = phone().new_page()
    page.goto(site.ticket(token("large")))
    page.evaluate("document.documentElement.style.fontSize = '36px'")

    assert fits(page)


def test_who_switched_the_sound_on_keeps_it_when_the_page_becomes_another(site, phone):
    context = phone(locale="ka-GE")
    context.clock.install()
    page = context.new_page()
    page.add_init_script(f"({NOTE_RINGING})()")
    page.goto(site.ticket(token("heard")))
    page.locator("#sound").tap()
    page.evaluate("window.neverReloaded = true")

    visit = site.arrive("heard", language="ar")
    context.clock.fast_forward("00:17")
    expect(page.locator(".figure")).to_have_text(re.compile(r"^D\d+$"))
    expect(page.locator("html[lang=ar][dir=rtl]")).to_have_count(1)
    assert page.locator(".way use").evaluate_all("all => all.every(e => e.getBBox().width > 0)")
    assert page.locator(".way use").count() == 2
    expect(page.locator("#sound")).to_have_text("الصوت يعمل", use_inner_text=True)
    site.press("call", visit, counter="1")
    context.clock.fast_forward("00:17")

    expect(page.locator(".is-called")).to_be_visible()
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("[window.rung, window.neverReloaded]") == [1, True]
    site.press("finish", visit, counter="1")


def test_a_page_that_cannot_be_had_now_is_asked_for_again_and_the_sound_stays(site, phone):
    context = phone(may_complain=True)
    context.clock.install()
    page = context.new_page()
    page.goto(site.ticket(token("again")))
    page.locator("#sound").tap()
    answers = [503]

    def busy_once(route: Route) -> None:
        route.fulfill(status=answers.pop()) if answers else route.continue_()

    page.route(site.ticket(token("again")), busy_once)
    site.arrive("again", language="de")
    with page.expect_response(lambda answer: answer.status == 503):
        context.clock.fast_forward("00:17")
    for _ in range(3):
        context.clock.fast_forward("01:10")

    expect(page.locator(".figure")).to_have_text(re.compile(r"^D\d+$"))
    assert answers == []
    expect(page.locator("#sound")).to_have_text("Ton ist an", use_inner_text=True)
