"""What the virtual printer draws, by byte sequences typed from the manuals."""

import string

import pytest

from printer.profile import CODECS, load_profile
from printer.virtual.glyphs import CODE_PAGES, enlarged, glyph
from tests.printer.virtual_machine import Desk, ink, rows


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("character", string.ascii_uppercase + string.digits)
def test_a_capital_of_font_a_is_as_high_as_the_profile_says(character):
    _, top, _, bottom = glyph(character, 0, bold=False).getbbox()

    assert bottom - top == load_profile("virtual-80").capital_dots
    assert bottom - top == load_profile("virtual-58").capital_dots


def test_letters_of_any_page_stay_in_their_cell():
    letters = "ÄŐŹЙЇҐЩЦДçgjpqyї"
    assert {glyph(letter, 0, bold=True).size for letter in letters} == {(12, 24)}
    assert {glyph(letter, 1, bold=False).size for letter in letters} == {(9, 17)}


def test_the_number_at_eight_times_is_twenty_millimetres_high(desk):
    _, top, right, bottom = ink(desk.printed(b"\x1d!\x77D214\n"))

    assert bottom - top == 160
    assert right <= 4 * 96


def test_smoothing_rounds_steps_and_keeps_the_height(desk):
    plain = desk.printed(b"\x1d!\x772\n")
    smooth = desk.printed(b"\x1db\x01\x1d!\x772\n")

    assert plain.picture.tobytes() != smooth.picture.tobytes()
    assert ink(plain)[1::2] == ink(smooth)[1::2]


@pytest.mark.parametrize("character", string.ascii_uppercase + string.digits)
def test_smoothing_keeps_the_height_of_every_capital(character):
    smooth = enlarged(glyph(character, 0, bold=False), 8, 8, smooth=True)

    assert smooth.getbbox()[1::2] == (8, 168)


def test_smoothing_leaves_letters_of_single_size_alone(desk):
    assert desk.printed(b"A\n").picture == desk.printed(b"\x1db\x01A\n").picture


def test_font_b_has_more_letters_to_a_line(desk):
    assert desk.printed(b"\x1bM\x01" + b"A" * 64 + b"\n").picture.height == 30
    assert desk.printed(b"\x1bM\x01" + b"A" * 65 + b"\n").picture.height == 60


def test_underline_and_bold_add_ink_in_the_cell(desk):
    assert ink(desk.printed(b"\x1b-\x02 \n")) == (0, 22, 12, 24)
    plain, bold = desk.printed(b"\x1b-\x00I\n"), desk.printed(b"\x1bE\x01I\n\x1bE\x00")
    assert ink(bold)[2] == ink(plain)[2] + 1


@pytest.mark.parametrize(("align", "left"), [(b"\x00", 0), (b"\x01", 282), (b"2", 564)])
def test_lines_are_justified(desk, align, left):
    assert ink(desk.printed(b"\x1d\x42\x01\x1ba" + align + b" \n"))[0] == left


def test_a_margin_and_an_area_hold_the_line(desk):
    piece = desk.printed(b"\x1dL\x10\x00\x1dW\x18\x00\x1dB\x01   \n")

    assert piece.picture.height == 60  # the third letter is on a second line
    assert ink(piece)[::2] == (16, 40)


def test_a_margin_inside_a_line_is_ignored_and_noted(desk):
    piece = desk.printed(b"\x1dB\x01 \x1dL\x40\x00\n")

    assert ink(piece)[0] == 0
    assert piece.remarks == ("GS L: ignored, not at the beginning of a line",)


def test_tabs_stand_at_every_eighth_letter_until_they_are_set(desk):
    assert ink(desk.printed(b"\t\x1dB\x01 \n\x1dB\x00"))[0] == 96
    assert ink(desk.printed(b"\x1bD\x03\x00\t\x1dB\x01 \n\x1dB\x00"))[0] == 36
    assert ink(desk.printed(b"\x1bD\x00\t\x1dB\x01 \n"))[0] == 0


def test_a_place_is_given_from_the_margin_or_from_where_the_line_is(desk):
    assert ink(desk.printed(b"\x1dL\x08\x00\x1b$\x20\x00\x1dB\x01 \n"))[0] == 40
    assert ink(desk.printed(b"\x1b@\x1b$\x20\x00\x1b\\\xf0\xff\x1dB\x01 \n"))[0] == 16
    assert ink(desk.printed(b"\x1b@\x1b\\\x0a\x00\x1dB\x01 \n"))[0] == 10


def test_spacing_between_letters_widens_the_cell(desk):
    assert ink(desk.printed(b"\x1b \x08\x1dB\x01  \n"))[2] == 40


def test_a_short_column_picture_is_three_dots_to_one(desk):
    """ESC * 0: 8 dots to a column, here the upper four and then the lower four."""
    piece = desk.printed(b"\x1b3\x18\x1b*\x00\x02\x00\xf0\x0f\n")

    assert rows(piece) == ["##"] * 12 + ["..##"] * 12


def test_a_long_column_picture_is_dot_for_dot(desk):
    """ESC * 33: 24 dots to a column, three bytes from top to bottom."""
    piece = desk.printed(b"\x1b3\x18\x1b*\x21\x02\x00\x80\x00\x01\x00\xff\x00\n")

    assert rows(piece) == ["#"] + [""] * 7 + [".#"] * 8 + [""] * 7 + ["#"]


@pytest.mark.parametrize(("mode", "across"), [(b"\x01", 1), (b"\x20", 2)])
def test_the_other_column_modes_differ_in_width(desk, mode, across):
    columns = b"\xff" if mode == b"\x01" else b"\xff\xff\xff"

    assert ink(desk.printed(b"\x1b*" + mode + b"\x01\x00" + columns + b"\n")) == (0, 0, across, 24)


def test_column_pictures_stand_beside_text(desk):
    piece = desk.printed(b"\x1dB\x01 \x1b*\x21\x01\x00\xff\xff\xff\n")

    assert ink(piece) == (0, 0, 13, 24)


@pytest.mark.parametrize(("mode", "size"), [(0, (8, 2)), (1, (16, 2)), (2, (8, 4)), (3, (16, 4))])
def test_each_mode_of_a_raster(desk, mode, size):
    piece = desk.printed(b"\x1dv0" + bytes([mode]) + b"\x01\x00\x02\x00\xff\xff")

    assert ink(piece) == (0, 0, *size)


def test_a_stored_picture_comes_out_when_it_is_told_to_and_only_once(desk):
    """GS ( L fn 112 stores, fn 50 prints."""
    store = b"\x1d(L\x0c\x00\x30\x70\x30\x01\x01\x31\x08\x00\x02\x00\xff\x81"
    piece = desk.printed(store + b"\x1d(L\x02\x00\x30\x32" + b"\x1d(L\x02\x00\x30\x32")

    assert rows(piece) == ["########", "#......#"]


def test_a_stored_picture_may_be_twice_as_large_and_told_by_the_long_command(desk):
    store = b"\x1d8L\x0b\x00\x00\x00\x30\x70\x30\x02\x02\x31\x08\x00\x01\x00\x80"
    piece = desk.printed(store + b"\x1d(L\x02\x00\x30\x02")

    assert rows(piece) == ["##", "##"]


def test_a_picture_with_too_few_bytes_is_refused(desk):
    desk.send(b"\x1d(L\x0b\x00\x30\x70\x30\x01\x01\x31\x08\x00\x02\x00\xff")

    assert desk.printed(b"A\n").remarks == ("GS ( L: the count of bytes does not fit x and y",)


@pytest.mark.parametrize("cut", [b"\x1dV\x00", b"\x1dV1", b"\x1dVA\x00", b"\x1dVB\x10", b"\x1bi"])
def test_each_cut_gives_a_slip(desk, cut):
    desk.send(b"A\n" + cut)

    assert [piece.text for piece in desk.pieces] == ["A"]


def test_barcodes_are_skipped_whole(desk):
    assert desk.printed(b"\x1dk\x04123\x00A\n\x1dk\x49\x03{B1B\n").text == "A\nB"


@pytest.mark.parametrize("page", CODECS)
def test_every_page_that_a_profile_may_name_has_a_slot(page):
    assert CODECS[page] in CODE_PAGES.values()


@pytest.mark.parametrize("name", ["virtual-80", "virtual-58"])
def test_the_profile_finds_each_page_where_it_says(name):
    profile = load_profile(name)

    assert {page: CODE_PAGES[slot] for page, slot in profile.code_pages.items()} == {
        page: CODECS[page] for page in profile.code_pages
    }
