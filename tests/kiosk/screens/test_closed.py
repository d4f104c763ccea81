"""A kiosk that is closed: what it says, what it prints, and that it opens between two parties."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.contract.hours import Elsewhere
from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.signs import Place
from kiosk.hours import Opening
from kiosk.language import LANGUAGES, catalogue, isolate
from kiosk.moment import opens
from kiosk.screens.attract import EACH_SECONDS, QUIET_SECONDS
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.measuring import faults
from tests.kiosk.screens.test_layout import letters  # noqa: F401  # a fixture

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

SUNDAY = datetime(2026, 11, 22, 19, 0, tzinfo=ZoneInfo("Europe/Berlin"))
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=SUNDAY.tzinfo)
CLOSED = Opening(is_open=False, opens_at=MONDAY, at=SUNDAY)
MOST = (
    Elsewhere(icon="bed", text="A place to sleep tonight", detail="Vogelsanger Weg, Düsseldorf"),
    Elsewhere(icon="bus", text="Take the bus", detail="Shuttle: Bertha-von-Suttner-Platz"),
    Elsewhere(
        icon="steps",
        text="Come again when it is open.",
        detail="Worringer Straße 140, Hinterhof, 2. Etage links",
        place=Place(landmark="star", door="10AB"),
    ),
    Elsewhere(icon="rest", text={"en": "A warm room", "de": "Warmer Raum"}),
)


@pytest.fixture
def closed(kiosk: Kiosk) -> Stand:
    return kiosk(FakeDesk(opening=CLOSED))


def shown(stand: Stand, text: str) -> bool:
    return catalogue("uk").text(text) in stand.driver.texts()


def picker(stand: Stand):  # Kivy has no types
    return stand.driver.app.flow._presenter.screens.language


def test_after_the_language_a_closed_kiosk_says_when_it_opens_and_asks_nothing(
    closed: Stand,
) -> None:
    closed.tap("language:uk")

    assert closed.state == "closed"
    assert shown(closed, "Closed now")
    assert opens(catalogue("uk"), MONDAY, now=SUNDAY) in closed.driver.texts()
    for line in closed.desk.site.when_closed:
        assert shown(closed, line.text)
        assert isolate(line.detail) in closed.driver.texts()
    assert shown(closed, "In danger to life call 112.")
    assert set(closed.driver.tiles()) >= {"print", "done", "back", "help:doctor", "help:person"}
    assert "next" not in closed.driver.tiles()


def test_where_nobody_knows_when_it_opens_no_time_is_shown(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(opening=Opening(is_open=False)))
    stand.tap("language:de")

    assert "Jetzt geschlossen" in stand.driver.texts()
    assert not [text for text in stand.driver.texts() if "Öffnet" in text]


def test_help_is_called_from_a_closed_kiosk_as_from_any(closed: Stand) -> None:
    closed.tap("language:uk", "help:doctor")

    assert closed.desk.calls == [(HelpKind.DOCTOR, "uk")]
    assert closed.state == "help"


def test_a_slip_is_printed_once_for_each_party(closed: Stand) -> None:
    closed.tap("language:uk")
    tile = closed.driver.find("print")
    for pause in (1, 0.1, 1):
        closed.clock.advance(pause)
        closed.driver.touch(tile)
    closed.until_text(catalogue("uk").text("Your directions are printing."))
    assert "print" not in closed.driver.tiles()
    closed.tap("back", "language:uk")
    closed.until_text(catalogue("uk").text("Your directions are printing."))
    assert "print" not in closed.driver.tiles()
    closed.tap("done", "language:ar", "print")

    assert [language for language, _ in closed.desk.directions] == ["uk", "ar"]


@pytest.mark.parametrize(
    ("state", "news"),
    [
        (SlipState.WAITING, "Your directions are printing."),
        (SlipState.SENDING, "Your directions are printing."),
        (SlipState.PRINTED, "Please take your slip."),
        (SlipState.FAILED, "Printing is not possible now. Please read it here."),
        (SlipState.UNCONFIRMED, "If no slip comes out, please read it here."),
    ],
)
def test_the_screen_says_what_became_of_the_slip(
    closed: Stand, state: SlipState, news: str
) -> None:
    closed.tap("language:uk", "print")
    closed.desk.slip = state
    closed.until_text(catalogue("uk").text(news))

    assert closed.state == "closed"


@pytest.mark.parametrize("way", ["done", "silence", "help"])
def test_every_way_out_forgets_the_party_and_counts_nobody_as_having_given_up(
    closed: Stand, way: str
) -> None:
    closed.tap("language:uk", "print")
    closed.until_text(catalogue("uk").text("Your directions are printing."))
    if way == "silence":
        closed.clock.advance(181)
        closed.driver.wait_until(lambda: closed.state == "language")
    else:
        closed.tap(*(["help:person", "done"] if way == "help" else ["done"]))

    (_, directions), screen = closed.desk.directions[0], closed.driver.app.flow._presenter.screens
    assert directions.left
    assert (screen.closed.opens, screen.closed.slip) == ("", None)
    assert closed.driver.app.flow.conversation.language is None
    if way != "help":
        assert closed.desk.left == []


def test_a_party_that_began_before_closing_time_finishes(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "next", "adults:2", "children:1", "next", "before:no")
    stand.desk.opening = CLOSED
    stand.driver.frames(20)
    stand.tap("need:sleep", "next", "wait:nobody")
    stand.until("done")
    assert "D214" in stand.driver.texts()
    stand.tap("done", "language:uk")

    assert stand.state == "closed"


def test_a_kiosk_that_opens_is_open_for_the_next_party(closed: Stand) -> None:
    closed.tap("language:uk")
    closed.desk.opening = Opening()
    closed.driver.frames(20)
    assert closed.state == "closed"
    closed.tap("done", "language:uk")

    assert closed.state == "notice"


def test_a_kiosk_closes_and_opens_by_itself_while_nobody_is_there(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.desk.opening = CLOSED
    stand.driver.wait_until(lambda: not picker(stand).is_open)
    stand.desk.opening = Opening()
    stand.driver.wait_until(lambda: picker(stand).is_open)

    assert stand.desk.left == []


# --- the first screen ---------------------------------------------------------------------------


def lit(stand: Stand) -> list[str]:
    return [tile.tile for tile in stand.driver.widgets() if getattr(tile, "lit", False)]


def test_the_picker_says_at_once_that_it_is_closed_and_stays_usable(closed: Stand) -> None:
    closed.until_text("Зараз зачинено")

    assert picker(closed).picture == "closed"
    assert lit(closed) == ["language:uk"]
    assert "language:ar" in closed.driver.tiles()


def test_after_half_a_minute_the_heading_goes_through_the_languages(kiosk: Kiosk) -> None:
    stand = kiosk()
    assert stand.desk.site.name in stand.driver.texts()
    stand.clock.advance(QUIET_SECONDS)
    for code in ("uk", "ru", "de", "en", "ar"):
        words = catalogue(code)
        stand.until_text(words.text("Please touch your language."))
        assert words.text("Here you get a number.") in stand.driver.texts()
        assert lit(stand) == [f"language:{code}"]
        stand.clock.advance(EACH_SECONDS)


def test_the_first_touch_works_and_the_heading_is_as_usual(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.clock.advance(QUIET_SECONDS + 4 * EACH_SECONDS)
    stand.until_text(catalogue("ar").text("Please touch your language."))
    assert picker(stand).heading_direction == "rtl"
    stand.tap("language:fa")
    assert stand.state == "notice"
    stand.tap("cancel")

    assert stand.desk.site.name in stand.driver.texts()
    assert (lit(stand), picker(stand).heading_direction) == ([], "")


def test_a_touch_beside_the_tiles_makes_the_heading_wait(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.clock.advance(QUIET_SECONDS)
    stand.until_text(catalogue("uk").text("Please touch your language."))
    stand.driver.app.flow.sign_of_life()
    stand.until_text(stand.desk.site.name)

    assert lit(stand) == []


@pytest.mark.parametrize("opening", [Opening(), CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_no_tile_moves_while_the_heading_changes(
    kiosk: Kiosk, settings: object, opening: Opening
) -> None:
    """A finger on its way to a tile must find it where it was."""
    stand = kiosk(FakeDesk(opening=opening), settings)
    stand.clock.advance(QUIET_SECONDS)
    places = set()
    for _ in LANGUAGES:
        stand.driver.wait_until(lambda: picker(stand).attracts)
        stand.driver.frames(3)
        tiles = [w for w in stand.driver.widgets() if getattr(w, "tile", "")]
        places.add(tuple((tile.tile, *tile.pos, *tile.size) for tile in tiles))
        stand.clock.advance(EACH_SECONDS)

    assert len(places) == 1


def test_between_two_headings_nothing_is_drawn(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.clock.advance(QUIET_SECONDS)
    stand.driver.wait_until(lambda: picker(stand).attracts)
    changes: list[object] = []
    picker(stand).bind(heading=lambda *_: changes.append(None))
    for _ in range(9):
        stand.clock.advance(1)
        stand.driver.app.flow.tick()

    assert changes == []


# --- a stage that is closed while the site is open ----------------------------------------------

SOME = Opening(
    closed_stages={"housing": MONDAY, "benefits": MONDAY, "onward-travel": None}, at=SUNDAY
)


def notes(stand: Stand) -> dict[str, str]:
    tiles = [w for w in stand.driver.widgets() if getattr(w, "note", "")]
    return {tile.tile: tile.note for tile in tiles}


def test_a_tile_that_leads_only_to_closed_doors_says_so_and_can_be_chosen(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(opening=SOME))
    stand.tap("language:de", "next", "adults:1", "next", "before:no")
    assert notes(stand) == {
        "need:sleep": "Geschlossen. Öffnet: Montag, 08:00",
        "need:money": "Geschlossen. Öffnet: Montag, 08:00",
        "need:travel": "Jetzt geschlossen",
    }
    stand.tap("need:sleep", "need:register", "next", "wait:nobody")
    stand.until("done")

    assert "D214" in stand.driver.texts()
    assert "Geschlossen. Öffnet: Montag, 08:00" in stand.driver.texts()


def test_the_next_party_reads_it_in_its_own_language_or_not_at_all(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(opening=SOME))
    way = ("next", "adults:1", "next", "before:no")
    stand.tap("language:de", *way, "cancel", "language:uk", *way)
    assert notes(stand)["need:sleep"].endswith("понеділок, 08:00")
    stand.tap("cancel")
    stand.desk.opening = Opening()
    flow = stand.driver.app.flow
    stand.driver.wait_until(lambda: flow.conversation.opening == Opening())
    stand.tap("language:uk", *way)

    assert notes(stand) == {}


def test_a_ticket_without_closed_doors_says_nothing_of_them(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(opening=SOME))
    stand.tap("language:de", "next", "adults:1", "next", "before:collect", "wait:nobody")
    stand.until("done")

    assert not [text for text in stand.driver.texts() if "Öffnet" in text]


WIDEST = ("uk", "ar", "fr", "ka", "hu", "vi")
"""Where large letters and low reach are measured."""

# --- layout -------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("mode", ["normal", "large", "low"])
def test_nothing_is_cut_or_overlaps_in_any_language(
    kiosk: Kiosk,
    letters: set[int],  # noqa: F811  # the fixture
    settings: object,
    mode: str,
) -> None:
    desk = FakeDesk(opening=CLOSED)
    desk.site = desk.site.model_copy(update={"when_closed": MOST})
    stand = kiosk(desk, settings)
    found = {}
    languages = LANGUAGES if mode == "normal" else WIDEST
    for language in languages:
        if mode != "normal":
            stand.tap(f"tool:{mode}")
        find(stand, f"language:{language}")
        for state in (None, SlipState.FAILED, SlipState.UNCONFIRMED):
            stand.driver.app.flow._presenter.screens.closed.slip = state
            found[f"{language} {state}"] = wrong_on_all_pages(stand, letters)
        stand.tap("done")

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == len(languages) * 3


@pytest.mark.parametrize("settings", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("mode", ["normal", "large", "low"])
def test_tiles_and_tickets_have_room_for_when_doors_open(
    kiosk: Kiosk,
    letters: set[int],  # noqa: F811  # the fixture
    settings: object,
    mode: str,
) -> None:
    stand = kiosk(
        FakeDesk(opening=SOME, url="https://ankunft.example/t/0123456789abcdef"), settings
    )
    found = {}
    for language in WIDEST[:4]:
        if mode != "normal":
            stand.tap(f"tool:{mode}")
        find(stand, f"language:{language}")
        for tile in ("adults:1", "children:1", "before:no"):
            find(stand, tile)
        found[f"{language} need"] = wrong_on_all_pages(stand, letters)
        back_to_first(stand)
        for tile in ("need:sleep", "need:money", "need:travel", "wait:nobody"):
            find(stand, tile)
        stand.until("done")
        found[f"{language} ticket"] = wrong_on_all_pages(stand, letters)
        stand.tap("done")

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == 8


def find(stand: Stand, tile: str) -> None:
    """Touch a tile, perhaps some pages or a screen further on."""
    while tile not in stand.driver.tiles():
        stand.tap("page:after" if "page:after" in stand.driver.tiles() else "next")
    stand.tap(tile)


def back_to_first(stand: Stand) -> None:
    while "page:before" in stand.driver.tiles():
        stand.tap("page:before")


def wrong_on_all_pages(stand: Stand, letters: set[int]) -> list[str]:  # noqa: F811  # not a fixture
    app, wrong = stand.driver.app, []
    back_to_first(stand)
    while True:
        stand.driver.frames(3)
        wrong += faults(app.root, theme=app.theme, settings=app.settings, letters=letters)
        if "page:after" not in stand.driver.tiles():
            return wrong
        stand.tap("page:after")
