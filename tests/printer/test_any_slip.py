"""Whatever stands on a slip, one slip comes out of the printer, with its number on it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printer.artwork import Artwork
from printer.escpos_codec import Rendition, encode_slip
from printer.marks import Figure, Layout
from printer.nv_graphics import define
from printer.profile import Profile, load_profile
from printer.sample import load_directions, load_sample, sample_languages
from printer.slip import Advice, Bilingual, Directions, Later, Place, Printable, Slip
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_block
from printer.stock import Stock, stock_for, stored_raster
from printer.virtual.commands import RealTimeReader
from printer.virtual.machine import Machine
from printer.virtual.roll import Piece
from tests.printer.functions import LayOut

KEPT = """\
languages = ["uk", "ar", "ka"]
parties = [[1, 2]]
routes = [[["tree", "1"]]]
"""

EVIL = (
    "\x1bp0\x19\xfa",
    "\x10\x14\x01\x00\x05",
    "\x1d(L\x06\x000E  \x01\x01",
    "\x1dV\x00\r\n\x0c",
    "Збережіть\u202e цей\u2066 талон",
    "👩‍👩‍👧‍👦 🚉",
    "\ud800\udfff\udc00",
    "Ї" * 10_000,
    "א ب ข 中 ﷽ Z̷̢a̵l̶g̷o̴" * 400,
    "",
)

ANYTHING = st.one_of(
    st.sampled_from(EVIL),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.tuples(st.sampled_from(EVIL), st.text(max_size=10)).map("".join),
)
PAIR = st.builds(Bilingual, ANYTHING, ANYTHING)
PLACES = st.lists(st.builds(Place, ANYTHING, ANYTHING), max_size=20).map(tuple)
ADVICE = st.builds(
    Advice,
    st.sampled_from(["bed", "bus", "no such icon"]),
    PAIR,
    ANYTHING,
    st.none() | PLACES.map(lambda places: places[0] if places else None),
)


@st.composite
def slips(draw: st.DrawFn) -> Slip:
    """Return a sample of any language of which anything may have been replaced by anything."""
    slip = load_sample(draw(st.sampled_from(sample_languages())))
    other = {
        "number": st.sampled_from(["D214", "DG999", "JU101"]),
        "language_name": ANYTHING,
        "site_name": ANYTHING,
        "printed_at": ANYTHING,
        "heading": PAIR,
        "waiting": st.none() | PAIR,
        "follow": st.none() | PAIR,
        "keep": PAIR,
        "adults": st.integers(0, 120),
        "children": st.integers(0, 120),
        "places": PLACES,
        "later": st.lists(st.builds(Later, PLACES, PAIR), max_size=3).map(tuple),
        "ticket_url": st.none() | ANYTHING,
        "copy": st.integers(1, 2),
    }
    changed = draw(st.sets(st.sampled_from(sorted(other)), max_size=5))
    return replace(slip, **{name: draw(other[name]) for name in sorted(changed)})


@st.composite
def slips_without_a_number(draw: st.DrawFn) -> Directions:
    """Return the same of slips without a number."""
    slip = load_directions(draw(st.sampled_from(sample_languages())))
    other = {
        "site_name": ANYTHING,
        "heading": PAIR,
        "opens": st.none() | PAIR,
        "advice": st.lists(ADVICE, max_size=4).map(tuple),
        "no_number": PAIR,
        "come_again": PAIR,
        "emergency": PAIR,
    }
    changed = draw(st.sets(st.sampled_from(sorted(other)), max_size=4))
    return replace(slip, **{name: draw(other[name]) for name in sorted(changed)})


@pytest.fixture(scope="module")
def printers(
    artwork: Artwork, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Profile, Stock, Machine, list[Piece]]]:
    """Return a printer for each profile; those that can keep pictures hold some."""
    use: Path = tmp_path_factory.mktemp("stock") / "use.toml"
    use.write_text(KEPT, encoding="utf-8")
    made = {}
    for name in ("virtual-80", "virtual-58", "generic-80", "generic-58"):
        profile, pieces = load_profile(name), []
        machine, stock = Machine(profile.paper_dots, pieces.append), Stock({}, frozenset())
        if profile.nv_graphics:
            stock = stock_for(profile, artwork, use=use)
            for step, key in stock.keys.items():
                machine.receive(define(key, stored_raster(step, profile, artwork)))
        made[name] = profile, stock, machine, pieces
    return made


Check = Callable[[Printable, str, Rendition], None]


@pytest.fixture(scope="module")
def check(
    printers: dict[str, tuple[Profile, Stock, Machine, list[Piece]]],
    laid_out: LayOut,
    artwork: Artwork,
) -> Check:
    def check(slip: Printable, name: str, rendition: Rendition) -> None:
        profile, stock, machine, pieces = printers[name]
        layout = laid_out(slip, profile.paper_dots)
        for stored in ({}, stock.keys) if profile.nv_graphics else ({},):
            pieces.clear()
            data = encode_slip(layout, profile, artwork, rendition=rendition, stored=stored)
            machine.receive(data)
            (piece,) = pieces

            assert piece.unknown == piece.remarks == ()
            assert piece.drawer_kicks == 0
            assert RealTimeReader().feed(data) == []
            assert piece.picture.width == profile.paper_dots
            assert piece.picture.height <= LONGEST
            assert shows_number(piece, slip, layout, artwork)

    return check


def shows_number(piece: Piece, slip: Printable, layout: Layout, artwork: Artwork) -> bool:
    """Whether the number, where there is one, was printed as text, or each dot as designed."""
    if not slip.number or slip.number in piece.text.splitlines():
        return True
    (block,) = (b for b in layout.blocks if any(isinstance(m, Figure) for m in b.marks))
    ink = draw_block(block, layout.width, artwork)
    box = ink.getbbox()
    rows = ink.crop((0, box[1], layout.width, box[3])).point(lambda v: 255 * (v < 112))
    dots: Image.Image = rows.convert("1")
    return dots.tobytes() in piece.picture.tobytes()


@pytest.mark.parametrize("rendition", list(Rendition))
@pytest.mark.parametrize("name", ["virtual-80", pytest.param("generic-58", marks=pytest.mark.slow)])
@settings(max_examples=2, deadline=None, derandomize=True)
@given(slip=slips())
def test_any_slip_comes_out_with_its_number(
    check: Check, slip: Slip, name: str, rendition: Rendition
) -> None:
    check(slip, name, rendition)


@pytest.mark.parametrize("rendition", list(Rendition))
@pytest.mark.parametrize("name", ["virtual-80"])
@settings(max_examples=2, deadline=None, derandomize=True)
@given(slip=slips_without_a_number())
def test_any_slip_without_a_number_comes_out(
    check: Check, slip: Directions, name: str, rendition: Rendition
) -> None:
    check(slip, name, rendition)


@pytest.mark.slow
@pytest.mark.parametrize("rendition", list(Rendition))
@pytest.mark.parametrize("name", ["virtual-80", "virtual-58", "generic-80", "generic-58"])
@settings(max_examples=40, deadline=None)
@given(slip=slips() | slips_without_a_number())
def test_very_many_slips_come_out_with_their_numbers(
    check: Check, slip: Slip, name: str, rendition: Rendition
) -> None:
    check(slip, name, rendition)


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_the_longest_number_comes_out_on_narrow_paper(check: Check, language: str) -> None:
    check(replace(load_sample(language), number="DG214", copy=2), "virtual-58", Rendition.COMPACT)


@pytest.mark.slow
@pytest.mark.parametrize("rendition", list(Rendition))
@pytest.mark.parametrize("name", ["virtual-80", "virtual-58"])
@pytest.mark.parametrize("language", sample_languages())
def test_the_longest_number_comes_out_in_every_language(
    check: Check, language: str, name: str, rendition: Rendition
) -> None:
    check(replace(load_sample(language), number="DG214", copy=2), name, rendition)
