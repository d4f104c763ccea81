"""The call display as people in the hall see and hear it."""

import re
import shutil
import signal
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from playwright.sync_api import Route, expect

from server_stub.call_texts import call_texts
from tests.browser.axe import violations
from tests.browser.conftest import PASSWORD
from tests.browser.puppet_wall import PuppetWall, a_call
from tests.server_stub.site_drafts import with_keys, without_stages
from tests.stand.server import SITE_FILE, ServerStand, run_server
from tests.stand.staff import StaffMember

pytestmark = pytest.mark.browser

UPRIGHT = {"width": 1080, "height": 1920}
WIDE = {"width": 1920, "height": 1080}
WIDE_4K = {"width": 3840, "height": 2160}
SMALL = {"width": 1280, "height": 720}

# Notes of every sound that is really played when it begins and ends, in seconds of the sound card.
LISTEN = """
window.heard = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  heard.push(["said", at, at + this.buffer.duration]);
  return start.call(this, at);
};
const tone = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  heard.push(["tone", at, at]);
  return tone.call(this, at);
};
"""

# The words and signs that stand outside their card, or under another one's sign.
SPILLED = """() => [...document.querySelectorAll(".wall .call")].flatMap((card) => {
  const frame = card.getBoundingClientRect();
  const all = ".number, .landmark, .through, .counter small span, .counter > b, .come > span";
  const signs = [...card.querySelectorAll(all)]
    .filter((sign) => sign.getClientRects().length);
  const boxes = signs.map((sign) => sign.getBoundingClientRect());
  const out = signs.filter((sign, i) => boxes[i].left < frame.left || boxes[i].right > frame.right
    || boxes[i].top < frame.top || boxes[i].bottom > frame.bottom);
  const on = signs.filter((sign, i) => boxes.some((box, j) => j < i
    && boxes[i].left < box.right - 1 && box.left < boxes[i].right - 1
    && boxes[i].top < box.bottom - box.height * .2 && box.top < boxes[i].bottom - box.height * .2));
  return [...out, ...on].map((sign) => sign.className + ": " + sign.textContent);
})"""


@pytest.fixture(scope="module")
def untouched(tmp_path_factory, set_up_once):
    """Where a display of a server is that nobody does anything with."""
    data, _, display = set_up_once
    folder = tmp_path_factory.mktemp("untouched") / "data"
    shutil.copytree(data, folder)
    with ServerStand(folder) as server:
        yield server.address + display


@pytest.fixture
def puppet(untouched, open_context):
    """Opens a display whose time and calls the test moves."""

    def open_wall(**options):
        return PuppetWall(open_context(**options), untouched)

    return open_wall


@pytest.fixture
def anna(site):
    """Anna, who works by plain HTTP, at whichever counter."""
    member = StaffMember(site.server.address, "anna", PASSWORD)
    yield member
    member.close()


def call_at(anna, *counters: str) -> None:
    for counter in counters:
        anna.work_at(counter)
        anna.call_next()


def add_displays(site, *displays: tuple[str, ...]) -> list[str]:
    """Add displays while the server is stopped; return the addresses that let them in."""
    site.server.stop()
    told = [site.server.command("add-display", *display) for display in displays]
    site.server.start()
    return [site.server.address + re.search(r"/display/\S+", one)[0] for one in told]


def test_counters_that_call_at_once_are_shown_one_after_the_other(site, open_context, anna):
    context = open_context()
    context.clock.install()
    wall = context.new_page()
    wall.goto(site.display)
    expect(wall.get_by_text("No number has been called yet.")).to_be_visible()
    expect(wall.locator("#stale")).to_be_hidden()
    numbers = [
        site.kiosk.check_in(route=(stage,))[1] for stage in ("information", "housing", "benefits")
    ]

    call_at(anna, "1", "3", "6")

    large = wall.locator("#now .number")
    for shown, number in enumerate(numbers):
        expect(large).to_have_text([number])
        expect(wall.locator("#last .number")).to_have_text(numbers[:shown][::-1])
        seconds = 0
        while large.inner_text() == number and seconds < 40:
            context.clock.run_for(1_000)
            seconds += 1
        assert seconds >= 8
    expect(wall.locator("#now .counter > b")).to_have_text(["6"])
    expect(wall.locator("#now .landmark")).to_have_class(re.compile("landmark-umbrella"))
    expect(wall.locator("#now .through")).to_have_text(["6"])


def test_a_party_that_is_sent_on_leaves_the_wall(site, open_context, anna):
    wall = open_context().new_page()
    wall.goto(site.display)
    first, second = (site.kiosk.check_in()[1] for _ in range(2))
    call_at(anna, "1", "2")
    expect(wall.locator("#now .number")).to_have_text([first])

    anna.work_at("1")
    anna.forward()

    expect(wall.locator("#now .number")).to_have_text([second])
    expect(wall.locator("#last .number")).to_have_count(0)


def test_a_call_is_heard_in_both_languages_and_never_over_another(site, open_context, anna):
    wall = open_context().new_page()
    wall.add_init_script(LISTEN)
    wall.goto(site.display)
    sounds = []
    wall.on("response", lambda r: sounds.append(r) if "/sounds/" in r.url else None)
    first = site.kiosk.check_in(language="uk", route=("information",))[1]
    second = site.kiosk.check_in(language="ka", route=("housing",))[1]

    call_at(anna, "1", "3")

    expect(wall.locator("#now .number")).to_have_text([second], timeout=40_000)
    while wall.evaluate("heard.length") < 8:
        wall.wait_for_timeout(200)
    assert [sound.status for sound in sounds] == [200] * 4
    assert {sound.url.split("/sounds/")[1] for sound in sounds} == {
        f"uk/{first}/1.wav",
        f"de/{first}/1.wav",
        f"ka/{second}/3.wav",
        f"de/{second}/3.wav",
    }
    heard = wall.evaluate("heard")
    assert [kind for kind, _, _ in heard] == ["tone", "tone", "said", "said"] * 2
    for (_, _, end), (_, begin, _) in pairwise(heard):
        assert begin >= end
    assert all(end - begin > 1.5 for kind, begin, end in heard if kind == "said")
    expect(wall.locator("#mute")).to_be_hidden()
    expect(wall.locator("#no-voice")).to_be_hidden()


def test_a_display_of_some_stages_shows_only_their_calls(site, open_context, anna):
    (upstairs,) = add_displays(site, ("upstairs", "--stages", "housing,benefits"))
    wall = open_context().new_page()
    wall.goto(upstairs)
    elsewhere = site.kiosk.check_in(route=("information",))[1]
    here = site.kiosk.check_in(route=("housing",))[1]
    everywhere = open_context().new_page()
    everywhere.goto(site.display)

    call_at(anna, "1", "3")

    expect(wall.locator("#now .number")).to_have_text([here])
    expect(everywhere.locator("#now .number")).to_have_text([elsewhere])
    expect(wall.locator("#last .number")).to_have_count(0)


def test_the_wall_keeps_its_picture_through_an_outage_and_catches_up(site, open_context, anna):
    context = open_context(may_complain=True)
    wall = context.new_page()
    wall.goto(site.display)
    first, missed = (site.kiosk.check_in()[1] for _ in range(2))
    call_at(anna, "1")
    expect(wall.locator("#now .number")).to_have_text([first])
    wall.evaluate("window.neverReloaded = true")

    site.server.stop(how=signal.SIGKILL)
    expect(wall.locator("#stale")).to_have_text(re.compile(r"Nicht aktuell seit \d\d:\d\d"))
    expect(wall.locator("#now .number")).to_have_text([first])
    context.set_offline(True)
    site.server.start()
    call_at(anna, "2")
    context.set_offline(False)

    expect(wall.locator("#stale")).to_be_hidden()
    expect(wall.locator("#now .number")).to_have_text([missed])
    expect(wall.locator("#last .number")).to_have_text([first])
    assert wall.evaluate("window.neverReloaded")


def answer_with(status: int, route: Route) -> None:
    route.fulfill(status=status)


def test_an_answer_that_ends_an_eventsource_for_good_does_not_end_the_wall(
    site, open_context, anna
):
    walls = {}
    for status in (204, 404, 500, 503):
        wall = open_context(may_complain=True).new_page()
        wall.route("**/display/live*", partial(answer_with, status))
        wall.goto(site.display)
        walls[status] = wall
    for status, wall in walls.items():
        expect(wall.locator("#stale"), f"after {status}").to_be_visible()

    for wall in walls.values():
        wall.unroute("**/display/live*")

    for status, wall in walls.items():
        expect(wall.locator("#stale"), f"after {status}").to_be_hidden()
    number = site.kiosk.check_in()[1]
    call_at(anna, "1")
    for status, wall in walls.items():
        expect(wall.locator("#now .number"), f"after {status}").to_have_text([number])


def test_a_server_that_hangs_is_noticed_and_people_are_sent_to_the_counters_in_time(
    site, open_context
):
    context = open_context(may_complain=True)
    context.clock.install()
    wall = context.new_page()
    wall.goto(site.display)
    expect(wall.locator("#stale")).to_be_hidden()

    site.server._process.send_signal(signal.SIGSTOP)
    try:
        context.clock.run_for(39_000)
        expect(wall.locator("#stale")).to_be_hidden()
        context.clock.run_for(10_000)
        expect(wall.locator("#stale")).to_be_visible()
        expect(wall.locator("#ask")).to_be_hidden()
        context.clock.run_for(90_000)
        expect(wall.locator("#ask")).to_be_visible()
    finally:
        site.server._process.send_signal(signal.SIGCONT)
    context.clock.resume()

    expect(wall.locator("#stale")).to_be_hidden()
    expect(wall.locator("#ask")).to_be_hidden()


def test_a_display_that_is_loaded_again_shows_what_was_called_meanwhile(site, open_context, anna):
    context = open_context()
    wall = context.new_page()
    wall.goto(site.display)
    expect(wall.locator("#quiet")).to_be_visible()
    first, second = (site.kiosk.check_in(route=("information",))[1] for _ in range(2))
    call_at(anna, "1")
    expect(wall.locator("#now .number")).to_have_text([first])
    wall.close()
    call_at(anna, "2")

    wall = context.new_page()
    wall.goto(f"{site.server.address}/display")

    expect(wall.locator("#now .is-new .number")).to_have_text([second])
    expect(wall.locator("#last .number")).to_have_text([first])


def test_a_revoked_display_says_so_and_comes_back_when_it_is_let_in(site, open_context):
    context = open_context(may_complain=True)
    context.clock.install()
    wall = context.new_page()
    wall.goto(site.display)
    expect(wall.locator("#stale")).to_be_hidden()
    cookies = context.cookies()
    context.clear_cookies()

    site.server.stop()
    site.server.start()
    expect(wall.locator("#over")).to_be_visible()
    context.add_cookies(cookies)
    context.clock.run_for(25_000)
    expect(wall.locator("#over")).to_be_visible()
    context.clock.run_for(5_000)

    expect(wall.locator("#over")).to_be_hidden()


def test_a_day_of_calls_leaves_the_page_as_it_was(puppet):
    """1,000 calls, each shown and heard; then neither heap nor nodes have grown."""
    wall = puppet()
    sizes = {}
    session = wall.page.context.new_cdp_session(wall.page)
    day = [a_call(n, language=("uk", "ar", None)[n % 3]) for n in range(1_000)]
    for hundred in range(0, 1_000, 100):
        called = range(hundred, hundred + 100)
        shown = wall.stand_in_turn((day[max(0, n - 9) : n + 1] for n in called), seconds=30)
        assert shown == [[day[n].number] for n in called]
        assert wall.large == shown[-1]
        if hundred in {100, 900}:
            sizes[hundred] = _sizes(session)
    for _ in range(20):  # a call holds its picture until it was heard, and sounds take real time
        if sizes[900][1] <= sizes[100][1]:
            break
        wall.pass_seconds(30)
        sizes[900] = _sizes(session)

    (heap, nodes, listeners), (later_heap, later_nodes, later_listeners) = sizes.values()
    assert later_nodes <= nodes + 20
    assert later_listeners <= listeners + 5
    assert later_heap - heap < 300_000, sizes
    assert len(wall.page.evaluate("localStorage['ankunft-wall']")) < 20_000


def _sizes(session) -> tuple[int, int, int]:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    counted = session.send("Memory.getDOMCounters")
    return heap, counted["nodes"], counted["jsEventListeners"]


@pytest.mark.parametrize("size", [UPRIGHT, WIDE, WIDE_4K, SMALL], ids=str)
def test_nothing_spills_in_any_language_on_any_screen(size, puppet):
    wall = puppet(viewport=size, reduced_motion="reduce")
    languages = [*call_texts(), None]
    calls = [
        a_call(n, language=language, counter="1234567"[n % 7])
        for n, language in enumerate(languages)
    ]
    wall.page.evaluate("document.fonts.ready")

    for shown in range(1, len(calls) + 1):
        wall.stands(*calls[max(0, shown - 6) : shown])
        wall.pass_seconds(30)
        assert wall.large == [calls[shown - 1].number]
        assert len(wall.small) == min(5, shown - 1)
        assert wall.page.evaluate(SPILLED) == [], languages[shown - 1]

    stage = calls[0].stage.model_copy(update={"door": "14"})
    wall.stands(*(replace(call, number=f"D{call.number}", stage=stage) for call in calls[-6:]))
    wall.page.evaluate(
        "document.querySelectorAll('[hidden]:not(#quiet)').forEach(e => { e.hidden = false })"
    )
    assert wall.page.evaluate(SPILLED) == [], "with notices, two letters and a door of two digits"


def test_a_display_is_as_light_or_dark_as_it_was_added(site, open_context):
    light, dark = "rgb(238, 242, 247)", "rgb(11, 20, 36)"
    always_light, always_dark = add_displays(
        site, ("by-the-window", "--look", "light"), ("at-night", "--look", "dark")
    )
    for scheme, address, ground in [
        ("light", site.display, light),
        ("dark", site.display, dark),
        ("dark", always_light, light),
        ("light", always_dark, dark),
    ]:
        wall = open_context(color_scheme=scheme).new_page()
        wall.goto(address)
        expect(wall.locator(".wall")).to_have_css("background-color", ground)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_wcag(scheme, puppet):
    wall = puppet(viewport=WIDE, reduced_motion="reduce", color_scheme=scheme)
    wall.stands(a_call(0, language="ar"))
    wall.pass_seconds(30)
    wall.stands(a_call(0, language="ar"), a_call(1, language="ka"))
    wall.pass_seconds(150)  # and no sign of life: the notices, too, are to be read
    assert wall.large == [a_call(1).number]
    expect(wall.page.locator("#ask")).to_be_visible()

    assert violations(wall.page) == []


def test_a_browser_that_forbids_sound_shows_the_calls_and_says_what_to_do(site, open_context, anna):
    wall = open_context().new_page()
    wall.add_init_script(
        "AudioContext.prototype.resume = async () => {};"
        "Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });"
    )
    wall.goto(site.display)
    expect(wall.get_by_text("Ton ist aus")).to_be_visible()
    first, second = (site.kiosk.check_in(route=("information",))[1] for _ in range(2))

    call_at(anna, "1", "2")

    expect(wall.locator("#now .number")).to_have_text([first])
    expect(wall.locator("#now .number")).to_have_text([second])


def test_a_display_shows_what_a_new_site_file_makes_of_it(site, tmp_path, open_context, anna):
    (upstairs,) = add_displays(site, ("upstairs", "--stages", "housing"))
    wall = open_context(may_complain=True).new_page()  # the server goes away
    wall.goto(upstairs)
    number = site.kiosk.check_in(route=("information",))[1]
    call_at(anna, "1")
    toml = SITE_FILE.read_text(encoding="utf-8")
    new = tmp_path / "new.toml"
    new.write_text(with_keys(without_stages(toml, "housing"), name="Hafen"), encoding="utf-8")
    site.server.stop()
    run_server("site", "take", str(new), "--data", str(site.server.data))
    site.server.start()

    expect(wall.locator("#now .number")).to_have_text([number])
    expect(wall.get_by_role("heading")).to_have_text("Hafen")
