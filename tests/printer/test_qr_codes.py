"""A reader of another maker reads the code off the paper, however it got there."""

from dataclasses import replace

import pytest
import zxingcpp

from printer.artwork import Artwork
from printer.escpos_codec import Rendition, encode_slip
from printer.profile import load_profile
from printer.sample import load_sample
from printer.virtual.machine import Machine
from printer.virtual.roll import Piece
from tests.printer.functions import LayOut


@pytest.mark.parametrize("language", ["uk", "ar"])
@pytest.mark.parametrize(
    ("name", "native", "rendition"),
    [
        ("virtual-80", True, Rendition.COMPACT),
        ("virtual-80", False, Rendition.COMPACT),  # doubled raster
        ("virtual-58", True, Rendition.COMPACT),
        ("virtual-58", False, Rendition.COMPACT),
        ("generic-80", False, Rendition.DRAWN),
        ("generic-58", False, Rendition.DRAWN),
        ("generic-58", False, Rendition.COMPACT),
    ],
)
def test_a_printed_code_can_be_read(
    laid_out: LayOut,
    artwork: Artwork,
    language: str,
    name: str,
    native: bool,  # noqa: FBT001
    rendition: Rendition,
) -> None:
    profile, slip = replace(load_profile(name), native_qr=native), load_sample(language)
    pieces: list[Piece] = []
    layout = laid_out(slip, profile.paper_dots)
    data = encode_slip(layout, profile, artwork, rendition=rendition)
    Machine(profile.paper_dots, pieces.append).receive(data)
    (found,) = zxingcpp.read_barcodes(pieces[0].picture.convert("L"))

    assert found.text == slip.ticket_url
    assert pieces[0].qr_codes == ((slip.ticket_url,) if native and "virtual" in name else ())
    assert len(data) < 13_000 or "generic" in name
