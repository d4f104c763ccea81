"""The merged font has every letter of every language, and shapes what must join."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
WEIGHTS = ("Regular", "Bold")

# The letters of each language, lower case (CLDR's main exemplars), and what Arabic
# speech strings and names carry besides.
LETTERS = {
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя\u02bc",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "de": "abcdefghijklmnopqrstuvwxyzäöüßẞ",
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيـًٌٍَُِّْٰ،؛؟",
    "fa": "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئأؤءةهٔۀ\u200c،؛؟",
    "ro": "abcdefghijklmnopqrstuvwxyzăâîșț",
    "hu": "abcdefghijklmnopqrstuvwxyzáéíóöőúüű",
    "fr": "abcdefghijklmnopqrstuvwxyzàâæçèéêëîïôœùûüÿ",
    "tr": "abcdefghijklmnopqrstuvwxyzçğıİöşüâîû",
    "pl": "abcdefghijklmnopqrstuvwxyząćęłńóśźż",
    "ka": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "az": "abcçdeəfgğhxıiİjkqlmnoöprsştuüvyz",
    "vi": "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrst"
    "uùủũúụưừửữứựvxyỳỷỹýỵ",
}
SIGNS = " 0123456789.,:;!?'\"()[]/+-–—…·•«»‹›„“”‚‘’№€&@#%°×\u00a0\u202f\u2011"

MARHABA = "مرحبا"


@functools.cache
def characters(weight: str) -> frozenset[int]:
    with TTFont(FONTS / f"AnkunftSans-{weight}.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


def draw(text: str, direction: str) -> Image.Image:
    font = ImageFont.truetype(
        FONTS / "AnkunftSans-Bold.ttf", 40, layout_engine=ImageFont.Layout.RAQM
    )
    width = round(font.getlength(text, direction=direction))
    image = Image.new("1", (width, 60))
    ImageDraw.Draw(image).text((0, 0), text, font=font, fill=1, direction=direction)
    return image


def pieces_of_ink(image: Image.Image) -> int:
    """Count the shapes that do not touch each other."""
    left = {
        (x, y) for x in range(image.width) for y in range(image.height) if image.getpixel((x, y))
    }
    pieces = 0
    while left:
        pieces += 1
        edge = [left.pop()]
        while edge:
            x, y = edge.pop()
            near = {(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge.extend(near)
    return pieces


def dots_that_differ(one: Image.Image, other: Image.Image) -> int:
    ink = [image.crop(image.getbbox()) for image in (one, other)]  # wherever it stands
    return ImageChops.logical_xor(*ink).histogram()[255]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("language", LETTERS)
def test_every_letter_of_a_language_has_a_glyph(language: str, weight: str) -> None:
    letters = LETTERS[language]
    wanted = {ord(letter) for letter in letters + letters.upper() + SIGNS}

    assert "".join(map(chr, sorted(wanted - characters(weight)))) == ""


def test_arabic_letters_join() -> None:
    apart = "\u200c".join(MARHABA)  # zero-width non-joiners keep each letter alone

    assert pieces_of_ink(draw(MARHABA, "rtl")) == 3  # two joined groups and one dot
    assert pieces_of_ink(draw(apart, "rtl")) == 6  # five letters and the dot


def test_digits_in_an_arabic_line_stay_left_to_right() -> None:
    digits = draw("49123", "ltr")
    backwards = draw("32194", "ltr")
    end_of_line = draw(f"{MARHABA} 49123", "rtl").crop((0, 0, *digits.size))

    assert dots_that_differ(end_of_line, digits) == 0
    assert dots_that_differ(end_of_line, backwards) > 500


@pytest.mark.parametrize("weight", WEIGHTS)
def test_lines_are_as_high_as_in_noto_sans(weight: str) -> None:
    font = ImageFont.truetype(FONTS / f"AnkunftSans-{weight}.ttf", 1000)

    assert font.getmetrics() == (1069, 293)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_has_a_name_of_its_own_and_keeps_its_licence(weight: str) -> None:
    path = FONTS / f"AnkunftSans-{weight}.ttf"
    with TTFont(path, lazy=True) as font:
        names = font["name"]

        assert (names.getDebugName(1), names.getDebugName(2)) == ("Ankunft Sans", weight)
        assert "Google LLC" in names.getDebugName(0)
        assert "SIL Open Font License, Version 1.1" in names.getDebugName(13)
    assert path.stat().st_size < 1_000_000


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_fonts", FONTS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_recipe_gives_the_committed_bytes(build: ModuleType, weight: str) -> None:
    try:
        data = build.merged(weight, [build.DEBIAN])
    except build.SourceFontError as error:
        pytest.fail(f"{error}")

    assert data == (FONTS / f"AnkunftSans-{weight}.ttf").read_bytes()


@pytest.mark.slow
def test_another_release_of_a_source_font_is_refused(build: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "NotoSans-Bold.ttf").write_bytes(b"another release")

    with pytest.raises(build.SourceFontError, match="not the release"):
        build.source_bytes("NotoSans-Bold.ttf", [tmp_path])


@pytest.mark.parametrize("weight", WEIGHTS)
def test_pages_find_every_letter_of_the_font_in_one_of_its_pieces(
    build: ModuleType, weight: str
) -> None:
    told: set[int] = set()
    for name, ranges in build.PIECES.items():
        here = {c for first, last in ranges for c in range(first, last + 1)}
        with TTFont(build.PAGES / f"{weight}-{name}.woff2", lazy=True) as piece:
            letters = set(piece.getBestCmap())
        assert here & characters(weight) <= letters, name
        assert not told & here, "a browser would load two pieces for one letter"
        told |= here

    assert characters(weight) <= told


def test_german_and_english_need_the_first_piece_alone(build: ModuleType) -> None:
    latin = {c for first, last in build.PIECES["latin"] for c in range(first, last + 1)}

    assert {ord(c) for c in LETTERS["en"] + SIGNS.replace("№", "")} <= latin
    assert {ord(c) for c in LETTERS["de"]} - {ord("ẞ")} <= latin
    assert sum(p.stat().st_size for p in build.PAGES.glob("*-latin.woff2")) < 60_000


def test_the_style_names_the_pieces_by_their_content(build: ModuleType) -> None:
    assert build.faces(build.PAGES) in build.STYLE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_recipe_gives_the_committed_pieces(build: ModuleType) -> None:
    data = (FONTS / "AnkunftSans-Regular.ttf").read_bytes()

    for name in ("arabic", "georgian"):
        committed = (build.PAGES / f"Regular-{name}.woff2").read_bytes()
        assert build.piece(data, name) == committed
