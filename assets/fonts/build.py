#!/usr/bin/env python3
"""The recipe of Ankunft Sans: three Noto families merged into one font file per weight.

Browsers do have a fallback: for pages each weight is cut by script into pieces (``pages/``), and
a browser loads those whose letters a page shows. The style's ``@font-face`` rules are written too.

Kivy and Pillow have no font fallback: a line that mixes Arabic with ``D214`` shows boxes
unless one file holds every script. So NotoSans (Latin, Cyrillic), NotoSansArabicUI and
NotoSansGeorgian become one.

Run it as ``python assets/fonts/build.py`` on Debian 12 with ``fonts-noto-core`` and
``fonts-noto-ui-core`` 20201225-1 installed. The same sources give the same bytes, so
the result is committed and kiosks install no font package.
"""

import argparse
import hashlib
import io
import re
import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger  # type: ignore[import-untyped]
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).resolve().parent
PAGES = HERE / "pages"
STYLE = HERE.parents[1] / "server_stub" / "static" / "ankunft.css"
DEBIAN = Path("/usr/share/fonts/truetype/noto")
FAMILY = "Ankunft Sans"
VERSION = "1.000"
WEIGHTS = ("Regular", "Bold")

# The exact files: another Noto release would silently change every picture and slip.
SHA256 = {
    "NotoSans-Regular.ttf": "89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d",
    "NotoSans-Bold.ttf": "e83493c945848ecd4a9ad0f6d19164541a0d3e23a9c952304a00a46e00272ac5",
    "NotoSansArabicUI-Regular.ttf": (
        "43a90e0f0e9ca712ff0588dc2b119823d569367a6d0061eb5f7bfb9bfbe8cecc"
    ),
    "NotoSansArabicUI-Bold.ttf": "ef5d9ce3d5b20a83bdc156ef48edc1e159322ada95ebacc133476c92f0bd102a",
    "NotoSansGeorgian-Regular.ttf": (
        "ba75f2154fef9beac8439f94c631dc37ef9c708d32f9254bb019afdfa9aa3138"
    ),
    "NotoSansGeorgian-Bold.ttf": "2cee22513f5c94b5577fe1a91df94836dc9825ac78e5b3a9f3c49d1f038a5f11",
}

# What each family gives. The ranges do not overlap: where two fonts encode one character,
# the merger would switch glyphs by script and a digit would change its look in Arabic.
# Whole scripts rather than the letters of today's languages, so that a site can add
# Bulgarian, Kurdish, Pashto or Urdu without a new font. Left out, which halves the file:
# Greek, phonetics, historic letters, and Arabic presentation forms (shaping needs none).
PARTS: dict[str, tuple[tuple[int, int], ...]] = {
    "NotoSans": (
        (0x0020, 0x007E),  # Basic Latin
        (0x00A0, 0x024F),  # Latin-1, Latin Extended-A and -B
        (0x0250, 0x02AF),  # more letters: the Azerbaijani schwa, West African ones
        (0x02B9, 0x02DD),  # modifier letters: apostrophes, carons
        (0x0300, 0x036F),  # combining marks
        (0x0400, 0x052F),  # Cyrillic and its supplement
        (0x1E00, 0x1EFF),  # Latin Extended Additional: Vietnamese, capital sharp s
        (0x2000, 0x206F),  # punctuation, joiners and directions
        (0x2070, 0x209C),  # superscripts
        (0x20A0, 0x20BF),  # currencies
        (0x2100, 0x215F),  # letterlike: the numero sign
        (0x25CC, 0x25CC),  # dotted circle: carries a mark that stands alone
        (0xFFFC, 0xFFFD),  # replacement character
    ),
    "NotoSansArabicUI": (
        (0x0600, 0x06FF),  # Arabic, Persian, Dari, Pashto, Urdu, Kurdish
        (0x0750, 0x077F),  # its supplement
    ),
    "NotoSansGeorgian": (
        (0x10A0, 0x10FF),  # Mkhedruli
        (0x1C90, 0x1CBF),  # Mtavruli: what `str.upper` makes of Georgian
    ),
}

# What pages load, by script. German and English need the first one, with most punctuation.
# Marks are in each piece whose letters take them: a letter and its mark must be of one file.
Ranges = tuple[tuple[int, int], ...]
PIECES: dict[str, Ranges] = {
    "latin": ((0x0020, 0x007E), (0x00A0, 0x00FF), (0x2000, 0x206F), (0x20AC, 0x20AC)),
    "latin-more": (
        *((0x0100, 0x02AF), (0x02B9, 0x02DD), (0x0300, 0x036F), (0x1E00, 0x1EFF)),
        *((0x2070, 0x20AB), (0x20AD, 0x20BF), (0x2100, 0x215F), (0x25CC, 0x25CC)),
        (0xFFFC, 0xFFFD),
    ),
    "cyrillic": ((0x0400, 0x052F),),
    "arabic": PARTS["NotoSansArabicUI"],
    "georgian": PARTS["NotoSansGeorgian"],
}
MARKS: Ranges = ((0x0300, 0x036F),)
"""Added to pieces that take them; browsers ask for marks where the letter before them is."""
MARKED = ("latin", "cyrillic")

FACES = re.compile(r"(?:@font-face \{.*?\}\n\n)+", re.DOTALL)

# What shaping needs: joining, composing, local forms, kerning and marks; and tabular
# digits. No `liga`: a ligature of f and i would blur the two kinds of i in Turkish.
FEATURES = [
    *("ccmp", "locl", "rlig", "isol", "init", "medi", "fina"),
    *("kern", "mark", "mkmk", "case", "lnum", "tnum"),
]

# Line height is NotoSans's. Merging takes the extremes, and lines come out too high.
METRICS = {
    "hhea": ("ascent", "descent", "lineGap"),
    "OS/2": (
        *("sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent"),
        *("sxHeight", "sCapHeight", "yStrikeoutPosition", "yStrikeoutSize"),
    ),
    "post": ("underlinePosition", "underlineThickness"),
}


class SourceFontError(Exception):
    """A source font is missing or another release; install what the message names."""


def source_bytes(name: str, folders: list[Path]) -> bytes:
    """Return the checked bytes of the source font `name`, looked for in `folders`."""
    for folder in folders:
        path = folder / name
        if not path.is_file():
            continue
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != SHA256[name]:
            raise SourceFontError(
                f"{path}: not the release 20201225-1 that Ankunft Sans is built from. "
                "Build on Debian 12, or review the new release and update SHA256."
            )
        return data
    raise SourceFontError(
        f"{name} not found in {', '.join(map(str, folders))}. "
        "Run: apt-get install fonts-noto-core fonts-noto-ui-core"
    )


def subset(data: bytes, ranges: tuple[tuple[int, int], ...]) -> TTFont:
    """Return the font with the characters of `ranges` and what they need for shaping."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    options = Options()
    options.layout_features = FEATURES
    options.glyph_names = True  # the merger matches glyphs by name; dropped at the end
    options.notdef_outline = True  # a missing letter shows as a box, not as nothing
    options.name_IDs = ["*"]
    options.drop_tables += ["DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in ranges for c in range(first, last + 1)])
    subsetter.subset(font)
    return font


def rename(font: TTFont, weight: str, copyrights: list[str]) -> None:
    """Write a name table of our own; the notices that the OFL wants kept stay in it."""
    licence = font["name"].getDebugName(13)
    font["name"].names = []
    texts = {
        0: " ".join(copyrights),
        1: FAMILY,
        2: weight,
        3: f"{VERSION};{FAMILY} {weight}",
        4: f"{FAMILY} {weight}",
        5: f"Version {VERSION}",
        6: f"{FAMILY.replace(' ', '')}-{weight}",
        10: "Merged from NotoSans, NotoSansArabicUI and NotoSansGeorgian for Ankunft.",
        13: licence,
        14: "https://openfontlicense.org",
    }
    for number, text in texts.items():
        font["name"].setName(text, number, 3, 1, 0x409)  # Windows, Unicode, English


def merged(weight: str, folders: list[Path]) -> bytes:
    """Return the bytes of Ankunft Sans in `weight`.

    Raises:
        SourceFontError: a source font is missing or another release.

    """
    sources = {family: source_bytes(f"{family}-{weight}.ttf", folders) for family in PARTS}
    with tempfile.TemporaryDirectory() as folder:
        paths, copyrights = [], []
        for family, data in sources.items():
            part = subset(data, PARTS[family])
            copyrights.append(part["name"].getDebugName(0))
            path = Path(folder, f"{family}.ttf")
            part.save(path)
            paths.append(str(path))
        font = Merger().merge(paths)  # drops the hints of all but the first
        latin = TTFont(io.BytesIO(sources["NotoSans"]))
        for table, fields in METRICS.items():
            for field in fields:
                setattr(font[table], field, getattr(latin[table], field))
        font["head"].created = latin["head"].created
        font["head"].modified = latin["head"].modified
        font["head"].fontRevision = float(VERSION)
        rename(font, weight, copyrights)
        font["post"].formatType = 3.0  # without glyph names
        font.recalcTimestamp = False
        result = io.BytesIO()
        font.save(result)
    return result.getvalue()


def piece(data: bytes, name: str) -> bytes:
    """Return the letters of a piece of a merged font, compressed for browsers."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    options = Options()
    options.layout_features = FEATURES
    options.notdef_outline = True
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    ranges = PIECES[name] + (MARKS if name in MARKED else ())
    subsetter.populate(unicodes=[c for first, last in ranges for c in range(first, last + 1)])
    subsetter.subset(font)
    font.flavor = "woff2"
    result = io.BytesIO()
    font.save(result)
    return result.getvalue()


def faces(folder: Path) -> str:
    """Return the style's rules for the pieces in a folder, each addressed by its content."""
    rules = []
    for weight, number in zip(WEIGHTS, (400, 700), strict=True):
        for name, ranges in PIECES.items():
            file = folder / f"{weight}-{name}.woff2"
            version = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
            spans = ", ".join(_span(*span) for span in ranges)
            rules.append(
                "@font-face {\n"
                f'  font-family: "{FAMILY}";\n'
                f'  src: url("fonts/{file.name}?v={version}") format("woff2");\n'
                f"  font-weight: {number};\n"
                "  font-display: swap;\n"
                f"  unicode-range: {spans};\n"
                "}\n\n"
            )
    return "".join(rules)


def _span(first: int, last: int) -> str:
    return f"U+{first:04X}" if first == last else f"U+{first:04X}-{last:04X}"


def build_pages() -> None:
    """Cut the merged fonts into pieces for pages, and write their rules into the style."""
    PAGES.mkdir(exist_ok=True)
    for weight in WEIGHTS:
        data = (HERE / f"{FAMILY.replace(' ', '')}-{weight}.ttf").read_bytes()
        for name in PIECES:
            file = PAGES / f"{weight}-{name}.woff2"
            file.write_bytes(piece(data, name))
            sys.stdout.write(f"pages/{file.name} {file.stat().st_size} bytes\n")
    style = STYLE.read_text(encoding="utf-8")
    STYLE.write_text(FACES.sub(lambda _: faces(PAGES), style, count=1), encoding="utf-8")


def main() -> int:
    """Build both weights, and the pieces for pages; return the exit code."""
    parser = argparse.ArgumentParser(description="Build Ankunft Sans from Debian's Noto fonts.")
    parser.add_argument(
        "--sources",
        type=Path,
        action="append",
        help=f"folder with Noto fonts, repeatable (default: {DEBIAN})",
    )
    parser.add_argument("--into", type=Path, default=HERE, help="folder to write to")
    arguments = parser.parse_args()
    for weight in WEIGHTS:
        try:
            data = merged(weight, arguments.sources or [DEBIAN])
        except SourceFontError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        name = f"{FAMILY.replace(' ', '')}-{weight}.ttf"
        (arguments.into / name).write_bytes(data)
        sys.stdout.write(f"{name} {len(data)} bytes\n")
    if arguments.into == HERE:
        build_pages()
    return 0


if __name__ == "__main__":
    sys.exit(main())
