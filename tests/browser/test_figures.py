"""Figures and situation report in a real browser, with a busy day in them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server_stub.charts import NOTHING
from tests.browser.axe import violations
from tests.stand.busy_day import PASSWORD, busy_day

pytestmark = pytest.mark.browser

CHARTS = ["arrivals", "languages", "wait-half", "wait-most", "times", "lost", "flow"]


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    made = busy_day(tmp_path_factory.mktemp("busy") / "day")
    with made.server:
        yield made


@pytest.fixture(scope="module")
def cookies(day, browser: Browser) -> list:
    """The session of a shift lead, logged in once."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{day.server.address}/staff/login?back=/staff/figures")
    page.locator("[name=name]").fill("lena")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Figures")
    kept = context.cookies()
    context.close()
    return kept


@pytest.fixture
def lead(day, cookies, open_context) -> Callable[..., Page]:
    """Open a page as the shift lead, in a browser as it is told to be."""

    def open_page(path: str = "/staff/figures", **options: object) -> Page:
        context: BrowserContext = open_context(**options)
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(day.server.address + path)
        return page

    return open_page


def drawn(page: Page) -> Page:
    expect(page.locator("html.is-drawn")).to_be_attached()
    return page


def words_of(page: Page, chart: str) -> list[str]:
    """Return the texts that are drawn in a chart."""
    return page.locator(f".of-{chart} .chart svg text").all_text_contents()


def numbers_of(page: Page, chart: str, *, column: int = 1) -> list[str]:
    """Return what the table of a chart says in a column, of the fields that are drawn."""
    cells = page.locator(f"#table-{chart} tbody tr :nth-child({column + 1})[data-value]")
    return cells.all_text_contents()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_every_chart_is_drawn_from_its_table_and_the_table_is_closed(lead):
    page = drawn(lead())

    shown = page.locator(".chart-card").evaluate_all(
        "cards => cards.map(c => [c.className.match(/of-([a-z-]+)/)[1],"
        " c.querySelectorAll('.chart svg path').length > 2, c.querySelector('details').open])"
    )
    assert shown == [[name, True, False] for name in CHARTS]


def test_a_chart_draws_what_its_table_says(lead):
    page = drawn(lead())

    waits = words_of(page, "wait-half")
    fields = page.locator("#table-wait-half td[data-value]").all_text_contents()
    assert sorted(w for w in waits if w.isdigit()) == sorted(fields)
    assert "fewer than 5" in page.locator("#table-wait-half").inner_html()

    for chart, column in (("languages", 1), ("times", 1), ("times", 2), ("lost", 2)):
        assert set(numbers_of(page, chart, column=column)) <= set(words_of(page, chart)), chart

    arrived = page.locator("#table-flow tbody tr").first.locator("td").nth(1).text_content()
    assert f"{arrived} parties" in words_of(page, "flow")


def test_each_chart_says_what_it_is_and_where_the_same_stands_as_a_table(lead):
    page = drawn(lead())

    for card in page.locator(".chart-card").all():
        title = card.get_by_role("heading").inner_text()
        chart = card.locator(".chart")
        expect(chart).to_have_attribute("role", "img")
        expect(chart).to_have_attribute("aria-label", f"{title}. The table below tells the same.")
        card.get_by_text("Table", exact=False).first.click()
        expect(card.get_by_role("table")).to_be_visible()


def test_without_script_all_tables_stand_open_and_no_chart_is_missed(lead):
    page = lead(java_script_enabled=False)

    for name in CHARTS:
        expect(page.locator(f"#table-{name}")).to_be_visible()
    expect(page.locator(".chart").first).to_be_hidden()


def test_other_days_are_chosen_by_name_and_by_date(lead):
    page = drawn(lead())

    page.get_by_role("link", name="Last month").click()
    expect(drawn(page).locator("h1")).to_contain_text(f"Thu 1 Oct {NOTHING} Sat 31 Oct 2026")
    expect(page.locator(".of-days .chart svg")).to_be_visible()

    page.get_by_label("From").fill("2026-11-16")
    page.get_by_label("To").fill("2026-11-17")
    page.get_by_role("button", name="Show").click()
    expect(drawn(page).locator("h1")).to_contain_text(f"Mon 16 Nov {NOTHING} Tue 17 Nov 2026")
    with page.expect_download() as download:
        page.locator(".of-languages .files a").click()
    name = download.value.suggested_filename
    assert name == "duesseldorf-languages-2026-11-16-2026-11-17.csv"


def test_charts_change_their_colours_with_the_look(lead):
    page = drawn(lead())
    colour = ".of-wait-half .chart svg text"
    light = page.locator(colour).first.evaluate("text => getComputedStyle(text).fill")

    page.emulate_media(color_scheme="dark")

    expect(page.locator(colour).first).not_to_have_css("fill", light)


@pytest.mark.parametrize(
    ("path", "scheme", "width"),
    [
        ("/staff/figures", "dark", 360),
        ("/staff/figures?period=last-month", "dark", 1280),
    ],
)
def test_axe_finds_nothing_in_the_figures(lead, path, scheme, width):
    page = drawn(lead(path, color_scheme=scheme, viewport={"width": width, "height": 900}))

    assert violations(page) == []
    assert fits(page)


@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_the_report_is_printed_on_one_page_of_a4(lead, language, scheme):
    page = lead("/staff/report", color_scheme=scheme)
    read_in(page, language)

    paper = page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    width, height = map(float, re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)[0])
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (210, 297)
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_have_css("color", "rgb(16, 32, 59)")  # paper is light
    expect(page.locator("#print")).to_be_hidden()
    page.emulate_media(media="null")
    read_in(page, "en")


def read_in(page: Page, language: str) -> None:
    """Choose the language of the pages."""
    if page.locator("html").get_attribute("lang") != language:
        page.locator(".who summary").click()
        page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
