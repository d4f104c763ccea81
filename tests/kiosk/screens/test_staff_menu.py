"""The staff menu by touches: how it is opened, what it shows and does, and how it closes."""

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, SMALL, Stand
from tests.kiosk.screens.fake_desk import CONDITION, FakeDesk, FakeOffice
from tests.kiosk.screens.measuring import faults
from tests.kiosk.screens.remains import remains

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]
FONT = Path(__file__).parents[3] / "assets" / "fonts" / "AnkunftSans-Regular.ttf"
CODE = "402671"


def touch_head(stand: Stand, times: int = 5) -> None:
    for _ in range(times):
        stand.driver.tap(stand.driver.app.frame.ids.head)


def enter(stand: Stand, code: str = CODE) -> None:
    stand.tap(*(f"code:{digit}" for digit in code), "code:try")
    stand.driver.app.staff_door.tick()
    stand.driver.frames(2)


def has_pad(stand: Stand) -> bool:
    return "code:1" in stand.driver.tiles()


@pytest.fixture
def stand(kiosk: Kiosk) -> Stand:
    return kiosk(FakeDesk(staff=FakeOffice(has_code=True)))


@pytest.fixture
def menu(stand: Stand) -> Stand:
    touch_head(stand)
    enter(stand)
    assert "staff:end" in stand.driver.tiles()
    return stand


def do(stand: Stand, *names: str) -> None:
    for name in names:
        stand.tap(f"staff:{name}")
        stand.driver.app.staff_door.tick()
        stand.driver.frames(2)


def test_five_touches_on_the_head_ask_for_the_code(stand: Stand) -> None:
    touch_head(stand, 4)
    assert not has_pad(stand)
    touch_head(stand, 1)

    assert has_pad(stand)


def test_five_slow_touches_are_no_sign(stand: Stand) -> None:
    for _ in range(9):
        stand.clock.advance(1)
        touch_head(stand, 1)

    assert not has_pad(stand)


def test_without_a_code_in_the_settings_there_is_no_menu(kiosk: Kiosk) -> None:
    stand = kiosk()
    touch_head(stand, 9)

    assert not has_pad(stand)


def test_it_does_not_open_where_a_party_is(stand: Stand) -> None:
    stand.tap("language:uk")
    touch_head(stand, 9)
    assert not has_pad(stand)
    assert stand.state == "notice"


def test_it_opens_at_a_kiosk_that_is_out_of_service(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(staff=FakeOffice(has_code=True), trouble="taken-out"))
    touch_head(stand)

    assert has_pad(stand)


def test_what_somebody_switched_is_forgotten(stand: Stand) -> None:
    stand.tap("tool:contrast")
    touch_head(stand)

    assert stand.driver.app.theme.palette == "light"


def test_a_code_is_shown_as_dots_and_not_kept(stand: Stand) -> None:
    code = "".join(str(digit) for digit in (5, 0, 7, 1, 8, 4))
    assert remains(code) == [], "no other test writes this code out, or it would be found below"

    touch_head(stand)
    stand.tap(*(f"code:{digit}" for digit in code))
    texts = stand.driver.texts()
    assert "• • • • • •" in texts
    assert code not in " ".join(texts)

    stand.tap("code:try")
    assert remains(code) == []


def test_a_wrong_code_opens_nothing(stand: Stand) -> None:
    touch_head(stand)
    enter(stand, "918273")

    assert has_pad(stand)
    assert "Wrong code / Falscher Code" in stand.driver.texts()


def test_less_than_six_digits_are_not_tried_and_more_than_twelve_not_taken(stand: Stand) -> None:
    touch_head(stand)
    stand.tap(*["code:1", "code:2"] * 3, "code:back")
    assert "code:try" not in stand.driver.tiles()

    stand.tap(*["code:1", "code:2"] * 6)
    assert stand.driver.app.staff_door._pad.dots.count("•") == 12


def test_while_no_code_is_taken_it_says_how_long(stand: Stand) -> None:
    stand.desk.staff.seconds_locked = 299
    touch_head(stand)
    assert "Locked: 5 min / Gesperrt: 5 min" in stand.driver.texts()
    assert not has_pad(stand)

    stand.desk.staff.seconds_locked = 0
    stand.driver.wait_until(lambda: has_pad(stand))


def test_the_pad_is_left_and_closes_by_itself(stand: Stand) -> None:
    touch_head(stand)
    stand.tap("staff:close")
    assert stand.state == "language"
    assert not has_pad(stand)

    touch_head(stand)
    stand.clock.advance(60)
    stand.driver.wait_until(lambda: not has_pad(stand))


def test_staff_read_how_the_kiosk_is(menu: Stand) -> None:
    texts = menu.driver.texts()

    assert {"paper-low; second: ready", "214", "12.3 GB", "190 MB", "texts-uk"} <= set(texts)
    assert "3, refused / abgelehnt: 1" in texts
    assert "12 s ago / vor 12 s" in texts


def test_what_it_shows_follows_the_kiosk(menu: Stand) -> None:
    menu.desk.staff.condition = replace(CONDITION, server_seconds=None, sequence=None, troubles=())
    menu.clock.advance(2)
    menu.until_text("never reached / nie erreicht")

    assert "none / keine" in menu.driver.texts()
    assert "?" in menu.driver.texts()


@pytest.mark.parametrize(("tile", "done"), [("slip", "test slip"), ("sound", "sound")])
def test_a_touch_does_it_and_it_is_told(menu: Stand, tile: str, done: str) -> None:
    do(menu, tile)

    assert menu.desk.staff.did[-1] == done
    assert menu.driver.app.staff_door._menu.says not in {"", "…"}


def test_what_cannot_be_done_is_told(menu: Stand) -> None:
    menu.desk.staff.fails = True
    do(menu, "slip")
    assert menu.driver.app.staff_door._menu.says.startswith("Not done / Nicht ausgeführt")
    do(menu, "sound")
    assert menu.driver.app.staff_door._menu.says == "No sound / Kein Ton"


def test_that_the_printer_is_empty_is_asked_twice(menu: Stand) -> None:
    do(menu, "empty")
    assert "empty" not in menu.desk.staff.did
    do(menu, "empty")
    assert menu.desk.staff.did[-1] == "empty"


def test_it_is_taken_out_of_service_and_back(menu: Stand) -> None:
    do(menu, "service")
    assert menu.desk.staff.did[-1] == "out"
    assert "Wieder in Betrieb" in menu.driver.texts()
    do(menu, "service")
    assert menu.desk.staff.did[-1] == "back"


def test_every_part_of_the_glass_can_be_tried(menu: Stand) -> None:
    do(menu, "touch")
    tiles = [tile for tile in menu.driver.tiles() if tile.startswith("touch:")]
    menu.tap(*tiles)
    assert len(tiles) == 24
    assert all(menu.driver.find(tile).chosen for tile in tiles)

    menu.tap("staff:back")
    assert "staff:end" in menu.driver.tiles()


def test_the_program_ends_only_when_it_is_asked_twice(
    menu: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    monkeypatch.setattr(menu.driver.app.staff_door, "_stop", lambda: ended.append("ended"))
    do(menu, "end", "sound", "end")
    assert ended == []
    assert "Wirklich beenden?" in menu.driver.texts()
    do(menu, "end")

    assert ended == ["ended"]


def test_the_menu_is_left_and_closes_by_itself(menu: Stand) -> None:
    do(menu, "close")
    assert (menu.state, has_pad(menu)) == ("language", False)

    touch_head(menu)
    enter(menu)
    menu.clock.advance(60)
    menu.driver.wait_until(lambda: "staff:end" not in menu.driver.tiles())
    assert "language:uk" in menu.driver.tiles()


def test_nothing_below_it_can_be_touched(menu: Stand) -> None:
    menu.driver.tap(menu.driver.find("language:uk"))

    assert menu.state == "language"


@pytest.mark.parametrize("settings", [SMALL, PORTRAIT, LANDSCAPE], ids=["small", "tall", "wide"])
def test_nothing_of_it_is_cut_and_all_can_be_touched(kiosk: Kiosk, settings: object) -> None:
    gc.collect()  # screens of another size would still follow the density
    long = replace(
        CONDITION,
        printer="cutter-error; second: unreachable",
        troubles=("disk-read-only", "taken-out", "pictures", "texts-uk", "texts-ka"),
    )
    stand = kiosk(FakeDesk(staff=FakeOffice(has_code=True, condition=long)), settings)
    with TTFont(FONT, lazy=True) as font:
        letters = set(font.getBestCmap())
    app, door = stand.driver.app, stand.driver.app.staff_door
    found = {}

    def look(name: str) -> None:
        stand.driver.frames(3)
        found[name] = faults(door._shown, theme=app.theme, settings=app.settings, letters=letters)

    touch_head(stand)
    stand.tap("code:4", "code:0")
    look("pad")
    enter(stand, CODE[2:])
    door.tick()
    do(stand, "end")
    look("menu")
    do(stand, "touch")
    look("touch test")

    assert found == {"pad": [], "menu": [], "touch test": []}
