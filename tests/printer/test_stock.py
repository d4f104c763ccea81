import re
from dataclasses import replace
from pathlib import Path

import pytest

from printer.artwork import Artwork
from printer.compact import PictureStep
from printer.escpos_codec import Rendition, slip_steps
from printer.marks import Figure, QrCode, Text
from printer.nv_graphics import define, print_stored
from printer.profile import Profile, load_profile
from printer.raster_commands import picture
from printer.sample import load_sample, sample_languages
from printer.slip_picture import draw_block
from printer.stock import (
    Stock,
    StockError,
    is_label,
    is_ours,
    stock_for,
    stored_raster,
)
from printer.virtual.machine import Machine
from printer.virtual.roll import Piece
from tests.printer.functions import LayOut

CUT = b"\x1dV\x00"

TWO_LANGUAGES = """\
languages = ["uk", "ar"]
parties = [[1, 0], [1, 2]]
routes = [[["tree", "1"]], [["tree", "1"], ["fish", "2"]]]
"""


@pytest.fixture(scope="session")
def use(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stock") / "use.toml"
    path.write_text(TWO_LANGUAGES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def stock(able: Profile, artwork: Artwork, use: Path) -> Stock:
    return stock_for(able, artwork, use=use)


def test_what_leads_to_a_party_is_in_no_stock(stock: Stock) -> None:
    marks = [mark for step in stock.keys for mark in step.block.marks]
    texts = " ".join(mark.text for mark in marks if isinstance(mark, Text))

    assert not [mark for mark in marks if isinstance(mark, Figure | QrCode)]
    assert "214" not in texts
    assert not re.search(r"\d\d", texts), texts  # neither times nor waits


def test_a_slip_with_other_numbers_finds_its_fixed_rows_in_the_stock(
    stock: Stock, laid_out: LayOut, able: Profile
) -> None:
    slip = replace(load_sample("ar"), number="L877", printed_at="Mo. 1.2.2027 09:00", waiting=None)
    steps = slip_steps(laid_out(slip), able, Rendition.COMPACT)
    pictures = [step for step in steps if isinstance(step, PictureStep)]

    assert len(pictures) == 7
    assert all(step in stock.keys for step in pictures)


def test_every_row_of_every_sample_but_its_wait_is_in_the_shipped_stock(
    laid_out: LayOut, able: Profile, artwork: Artwork
) -> None:
    shipped = stock_for(able, artwork)
    for language in sample_languages():
        steps = slip_steps(laid_out(load_sample(language)), able, Rendition.COMPACT)
        missing = [
            [mark.text for mark in step.block.marks if isinstance(mark, Text)]
            for step in steps
            if isinstance(step, PictureStep) and step not in shipped.keys
        ]
        assert missing in ([], [[load_sample(language).waiting.own]]), language


def test_keys_are_two_letters_and_never_twice(stock: Stock) -> None:
    keys = [*stock.keys.values(), *stock.labels]

    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(rb"[\x21-\x7e]{2}", key) and is_ours(key) for key in keys)
    assert sum(map(is_label, keys)) == 4


def test_keys_of_others_are_left_alone() -> None:
    assert not any(is_ours(key) for key in (b"G1", b"01", b"  ", b"AA", b"Za"))


def test_another_printer_paper_or_order_of_use_is_another_stock(
    stock: Stock, able: Profile, artwork: Artwork, use: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "use.toml"
    turned.write_text(use.read_text("utf-8").replace('"uk", "ar"', '"ar", "uk"'), "utf-8")
    others = [
        stock_for(load_profile("virtual-58"), artwork, use=use),
        stock_for(replace(able, code_pages={}), artwork, use=use),
        stock_for(able, artwork, use=turned),
    ]

    assert stock_for(able, artwork, use=use).labels == stock.labels
    assert all(other.labels != stock.labels for other in others)


def test_what_is_kept_prints_like_what_is_sent(
    stock: Stock, able: Profile, artwork: Artwork
) -> None:
    """Each picture through a printer's memory, dot for dot as the block is drawn."""
    pieces: list[Piece] = []
    machine = Machine(576, pieces.append)
    for step, key in stock.keys.items():
        raster = stored_raster(step, able, artwork)
        kept = define(key, raster) + print_stored(key, doubled=step.coarse)
        sent = picture(draw_block(step.block, 576, artwork), able, coarse=step.coarse)
        machine.receive(kept + CUT + sent + CUT)
        first, second = (piece.picture for piece in pieces[-2:])

        assert first.crop((0, 0, *second.size)).tobytes() == second.tobytes()
        assert first.height - second.height <= (2 if step.coarse else 1)
        assert raster.rows % 48, step.block.name
        assert raster.rows % 64, step.block.name
    assert len(pieces) == 2 * len(stock.keys)
    assert {(piece.unknown, piece.remarks) for piece in pieces} == {((), ())}


def test_a_broken_list_of_uses_names_its_file(
    able: Profile, artwork: Artwork, tmp_path: Path
) -> None:
    path = tmp_path / "use.toml"
    path.write_text('languages = ["uk"]\n', encoding="utf-8")

    with pytest.raises(StockError, match=r"use\.toml"):
        stock_for(able, artwork, use=path)
