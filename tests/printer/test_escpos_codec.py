# ruff: noqa: RUF001 -- Cyrillic letters and dashes are what it prints

import logging
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from printer.artwork import Artwork, default_artwork
from printer.compact import number_step
from printer.escpos_codec import Rendition, done_question, encode_slip, encode_steps
from printer.marks import Figure
from printer.profile import Profile, load_profile
from printer.sample import load_sample, sample_languages
from printer.slip import Bilingual, Slip
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_slip
from printer.virtual.commands import RealTimeReader
from printer.virtual.machine import Machine
from printer.virtual.paper import Piece
from tests.printer.functions import Encode, LayOut


@pytest.fixture(scope="session")
def encoded(laid_out: LayOut, artwork: Artwork) -> Encode:
    """Return a function from slip, profile and rendition to bytes."""

    def encode(slip: Slip, profile: Profile, rendition: Rendition = Rendition.COMPACT) -> bytes:
        layout = laid_out(slip, profile.paper_dots)
        return encode_slip(layout, profile, artwork, rendition=rendition)

    return encode


PAGES_COVER = {"de", "en", "fr", "hu", "pl", "ru", "tr", "uk"}
"""Languages that some code page of the virtual printer holds all letters of."""


def paper_from(data: bytes, width: int = 576) -> Piece:
    pieces = []
    Machine(width, pieces.append).receive(data)
    (piece,) = pieces
    return piece


@pytest.mark.parametrize("profile", ["virtual-80", "generic-80", "virtual-58", "generic-58"])
@pytest.mark.parametrize("language", ["uk", "ar"])
def test_a_drawn_slip_comes_out_exactly_as_designed(
    encoded: Encode, laid_out: LayOut, artwork: Artwork, profile: str, language: str
) -> None:
    able, slip = load_profile(profile), load_sample(language)
    piece = paper_from(encoded(slip, able, Rendition.DRAWN), able.paper_dots)
    design = draw_slip(laid_out(slip, able.paper_dots), artwork)

    assert piece.picture.tobytes() == design.tobytes()
    assert piece.unknown == ()


@pytest.mark.parametrize("profile", ["virtual-80", "virtual-58"])
@pytest.mark.parametrize("language", sample_languages())
def test_a_compact_slip_is_short_and_understood(
    encoded: Encode, profile: str, language: str
) -> None:
    able, slip = load_profile(profile), load_sample(language)
    data = encoded(slip, able)
    piece = paper_from(data, able.paper_dots)

    assert piece.unknown == ()
    assert piece.drawer_kicks == 0
    assert piece.qr_codes == (slip.ticket_url,)
    assert piece.picture.height <= LONGEST
    assert len(data) <= (8_000 if language in PAGES_COVER else 24_000)


def test_text_that_one_page_covers_goes_as_text(encoded: Encode, able: Profile, slip: Slip) -> None:
    piece = paper_from(encoded(slip, able))

    assert [line for line in piece.text.splitlines() if line][:2] == [
        "Info-PointSa. 21.11.2026 14:05",
        "Ваш номерIhre Nummer",
    ]
    assert [line for line in piece.text.splitlines() if line][-6:] == [
        "Перед вами: 14 · 20–40 хв",
        "Vor Ihnen: 14 · 20–40 Min.",
        "Ваша черга — на телефоні",
        "Ihr Aufruf auf dem Handy",
        "Збережіть цей талон.",
        "Bitte aufbewahren.",
    ]


def test_each_line_stays_on_one_code_page(encoded: Encode, able: Profile, slip: Slip) -> None:
    """python-escpos alone would switch pages inside "Привіт, ґанок" three times."""
    slip = replace(slip, keep=Bilingual("Привіт, ґанок", ""))

    data = encoded(slip, able)

    assert "Привіт, ґанок".encode("cp1251") in data
    assert data.count(b"\x1bt") == 1


def test_what_no_page_covers_is_drawn(encoded: Encode, able: Profile, slip: Slip) -> None:
    piece = paper_from(encoded(replace(slip, keep=Bilingual("გთხოვთ, შეინახოთ", "")), able))

    assert "?" not in piece.text
    assert "Ваша черга — на телефоні" in piece.text


def test_arabic_never_goes_through_a_code_page(encoded: Encode, able: Profile) -> None:
    profile = replace(able, code_pages={"CP1252": 16})
    piece = paper_from(encoded(load_sample("ar"), profile))

    assert "?" not in piece.text
    assert "Ihr Aufruf auf dem Handy" in piece.text


@pytest.mark.parametrize("rendition", list(Rendition))
def test_a_name_that_looks_like_a_command_opens_no_drawer(
    encoded: Encode, able: Profile, slip: Slip, rendition: Rendition
) -> None:
    evil = "\x1bp0\x19\xfa\x10\x14\x01\x00\x05\x1dV\x00"
    slip = replace(slip, site_name=evil, keep=Bilingual(evil, evil), language_name=evil)
    data = encoded(slip, able, rendition)
    piece = paper_from(data)

    assert piece.drawer_kicks == 0
    assert piece.unknown == ()
    assert RealTimeReader().feed(data) == []


@settings(max_examples=4, deadline=None)
@given(text=st.text(max_size=40), rendition=st.sampled_from(list(Rendition)))
def test_no_text_reaches_the_command_stream(
    encoded: Encode, able: Profile, text: str, rendition: Rendition
) -> None:
    slip = replace(
        load_sample("uk"), site_name=text, heading=Bilingual(text, text), keep=Bilingual(text, "")
    )
    data = encoded(slip, able, rendition)
    piece = paper_from(data)

    assert piece.unknown == ()
    assert piece.drawer_kicks == 0
    assert piece.picture.height <= LONGEST
    assert RealTimeReader().feed(data) == []


def test_the_job_ends_with_the_cut_and_the_question(
    encoded: Encode, plain: Profile, able: Profile, slip: Slip
) -> None:
    assert encoded(slip, plain).endswith(b"\x1dVB\x00\x1dr1")
    assert encoded(slip, able).endswith(b"\x1dVB\x00\x1d(H\x06\x00000001")


def test_without_a_cutter_the_paper_is_fed_to_the_edge(
    encoded: Encode, slip: Slip, plain: Profile
) -> None:
    piece = paper_from(encoded(slip, replace(plain, cutter=False)))
    cut = paper_from(encoded(slip, plain))

    assert piece.picture.height == cut.picture.height + 96


def test_a_job_id_that_could_command_is_refused() -> None:
    with pytest.raises(ValueError, match="four printable"):
        done_question(Profile("any", 576, process_id=True), b"\x1b@12")


def test_importing_the_package_is_quiet_and_cheap() -> None:
    """python-escpos parses 300 kB at import and sets up the root logger; nobody asked for it."""
    program = (
        "import logging, os, sys, tempfile, pathlib\n"
        "folder = pathlib.Path(tempfile.mkdtemp()); tempfile.tempdir = str(folder)\n"
        "import printer.printer\n"
        "assert 'escpos' not in sys.modules\n"
        "from printer.escpos_codec import cut_off\n"
        "from printer.profile import load_profile\n"
        "assert cut_off(load_profile('generic-80')) == b'\\x1b@\\x1dVB\\x00'\n"
        "assert 'escpos' in sys.modules\n"
        "assert not logging.root.handlers, logging.root.handlers\n"
        "assert 'ESCPOS_CAPABILITIES_FILE' not in os.environ\n"
        "assert not list(folder.iterdir()), list(folder.iterdir())\n"
        "folder.rmdir()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert logging.root is logging.getLogger()


@pytest.mark.parametrize(("name", "least"), [("virtual-80", 160), ("virtual-58", 120)])
@pytest.mark.parametrize("number", ["D214", "DG999"])
def test_the_number_in_the_printers_own_font_is_as_high_as_promised(
    laid_out: LayOut, slip: Slip, name: str, least: int, number: str
) -> None:
    """20 mm are 160 dots, 15 mm are 120; measured on what comes off the paper."""
    profile = load_profile(name)
    layout = laid_out(replace(slip, number=number), profile.paper_dots)
    (figure,) = (m for block in layout.blocks for m in block.marks if isinstance(m, Figure))
    step = number_step(figure, profile.paper_dots, profile)
    data = encode_steps([step], profile, default_artwork(), job_id=b"0001")
    piece = paper_from(data, profile.paper_dots)
    left, top, right, bottom = ImageChops.invert(piece.picture.convert("L")).getbbox()

    assert [words.text for words in step.words] == [number[:-3], number[-3:]]
    assert step.words[1].x - step.words[0].end >= 24
    assert bottom - top >= least
    assert left >= 16
    assert right <= profile.paper_dots - 16


def test_where_nobody_measured_the_printers_font_the_number_is_a_picture(
    encoded: Encode, able: Profile, slip: Slip
) -> None:
    piece = paper_from(encoded(slip, replace(able, capital_dots=0)))
    small = paper_from(encoded(slip, replace(able, capital_dots=14)))

    assert slip.number not in piece.text + small.text
    assert slip.number in paper_from(encoded(slip, able)).text


def test_a_copy_is_marked_white_on_black_where_the_printer_can(
    encoded: Encode, able: Profile, slip: Slip
) -> None:
    copy = replace(slip, copy=2)
    marked, drawn = (
        encoded(copy, replace(able, reversed_text=reverses)) for reverses in (True, False)
    )

    assert b"\x1dB\x01 2 " in marked
    assert b"\x1dB" not in drawn
    assert len(marked) < len(drawn) - 1000


def test_what_is_in_force_is_not_said_again(encoded: Encode, able: Profile, slip: Slip) -> None:
    """Pages, weights and sizes of a slip change a few times, not for each of its ten texts."""
    data = encoded(slip, able)

    assert data.count(b"\x1bt") == 1
    assert data.count(b"\x1bE") <= 8
    assert data.count(b"\x1db") <= 2


def test_a_dash_that_a_page_lacks_becomes_a_hyphen_and_letters_stay(
    encoded: Encode, able: Profile
) -> None:
    polish = load_sample("pl")
    piece = paper_from(encoded(polish, able))

    assert "20-40 min" in piece.text
    assert "Proszę zachować." in piece.text
