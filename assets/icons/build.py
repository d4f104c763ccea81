#!/usr/bin/env python3
"""The step from drawings to pictures: each SVG here becomes ``png/NAME.png``.

A picture is white on transparent, so that a screen can tint it and a slip can print its
opacity; 256 by 256 pixels, enough for 200 pixels on a touchscreen. The pictures are
committed, and kiosks need no SVG renderer. Run: ``python assets/icons/build.py``.
"""

import io
import sys
from pathlib import Path

import resvg_py
from PIL import Image

HERE = Path(__file__).resolve().parent
SIZE = 256


def render(drawing: Path) -> Image.Image:
    """Return the picture of one SVG file: RGBA, white wherever anything is drawn."""
    png = resvg_py.svg_to_bytes(
        svg_string=drawing.read_text(encoding="utf-8"),
        width=SIZE,
        height=SIZE,
        skip_system_fonts=True,  # a drawing has no text; letters differ between machines
    )
    opacity = Image.open(io.BytesIO(png)).convert("RGBA").getchannel("A")
    # White also under full transparency: a screen that scales the picture mixes
    # neighbouring pixels, and black there would show as a dark rim.
    picture = Image.new("RGBA", opacity.size, "white")
    picture.putalpha(opacity)
    return picture


def main() -> int:
    """Draw every SVG and drop pictures that have lost theirs; return the exit code."""
    folder = HERE / "png"
    folder.mkdir(exist_ok=True)
    drawings = sorted(HERE.glob("*.svg"))
    for drawing in drawings:
        render(drawing).save(folder / f"{drawing.stem}.png", optimize=True)
    for picture in set(folder.glob("*.png")) - {folder / f"{d.stem}.png" for d in drawings}:
        picture.unlink()
    sys.stdout.write(f"{len(drawings)} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
