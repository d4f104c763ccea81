"""Bytes per slip, and CPU per slip, beside python-escpos `image()` of the very same picture."""

import time
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from io import StringIO

from escpos.printer import Dummy

from printer.artwork import default_artwork
from printer.escpos_codec import Rendition, encode_slip
from printer.profile import load_profile
from printer.raster import measure
from printer.sample import load_sample
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from tests.bench.figures import Figure

LANGUAGES = ("uk", "ru", "de", "en", "ar")
REPETITIONS = 15
PROFILE = "virtual-80"
"""A printer whose code pages are known, so that compact slips may use them."""


def measure_slips() -> list[Figure]:
    """Measure the sample slips on 80 mm paper, in both renditions."""
    profile, artwork = load_profile(PROFILE), default_artwork()
    figures = []
    for language in LANGUAGES:
        slip = load_sample(language)
        layout = lay_out(slip, profile.paper_dots, partial(measure, artwork))
        picture = draw_slip(layout, artwork)

        def by_image(picture=picture) -> bytes:
            dummy = Dummy()
            with redirect_stdout(StringIO()):  # it prints that it knows no paper width
                dummy.image(picture)
            return bytes(dummy.output)

        for rendition in Rendition:

            def by_us(rendition=rendition, layout=layout) -> bytes:
                return encode_slip(layout, profile, artwork, rendition=rendition)

            what = f"slip {language} {rendition.value}"
            than = "escpos image(), picture ready"
            figures.append(Figure(f"{what}, bytes", (len(by_us()),), "B", (len(by_image()),), than))
            figures.append(
                Figure(f"{what}, CPU", _milliseconds(by_us), "ms", _milliseconds(by_image), than)
            )
    return figures


def _milliseconds(work: Callable[[], object]) -> tuple[float, ...]:
    times = []
    work()
    for _ in range(REPETITIONS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return tuple(times)
