"""Bytes, wire and CPU of the sample slips, beside python-escpos `image()` of the same picture."""

import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from statistics import median

from escpos.printer import Dummy

from printer.artwork import Artwork, default_artwork
from printer.compact import PictureStep
from printer.escpos_codec import Rendition, encode_slip, slip_steps
from printer.profile import Profile, load_profile
from printer.raster import measure
from printer.sample import load_sample, sample_languages
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.stock import Stock, stock_for
from tests.bench.figures import Figure

REPETITIONS = 15
PROFILE = "virtual-80"
"""A printer of which everything is known, so that compact slips may use it."""

BAUDS = (9600, 19200, 38400, 115200)
BITS_A_BYTE = 10  # 8N1

DRAWN, KEPT, SENT, IMAGE = "drawn", "compact, pictures kept", "compact", "image()"

Times = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One language: bytes, and milliseconds of CPU from slip to bytes, by way of printing."""

    language: str
    covered: bool
    size: dict[str, int]
    cpu: dict[str, Times]

    def bar(self, way: str) -> tuple[float, float] | None:
        """Return the most bytes and milliseconds that this way may take."""
        return {
            DRAWN: (float("inf"), 15.0),
            KEPT: (700, 1.0) if self.covered else (8000, 4.0),
            SENT: (8000, float("inf")) if self.covered else (24_000, float("inf")),
        }.get(way)


def measure_slips() -> list[Measured]:
    """Measure the sample slips of all languages on 80 mm paper."""
    profile, artwork = load_profile(PROFILE), default_artwork()
    stock = stock_for(profile, artwork)
    return [_measured(language, profile, artwork, stock) for language in sample_languages()]


def _measured(language: str, profile: Profile, artwork: Artwork, stock: Stock) -> Measured:
    slip = load_sample(language)
    lay = partial(lay_out, slip, profile.paper_dots, partial(measure, artwork))
    send = partial(encode_slip, profile=profile, artwork=artwork)
    ways: dict[str, Callable[[], bytes]] = {
        KEPT: lambda: send(lay(), rendition=Rendition.COMPACT, stored=stock.keys),
        SENT: lambda: send(lay(), rendition=Rendition.COMPACT),
        DRAWN: lambda: send(lay(), rendition=Rendition.DRAWN),
        IMAGE: lambda: _by_image(slip, profile, artwork),
    }
    pictures = [
        step
        for step in slip_steps(lay(), profile, Rendition.COMPACT)
        if isinstance(step, PictureStep) and not step.coarse
    ]
    return Measured(
        language,
        not pictures,
        {way: len(work()) for way, work in ways.items()},
        {way: _milliseconds(work) for way, work in ways.items()},
    )


def _by_image(slip: Slip, profile: Profile, artwork: Artwork) -> bytes:
    """Return the slip as others send it: drawn, and the picture given to `image()`."""
    layout = lay_out(slip, profile.paper_dots, partial(measure, artwork))
    dummy = Dummy()
    with redirect_stdout(StringIO()):  # it prints that it knows no paper width
        dummy.image(draw_slip(layout, artwork))
    return bytes(dummy.output)


def slip_figures(measured: list[Measured]) -> list[Figure]:
    """Return everything that was measured, for ``build/bench.json``."""
    figures = []
    for one in measured:
        for way in (KEPT, SENT, DRAWN):
            name = f"slip {one.language} {way}"
            beside = (one.size[IMAGE],)
            figures.append(Figure(f"{name}, bytes", (one.size[way],), "B", beside, IMAGE))
            figures.append(Figure(f"{name}, CPU", one.cpu[way], "ms", one.cpu[IMAGE], IMAGE))
    return figures


def slip_tables(measured: list[Measured]) -> str:
    """Return two tables of text, a language a row: bytes and CPU, and seconds on the wire."""
    ways = (KEPT, SENT, DRAWN, IMAGE)
    lines = [
        "slips on 80 mm paper; ! misses its bar",
        f"{'':10}{'bytes':^42}  {'ms of CPU, layout included':^42}",
        "language  " + "".join(f"{_short(way):>10}" for way in (*ways, "", *ways)),
    ]
    for one in measured:
        sizes = "".join(f"{one.size[way]:>9,}{_missed(one, way, 0)}" for way in ways)
        times = "".join(f"{median(one.cpu[way]):>9.2f}{_missed(one, way, 1)}" for way in ways)
        lines.append(
            f"{one.language:3}{'page' if one.covered else 'raster':7}{sizes:40}{times:>50}"
        )
    lines += ["", "seconds on the wire, 8N1", f"{'':10}" + "".join(f"{w:^28}" for w in ways[:2])]
    lines[-1] += f"{IMAGE:^28}"
    lines.append("language  " + "".join(f"{baud:>7}" for _ in range(3) for baud in BAUDS))
    for one in measured:
        seconds = (
            one.size[way] * BITS_A_BYTE / baud for way in (KEPT, SENT, IMAGE) for baud in BAUDS
        )
        lines.append(f"{one.language:10}" + "".join(f"{second:7.2f}" for second in seconds))
    return "\n".join(lines)


def _short(way: str) -> str:
    return {KEPT: "kept", SENT: "compact"}.get(way, way)


def _missed(one: Measured, way: str, what: int) -> str:
    bar = one.bar(way)
    if bar is None:
        return " "
    value = one.size[way] if what == 0 else median(one.cpu[way])
    return "!" if value > bar[what] else " "


def _milliseconds(work: Callable[[], object]) -> Times:
    times = []
    work()
    for _ in range(REPETITIONS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return tuple(times)
