"""Trials: one thing each that a printer may be able to do, as bytes that show whether it can.

What a trial prints is right or wrong at a glance: half of a frame is sent the doubtful way and
half the way that every printer knows, and only a printer that can do it joins the two.
"""

# ruff: noqa: RUF001 -- letters that look like others are what the page is about

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from printer.artwork import Artwork
from printer.marks import Block, Box, Mark, Style, Text
from printer.profile import CODECS, Profile
from printer.raster import measure
from printer.raster_commands import feed, picture
from printer.slip_picture import draw_block

ESC, GS = b"\x1b", b"\x1d"

SPECIMENS = {
    "CP437": "Ä Ö Ü ß é ñ £",
    "CP850": "Ä Ö Ü ß é ñ Ø",
    "CP852": "Ą Ę Ł Ś Ż ő ű Ţ",
    "CP857": "Ğ ğ İ ı Ş ş",
    "CP858": "Ä Ö Ü ß é €",
    "CP866": "Щ Э Ю Я щ э ю я Ё",
    "CP1125": "Щ Ґ ґ Є є І і Ї ї",
    "CP1250": "Ą Ę Ł Ś Ż ő ű Ţ",
    "CP1251": "Щ Ґ ґ Є є І і Ї ї №",
    "CP1252": "Ä Ö Ü ß é ñ œ €",
    "CP1254": "Ğ ğ İ ı Ş ş €",
}
"""Letters that tell a code page from its neighbours."""

TRIAL_URL = "https://ankunft.example/test-page"
"""What a phone reads from the QR code of the test page."""


@dataclass(frozen=True, slots=True)
class Ability:
    """A yes-or-no (or a measure) of a profile that only eyes can settle.

    Attributes:
        number: As printed beside it; the same on every page, so that an answer can come later.
        setting: The profile's field that it settles.
        title: What is tried, in a few words.
        right: What paper looks like when the printer can do it.

    """

    number: int
    setting: str
    title: str
    right: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A code page tried in one slot: the n of ``ESC t n``."""

    number: int
    page: str
    slot: int


ABILITIES = (
    Ability(1, "paper_dots", "Paper width", "A thick bar at both ends, and 10 means 10 mm."),
    Ability(2, "dot_feed", "Feed in dots", "Both gaps are equally high."),
    Ability(3, "left_margin", "Left margin", "One whole frame, its halves not shifted."),
    Ability(4, "doubled_raster", "Doubled picture", "One whole frame, as wide as the paper."),
    Ability(5, "native_qr", "QR code by the printer", "A phone reads ankunft.example."),
    Ability(6, "reversed_text", "Reversed text", "White letters on a black bar."),
    Ability(7, "capital_dots", "Letter height", "Measure the H: 1 mm here is 1 dot of the font."),
    Ability(8, "smoothing", "Smoothing", "Round edges, where 7 has steps."),
    Ability(9, "cutter", "Cutter", "This page was cut off by itself."),
)
"""All trials but those of code pages, in the order of their numbers."""

FIRST_SLOT = 10
"""The number of the first code page; the abilities come before it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper that trials are printed on, and what is certain about its printer.

    Attributes:
        profile: Able to do nothing but print ``GS v 0``, whatever is being tried.
        artwork: Fonts.

    """

    profile: Profile
    artwork: Artwork

    @property
    def width(self) -> int:
        """Dots of a line."""
        return self.profile.paper_dots

    def drawn(self, height: int, *marks: Mark) -> bytes:
        """Return marks as a picture that any printer prints."""
        return picture(self.ink(height, *marks), self.profile)

    def ink(self, height: int, *marks: Mark) -> Image.Image:
        """Return marks as a mask of the paper's full width."""
        return draw_block(Block("trial", height, marks), self.width, self.artwork)

    def text(self, x: int, baseline: int, text: str, style: Style, *, white: bool = False) -> Text:
        """Return one line of text."""
        width = measure(self.artwork, text, style)
        return Text(x, baseline, width, text, style, white=white)

    def wrapped(self, text: str, style: Style, room: int) -> list[str]:
        """Return a sentence broken at spaces into lines of at most `room` dots."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and measure(self.artwork, longer, style) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


def trial_commands(ability: Ability, sheet: Sheet) -> bytes:
    """Return what shows whether the printer has the ability; nothing for the cutter."""
    attempt = _ATTEMPTS.get(ability.setting)
    return attempt(sheet) if attempt else b""


def slot_label(trial: Slot) -> str:
    """Return what stands before the letters: plain ASCII, the same in every code page."""
    return f"{trial.number:2d} slot {trial.slot:<3d} "


def slot_line(trial: Slot) -> bytes:
    """Return the letters of a code page in the printer's own font, from one slot (ESC t n)."""
    line = slot_label(trial) + SPECIMENS[trial.page]
    table = ESC + b"t" + bytes([trial.slot])
    return ESC + b"@" + _LINE_SPACING + table + line.encode(CODECS[trial.page]) + b"\n"


INDENT = 60
"""Where the text beside a number begins, and what is tried beneath it: dots from the left."""

_FROM_INDENT = ESC + b"$" + INDENT.to_bytes(2, "little")
"""ESC $ nL nH: go on at that dot."""

_LINE_SPACING = ESC + b"3\x20"
"""ESC 3 n: 32 dots from line to line."""


def _ruler(sheet: Sheet) -> bytes:
    """Return a ruler from edge to edge, a tick each millimetre."""
    ticks: list[Mark] = [
        Box(0, 0, sheet.width, 2),
        Box(0, 0, 6, 44),
        Box(sheet.width - 6, 0, 6, 44),
    ]
    for millimetre in range(1, sheet.width // 8):
        long = millimetre % 10 == 0
        ticks.append(
            Box(millimetre * 8 - 1, 0, 2, 20 if long else 14 if millimetre % 5 == 0 else 8)
        )
        if long and millimetre * 8 + 24 < sheet.width:
            label, style = str(millimetre), Style(20)
            left = millimetre * 8 - measure(sheet.artwork, label, style) // 2
            ticks.append(sheet.text(left, 40, label, style))
    return sheet.drawn(44, *ticks)


_GAP = 64


def _two_gaps(sheet: Sheet) -> bytes:
    """Return three bars, fed apart by ESC J and then by blank rows of a picture."""
    bar = Box(INDENT, 0, sheet.width // 2, 6)
    by_command = feed(_GAP, replace(sheet.profile, dot_feed=True))
    blank = sheet.drawn(_GAP + 6, replace(bar, y=_GAP))
    return sheet.drawn(6, bar) + by_command + sheet.drawn(6, bar) + blank


def _frame(sheet: Sheet, able: Profile, frame: Box, *, coarse: bool) -> bytes:
    """Return a frame with a cross in it, its upper half printed as `able` can."""
    across = Box(frame.x, frame.height // 2 - 4, frame.width, 8)
    down = Box(frame.x + frame.width // 2 - 4, 0, 8, frame.height)
    ink = sheet.ink(frame.height, frame, across, down)
    half = frame.height // 2
    upper = ink.crop((0, 0, sheet.width, half))
    lower = ink.crop((0, half, sheet.width, frame.height))
    return picture(upper, able, coarse=coarse) + picture(lower, sheet.profile)


def _margin(sheet: Sheet) -> bytes:
    frame = Box(INDENT + sheet.width // 4, 0, sheet.width // 2, 64, line=8)
    return _frame(sheet, replace(sheet.profile, left_margin=True), frame, coarse=False)


def _doubled(sheet: Sheet) -> bytes:
    frame = Box(0, 0, sheet.width, 64, line=8)
    return _frame(sheet, replace(sheet.profile, doubled_raster=True), frame, coarse=True)


def _qr(sheet: Sheet) -> bytes:
    """Return GS ( k functions 65 (model 2), 67 (6 dots), 69 (level M), 80 (store), 81 (print)."""
    del sheet
    stored = b"1P0" + TRIAL_URL.encode("ascii")
    parts = (b"1A2\x00", b"1C\x06", b"1E1", stored, b"1Q0")
    counted = (GS + b"(k" + len(part).to_bytes(2, "little") + part for part in parts)
    return ESC + b"a\x01" + b"".join(counted) + ESC + b"a\x00"


def _reversed(sheet: Sheet) -> bytes:
    """Return GS B 1 and a line of text."""
    del sheet
    return _FROM_INDENT + GS + b"B\x01" + b"  A12  " + GS + b"B\x00" + b"\n"


def _capital(sheet: Sheet) -> bytes:
    """Return letters of font A at 8 x 8 (GS ! 77): each of their dots is a millimetre."""
    del sheet
    return _FROM_INDENT + GS + b"!\x77" + b"H8" + GS + b"!\x00" + b"\n"


def _smooth(sheet: Sheet) -> bytes:
    """Return GS b 1 and letters at 4 x 4."""
    del sheet
    return (
        _FROM_INDENT + GS + b"b\x01" + GS + b"!\x33" + b"S8" + GS + b"!\x00" + GS + b"b\x00" + b"\n"
    )


_ATTEMPTS: dict[str, Callable[[Sheet], bytes]] = {
    "paper_dots": _ruler,
    "dot_feed": _two_gaps,
    "left_margin": _margin,
    "doubled_raster": _doubled,
    "native_qr": _qr,
    "reversed_text": _reversed,
    "capital_dots": _capital,
    "smoothing": _smooth,
}
