"""Every drawing has its picture, and no two landmarks can be taken for each other."""

import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops

ICONS = Path(__file__).resolve().parents[2] / "assets" / "icons"
LANDMARKS = (
    *("tree", "fish", "boat", "star", "moon", "bird"),
    *("tulip", "apple", "umbrella", "bell", "key", "cat"),
)
NAMES = {f"landmark-{name}" for name in LANDMARKS} | {
    *("adult", "child"),
}


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_icons", ICONS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_printed(name: str) -> Image.Image:
    """The picture as a slip prints it, 48 dots high, moved to the middle of its ink."""
    opacity = Image.open(ICONS / "png" / f"{name}.png").getchannel("A")
    small = opacity.resize((48, 48), Image.Resampling.BOX)
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


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_picture_is_what_its_drawing_shows(build: ModuleType, name: str) -> None:
    picture = Image.open(ICONS / "png" / f"{name}.png")
    drawn = build.render(ICONS / f"{name}.svg")

    assert picture.mode == drawn.mode == "RGBA"
    assert picture.size == drawn.size == (256, 256)
    # Another processor may round an edge differently, by one step in 255.
    assert max(high for _, high in ImageChops.difference(picture, drawn).getextrema()) <= 2


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_picture_is_white_and_keeps_its_margin(name: str) -> None:
    picture = Image.open(ICONS / "png" / f"{name}.png")
    red, green, blue, opacity = picture.split()
    left, top, right, bottom = opacity.point(lambda value: 255 * (value > 127)).getbbox()

    assert {band.getextrema() for band in (red, green, blue)} == {(255, 255)}
    assert min(left, top, 256 - right, 256 - bottom) >= 8


def test_no_two_landmarks_look_alike_on_paper() -> None:
    dots = {name: as_printed(f"landmark-{name}") for name in LANDMARKS}

    # A landmark that is misprinted by one dot each way differs from itself by up to 0.24.
    too_close = {
        pair: round(difference(dots[pair[0]], dots[pair[1]]), 2)
        for pair in itertools.combinations(LANDMARKS, 2)
        if difference(dots[pair[0]], dots[pair[1]]) < 0.3
    }

    assert too_close == {}
