"""The counter page in a real browser: keys alone, a tablet, two screens, a lost network, slips."""

import io
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import Engine

from server_stub import staff_sessions
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.staff_login import COOKIE
from server_stub.store import open_store
from tests.browser.axe import wrong_in_any_look
from tests.browser.crowd import KioskAtTheDoor
from tests.stand.server import SITE_FILE, ServerStand

pytestmark = pytest.mark.browser

PASSWORD = "right-password"
ADDRESS = "https://ankunft.example"
MILLIMETRE = 72 / 25.4  # points
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


@dataclass
class Reception:
    """A running server with a public address, a kiosk, and its store to look into.

    Attributes:
        server: The server.
        kiosk: The kiosk.
        sessions: Of clerks who are logged in: counter to the tokens of two screens.

    """

    server: ServerStand
    kiosk: KioskAtTheDoor
    sessions: dict[str, list[str]]

    def calls(self) -> int:
        """How many calls the event log tells of."""
        with closing(sqlite3.connect(self.server.data / "ankunft.db")) as store:
            (count,) = store.execute("SELECT count(*) FROM event WHERE kind = 'call'").fetchone()
        return int(count)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> tuple[Path, Path, dict[str, list[str]]]:
    folder = tmp_path_factory.mktemp("counters")
    shipped = SITE_FILE.read_text(encoding="utf-8")
    site_file = folder / "site.toml"
    site_file.write_text(f'public_address = "{ADDRESS}"\n{shipped}', encoding="utf-8")
    stand = ServerStand(folder / "data", site_file=site_file)
    stand.set_up()
    stand.add_staff("anna", PASSWORD)
    stand.add_staff("lena", PASSWORD, role="lead")
    kiosk = stand.add_kiosk("entrance-1", folder / "kiosk", printer="none")
    with open_store(Settings(data=stand.data)) as engine:
        sessions = {counter: [log_in(engine, counter) for _ in "12"] for counter in "13"}
        sessions["3 as a lead"] = [log_in(engine, "3", name="lena")]
    return stand.data, kiosk, sessions


def log_in(engine: Engine, counter: str, *, name: str = "anna") -> str:
    """Let somebody be logged in at a counter: what a real login does, without its page."""
    with engine.execution_options(writes=True).begin() as connection:
        site = load_site(connection).site.id
        now = datetime.now(UTC)
        token = staff_sessions.log_in(
            connection, site, name=name, address="127.0.0.1", language="en", now=now
        )
        session = staff_sessions.session_of(connection, site, token=token, now=now)
        assert session
        staff_sessions.choose_counter(connection, site, session=session, counter=counter)
    return token


@pytest.fixture
def reception(tmp_path, made_once) -> Iterator[Reception]:
    data, settings, sessions = made_once
    shutil.copytree(data, tmp_path / "data")
    with ServerStand(tmp_path / "data") as server:
        kiosk = KioskAtTheDoor.of(settings, server.address)
        yield Reception(server, kiosk, {at: [*tokens] for at, tokens in sessions.items()})


def at_counter(reception: Reception, context: BrowserContext, counter: str = "1") -> Page:
    """Return the page of anna at a counter."""
    address = f"{reception.server.address}/staff"
    token = reception.sessions[counter].pop()
    context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/counter")
    expect(page.get_by_role("button", name="Call next")).to_be_visible()
    return page


def party(page: Page):
    return page.locator(".called-now .number")


# --- keys -----------------------------------------------------------------------------------------


def test_a_party_is_served_by_keys_alone_from_call_to_finish(reception, open_context):
    numbers = [reception.kiosk.check_in(route=("housing", "benefits"), adults=2)[1] for _ in "12"]
    page = at_counter(reception, open_context(viewport=DESK), "3")
    keyboard = page.keyboard
    expect(page.locator(".next .number")).to_have_text(numbers[0])
    expect(page.locator(".next .why")).to_have_text(f"Before {numbers[1]}: waits longer.")

    keyboard.press("n")
    expect(party(page)).to_have_text(numbers[0])
    expect(party(page)).to_be_focused()
    expect(page.locator("#last .why")).to_have_text(f"Before {numbers[1]}: waits longer.")
    keyboard.press("r")
    expect(page.get_by_text("Called 2/3")).to_be_visible()
    keyboard.press("s")
    expect(page.get_by_text("Being served")).to_be_visible()

    page.get_by_label("Housed", exact=True).focus()
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    keyboard.press("Tab")
    keyboard.press("o")
    expect(page.locator(".noted")).to_contain_text("Housed 2")
    keyboard.press("f")
    expect(page.get_by_text(f"{numbers[0]} goes on to Benefits.")).to_be_visible()
    expect(page.get_by_role("button", name="Call next")).to_be_focused()

    keyboard.press("u")
    expect(party(page)).to_have_text(numbers[0])
    keyboard.press("e")
    expect(page.get_by_text(f"{numbers[0]} is finished.")).to_be_visible()

    keyboard.type(numbers[1][1:])
    keyboard.press("Enter")
    expect(page.get_by_role("article", name=numbers[1])).to_be_visible()
    while page.evaluate("document.activeElement.textContent.trim()") != "Call this number":
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(party(page)).to_have_text(numbers[1])


def test_keys_are_listed_and_can_be_switched_off(reception, open_context):
    reception.kiosk.check_in()
    page = at_counter(reception, open_context())

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of this page")).to_be_visible()
    listed = set(page.locator(".key-list kbd").all_inner_texts())
    used = page.locator("[data-key]").evaluate_all("all => all.map(e => e.dataset.key)")
    assert {key.upper() for key in used} <= listed
    page.get_by_label("Keys work on this device").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("4")

    expect(page.locator("#number")).to_have_value("")
    assert reception.calls() == 0


# --- one press, one call --------------------------------------------------------------------------


def test_a_double_click_calls_once(reception, open_context):
    for _ in range(3):
        reception.kiosk.check_in()
    page = at_counter(reception, open_context())

    page.get_by_role("button", name="Call next").dblclick(delay=5)

    expect(party(page)).to_be_visible()
    expect(page.get_by_text("Waiting: 2 parties").first).to_be_visible()
    assert reception.calls() == 1


def test_a_press_whose_answer_the_network_lost_is_sent_again_and_calls_once(
    reception, open_context
):
    number = reception.kiosk.check_in()[1]
    reception.kiosk.check_in()
    page = at_counter(reception, open_context(may_complain=True))
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(str(route.request.post_data))
        if len(sent) == 1:
            route.fetch()  # it arrives, and is done
            route.abort()
        else:
            route.continue_()

    page.route("**/staff/counter/call-next", lose_the_first_answer)
    page.get_by_role("button", name="Call next").click()

    expect(page.get_by_text(f"{number} is called to counter 1.")).to_be_visible()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert reception.calls() == 1


def test_the_next_step_counts_while_the_answer_to_the_one_before_is_on_its_way(
    reception, open_context
):
    reception.kiosk.check_in()
    page = at_counter(reception, open_context())
    held: list[Route] = []
    page.route("**/staff/counter/serve", lambda route: (route.fetch(), held.append(route)))
    page.get_by_role("button", name="Call next").click()

    page.get_by_role("button", name="Is here").click()
    expect(page.get_by_text("Being served")).to_be_visible()  # the stream has brought it
    page.get_by_role("button", name="Send on to").click()

    expect(page.get_by_role("button", name="Call next")).to_be_visible()
    assert len(held) == 1


def test_two_screens_of_one_counter_agree_within_a_second(reception, open_context):
    number = reception.kiosk.check_in(route=("information", "housing"))[1]
    left, right = (at_counter(reception, open_context()) for _ in "12")
    for page in (left, right):
        page.evaluate("window.neverReloaded = true")

    left.get_by_role("button", name="Call next").click()
    expect(party(right)).to_have_text(number, timeout=1000)
    expect(right.locator("#last")).to_contain_text(f"{number} was called.", timeout=1000)
    right.get_by_role("button", name="Is here").click()
    expect(left.get_by_text("Being served")).to_be_visible(timeout=1000)
    left.get_by_role("button", name="Send on to Housing").click()
    expect(right.get_by_role("button", name="Call next")).to_be_visible(timeout=1000)
    expect(right.locator("#last")).to_contain_text("was sent on to Housing.", timeout=1000)
    right.get_by_role("button", name="Take back").click()
    expect(party(left)).to_have_text(number, timeout=1000)

    assert left.evaluate("window.neverReloaded")
    assert right.evaluate("window.neverReloaded")


def test_a_press_on_a_page_that_is_behind_is_told_who_was_faster(reception, open_context):
    number = reception.kiosk.check_in(route=("information", "housing"))[1]
    ahead, behind = at_counter(reception, open_context()), open_context(may_complain=True)
    behind.route("**/staff/live/**", lambda route: route.abort())
    late = at_counter(reception, behind)
    ahead.get_by_role("button", name="Call next").click()
    expect(party(ahead)).to_have_text(number)
    late.reload()
    ahead.get_by_role("button", name="Is here").click()
    expect(ahead.get_by_text("Being served")).to_be_visible()

    late.get_by_role("button", name="Call again").click()

    expect(late.locator("#notice")).to_contain_text(f"{number} was changed by anna")
    expect(late.get_by_text("Being served")).to_be_visible()


def test_what_waits_and_who_is_next_come_by_themselves(reception, open_context):
    page = at_counter(reception, open_context())
    expect(page.locator(".next")).to_contain_text("appears by itself as it arrives")

    first, second = (reception.kiosk.check_in()[1] for _ in "12")

    expect(page.locator(".next .number")).to_have_text(first)
    expect(page.locator(".line .number")).to_have_text([first, second])
    expect(page.locator(".free .waiting")).to_have_text("Waiting: 2 parties · 2 persons")


def test_waits_are_told_in_minutes_and_from_an_hour_on_in_both(reception, open_context):
    reception.kiosk.check_in()
    page = at_counter(reception, open_context())
    waiting = page.locator(".behind-queue [data-since]").first

    for minutes, told in ((59, "59 min"), (60, "1 h 00 min"), (611, "10 h 11 min")):
        waiting.evaluate(
            "(time, minutes) => time.dateTime = new Date("
            "Date.parse(document.getElementById('page').dataset.now) - minutes * 60_000"
            ").toISOString()",
            minutes,
        )
        expect(waiting).to_have_attribute("data-ago", told)


def test_what_is_open_and_filled_in_stays_so_while_the_queue_moves(reception, open_context):
    reception.kiosk.check_in(route=("housing",), adults=3)
    page = at_counter(reception, open_context(), "3")
    page.keyboard.press("n")
    expect(party(page)).to_be_visible()
    page.get_by_role("button", name="One more: Housed").click()
    page.locator(".at-hand summary").click()
    expect(page.get_by_role("button", name="Give priority")).to_be_visible()

    later = reception.kiosk.check_in(route=("housing",))[1]

    expect(page.locator(".line .number")).to_have_text([later])
    expect(page.get_by_label("Housed", exact=True)).to_have_value("1")
    page.get_by_role("button", name="Give priority").click()
    expect(page.get_by_role("button", name="No priority any more")).to_be_visible()


def test_what_is_opened_as_the_party_moves_on_stays_open(reception, open_context):
    reception.kiosk.check_in(route=("housing",))
    page = at_counter(reception, open_context(), "3")
    page.keyboard.press("n")
    expect(party(page)).to_be_visible()
    page.evaluate(
        """() => {
          const open = ({ detail: { tasks } }) => {
            if (!tasks.some(({ target }) => target.matches?.(".desk"))) return;
            document.removeEventListener("htmx:before:swap", open);
            document.querySelector(".at-hand summary").click();
          };
          document.addEventListener("htmx:before:swap", open);
        }"""
    )

    page.keyboard.press("s")

    expect(page.get_by_text("Being served", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Give priority")).to_be_visible()


# --- a number by hand -----------------------------------------------------------------------------


def by_hand(page: Page, language: str, *, adults: int = 2) -> None:
    """Give a number to a party that goes to three places."""
    page.get_by_role("link", name="Ticket by hand").click()
    page.get_by_role("radio", name=language).check()
    for _ in range(adults - 1):
        page.get_by_role("button", name="One more: Adults").click()
    for place in ("Housing", "Benefits"):
        page.get_by_role("checkbox", name=place).check()
    page.get_by_role("button", name="Give a number").click()
    expect(page.get_by_role("heading", name="Slip of U101")).to_be_focused()


def seen(page: Page, locator: str) -> Image.Image:
    return Image.open(io.BytesIO(page.locator(locator).screenshot()))


def test_a_number_by_hand_has_a_slip_whose_code_leads_to_the_ticket(reception, open_context):
    page = at_counter(reception, open_context(viewport=TABLET))
    by_hand(page, "Українська")

    expect(page.get_by_text("U101 waits at Information.")).to_be_visible()
    (code,) = zxingcpp.read_barcodes(seen(page, ".slip"))
    token = re.fullmatch(rf"{ADDRESS}/t/([A-Za-z0-9_-]{{22}})", code.text)
    assert token
    with closing(sqlite3.connect(reception.server.data / "ankunft.db")) as store:
        kept = "".join(map(str, store.execute("SELECT * FROM visit").fetchall()))
    assert token[1] not in kept  # only its hash


def test_a_slip_fits_its_paper_and_its_number_is_as_high_as_on_a_kiosk_s(reception, open_context):
    page = at_counter(reception, open_context())
    by_hand(page, "العربية")

    for width, length, digits in ((80, 110, 20), (58, 140, 15)):
        page.get_by_label(f"{width} mm").check()
        pdf = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        sizes = [tuple(round(float(side) / MILLIMETRE) for side in box) for box in boxes]
        assert sizes == [(width, length)]
        page.emulate_media(media="print")
        expect(page.locator(".slip-tools")).to_be_hidden()
        (code,) = zxingcpp.read_barcodes(seen(page, ".slip"))
        assert code.text.startswith(ADDRESS)
        ink = seen(page, ".slip-number").convert("1", dither=Image.Dither.NONE)
        top, bottom = ink.point(lambda dot: 255 - dot).getbbox()[1::2]
        assert (bottom - top) / 96 * 25.4 >= digits
        page.emulate_media(media="null")


def test_the_paper_of_the_desk_printer_is_remembered_on_the_device(reception, open_context):
    context = open_context()
    page = at_counter(reception, context)
    by_hand(page, "Polski")
    page.get_by_label("58 mm").check()
    page.get_by_role("link", name="Back to the counter").first.click()
    page.wait_for_url(re.compile(r"/staff/counter(\?.*)?$"))

    page.get_by_label("Find a number").fill("101")
    page.keyboard.press("Enter")
    page.locator(".looked-up summary").click()
    page.get_by_role("link", name="Print the slip again").click()

    expect(page.get_by_label("58 mm")).to_be_checked()
    expect(page.get_by_text("A copy, marked 2.")).to_be_visible()
    assert zxingcpp.read_barcodes(seen(page, ".slip")) == []


# --- how it can be used ---------------------------------------------------------------------------


def targets_too_small(page: Page) -> list[str]:
    """Return what can be touched and is less than 44 px high."""
    return page.locator(
        ":is(a, button, summary, select, input:not([type=hidden])):visible"
    ).evaluate_all(
        """all => all.filter(e => !e.closest(".unseen, .skip, .foot"))
            .map(e => [e.closest("label") ?? e, e])
            .filter(([target]) => target.getBoundingClientRect().height < 44)
            .map(([, e]) => e.outerHTML.slice(0, 120))"""
    )


def test_on_a_tablet_everything_is_within_reach_of_a_finger(reception, open_context):
    for _ in range(12):
        reception.kiosk.check_in(route=("housing", "benefits"), adults=2, children=2)
    page = at_counter(reception, open_context(viewport=TABLET, has_touch=True), "3")
    call = page.get_by_role("button", name="Call next")
    expect(call).to_be_in_viewport(ratio=1)

    call.tap()
    expect(page.get_by_role("button", name="Is here")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="One more: Housed").tap()
    expect(page.get_by_label("Housed", exact=True)).to_have_value("1")
    page.locator(".at-hand summary").tap()
    page.locator(".line .number").first.tap()
    expect(page.locator(".looked-up")).to_be_visible()
    page.locator(".looked-up summary").tap()

    assert targets_too_small(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(reception, open_context):
    for n in range(4):
        reception.kiosk.check_in(route=("housing", "benefits"), adults=2, priority=n == 2)
    page = at_counter(reception, open_context(viewport=DESK), "3 as a lead")

    def look(state: str) -> None:
        assert wrong_in_any_look(page) == [], state

    look("free")
    page.get_by_role("button", name="Call next").click()
    page.locator(".at-hand summary").click()
    page.locator(".line .number").first.click()
    page.locator(".looked-up summary").click()
    look("at work")
    page.keyboard.press("?")
    look("keys")
    page.keyboard.press("Escape")
    page.locator(".at-hand").get_by_role("link", name="Correct").click()
    expect(page.get_by_role("heading", name="Correct")).to_be_visible()
    look("correcting")
    page.get_by_role("link", name="Back to the counter").click()
    by_hand(page, "ქართული")
    look("by hand")
    page.get_by_role("link", name="Back to the counter").first.click()
    page.get_by_role("button", name="Change counter").click()
    expect(page.get_by_role("heading", name="Choose your counter")).to_be_visible()
    look("choosing")
