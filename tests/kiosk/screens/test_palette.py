import pytest

from kiosk.screens.palette import PALETTES, TONES

AAA = 7.0
"""WCAG 2.2, 1.4.6."""

WORDS_ON = [
    ("ink", "background"),
    ("ink", "surface"),
    ("quiet", "background"),
    ("quiet", "surface"),
    ("brand_ink", "brand"),
    *((tone.ink, tone.fill) for tone in TONES.values()),
    *((tone.ink, tone.down) for tone in TONES.values()),
    *((tone.ink_chosen, tone.chosen) for tone in TONES.values()),
]
PICTURES_ON = [
    ("brand", "surface"),
    ("brand", "background"),
    ("brand", "tint"),
    ("accent", "brand"),
    ("focus", "focus_halo"),  # the halo lies on both sides of the ring, wherever the tile lies
]
"""Pictures and parts of controls: 3:1 (WCAG 2.2, 1.4.11)."""


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("palette", PALETTES)
def test_words_stand_out_from_what_they_stand_on(palette: str) -> None:
    colours = PALETTES[palette]
    weak = {
        (ink, fill): round(contrast(colours[ink], colours[fill]), 2)
        for ink, fill in WORDS_ON
        if contrast(colours[ink], colours[fill]) < AAA
    }

    assert weak == {}


def test_every_palette_names_the_same_colours() -> None:
    assert {frozenset(colours) for colours in PALETTES.values()} == {frozenset(PALETTES["light"])}


def test_edges_of_controls_stand_out_in_high_contrast() -> None:
    colours = PALETTES["contrast"]
    edges = [("line", "background"), ("brand", "background")]
    edges += [("first_aid", "bar"), ("person", "bar")]

    assert [pair for pair in edges if contrast(*(colours[name] for name in pair)) < 3] == []


@pytest.mark.parametrize("palette", PALETTES)
def test_pictures_stand_out_from_what_they_stand_on(palette: str) -> None:
    colours = PALETTES[palette]
    weak = {
        (ink, fill): round(contrast(colours[ink], colours[fill]), 2)
        for ink, fill in PICTURES_ON
        if contrast(colours[ink], colours[fill]) < 3
    }

    assert weak == {}
