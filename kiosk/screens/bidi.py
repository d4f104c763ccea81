"""Text of any direction for Kivy: right-to-left lines in the right order, and letters joined.

Kivy's SDL2 text sends each line to SDL_ttf as one left-to-right run, so Arabic comes out in
pieces and in reverse. Kivy wraps in logical order, which is right; here every finished line is
cut into runs of one direction by FriBidi (UAX #9), and HarfBuzz shapes each run with its own
direction and script. Lines are measured as they are drawn.
"""

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import kivy.core.text
from kivy.core.text.text_sdl2 import LabelSDL2, _SurfaceContainer

from kiosk.screens.window import WindowError

LIBRARY = "libfribidi.so.0"

# fribidi-bidi-types.h: FRIBIDI_TYPE_LTR_VAL and FRIBIDI_TYPE_RTL_VAL, as paragraph directions.
PARAGRAPH_LTR, PARAGRAPH_RTL = 0x110, 0x111

# Marks and isolates have done their work once the levels are known; no font draws them.
INVISIBLE = dict.fromkeys(
    map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)

FROM_THE_LEFT = re.compile(r"[^\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\U0010ffff]*")
"""Nothing that runs from the right, and no mark that would turn it (Unicode blocks)."""

SCRIPTS = (
    ("Arab", 0x600, 0x8FF),
    ("Arab", 0xFB50, 0xFDFF),
    ("Arab", 0xFE70, 0xFEFC),
    ("Cyrl", 0x400, 0x52F),
    ("Geor", 0x10A0, 0x10FF),
    ("Geor", 0x1C90, 0x1CBF),
)
"""Scripts by their code points (ISO 15924, Unicode blocks); any other letter is Latin."""


MOST_MEASURED = 20_000
"""Lines whose size is remembered; all texts of all languages are fewer."""

_measured: dict[tuple[object, ...], tuple[int, int]] = {}
"""Sizes in pixels by face, direction and line: wrapping asks for the same words again and again."""


class BidiMissingError(WindowError):
    """The library for right-to-left text is not installed."""


class Run(NamedTuple):
    """A piece of a line with one direction and one script, as HarfBuzz takes it."""

    text: str
    direction: str
    script: str


@cache
def _fribidi() -> ctypes.CDLL:
    try:
        return ctypes.CDLL(LIBRARY)
    except OSError:
        raise BidiMissingError(
            f"{LIBRARY} is not installed, and Arabic cannot be shown without it: "
            "apt-get install libfribidi0"
        ) from None


@lru_cache(4096)
def first_strong(text: str) -> str | None:
    """Return the direction of the first letter that has one: "ltr", "rtl" or None."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return None


@lru_cache(8192)
def runs(line: str, direction: str) -> tuple[Run, ...]:
    """Return the runs of a line in the order of the eye, from the left.

    `direction` is the paragraph's, "ltr" or "rtl".
    """
    pieces: list[tuple[str, int, str]] = []
    script = "Latn"
    for character, level in zip(line, _levels(line, direction), strict=True):
        script = _script(character, level, before=script)
        if pieces and pieces[-1][1:] == (level, script):
            pieces[-1] = (pieces[-1][0] + character, level, script)
        else:
            pieces.append((character, level, script))
    drawn = (
        Run(text.translate(INVISIBLE), "rtl" if level % 2 else "ltr", script)
        for text, level, script in _in_visual_order(pieces)
    )
    return tuple(run for run in drawn if run.text)


def _levels(text: str, direction: str) -> list[int]:
    """Return the embedding level of each character; odd ones run from right to left."""
    length = len(text)
    if direction == "ltr" and FROM_THE_LEFT.fullmatch(text):
        return [0] * length  # as FriBidi says, ten times as fast
    words = ctypes.c_uint32 * length
    characters, kinds, brackets = words(*map(ord, text)), words(), words()
    levels = (ctypes.c_int8 * length)()
    paragraph = ctypes.c_uint32(PARAGRAPH_RTL if direction == "rtl" else PARAGRAPH_LTR)
    fribidi = _fribidi()
    fribidi.fribidi_get_bidi_types(characters, length, kinds)
    fribidi.fribidi_get_bracket_types(characters, length, kinds, brackets)
    # Returns the highest level plus one, or 0 when out of memory.
    if not fribidi.fribidi_get_par_embedding_levels_ex(
        kinds, brackets, length, ctypes.byref(paragraph), levels
    ):
        raise MemoryError("FriBidi has no memory left")
    return list(levels)


def _script(character: str, level: int, *, before: str) -> str:
    code = ord(character)
    if level % 2:
        return "Arab"
    for script, first, last in SCRIPTS:
        if first <= code <= last:
            return script
    if character.isalpha() or (before == "Arab" and code < 0x80):
        return "Latn"
    return before


def _in_visual_order(pieces: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Return the pieces reordered from the highest level down (UAX #9, rule L2)."""
    ordered = list(pieces)
    for level in range(max((piece[1] for piece in ordered), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end][1] >= level:
                end += 1
            ordered[start:end] = ordered[start:end][::-1]
            start = max(end, start + 1)
    return ordered


def forget() -> None:
    """Remember no text that was drawn: a party may have entered it."""
    runs.cache_clear()
    first_strong.cache_clear()
    _measured.clear()


class BidiLabel(LabelSDL2):
    """Kivy's text, in the right order.

    The direction of a paragraph is `base_direction`, or that of its first strong letter.
    """

    options: dict[str, Any]  # of LabelBase

    find_base_direction = staticmethod(first_strong)

    def get_extents(self, text: str) -> tuple[int, int]:
        """Return width and height of a line in pixels, as it will be drawn."""
        key = (*self._face(), self._direction(), text)
        if (size := _measured.get(key)) is None:
            if len(_measured) >= MOST_MEASURED:
                _measured.clear()
            size = _measured[key] = self._measure(text)
        return size

    def _measure(self, text: str) -> tuple[int, int]:
        if not text:
            return self._extents(text)
        width = height = 0
        for run in self._shaped(text):
            run_width, run_height = self._extents(run.text)
            width, height = width + run_width, max(height, run_height)
        return width, height or self._extents("")[1]

    def _render_text(self, text: str, x: int, y: int) -> None:
        for run in self._shaped(text):
            super()._render_text(run.text, x, y)
            x += self._extents(run.text)[0]

    def _extents(self, text: str) -> tuple[int, int]:
        size: tuple[int, int] = super().get_extents(text)
        return size

    def _shaped(self, line: str) -> Iterator[Run]:
        """Yield each run with the font set to its direction and script."""
        options = self.options
        try:
            for run in runs(line, self._direction()):
                self.options = {
                    **options,
                    "font_direction": run.direction,
                    "font_script_name": run.script,
                }
                # Only drawing sets them on the font; measuring alone would not.
                _SurfaceContainer(1, 1).render(self, " ", 0, 0)
                yield run
        finally:
            self.options = options

    def _direction(self) -> str:
        wanted = self.options.get("base_direction") or first_strong(self.text) or "ltr"
        return "rtl" if "rtl" in wanted else "ltr"

    def _face(self) -> tuple[object, ...]:
        # SDL_ttf opens fonts in whole pixels: one for 42.2 and 42.7.
        options = self.options
        return options["font_name_r"], int(options["font_size"]), options["bold"]

    def _get_font_id(self) -> str:
        # SDL_ttf keeps direction and script per open font, so each pair needs one of its own.
        shape = (self.options["font_direction"], self.options["font_script_name"])
        return "|".join(map(str, (*self._face(), *shape)))


def install() -> None:
    """Make every Kivy text a `BidiLabel`; before anything imports kivy.uix."""
    _fribidi()
    kivy.core.text.Label = BidiLabel
    BidiLabel.register(kivy.core.text.DEFAULT_FONT, *kivy.core.text._default_font_paths)  # noqa: SLF001
