"""Layouts as ESC/POS bytes; the only place that imports python-escpos.

python-escpos is used as an encoder (its `Dummy` printer) for initialise, QR code and cut. Text
is written here: its `text()` would repeat what is in force, and change pages inside a word.
So are pictures, forty times faster than its `image()`.
"""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import Image

from printer.artwork import Artwork
from printer.compact import PictureStep, QrStep, Step, TextStep, Words, compact_steps
from printer.marks import Layout, QrCode
from printer.nv_graphics import print_stored
from printer.profile import CODECS, Profile
from printer.raster_commands import feed, picture
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_block

ESC, GS = b"\x1b", b"\x1d"

TEAR_FEED = 96
"""Dots from head to tearing edge, 12 mm, for printers without a cutter."""


NOTHING_STORED: Mapping[PictureStep, bytes] = MappingProxyType({})
"""A printer that holds no pictures."""


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
    stored: Mapping[PictureStep, bytes] = NOTHING_STORED,
) -> bytes:
    """Return one whole job: the slip, its cut, and the question whether it is done.

    Args:
        layout: What to print; must be as wide as the profile's paper.
        profile: What the printer can do.
        artwork: Fonts and pictograms.
        rendition: How faithful, how short.
        job_id: Four printable ASCII bytes that the printer echoes, where it can.
        stored: The pictures that this very printer holds, with the key of each.

    """
    steps = slip_steps(layout, profile, rendition)
    return encode_steps(steps, profile, artwork, job_id=job_id, stored=stored)


def slip_steps(layout: Layout, profile: Profile, rendition: Rendition) -> list[Step]:
    """Return what to send for a layout, from top to bottom."""
    if rendition is Rendition.COMPACT:
        return compact_steps(layout, profile, longest=LONGEST)
    return [PictureStep(block, coarse=False) for block in layout.blocks]


def encode_steps(
    steps: Iterable[Step],
    profile: Profile,
    artwork: Artwork,
    *,
    job_id: bytes,
    stored: Mapping[PictureStep, bytes] = NOTHING_STORED,
) -> bytes:
    """Return one whole job that sends these steps, cuts, and asks whether it is done."""
    job = _Job(profile)
    for step in steps:
        if isinstance(step, PictureStep):
            key = stored.get(step)
            if key is None:
                job.picture(draw_block(step.block, profile.paper_dots, artwork), coarse=step.coarse)
            else:
                job.send(print_stored(key, doubled=step.coarse))
        elif isinstance(step, TextStep):
            job.text(step)
        elif isinstance(step, QrStep):
            job.send(_native_qr(step.code))
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


def hinted_slots(page: str, model: str) -> tuple[int, ...]:
    """Return the slots (n of ESC t n) in which printers keep a code page, after python-escpos.

    Those of the model come first, then the others by how many models use them. Its table is a
    hint: it lists pages that printers lack, so each slot is tried on paper.

    Args:
        page: One of CODECS.
        model: As the printer calls itself; may be unknown.

    """
    package = find_spec("escpos")
    if package is None or package.origin is None:
        return ()
    table = Path(package.origin).with_name("capabilities.json").read_text("utf-8")
    models: dict[str, Any] = json.loads(table)["profiles"]
    found: dict[int, tuple[bool, int]] = {}
    for name, content in models.items():
        for slot, held in content["codePages"].items():
            if held == page:
                own, users = found.get(int(slot), (False, 0))
                found[int(slot)] = (own or name.casefold() == model.casefold(), users + 1)
    return tuple(sorted(found, key=found.__getitem__, reverse=True))


class _Job:
    """The commands of one job. Says nothing that is already in force."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._parts = [_initialise()]
        self._in_force = dict(_AFTER_INITIALISE)
        self._page = ""
        self._line_is_open = False

    def send(self, commands: bytes) -> None:
        """Send commands that need a line to themselves."""
        self._end_line(0)
        self._parts.append(commands)

    def picture(self, ink: Image.Image, *, coarse: bool = False) -> None:
        self.send(picture(ink, self._profile, coarse=coarse))

    def text(self, step: TextStep) -> None:
        self._end_line(0)
        self._line_height = step.height
        x = 0
        for words in step.words:
            if words.x != x:
                self._parts.append(ESC + b"$" + words.x.to_bytes(2, "little"))
            self._set(GS + b"!", words.across - 1 << 4 | words.down - 1)
            self._set(ESC + b"E", int(words.bold))
            self._set(GS + b"B", int(words.white))
            if self._profile.smoothing:
                self._set(GS + b"b", int(words.down > _SMALL))
            self._parts.append(self._in_page(words))
            x = words.end
        self._line_is_open = True

    def feed(self, dots: int) -> None:
        # The feed after a line is part of its spacing, where a printer counts in whole dots.
        if self._line_is_open and self._profile.dot_feed and self._line_height + dots <= 255:
            self._end_line(dots)
        else:
            self.send(feed(dots, self._profile))

    def cut(self) -> bytes:
        """Return the whole job with its cut at the end."""
        if not self._profile.cutter:
            self.feed(TEAR_FEED)
        self.send(_cut())
        return b"".join(self._parts)

    def _end_line(self, dots: int) -> None:
        """Print the line, feed by its letters' height (in whatever units) and `dots` more."""
        if self._line_is_open:
            self._set(ESC + b"3", self._line_height + dots)
            self._parts.append(b"\n")
            self._line_is_open = False

    def _set(self, command: bytes, value: int) -> None:
        if self._in_force.get(command) != value:
            self._in_force[command] = value
            self._parts.append(command + bytes([value]))

    def _in_page(self, words: Words) -> bytes:
        """Return the text on one code page: that in force where it will do."""
        if words.text.isascii():
            return words.text.encode("ascii")
        if self._page:
            try:
                return words.text.encode(CODECS[self._page])
            except UnicodeEncodeError:
                pass
        self._page = words.page
        self._set(ESC + b"t", self._profile.code_pages[words.page])
        return words.text.encode(CODECS[words.page])


_AFTER_INITIALISE = {GS + b"!": 0, ESC + b"E": 0, GS + b"B": 0, GS + b"b": 0}
"""What ESC @ leaves behind; page and spacing are memory switches on some models."""

_SMALL = 2
"""Letters up to this multiple are sharper without smoothing."""


@cache
def _initialise() -> bytes:
    return _encoded(lambda dummy: dummy.hw("INIT"))


@cache
def _cut() -> bytes:
    return _encoded(lambda dummy: dummy.cut(feed=False))


def _native_qr(code: QrCode) -> bytes:
    """Return the QR code in the middle of the paper. Never kept: it leads to one party."""

    def say(dummy: Any) -> None:  # noqa: ANN401 -- python-escpos has no types
        dummy.set(align="center")
        dummy.qr(code.url, ec=_LEVEL_M, size=code.module, native=True)
        dummy.set(align="left")

    return _encoded(say)


_LEVEL_M = 1  # python-escpos's QR_ECLEVEL_M


def _encoded(say: Callable[[Any], None]) -> bytes:
    """Return what python-escpos makes of some calls to its Dummy, a printer without a line."""
    dummy = _dummy()
    say(dummy)
    commands = bytes(dummy.output)
    dummy.clear()
    return commands


@cache
def _dummy() -> Any:  # noqa: ANN401 -- python-escpos has no types
    dummy, profile = _imported()
    return dummy(profile=profile)


@cache
def _imported() -> tuple[Any, Any]:
    """Import python-escpos at the first slip; return its Dummy class and an empty profile.

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
    ours = type("OurProfile", (loaded.Profile,), {"profile_data": {"codePages": {}}})
    return Dummy, ours()


_FILE, _FOLDER = "ESCPOS_CAPABILITIES_FILE", "ESCPOS_CAPABILITIES_PICKLE_DIR"
