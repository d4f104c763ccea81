"""Layouts as ESC/POS bytes; the only place that imports python-escpos.

python-escpos is used as an encoder (its `Dummy` printer) for the plain commands: initialise,
code page, text, QR code, cut. Raster pictures are written here, forty times faster than its
`image()`. Of its known faults (3.1) these are kept out: a new Dummy for each slip, INIT
before anything else, one forced code page for each run of text.
"""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from printer.artwork import Artwork
from printer.compact import PictureStep, QrStep, Step, TextStep, compact_steps
from printer.marks import Layout
from printer.profile import CODECS, Profile
from printer.raster_commands import feed, picture
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_block

ESC, GS = b"\x1b", b"\x1d"

TEAR_FEED = 96
"""Dots from head to tearing edge, 12 mm, for printers without a cutter."""


class Rendition(Enum):
    """How a layout becomes bytes."""

    DRAWN = "drawn"
    """Every dot as designed, as pictures: for lines that outrun the print head."""
    COMPACT = "compact"
    """Text, QR codes and half resolution where the printer can: for slow lines."""


def encode_slip(
    layout: Layout,
    profile: Profile,
    artwork: Artwork,
    *,
    rendition: Rendition,
    job_id: bytes = b"0001",
) -> bytes:
    """Return one whole job: the slip, its cut, and the question whether it is done.

    Args:
        layout: What to print; must be as wide as the profile's paper.
        profile: What the printer can do.
        artwork: Fonts and pictograms.
        rendition: How faithful, how short.
        job_id: Four printable ASCII bytes that the printer echoes, where it can.

    """
    steps: Iterable[Step] = (PictureStep(block, coarse=False) for block in layout.blocks)
    if rendition is Rendition.COMPACT:
        steps = compact_steps(layout, profile, longest=LONGEST)
    return encode_steps(steps, profile, artwork, job_id=job_id)


def encode_steps(
    steps: Iterable[Step], profile: Profile, artwork: Artwork, *, job_id: bytes
) -> bytes:
    """Return one whole job that sends these steps, cuts, and asks whether it is done."""
    job = _Job(profile)
    for step in steps:
        if isinstance(step, PictureStep):
            job.picture(draw_block(step.block, profile.paper_dots, artwork), coarse=step.coarse)
        elif isinstance(step, TextStep):
            job.text(step)
        elif isinstance(step, QrStep):
            job.qr(step)
        else:
            job.feed(step.dots)
    return job.cut() + done_question(profile, job_id)


def cut_off(profile: Profile) -> bytes:
    """Return what parts the paper where it is: the remains of a slip nobody can vouch for."""
    return _Job(profile).cut()


def done_question(profile: Profile, job_id: bytes) -> bytes:
    """Return what the printer answers only once everything before it has been worked through.

    Epson, GS r 1 (in queue order, every model) and GS ( H fn 48 (echoes the id; "when the
    related data is printing data ... transmitted when the printing is completed").
    """
    if len(job_id) != 4 or not all(0x20 <= byte <= 0x7E for byte in job_id):
        raise ValueError(f"job id {job_id!r}: it must be four printable ASCII bytes")
    if profile.process_id:
        return GS + b"(H\x06\x000" + b"0" + job_id
    return GS + b"r1"


class _Job:
    """The commands of one job, in a python-escpos Dummy of its own."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._encoder = _new_encoder(profile)
        self._send = self._encoder._raw  # noqa: SLF001 -- python-escpos's way for raw bytes
        self._encoder.hw("INIT")

    def picture(self, ink: Image.Image, *, coarse: bool = False) -> None:
        self._send(picture(ink, self._profile, coarse=coarse))

    def text(self, step: TextStep) -> None:
        # The line spacing is that of the letters: the printer then feeds by them, whether it
        # counts in dots or in half dots.
        self._send(ESC + b"3" + bytes([step.height]))
        for words in step.words:
            self._send(ESC + b"$" + words.x.to_bytes(2, "little"))
            self._encoder.set(
                custom_size=True, width=words.across, height=words.down, bold=words.bold
            )
            self._encoder.charcode(words.page)
            self._encoder.text(words.text)
        self._send(b"\n")

    def qr(self, step: QrStep) -> None:
        self._encoder.set(align="center")
        self._encoder.qr(step.code.url, ec=_LEVEL_M, size=step.code.module, native=True)
        self._encoder.set(align="left")

    def feed(self, dots: int) -> None:
        self._send(feed(dots, self._profile))

    def cut(self) -> bytes:
        """Return the whole job with its cut at the end."""
        if not self._profile.cutter:
            self.feed(TEAR_FEED)
        self._encoder.cut(feed=False)
        return bytes(self._encoder.output)


_LEVEL_M = 1  # python-escpos's QR_ECLEVEL_M


def _new_encoder(profile: Profile) -> Any:  # noqa: ANN401 -- python-escpos has no types
    dummy, profile_class = _python_escpos()
    ours = type(
        "OurProfile",
        (profile_class,),
        {"profile_data": {"codePages": {str(n): page for page, n in profile.code_pages.items()}}},
    )
    return dummy(profile=ours())


@cache
def _python_escpos() -> tuple[Any, Any]:
    """Import python-escpos at the first slip; return its Dummy and its Profile class.

    At import it parses 300 kB of YAML (0.4 s), leaves a temporary folder behind and sets up
    the root logger. It gets a small file of our code pages to parse instead, the folder is
    removed, and the root logger stays as the program has set it.
    """
    capabilities = {
        "profiles": {"default": {"codePages": {}, "features": {}, "fonts": {}}},
        "encodings": {page: {"python_encode": codec} for page, codec in CODECS.items()},
    }
    handlers = logging.root.handlers[:]
    kept = {key: os.environ.pop(key, None) for key in (_FILE, _FOLDER)}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(capabilities, file)
        file.flush()
        os.environ[_FILE] = file.name
        try:
            from escpos import capabilities as loaded  # noqa: PLC0415 -- see above
            from escpos.printer import Dummy  # noqa: PLC0415
        finally:
            del os.environ[_FILE]
            os.environ.update({key: value for key, value in kept.items() if value is not None})
            logging.root.handlers[:] = handlers
    shutil.rmtree(Path(loaded.pickle_dir), ignore_errors=True)
    return Dummy, loaded.Profile


_FILE, _FOLDER = "ESCPOS_CAPABILITIES_FILE", "ESCPOS_CAPABILITIES_PICKLE_DIR"
