import re

import pytest

from server_stub.static_files import STATIC

STYLES = (STATIC / "ankunft.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", STYLES)) | {"white": "#fff"}

TEXT_ON_GROUND = [
    ("ink", "ground"),
    ("ink", "card"),
    ("ink", "called"),
    ("ink", "good-tint"),
    ("ink", "urgent-tint"),
    ("quiet", "card"),
    ("quiet", "ground"),
    ("head", "card"),
    ("head", "tint"),
    ("head-deep", "tint"),
    ("white", "head"),
    ("white", "head-deep"),
    ("white", "urgent"),
    ("urgent", "card"),
    ("urgent", "urgent-tint"),
    ("good", "card"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(text, ground):
    """WCAG 2.2, 1.4.3 asks for 4.5 : 1."""
    assert contrast(COLOURS[text], COLOURS[ground]) >= 4.5


def test_one_ring_of_the_focus_shows_on_every_ground():
    """WCAG 2.2, 1.4.11 asks for 3 : 1."""
    for ground in ("ground", "card", "head", "urgent", "called", "tint"):
        rings = [contrast(COLOURS[ring], COLOURS[ground]) for ring in ("ink", "line")]
        assert max(rings) >= 3


def test_styles_load_nothing_from_elsewhere():
    for path in STATIC.glob("*.css"):
        addresses = re.findall(r"url\(\"?([^\")]*)", path.read_text(encoding="utf-8"))
        assert all(re.fullmatch(r"(fonts|icons)/[\w-]+\.(ttf|svg)", a) for a in addresses)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
