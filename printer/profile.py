"""What one model of printer can do, read from a TOML file in `assets/printers`."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any

PROFILES = Path(__file__).resolve().parent.parent / "assets" / "printers"
"""Where the shipped profiles lie, one ``NAME.toml`` each."""

PAPER_DOTS = {80: 576, 58: 384}
"""Printable dots of a line by paper width in millimetres, at 203 dpi (8 dots a millimetre)."""


class Clear(Enum):
    """What empties a printer's buffers."""

    ENQ = "dle-enq-2"
    """DLE ENQ 2: recover from the error, and drop what waits."""
    DC4 = "dle-dc4-8"
    """DLE DC4 fn 8: drop what waits, and say so (``37 25 00``)."""
    NONE = "none"
    """Nothing does: staff must switch the printer off and on."""


class ProfileError(ValueError):
    """A profile cannot be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the codec may ask of a printer.

    Every ability defaults to "no": a slip prints on any printer that knows ``GS v 0``, and
    each "yes" only saves bytes or proves more.

    Attributes:
        name: For people, in messages.
        paper_dots: Printable dots of a line: 576 on 80 mm paper, 384 on 58 mm.
        code_pages: The n of ``ESC t n`` by the page's name, checked by a printed line.
        native_qr: Draws QR codes itself (``GS ( k``).
        process_id: Echoes an id when a slip is printed (``GS ( H`` fn 48).
        left_margin: Obeys ``GS L`` also for raster pictures.
        doubled_raster: Prints ``GS v 0`` with m = 3 twice as large both ways.
        dot_feed: ``ESC J n`` feeds n dots; several models count in half dots instead.
        cutter: Cuts; without one the paper is fed far enough to be torn off.
        speed: Paper feed in millimetres a second; decides how long to wait for an answer.
        capital_dots: Height of a capital of font A (12 x 24), measured on the test page; 0 where
            nobody has measured it: then the number is always a picture.
        smoothing: Rounds the edges of enlarged letters (``GS b``).
        reversed_text: Prints white on black (``GS B``).
        nv_graphics: Keeps pictures and prints them by key (``GS ( L`` fn 67, 69, 51, 64, 66).
        clear: How a job that nobody confirmed is thrown away before the next one.
        blind: Never answers: it prints without a question, and staff see "blind".

    """

    name: str
    paper_dots: int
    code_pages: dict[str, int] = field(default_factory=dict)
    native_qr: bool = False
    process_id: bool = False
    left_margin: bool = False
    doubled_raster: bool = False
    dot_feed: bool = False
    cutter: bool = True
    speed: int = 60
    capital_dots: int = 0
    smoothing: bool = False
    reversed_text: bool = False
    nv_graphics: bool = False
    clear: Clear = Clear.ENQ
    blind: bool = False


def load_profile(name_or_path: str | Path) -> Profile:
    """Return the profile of that name in `assets/printers`, or the one in that file.

    Raises:
        ProfileError: The file is missing, is no TOML, or says what no profile can say.

    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = PROFILES / f"{name_or_path}.toml"
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.toml"))) or "none"
        raise ProfileError(
            f"printer profile {path}: no such file; shipped profiles are: {known}"
        ) from None
    except (OSError, ValueError) as error:  # no TOML, no UTF-8, or NUL in its name
        raise ProfileError(f"printer profile {path}: {error}") from None
    try:
        return parse_profile(content)
    except ProfileError as error:
        raise ProfileError(f"printer profile {path}: {error}") from None


def parse_profile(content: dict[str, Any]) -> Profile:
    """Return the profile that a parsed TOML file describes, or raise ProfileError."""
    unknown = sorted(set(content) - {f.name for f in fields(Profile)})
    if unknown:
        raise ProfileError(f"unknown setting {unknown[0]!r}")
    for key in ("name", "paper_dots"):
        if key not in content:
            raise ProfileError(f"{key!r} is missing")
    for key, kind in _PLAIN.items():
        _require(content, key, kind)
    if content["paper_dots"] not in PAPER_DOTS.values():
        raise ProfileError(f"'paper_dots' is {content['paper_dots']}: it must be 576 or 384")
    for key, (least, most, why) in _RANGES.items():
        if key in content and not least <= content[key] <= most:
            raise ProfileError(f"{key!r} is {content[key]}: it must be {least} to {most} ({why})")
    pages, clear = _code_pages(content.get("code_pages", {})), _clear(content.get("clear"))
    return Profile(**{**content, "code_pages": pages, "clear": clear})


def profile_toml(profile: Profile, notes: Mapping[str, str] | None = None) -> str:
    """Return a profile as TOML that `load_profile` reads back as the same one.

    Args:
        profile: What to write; every setting is written, defaults too.
        notes: A sentence for a setting, set above it as a comment.

    """
    notes = notes or {}
    parts = []
    for key in (*_PLAIN, "clear", "code_pages"):
        note = f"# {_one_line(notes[key])}\n" if key in notes else ""
        value = getattr(profile, key)
        if isinstance(value, dict):
            slots = "".join(f"{page} = {slot}\n" for page, slot in value.items())
            parts.append(f"[{key}]\n{note}{slots}")
        else:
            parts.append(f"{note}{key} = {_toml_value(value)}\n")
    return "\n".join(parts) if notes else "".join(parts)


def _one_line(note: str) -> str:
    """Return a note without what TOML allows in no comment."""
    return "".join(character for character in note if character.isprintable())


def _toml_value(value: str | int | Clear) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = value.value if isinstance(value, Clear) else value
    # JSON's escapes are TOML's too, but for DEL, which TOML does not allow bare.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _require(content: dict[str, Any], key: str, kind: type) -> None:
    if key in content and type(content[key]) is not kind:
        raise ProfileError(f"{key!r} is {content[key]!r}: it must be {_KINDS[kind]}")


def _clear(name: object) -> Clear:
    try:
        return Clear(name) if name is not None else Clear.ENQ
    except ValueError:
        known = ", ".join(repr(clear.value) for clear in Clear)
        raise ProfileError(f"'clear' is {name!r}: it must be one of {known}") from None


_KINDS = {str: "a text", int: "a whole number", bool: "true or false"}

_PLAIN: dict[str, type] = {
    f.name: f.type for f in fields(Profile) if isinstance(f.type, type) and f.type in _KINDS
}
"""The settings that are a single value, and the type of each."""

_RANGES = {
    "speed": (1, 1000, "millimetres a second"),
    "capital_dots": (0, 24, "a letter of font A has 24 dots"),
}
"""The least and the most that a number may be, and what it counts."""


def _code_pages(pages: object) -> dict[str, int]:
    if not isinstance(pages, dict):
        raise ProfileError("'code_pages' must be a table of page name = slot")
    for page, slot in pages.items():
        if page not in CODECS:
            raise ProfileError(f"code page {page!r} is unknown; known: {', '.join(CODECS)}")
        if type(slot) is not int or not 0 <= slot <= 255:
            raise ProfileError(f"code page {page!r} is in slot {slot!r}: it must be 0 to 255")
    return dict(pages)


CODECS = {
    "CP437": "cp437",
    "CP850": "cp850",
    "CP852": "cp852",
    "CP857": "cp857",
    "CP858": "cp858",
    "CP866": "cp866",
    "CP1125": "cp1125",
    "CP1250": "cp1250",
    "CP1251": "cp1251",
    "CP1252": "cp1252",
    "CP1254": "cp1254",
}
"""Python's codec for each code page that a profile may name."""
