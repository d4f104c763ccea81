import re

import pytest

from server_stub.static_files import STATIC

TOKEN = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
LIGHT, DARK = (
    dict(TOKEN.findall((STATIC / name).read_text(encoding="utf-8")))
    for name in ("ankunft.css", "dark.css")
)
LOOKS = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]

WITH_COLOURS = ("ankunft.css", "dark.css", "display.css")
ON_PAPER = ("signs.css",)

GROUNDS = ("ground", "card", "sunk", "tint", "called", "good-tint", "urgent-tint")
TEXT_ON_GROUND = [
    *(("ink", ground) for ground in (*GROUNDS, "fresh")),
    *(("quiet", ground) for ground in ("ground", "card", "sunk", "called", "good-tint")),
    *(("link", ground) for ground in ("ground", "card", "sunk", "tint")),
    *(("good", ground) for ground in ("ground", "card", "sunk", "good-tint")),
    *(("urgent", ground) for ground in ("ground", "card", "sunk", "urgent-tint")),
    ("on-tint", "tint"),
    ("called-ink", "called"),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-down"),
    ("urgent-ink", "urgent-fill"),
    ("urgent-ink", "urgent-down"),
    ("head-ink", "head"),
    ("head-ink", "head-deep"),
    ("head-deep", "head-ink"),
]
GRAPHIC_ON_GROUND = [
    *((line, ground) for line in ("rim", "link", "brand") for ground in ("ground", "card")),
    ("called-edge", "called"),
    ("called-edge", "card"),
    ("urgent-fill", "card"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_text_can_be_read_on_its_ground(look):
    """WCAG 2.2, 1.4.3 asks for 4.5 : 1."""
    measured = {pair: contrast(look[pair[0]], look[pair[1]]) for pair in TEXT_ON_GROUND}

    assert {pair: ratio for pair, ratio in measured.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("look", LOOKS)
def test_edges_that_say_something_can_be_seen(look):
    """WCAG 2.2, 1.4.11 asks for 3 : 1."""
    measured = {pair: contrast(look[pair[0]], look[pair[1]]) for pair in GRAPHIC_ON_GROUND}

    assert {pair: ratio for pair, ratio in measured.items() if ratio < 3} == {}


@pytest.mark.parametrize("look", LOOKS)
def test_one_ring_of_the_focus_shows_on_every_ground(look):
    """WCAG 2.2, 1.4.11 asks for 3 : 1."""
    for ground in (*GROUNDS, "head", "brand", "urgent-fill"):
        assert max(contrast(look[ring], look[ground]) for ring in ("ring", "line")) >= 3, ground


def test_every_colour_has_a_dark_one():
    assert LIGHT.keys() == DARK.keys()


def test_pages_have_no_colour_of_their_own():
    """A colour that is no token would stay as it is in the other look."""
    for path in STATIC.glob("*.css"):
        if path.name not in (*WITH_COLOURS, *ON_PAPER):
            colours = set(re.findall(r"#[0-9a-f]{3,8}\b", path.read_text(encoding="utf-8")))
            assert colours <= {"#000", "#fff", "#000000", "#ffffff"}, path


def test_styles_load_nothing_from_elsewhere():
    for path in STATIC.glob("*.css"):
        addresses = re.findall(r"url\(\"?([^\")]*)", path.read_text(encoding="utf-8"))
        ours = re.compile(r"fonts/[\w-]+\.woff2\?v=[0-9a-f]{12}|icons/[\w-]+\.svg")
        assert all(ours.fullmatch(address) for address in addresses)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
