"""Draws each sample slip as people look at it: python -m tests.printer.draw_slips."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from printer.artwork import default_artwork
from printer.profile import PAPER_DOTS
from printer.raster import measure
from printer.sample import load_directions, load_sample, sample_languages
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip

FOLDER = Path(__file__).parents[2] / "assets" / "pictures" / "slips"

CLOSED = ("uk", "ar", "de", "ka")
"""Languages of which the slip without a number is drawn too."""


def slip_pictures() -> Iterator[tuple[str, Image.Image]]:
    """Yield each sample on each paper by the name of its file, ``uk-80``."""
    artwork = default_artwork()
    for language in sample_languages():
        for paper, dots in PAPER_DOTS.items():
            layout = lay_out(load_sample(language), dots, partial(measure, artwork))
            yield f"{language}-{paper}", draw_slip(layout, artwork)
            if language in CLOSED:
                layout = lay_out(load_directions(language), dots, partial(measure, artwork))
                yield f"closed-{language}-{paper}", draw_slip(layout, artwork)


def main() -> None:
    """Draw all of them anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, picture in slip_pictures():
        picture.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
