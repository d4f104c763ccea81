"""A kiosk that goes from test to test is as a new one, however the test before has left it."""

from collections.abc import Callable, Iterator

import pytest

from tests.kiosk.screens.conftest import LANDSCAPE, SMALL, KeptKiosk, Stand
from tests.kiosk.screens.fake_desk import FakeDesk, FakeOffice

pytestmark = pytest.mark.display

ARRIVAL = ("language:ar", "next", "adults:2", "children:1", "next", "before:no")


def staff_come(stand: Stand) -> None:
    stand.desk.staff = FakeOffice(has_code=True)
    for _ in range(5):
        stand.driver.tap(stand.driver.app.frame.ids.head)
    assert "code:1" in stand.driver.tiles()


def nobody_answers(stand: Stand) -> None:
    stand.tap("tool:contrast", *ARRIVAL[:2], "adults:more", "tool:large", "tool:low")
    stand.clock.advance(65)
    stand.until("go-on")


def number_is_awaited(stand: Stand) -> None:
    stand.desk.holds_back = True
    stand.tap(*ARRIVAL, "need:sleep", "need:food", "next", "wait:nobody", "help:person")
    assert stand.state == "issuing"


def desk_closes(stand: Stand) -> None:
    stand.desk.trouble = "disk-full"
    stand.desk.site = stand.desk.site.model_copy(update={"languages": ("de",)})
    stand.driver.wait_until(lambda: stand.state == "out of service")


LEFT: dict[str, Callable[[Stand], None]] = {
    "at a question": lambda stand: stand.tap(*ARRIVAL, "need:sleep", "need:food"),
    "at the places": lambda stand: stand.tap(*ARRIVAL, "need:food", "next"),
    "at a call": lambda stand: stand.tap("help:doctor"),
    "in another look": nobody_answers,
    "in a look that is kept": lambda stand: stand.keep_look(large=True, low=True),
    "before its number came": number_is_awaited,
    "out of service": desk_closes,
    "with staff at it": staff_come,
    "stopped": lambda stand: stand.driver.stop(),
}


SEEN = ("opacity", "color", "tile", "text", "name", "look", "chosen", "texture_size")
"""What is compared of each widget, beside its kind and its place."""


def shown(stand: Stand) -> Iterator[list[object]]:
    """Yield all that there is on the first screens of an arrival."""
    for tile in ("", *ARRIVAL):
        if tile:
            stand.tap(tile)
        stand.driver.frames(3)
        yield [
            (type(one).__name__, *one.pos, *one.size, *[getattr(one, name, None) for name in SEEN])
            for one in stand.driver.widgets()
        ]


@pytest.mark.usefixtures("_kivy")
def test_however_a_kiosk_was_left_the_next_test_finds_it_as_new() -> None:
    kept = KeptKiosk(SMALL)
    new = list(shown(kept.seat(FakeDesk(), draws=False)))
    assert len(new) == 1 + len(ARRIVAL)
    for way, leave in LEFT.items():
        kept.clear()
        leave(kept.seat(FakeDesk(), draws=False))
        kept.clear()
        desk = FakeDesk()
        assert list(shown(kept.seat(desk, draws=False))) == new, way
        assert (desk.left, desk.asked, desk.calls, desk.told) == ([], [], [], []), way
    kept.clear()


@pytest.mark.usefixtures("_kivy")
def test_the_desk_of_the_next_test_is_behind_a_kept_kiosk_at_once() -> None:
    kept = KeptKiosk(SMALL)
    kept.seat(FakeDesk(), draws=False)
    kept.clear()
    desk = FakeDesk()
    desk.site = desk.site.model_copy(update={"languages": ("ar", "en")})
    tiles = kept.seat(desk, draws=False).driver.tiles()
    kept.clear()

    assert [tile for tile in tiles if tile.startswith("language:")] == [
        "language:ar",
        "language:en",
    ]


@pytest.mark.usefixtures("_kivy")
def test_a_kiosk_on_another_screen_in_between_changes_nothing() -> None:
    kept, other = KeptKiosk(SMALL), KeptKiosk(LANDSCAPE)
    new = list(shown(kept.seat(FakeDesk(), draws=False)))
    kept.clear()
    other.seat(FakeDesk(), draws=False)
    other.clear()
    again = list(shown(kept.seat(FakeDesk(), draws=False)))
    kept.clear()

    assert again == new
