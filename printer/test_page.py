"""The test page: each thing that a profile claims, beside a picture of what it should be."""

# ruff: noqa: RUF001 -- letters that look like others are what the page is about

from collections.abc import Iterator

from printer.compact import FeedStep, PictureStep, QrStep, Step, TextStep, Words
from printer.marks import Block, Box, Measure, QrCode, Style, Text
from printer.profile import Profile

# What a page is for: letters that tell it from its neighbours.
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

_URL = "https://ankunft.example/test-page"


def test_page(profile: Profile, measure: Measure) -> Iterator[Step]:
    """Yield the page from top to bottom.

    Each code page prints its letters in the printer's own font and, beneath, the same letters
    as a picture: where the two differ, that page is in another slot.
    """
    width = profile.paper_dots
    yield _drawn_line(f"{profile.name}: {width}", measure, bold=True)
    yield PictureStep(Block("edges", 12, _edges(width)), coarse=False)
    for page, slot in profile.code_pages.items():
        specimen = SPECIMENS[page]
        line = f"{page} = {slot}: {specimen}"
        yield TextStep((Words(0, line, page, bold=False, across=1, down=1),))
        yield _drawn_line(line, measure)
        yield FeedStep(8)
    if profile.doubled_raster:
        yield PictureStep(Block("doubled", 12, _edges(width)), coarse=True)
    if profile.native_qr:
        yield FeedStep(12)
        yield QrStep(QrCode(0, 0, 29 * 5, _URL, 3, 5))


def _drawn_line(text: str, measure: Measure, *, bold: bool = False) -> PictureStep:
    style = Style(22, bold)
    mark = Text(0, 24, measure(text, style), text, style)
    return PictureStep(Block("line", 32, (mark,)), coarse=False)


def _edges(width: int) -> tuple[Box, ...]:
    """A line as wide as the paper, with both of its ends marked."""
    return (Box(0, 5, width, 2), Box(0, 0, 4, 12), Box(width - 4, 0, 4, 12))
