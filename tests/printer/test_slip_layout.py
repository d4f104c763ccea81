from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printer.artwork import Artwork
from printer.marks import Arrow, Block, Box, Figure, Icon, Layout, Mark, QrCode, Text
from printer.sample import load_sample, sample_languages
from printer.slip import Bilingual, Place, Slip
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_block, draw_slip, number_picture
from tests.printer.functions import LayOut

LANDMARKS = ("tree", "fish", "boat", "star", "moon", "bird", "tulip", "apple", "key", "cat")


def block(layout: Layout, name: str) -> Block:
    return next(block for block in layout.blocks if block.name == name)


def marks(layout: Layout, kind: type) -> list[Any]:
    return [mark for block in layout.blocks for mark in block.marks if isinstance(mark, kind)]


def extent(mark: Mark) -> tuple[int, int]:
    return mark.x, mark.x + mark.width


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("language", sample_languages())
def test_a_sample_keeps_its_length_and_margins(
    laid_out: LayOut, artwork: Artwork, language: str, paper: int
) -> None:
    layout = laid_out(load_sample(language), paper)
    picture = draw_slip(layout, artwork)
    left, _, right, _ = picture.convert("L").point(lambda level: 255 - level).getbbox()

    assert picture.size == (paper, layout.height)
    assert layout.height <= LONGEST
    assert left >= 14
    assert right <= paper - 14


@pytest.mark.parametrize(("paper", "least"), [(576, 160), (384, 120)])
@pytest.mark.parametrize("number", ["D214", "J101", "DF999", "DG888", "L777"])
def test_every_digit_is_as_high_as_promised(
    laid_out: LayOut, artwork: Artwork, slip: Slip, paper: int, least: int, number: str
) -> None:
    """20 mm are 160 dots, 15 mm are 120; measured on the ink of each glyph."""
    layout = laid_out(replace(slip, number=number), paper)
    ink = draw_block(block(layout, "number"), paper, artwork).point(lambda v: 255 * (v > 111))
    columns = [ink.crop((x, 0, x + 1, ink.height)).getbbox() for x in range(paper)]
    glyphs = _glyph_heights(ink, columns)

    assert len(glyphs) == len(number)
    assert min(glyphs) >= least


def _glyph_heights(ink: Image.Image, columns: list[tuple[int, int, int, int] | None]) -> list[int]:
    heights, start = [], None
    for x, inked in enumerate([*columns, None]):
        if inked and start is None:
            start = x
        elif not inked and start is not None:
            box = ink.crop((start, 0, x, ink.height)).getbbox()
            heights.append(box[3] - box[1])
            start = None
    return heights


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("language", ["uk", "de", "ar"])
def test_no_ink_is_lost_at_the_edges_of_a_block(
    laid_out: LayOut, artwork: Artwork, language: str, paper: int
) -> None:
    for part in laid_out(load_sample(language), paper).blocks:
        roomy = Block(part.name, part.height + 80, tuple(_lower(mark) for mark in part.marks))
        whole = draw_block(roomy, paper, artwork).getbbox()
        assert whole[1] >= 40, part.name
        assert whole[3] <= 40 + part.height, part.name


def _lower(mark: Mark) -> Mark:
    if isinstance(mark, Text):
        return replace(mark, baseline=mark.baseline + 40)
    return replace(mark, y=mark.y + 40)


def test_texts_side_by_side_do_not_touch(laid_out: LayOut) -> None:
    for language in sample_languages():
        for part in laid_out(load_sample(language), 384).blocks:
            texts = [mark for mark in part.marks if isinstance(mark, Text)]
            for one in texts:
                for other in texts:
                    if one is not other and one.baseline == other.baseline:
                        assert extent(one)[1] < other.x or extent(other)[1] < one.x


def test_arabic_is_the_mirror_of_ukrainian(laid_out: LayOut) -> None:
    """The grid is the same seen in a mirror: tiles, arrows and the QR code change sides."""
    uk, ar = laid_out(load_sample("uk")), laid_out(load_sample("ar"))
    tiles = [mark for mark in block(uk, "route").marks if isinstance(mark, (Box, Icon))]
    mirrored = [mark for mark in block(ar, "route").marks if isinstance(mark, (Box, Icon))]

    assert [576 - mark.x - mark.width for mark in tiles] == [mark.x for mark in mirrored]
    assert {arrow.to_left for arrow in marks(uk, Arrow)} == {False}
    assert {arrow.to_left for arrow in marks(ar, Arrow)} == {True}
    assert marks(uk, QrCode)[0].x > 288 > marks(ar, QrCode)[0].x


def test_the_route_is_in_order_and_only_its_first_place_is_filled(
    laid_out: LayOut, slip: Slip
) -> None:
    places = tuple(Place(name, str(door)) for door, name in enumerate(LANDMARKS[:5], 1))
    route = block(laid_out(replace(slip, places=places)), "route")
    tiles = sorted((m for m in route.marks if isinstance(m, Box)), key=lambda m: m.x)
    icons = sorted((m for m in route.marks if isinstance(m, Icon)), key=lambda m: m.x)

    assert [icon.name for icon in icons] == [f"landmark-{name}" for name in LANDMARKS[:5]]
    assert [tile.line == 0 for tile in tiles] == [True, False, False, False, False]
    assert [icon.white for icon in icons] == [True, False, False, False, False]


@pytest.mark.parametrize("paper", [576, 384])
def test_the_longest_route_of_a_site_is_on_the_slip_to_its_end(
    laid_out: LayOut, slip: Slip, paper: int
) -> None:
    places = tuple(Place(name, str(door)) for door, name in enumerate(LANDMARKS[:12], 1))
    layout = laid_out(replace(slip, places=places), paper)
    icons = [mark.name for mark in marks(layout, Icon) if mark.name.startswith("landmark-")]

    assert icons == [f"landmark-{name}" for name in LANDMARKS[:12]]


def test_a_party_is_shown_person_by_person_and_counted(laid_out: LayOut, slip: Slip) -> None:
    bar = block(laid_out(replace(slip, adults=2, children=1)), "party").marks

    assert [m.name for m in bar if isinstance(m, Icon)] == ["adult", "adult", "child"]
    assert [m.text for m in bar if isinstance(m, Text)] == ["3", "Українська"]


def test_a_large_party_is_shown_by_kind(laid_out: LayOut, slip: Slip) -> None:
    bar = block(laid_out(replace(slip, adults=6, children=7)), "party").marks

    assert [m.name for m in bar if isinstance(m, Icon)] == ["adult", "child"]
    assert [m.text for m in bar if isinstance(m, Text)][:2] == ["×6", "×7"]  # noqa: RUF001


def test_a_copy_says_so_and_a_first_slip_does_not(laid_out: LayOut, slip: Slip) -> None:
    first, copy = laid_out(slip), laid_out(replace(slip, copy=2))

    assert "2" not in [mark.text for mark in block(first, "header").marks if isinstance(mark, Text)]
    assert "2" in [mark.text for mark in block(copy, "header").marks if isinstance(mark, Text)]


def test_without_a_trusted_clock_no_time_is_printed(laid_out: LayOut, slip: Slip) -> None:
    header = block(laid_out(replace(slip, printed_at="")), "header")

    assert [mark.text for mark in header.marks if isinstance(mark, Text)] == ["Info-Point"]


def test_without_a_ticket_page_there_is_no_code_and_nothing_about_it(
    laid_out: LayOut, slip: Slip
) -> None:
    foot = block(laid_out(replace(slip, ticket_url=None)), "foot")

    assert [mark.text for mark in foot.marks if isinstance(mark, Text)] == [
        "Збережіть цей талон.",
        "Bitte aufbewahren.",
    ]
    assert not [mark for mark in foot.marks if isinstance(mark, QrCode)]


def test_an_address_that_no_code_holds_costs_the_code_and_not_the_slip(
    laid_out: LayOut, slip: Slip
) -> None:
    assert not marks(laid_out(replace(slip, ticket_url="https://a.example/" + "x" * 300)), QrCode)
    assert not marks(laid_out(replace(slip, ticket_url="https://a.example/\x1bp0")), QrCode)


def test_a_german_reader_gets_each_sentence_once(laid_out: LayOut) -> None:
    texts = [mark.text for mark in marks(laid_out(load_sample("de")), Text)]

    assert len(texts) == len(set(texts))


def test_an_unknown_landmark_is_a_ring_and_no_error(
    laid_out: LayOut, artwork: Artwork, slip: Slip
) -> None:
    picture = draw_slip(laid_out(replace(slip, places=(Place("../../secret", "1"),))), artwork)

    assert picture.height > 600


def test_a_wide_number_is_squeezed_and_never_cut(artwork: Artwork) -> None:
    narrow = number_picture(Figure(0, 0, 300, 120, "DF214", 120), artwork)

    assert narrow.size == (300, 120)
    assert narrow.point(lambda v: 255 * (v > 111)).getbbox() == (0, 0, 300, 120)


ANY_TEXT = st.text(max_size=120)
PAIR = st.builds(Bilingual, ANY_TEXT, ANY_TEXT)
ANY_SLIP = st.builds(
    Slip,
    number=st.sampled_from(["D214", "DF999"]),
    language=st.just("uk"),
    language_name=ANY_TEXT,
    right_to_left=st.booleans(),
    site_name=ANY_TEXT,
    printed_at=ANY_TEXT,
    heading=PAIR,
    adults=st.integers(0, 99),
    children=st.integers(0, 99),
    places=st.integers(0, 20).map(lambda count: (Place("tree", "12"),) * count),
    waiting=st.none() | PAIR,
    follow=PAIR,
    ticket_url=st.none() | st.just("https://ankunft.example/t/Zk3vQ9wLr2TnXy7Bd0HcMA"),
    keep=PAIR,
    copy=st.integers(1, 2),
)


@settings(max_examples=8, deadline=None)
@given(slip=ANY_SLIP, paper=st.sampled_from([576, 384]))
def test_whatever_it_says_a_slip_fits(laid_out: LayOut, slip: Slip, paper: int) -> None:
    layout = laid_out(slip, paper)

    assert layout.height <= LONGEST
    for mark in (mark for part in layout.blocks for mark in part.marks):
        assert mark.x >= 0, mark
        assert mark.x + mark.width <= paper, mark


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("words", [2, 6, 12, 25])
@pytest.mark.parametrize("places", [4, 8, 20])
def test_the_fullest_slip_is_no_longer_than_110_mm(
    laid_out: LayOut, slip: Slip, paper: int, words: int, places: int
) -> None:
    full = Bilingual(" ".join(["речення"] * words), " ".join(["Sätze"] * words))
    route = tuple(Place("boat", str(door)) for door in range(places))
    slip = replace(slip, heading=full, waiting=full, follow=full, keep=full, places=route, copy=2)

    assert laid_out(slip, paper).height <= LONGEST


def test_ten_thousand_letters_are_cut_to_fit(laid_out: LayOut, slip: Slip) -> None:
    long = Bilingual("ї" * 10_000, "Ä " * 5_000)
    layout = laid_out(replace(slip, heading=long, waiting=long, follow=long, keep=long))

    assert layout.height <= LONGEST
