"""The focus ring stands out wherever it lies, and lies on nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.kiosk.screens.conftest import SMALL, Stand
from tests.kiosk.screens.keypad_hand import KeypadHand

pytestmark = pytest.mark.display

CLOSEST = 18
"""Units between two keys of the on-screen keyboard, the closest of all tiles."""


def test_the_ring_and_its_halo_lie_between_the_tiles() -> None:
    from kiosk.screens.focus_ring import CLEARANCE, HALO, LINE

    assert CLEARANCE - HALO > 0
    assert CLEARANCE + HALO < CLOSEST
    assert LINE * 2 >= 6, "thinner than six units"
    assert HALO - LINE >= 3, "what the line stands out from is not seen"


@pytest.mark.parametrize("palette", ["light", "contrast"])
def test_the_ring_is_seen_round_the_tile_and_its_halo_on_both_sides(
    kiosk: Callable[..., Stand], tmp_path: Path, palette: str
) -> None:
    hand = KeypadHand(kiosk(None, SMALL, draws=True))
    if palette == "contrast":
        hand.stand.driver.app.theme.switch_contrast()
    hand.press("right")
    theme, tile = hand.stand.driver.app.theme, hand.stand.driver.find("language:uk")
    hand.stand.driver.frames(3)
    column = colours_above(hand.stand, tile, tmp_path / "screen.png")

    ring = colour(theme, "focus")
    halo = colour(theme, "focus_halo")
    at = [index for index, seen in enumerate(column) if seen == ring]
    assert at, f"no ring in {column}"
    assert halo in column[: at[0]]
    assert halo in column[at[-1] :]


def test_there_is_no_ring_on_a_screen_that_is_touched(kiosk: Callable[..., Stand]) -> None:
    hand = KeypadHand(kiosk(None, SMALL))
    before = len(hand.stand.driver.app.frame.canvas.after.children)
    hand.press("right")
    assert len(hand.stand.driver.app.frame.canvas.after.children) == before + 1
    hand.stand.tap("language:uk")

    assert len(hand.stand.driver.app.frame.canvas.after.children) == before


def colour(theme: object, name: str) -> tuple[int, ...]:
    return tuple(round(255 * part) for part in theme.colour(name, theme.palette)[:3])


def colours_above(stand: Stand, tile: object, path: Path) -> list[tuple[int, ...]]:
    """Return the colours from the middle of a tile's upper edge upwards, pixel by pixel."""
    with Image.open(stand.driver.picture(path)) as image:
        x, top = int(tile.center_x), int(image.height - tile.top)
        return [image.convert("RGB").getpixel((x, top - up)) for up in range(1, 12)]
