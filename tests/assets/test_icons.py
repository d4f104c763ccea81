"""Every drawing has its picture, and no two landmarks can be taken for each other."""

import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops

from kiosk.contract.signs import ICONS as ICONS_OF_SITES

ICONS = Path(__file__).resolve().parents[2] / "assets" / "icons"
LANDMARKS = (
    *("tree", "fish", "boat", "star", "moon", "bird"),
    *("tulip", "apple", "umbrella", "bell", "key", "cat"),
)
NAMES = {f"landmark-{name}" for name in LANDMARKS} | {
    # people
    *("adult", "child", "family", "baby", "pregnant", "elderly", "wheelchair", "cannot-stand"),
    # needs
    *("bed", "register", "money", "travel", "bus", "document", "ask"),
    # what needs no number
    *("food", "toilet", "bottle", "rest"),
    # been here before
    *("calendar", "steps", "nobody"),
    # help and the frame of every screen
    *("doctor", "person", "hand", "bell-call", "info", "ear", "language"),
    *("large-text", "contrast", "low-reach", "back", "next", "check", "cross", "plus", "minus"),
    # keys
    *("backspace", "shift", "space"),
    *("door", "closed", "clock", "phone", "refresh", "printer", "paper-out"),
}


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_icons", ICONS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def picture(name: str) -> Image.Image:
    with Image.open(ICONS / "png" / f"{name}.png") as image:
        image.load()
    return image


def largest_step(one: Image.Image, other: Image.Image) -> int:
    """How far apart the two pictures are where they differ most, in 255 steps."""
    if one.size != other.size:
        return 255
    return max(high for _, high in ImageChops.difference(one, other).getextrema())


def as_printed(name: str) -> Image.Image:
    """The picture as a slip prints it, 48 dots high, moved to the middle of its ink."""
    small = picture(name).getchannel("A").resize((48, 48), Image.Resampling.BOX)
    dots = small.point(lambda value: 255 * (value > 127)).convert("1")
    ink = dots.crop(dots.getbbox())
    middle = Image.new("1", dots.size)
    middle.paste(ink, ((48 - ink.width) // 2, (48 - ink.height) // 2))
    return middle


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of their joint ink that only one of them has."""
    apart = ImageChops.logical_xor(one, other).histogram()[255]
    return apart / ImageChops.logical_or(one, other).histogram()[255]


def test_drawings_and_pictures_are_those_that_have_a_use() -> None:
    assert {path.stem for path in ICONS.glob("*.svg")} == NAMES
    assert {path.stem for path in (ICONS / "png").iterdir()} == NAMES


@pytest.mark.slow
def test_every_picture_is_what_its_drawing_shows(build: ModuleType) -> None:
    changed = {
        name: step
        for name in sorted(NAMES)
        if (step := largest_step(picture(name), build.render(ICONS / f"{name}.svg"))) > 2
        # Another processor may round an edge differently, by a step or two in 255.
    }

    assert changed == {}, "run: python assets/icons/build.py"


def test_every_picture_is_white_on_transparent() -> None:
    # White also where nothing is to be seen, or scaling gives every shape a dark rim.
    coloured = {
        name
        for name in NAMES
        if picture(name).mode != "RGBA" or picture(name).getextrema()[:3] != ((255, 255),) * 3
    }

    assert coloured == set()


def test_every_picture_keeps_its_margin() -> None:
    margins = {}
    for name in NAMES:
        ink = picture(name).getchannel("A").point(lambda value: 255 * (value > 127))
        left, top, right, bottom = ink.getbbox()
        margins[name] = min(left, top, 256 - right, 256 - bottom)

    assert {name: margin for name, margin in margins.items() if not 10 <= margin <= 40} == {}


def test_no_two_landmarks_look_alike_on_paper() -> None:
    dots = {name: as_printed(f"landmark-{name}") for name in LANDMARKS}

    # A landmark that is misprinted by one dot each way differs from itself by up to 0.24.
    too_close = {
        pair: round(difference(dots[pair[0]], dots[pair[1]]), 2)
        for pair in itertools.combinations(LANDMARKS, 2)
        if difference(dots[pair[0]], dots[pair[1]]) < 0.3
    }

    assert too_close == {}


def test_every_icon_that_a_site_file_may_name_is_drawn():
    assert [icon for icon in ICONS_OF_SITES if not (ICONS / "png" / f"{icon}.png").is_file()] == []
