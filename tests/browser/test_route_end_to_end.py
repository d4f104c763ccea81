"""Three counters work a route to its end; wall and phone follow, and the server dies in between."""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Site
from tests.browser.crowd import KioskAtTheDoor
from tests.browser.tickets import token
from tests.stand.server import ServerStand, free_port

pytestmark = pytest.mark.browser

ROUTE = ("information", "registration", "benefits")
CLERKS = {"alma": ("1", "Registration"), "boris": ("4", "Benefits"), "cem": ("6", "")}
"""Who serves at which counter, one for each stage, and where they send on to."""

PARTIES = ("first", "second", "third", "fourth", "fifth")
"""The fifth comes while nobody can see it."""
ON_A_PHONE = "second"

AT_LEAST = 26_000  # ms after which the wall goes on to its next call, whatever is still heard
BETWEEN_LOOKS = "00:17"  # of a phone at its ticket
MOST_BETWEEN_LOOKS = "01:10"  # where the server did not answer

# Every number that is ever large on the wall, in turn; "" where none is.
KEEP_LARGE = """addEventListener("DOMContentLoaded", () => {
  window.large = [];
  const now = document.getElementById("now");
  new MutationObserver(() => {
    const number = now.querySelector(".number")?.textContent ?? "";
    if (number !== window.large.at(-1)) window.large.push(number);
  }).observe(now, { childList: true });
})"""


@dataclass
class Clerk:
    """Someone at a counter of one stage.

    Attributes:
        counter: Theirs.
        onward: The name of the stage to which they send on; "" at the last one.
        page: Their counter page.

    """

    counter: str
    onward: str
    page: Page

    def press(self, label: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=label).first.click()

    def call(self, number: str) -> None:
        """Call whoever is next, which must be this number."""
        self.press("Call next")
        self.has(number)

    def has(self, number: str) -> None:
        """Wait until the page shows this number as called."""
        expect(self.page.locator(".called-now .number")).to_have_text(number)

    def serve(self) -> None:
        """See the party arrive, and send it on."""
        self.press("Is here")
        expect(self.page.get_by_role("button", name="Put back for now")).to_be_visible()
        self.press(f"Send on to {self.onward}" if self.onward else "Finish")
        expect(self.page.get_by_role("button", name="Call next")).to_be_enabled()


@dataclass
class Hall:
    """A reception point with its wall, a phone in it, and three clerks.

    Attributes:
        site: Its server and its kiosk.
        wall: The call display.
        phone: The ticket page of one party.
        clerks: In the order of the route.
        parties: Numbers of those who came, by visit, in the order of arrival.

    """

    site: Site
    wall: Page
    phone: Page
    clerks: list[Clerk]
    parties: dict[UUID, str] = field(default_factory=dict)

    @property
    def numbers(self) -> list[str]:
        """The numbers, in the order of arrival."""
        return list(self.parties.values())

    def arrive(self, name: str) -> None:
        """Let a party check in at the kiosk."""
        visit, number = self.site.kiosk.check_in(route=ROUTE, ticket_token=token(name))
        self.parties[visit] = number

    def at_desk(self, turn: int) -> list[tuple[Clerk, str]]:
        """Who has whom in a turn: each party is one stage behind the one before it."""
        return [
            (clerk, self.numbers[turn - stage])
            for stage, clerk in enumerate(self.clerks)
            if 0 <= turn - stage < len(PARTIES)
        ]

    def wall_shows(self, number: str) -> None:
        """See a number large, for as long as it must be."""
        expect(self.wall.locator("#now .number")).to_have_text(number)
        self.wall.clock.run_for(AT_LEAST)

    def phone_is_called_to(self, counter: str) -> None:
        """See the phone send its party to a counter."""
        self.phone.clock.fast_forward(BETWEEN_LOOKS)
        expect(self.phone.locator(".ticket.is-called .go dd").first).to_have_text(counter)

    def called(self) -> list[str]:
        """Return the numbers of all calls, in the order of the event log."""
        rows = self.rows("SELECT about FROM event WHERE kind = 'call' ORDER BY number")
        return [self.parties[UUID(about)] for (about,) in rows]

    def rows(self, query: str) -> list[tuple]:
        """Ask the server's store."""
        with closing(sqlite3.connect(self.site.server.data / "ankunft.db")) as store:
            return store.execute(query).fetchall()


@pytest.fixture
def site(tmp_path, set_up_once) -> Iterator[Site]:
    data, settings, display = set_up_once
    shutil.copytree(data, tmp_path / "data")
    options = ("--ticket-port", str(free_port()))
    stand = ServerStand(tmp_path / "data", serve_options=options)
    for name in CLERKS:
        stand.add_staff(name, PASSWORD)
    with stand as server:
        kiosk = KioskAtTheDoor.of(settings, server.address)
        yield Site(server, kiosk, server.address + display)


@pytest.fixture
def hall(site, open_context) -> Hall:
    wall_context, phone_context = (open_context(may_complain=True) for _ in range(2))
    for context in (wall_context, phone_context):
        context.clock.install()
    wall = wall_context.new_page()
    wall.add_init_script(KEEP_LARGE)
    wall.goto(site.display)
    clerks = [
        clerk_at(site, open_context(may_complain=True), name, counter, onward)
        for name, (counter, onward) in CLERKS.items()
    ]
    hall = Hall(site, wall, phone_context.new_page(), clerks)
    for name in PARTIES[:-1]:
        hall.arrive(name)
    _, port = site.server.serve_options
    hall.phone.goto(f"http://127.0.0.1:{port}/t/{token(ON_A_PHONE)}")
    return hall


def clerk_at(  # who, where, and in which browser
    site: Site, context: BrowserContext, name: str, counter: str, onward: str
) -> Clerk:
    """Let someone log in and choose their counter."""
    page = context.new_page()
    page.goto(f"{site.server.address}/staff/counter")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator(f'button[name=counter][value="{counter}"]').click()
    expect(page.get_by_role("button", name="Call next")).to_be_visible()
    return Clerk(counter, onward, page)


def test_a_route_is_worked_to_its_end_although_the_server_dies_in_the_middle(hall):
    live = [hall.wall, *(clerk.page for clerk in hall.clerks)]
    for page in live:
        page.evaluate("window.neverReloaded = true")
    with_phone = hall.numbers[PARTIES.index(ON_A_PHONE)]
    for turn in range(len(PARTIES) + len(ROUTE) - 1):
        desks = hall.at_desk(turn)
        if desks[-1] == (hall.clerks[-1], with_phone):
            call_while_the_server_dies(hall, desks)
        else:
            for clerk, number in desks:
                clerk.call(number)
                hall.wall_shows(number)
        for clerk, number in desks:
            if number == with_phone:
                hall.phone_is_called_to(clerk.counter)
            clerk.serve()

    hall.phone.clock.fast_forward(BETWEEN_LOOKS)
    expect(hall.phone.locator(".ticket.is-ended")).to_be_visible()
    for page in live:
        expect(page.locator("#stale")).to_be_hidden()
        assert page.evaluate("window.neverReloaded === true")
    nothing_was_missed(hall)


def call_while_the_server_dies(hall: Hall, desks: list[tuple[Clerk, str]]) -> None:
    """Let three counters call: while there is a server, while there is none, without network."""
    (with_server, first), (without_server, second), (without_network, third) = desks
    with_server.call(first)
    hall.wall_shows(first)
    without_network.page.context.set_offline(True)
    hall.site.server.stop(how=signal.SIGKILL)

    without_network.press("Call next")
    expect(without_network.page.get_by_text("Sending it once more")).to_be_visible()
    without_server.press("Call next")
    expect(without_server.page.get_by_text("Press the button again")).to_be_visible()
    expect(hall.wall.locator("#stale")).to_be_visible()
    expect(hall.wall.locator("#now .number")).to_have_text(first)
    for _ in range(3):
        hall.phone.clock.fast_forward(MOST_BETWEEN_LOOKS)
    expect(hall.phone.locator("#stale")).to_be_visible()

    hall.wall.context.set_offline(True)  # it sees nothing of what happens next
    hall.site.server.start()
    hall.arrive(PARTIES[-1])
    expect(without_server.page.locator("#stale")).to_be_hidden()
    without_server.call(second)
    without_network.page.context.set_offline(False)
    without_network.has(third)

    hall.wall.context.set_offline(False)
    hall.wall.clock.run_for(5_000)
    expect(hall.wall.locator("#stale")).to_be_hidden()
    hall.wall.clock.run_for(AT_LEAST)  # both came at once
    hall.wall_shows(third)
    hall.phone.clock.fast_forward(MOST_BETWEEN_LOOKS)
    expect(hall.phone.locator("#stale")).to_be_hidden()


def nothing_was_missed(hall: Hall) -> None:
    """Compare what the wall showed with what the store holds, and see that the store is sound."""
    shown = [number for number in hall.wall.evaluate("window.large") if number]
    assert shown == hall.called()
    assert sorted(shown) == sorted(hall.numbers * len(ROUTE))
    assert hall.rows("SELECT DISTINCT state FROM visit") == [("finished",)]
    hall.site.server.stop()
    events = [number for (number,) in hall.rows("SELECT number FROM event ORDER BY number")]
    assert events == list(range(events[0], events[0] + len(events)))
    assert "nothing" in hall.site.server.command("check")
