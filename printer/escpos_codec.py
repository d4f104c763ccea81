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
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from printer.artwork import Artwork
from printer.marks import Block, Layout
from printer.profile import CODECS, Profile
from printer.raster import Raster, to_raster
from printer.slip_picture import draw_block

ESC, GS = b"\x1b", b"\x1d"

_TALLEST = 255
"""Rows of one raster: more would need the second height byte, which some printers ignore."""


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
    encoder = _new_encoder(profile)
    encoder.hw("INIT")
    for block in layout.blocks:
        encoder._raw(_drawn(block, layout.width, artwork, profile))
    encoder.cut(feed=False)
    return bytes(encoder.output) + done_question(profile, job_id)


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


def _drawn(block: Block, width: int, artwork: Artwork, profile: Profile) -> bytes:
    """Return a block as rasters of its inked rows, with feeds for the blank ones."""
    return _picture(draw_block(block, width, artwork), profile)


def _picture(ink: Image.Image, profile: Profile) -> bytes:
    parts = []
    for top, bottom, blank in _runs(to_raster(ink)):
        if blank:
            parts.append(feed(bottom - top, profile))
        else:
            parts.append(_bands(ink.crop((0, top, ink.width, bottom)), profile))
    return b"".join(parts)


_FEW = 8
"""So few blank rows are cheaper inside a picture than as a feed between two."""


def _runs(raster: Raster) -> list[tuple[int, int, bool]]:
    """Return (top, bottom, blank) of rows that belong together, from top to bottom."""
    size, nothing = raster.row_bytes, bytes(raster.row_bytes)
    runs: list[tuple[int, int, bool]] = []
    for row in range(raster.rows):
        blank = raster.data[row * size : (row + 1) * size] == nothing
        if runs and runs[-1][2] == blank:
            runs[-1] = (runs[-1][0], row + 1, blank)
        else:
            runs.append((row, row + 1, blank))
    joined: list[tuple[int, int, bool]] = []
    for index, (top, bottom, blank) in enumerate(runs):
        inside = 0 < index < len(runs) - 1
        keep_blank = blank and not (inside and bottom - top < _FEW)
        if joined and not joined[-1][2] and not keep_blank:
            joined[-1] = (joined[-1][0], bottom, False)
        else:
            joined.append((top, bottom, keep_blank))
    return joined


def feed(dots: int, profile: Profile) -> bytes:
    """Return a paper feed of exactly that many dots.

    ``ESC J`` counts in half dots on several models, so by default blank rows one byte wide
    are printed instead: exact everywhere, at one byte a dot.
    """
    parts = []
    while dots > 0:
        rows = min(dots, _TALLEST) if profile.dot_feed else _good_height(dots)
        if profile.dot_feed:
            parts.append(ESC + b"J" + bytes([rows]))
        else:
            parts.append(raster_command(Raster(1, rows, bytes(rows))))
        dots -= rows
    return b"".join(parts)


def _bands(ink: Image.Image, profile: Profile) -> bytes:
    """Return a picture as one or more rasters, right edge trimmed to the ink."""
    box = ink.getbbox()
    if box is None:
        return feed(ink.height, profile)
    parts, top = [], 0
    while top < ink.height:
        rows = _good_height(ink.height - top)
        band = ink.crop((0, top, (box[2] + 7) // 8 * 8, top + rows))
        parts.append(raster_command(to_raster(band)))
        top += rows
    return b"".join(parts)


def _good_height(rows: int) -> int:
    """Return how many rows to send at once: at most `rows`, and no height that is known bad.

    Multiples of 48 print garbage on some printers and multiples of 64 stop others
    (python-escpos #424, escpos-coffee #92); one row less never does.
    """
    rows = min(rows, _TALLEST)
    return rows - 1 if rows % 48 == 0 or rows % 64 == 0 else rows


def raster_command(raster: Raster, *, doubled: bool = False) -> bytes:
    """Return ``GS v 0``: the raster at the left margin, twice as large both ways if `doubled`."""
    sizes = raster.row_bytes.to_bytes(2, "little") + raster.rows.to_bytes(2, "little")
    return GS + b"v0" + (b"\x03" if doubled else b"\x00") + sizes + raster.data


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
