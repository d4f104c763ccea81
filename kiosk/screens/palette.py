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
    }
}
"""Palette to colours. Further palettes name the same colours."""


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
    "person": Tone("accent", "accent_down", "accent", "ink", "ink"),
}
"""Kinds of tile, and the colours of each."""
