# ruff: noqa: RUF001, RUF002 -- the dash of a range is what a test is about

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, features

from printer.artwork import Artwork, ArtworkError, require_shaping
from printer.marks import Style
from printer.plain_text import printable
from printer.profile import Profile
from printer.raster import Raster, defused, draw_line, measure, to_raster
from printer.raster_commands import feed, good_height, picture, raster_command
from printer.virtual.commands import CommandReader, RealTimeReader
from printer.virtual.paper import Paper

ARABIC = Style(28, right_to_left=True)


def drawn(artwork: Artwork, text: str, style: Style) -> Image.Image:
    mask = Image.new("L", (600, 60), 0)
    draw_line(mask, artwork, text, style, at=(10, 40))
    return mask


def test_arabic_letters_are_joined(artwork: Artwork) -> None:
    """Joined they are narrower than the same letters kept apart."""
    assert measure(artwork, "رقمك", ARABIC) < measure(artwork, "ر\u200cق\u200cم\u200cك", ARABIC)


def test_a_line_from_the_right_begins_at_the_right(artwork: Artwork) -> None:
    """The first letter of the sentence stands at its right end, the full stop at its left."""
    sentence, tail = "رقمك D214.", "."
    whole = drawn(artwork, sentence, ARABIC)
    stop = drawn(artwork, tail, ARABIC)

    left = whole.getbbox()[0]
    width = stop.getbbox()[2] - stop.getbbox()[0]
    column = whole.crop((left, 0, left + width, 60))
    assert column.getbbox()[1] >= 34  # nothing but a dot on the baseline


def test_an_isolate_keeps_a_range_in_its_own_order(artwork: Artwork) -> None:
    """Without it "20–40" after Arabic letters turns into "40–20" for a reader from the left."""
    plain = drawn(artwork, "قبلك 20–40", ARABIC)
    isolated = drawn(artwork, "قبلك \u206620–40\u2069", ARABIC)
    range_alone = drawn(artwork, "20–40", Style(28))

    box = range_alone.getbbox()
    begin = isolated.getbbox()[0]
    same_place = (begin, 0, begin + box[2] - box[0], 60)
    assert (
        isolated.crop(same_place).tobytes() == range_alone.crop((box[0], 0, box[2], 60)).tobytes()
    )
    assert plain.crop(same_place).tobytes() != range_alone.crop((box[0], 0, box[2], 60)).tobytes()


def test_rows_hold_ink_as_ones_and_padding_as_zeros() -> None:
    ink = Image.new("L", (10, 2), 0)
    ink.putpixel((0, 0), 255)
    ink.putpixel((9, 1), 255)

    raster = to_raster(ink)

    assert (raster.row_bytes, raster.rows) == (2, 2)
    assert raster.data == b"\x80\x00\x00\x40"


def test_a_drawer_command_in_a_picture_is_broken_up_by_one_dot() -> None:
    assert defused(b"\x10\x14\x01\x00\x01") == b"\x10\x1c\x01\x00\x01"
    assert defused(b"\x10\x04\x10\x05\x02") == b"\x10\x0c\x10\x0d\x02"


@given(st.binary(max_size=200).map(lambda data: data.replace(b"\x00", b"\x10\x04\x01")))
def test_no_picture_holds_a_real_time_command(data: bytes) -> None:
    assert RealTimeReader().feed(defused(data)) == []
    assert len(defused(data)) == len(data)


def test_a_picture_is_sent_without_real_time_commands() -> None:
    """Also where trimming has brought two bytes together that stood apart on the paper."""
    ink = Image.new("L", (24, 2), 0)
    ink.putpixel((11, 0), 255)  # 0x10 in the middle byte of the first row
    ink.putpixel((13, 1), 255)  # 0x04 in the middle byte of the second
    sent = picture(ink, Profile("any", 24, left_margin=True))

    assert RealTimeReader().feed(sent + b"\x01") == []
    assert RealTimeReader().feed(raster_command(Raster(1, 3, b"\x10\x14\x01"))) == []


@given(st.integers(1, 2000))
def test_no_height_is_one_that_printers_stumble_over(rows: int) -> None:
    height = good_height(rows)

    assert 1 <= height <= min(rows, 255)
    assert height == 1 or (height % 48 and height % 64)


@pytest.mark.parametrize("dot_feed", [True, False])
@pytest.mark.parametrize("dots", [1, 47, 48, 255, 256, 700])
def test_a_feed_is_exact_with_and_without_esc_j(dots: int, *, dot_feed: bool) -> None:
    profile = Profile("any", 576, dot_feed=dot_feed)

    assert _printed(feed(dots, profile)).height == dots


@pytest.mark.parametrize("able", [True, False])
def test_a_picture_arrives_dot_for_dot(*, able: bool) -> None:
    profile = Profile("any", 576, left_margin=able, dot_feed=able)
    ink = Image.new("L", (576, 300), 0)
    pen = ImageDraw.Draw(ink)
    pen.ellipse((301, 5, 411, 80), outline=255, width=5)
    pen.rectangle((200, 150, 560, 299), fill=255)
    pen.line((203, 299, 540, 151), fill=0, width=3)

    arrived = _printed(picture(ink, profile)).convert("L").point(lambda v: 255 - v)

    assert arrived.tobytes() == ink.tobytes()


def _printed(data: bytes) -> Image.Image:
    paper, piece = Paper(576), None
    for command in CommandReader().feed(data + b"\x1dV\x00"):
        piece = paper.obey(command) or piece
    return piece.picture


@given(st.text())
def test_printable_text_holds_nothing_that_commands(text: str) -> None:
    clean = printable(text)

    clean.encode("utf-8")
    assert clean.isprintable() or set(clean) & set(
        "\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
    )
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in clean)


def test_lines_and_blanks_become_single_spaces() -> None:
    assert printable(" a\r\n\tb\u2028c\x1b\x00d\ud800 ") == "a b cd"


def test_without_shaping_there_is_a_clear_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda _: False)

    with pytest.raises(ArtworkError, match="raqm is missing"):
        require_shaping()
