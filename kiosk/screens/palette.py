"""The colours, and what each is for. No Kivy, so that a test can measure their contrast."""

from typing import NamedTuple

PALETTES = {
    "light": {
        "background": "#EEF2F7",
        "surface": "#FFFFFF",
        "ink": "#10203B",
        "quiet": "#36455F",
        "brand": "#0A4FB3",
        "brand_down": "#073A85",
        "brand_ink": "#FFFFFF",
        "tint": "#D6E4FA",
        "line": "#C3CEDF",
        "pale": "#DDE4EE",
        "accent": "#FFC53D",
        "accent_down": "#E8A91A",
        "first_aid": "#00614F",
        "first_aid_down": "#00463A",
        "person": "#FFC53D",
        "person_down": "#E8A91A",
        "person_ink": "#10203B",
        "bar": "#10203B",
        "focus": "#10203B",
        "focus_halo": "#FFFFFF",
    },
    "contrast": {
        "background": "#000000",
        "surface": "#000000",
        "ink": "#FFFFFF",
        "quiet": "#FFFFFF",
        "brand": "#FFE500",
        "brand_down": "#D6C000",
        "brand_ink": "#000000",
        "tint": "#333300",
        "line": "#FFFFFF",
        "pale": "#262626",
        "accent": "#000000",
        "accent_down": "#000000",
        "first_aid": "#7CFFB2",
        "first_aid_down": "#5AD68F",
        "person": "#FFFFFF",
        "person_down": "#CFCFCF",
        "person_ink": "#000000",
        "bar": "#000000",
        "focus": "#FFE500",
        "focus_halo": "#000000",
    },
}
"""Palette to colours; each names the same ones. "contrast" is for eyes that see little."""


class Tone(NamedTuple):
    """What a tile is painted with: names of colours."""

    fill: str
    down: str
    chosen: str
    ink: str
    ink_chosen: str


TONES = {
    "card": Tone("surface", "tint", "brand", "ink", "brand_ink"),
    "brand": Tone("brand", "brand_down", "brand", "brand_ink", "brand_ink"),
    "pale": Tone("pale", "pale", "pale", "quiet", "quiet"),
    # Green is the colour of first-aid signs (ISO 7010, E003).
    "doctor": Tone("first_aid", "first_aid_down", "first_aid", "brand_ink", "brand_ink"),
    "person": Tone("person", "person_down", "person", "person_ink", "person_ink"),
}
"""Kinds of tile, and the colours of each."""
