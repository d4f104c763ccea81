from dataclasses import replace

import pytest

from printer.artwork import Artwork
from printer.marks import Figure, Icon, Layout, QrCode, Text
from printer.sample import load_directions, load_sample, sample_languages
from printer.slip import Advice, Bilingual, Directions, Later, Place, Slip
from printer.slip_layout import LONGEST
from printer.slip_picture import draw_slip
from tests.printer.functions import LayOut

LONG = Bilingual("Rozpatrzymy każdą prośbę o nocleg " * 3, "Wir prüfen jede Bitte um ein Bett " * 3)


def texts(layout: Layout) -> list[str]:
    return [mark.text for block in layout.blocks for mark in block.marks if isinstance(mark, Text)]


def icons(layout: Layout) -> list[str]:
    return [mark.name for block in layout.blocks for mark in block.marks if isinstance(mark, Icon)]


@pytest.fixture
def closed() -> Directions:
    return load_directions("uk")


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("language", sample_languages())
def test_a_slip_without_a_number_keeps_its_length_and_margins(
    laid_out: LayOut, artwork: Artwork, language: str, paper: int
) -> None:
    layout = laid_out(load_directions(language), paper)
    picture = draw_slip(layout, artwork)
    left, _, right, _ = picture.convert("L").point(lambda level: 255 - level).getbbox()

    assert layout.height <= LONGEST
    assert left >= 13  # a J hangs out a little
    assert right <= paper - 13


def test_it_has_neither_a_number_nor_a_code(laid_out: LayOut, closed: Directions) -> None:
    layout = laid_out(closed)

    marks = [mark for block in layout.blocks for mark in block.marks]
    assert not [mark for mark in marks if isinstance(mark, Figure | QrCode)]


def test_it_says_all_that_it_was_given(laid_out: LayOut, closed: Directions) -> None:
    said = " ".join(texts(laid_out(closed)))

    for pair in (closed.heading, closed.opens, closed.no_number, closed.come_again):
        assert pair
        assert pair.own in said
        assert pair.german in said
    assert "112" in said
    for advice in closed.advice:
        assert advice.text.own in said
        assert advice.detail in said
    assert icons(laid_out(closed)) == ["clock", *(advice.icon for advice in closed.advice)]


def test_who_reads_german_reads_it_once(laid_out: LayOut) -> None:
    said = texts(laid_out(load_directions("de")))

    assert len(said) == len(set(said))


def test_without_a_time_it_promises_none(laid_out: LayOut, closed: Directions) -> None:
    layout = laid_out(replace(closed, opens=None))

    assert "clock" not in icons(layout)
    assert closed.heading.own in texts(layout)


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("language", ["pl", "ar"])
def test_as_much_as_a_site_may_say_fits(laid_out: LayOut, paper: int, language: str) -> None:
    much = Advice(
        "bed", LONG, "Bertha-von-Suttner-Platz 1, Hinterhaus, 2. Etage links", Place("star", "10AB")
    )

    layout = laid_out(replace(load_directions(language), advice=(much,) * 4), paper)

    assert layout.height <= LONGEST
    assert icons(layout).count("landmark-star") == 4
    assert all(mark.x >= 0 for block in layout.blocks for mark in block.marks)


def test_an_address_stays_latin_and_moves_to_the_other_side(laid_out: LayOut) -> None:
    def address(language: str) -> Text:
        slip = load_directions(language)
        found = [
            mark
            for block in laid_out(slip).blocks
            for mark in block.marks
            if isinstance(mark, Text) and mark.text == slip.advice[0].detail
        ]
        return found[0]

    uk, ar = address("uk"), address("ar")
    assert ar.style.right_to_left is False
    assert ar.x == 576 - uk.x - uk.width


# --- doors that are closed now, on a slip with a number -----------------------------------------

OPENS = Bilingual("Відчиниться: понеділок, 09:00", "Öffnet: Montag, 09:00")


@pytest.mark.parametrize("paper", [576, 384])
def test_a_closed_door_says_when_it_opens(laid_out: LayOut, slip: Slip, paper: int) -> None:
    later = (Later((slip.places[1], slip.places[2]), OPENS),)
    layout = laid_out(replace(slip, later=later), paper)
    part = Layout(paper, tuple(block for block in layout.blocks if block.name == "later"))

    assert icons(part) == ["landmark-fish", "landmark-boat"]
    assert texts(part) == ["2", "4", OPENS.own, OPENS.german]
    assert layout.height <= LONGEST


def test_a_slip_on_which_all_doors_are_open_is_as_it_was(laid_out: LayOut, slip: Slip) -> None:
    assert "later" not in [block.name for block in laid_out(slip).blocks]
    assert laid_out(load_sample("uk")) == laid_out(replace(slip, later=()))


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("language", sample_languages())
def test_doors_that_open_at_different_times_fit_on_a_slip(
    laid_out: LayOut, language: str, paper: int
) -> None:
    slip = load_sample(language)
    later = tuple(Later((place,), OPENS) for place in slip.places[1:])
    layout = laid_out(replace(slip, later=later), paper)
    part = Layout(paper, tuple(block for block in layout.blocks if block.name == "later"))

    assert layout.height <= LONGEST
    assert icons(part) == [f"landmark-{place.landmark}" for place in slip.places[1:]]
    assert texts(part).count(OPENS.own) == len(later)


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("number", [0, 1, 2, 5, 12])
def test_however_many_doors_are_closed_what_a_slip_is_for_is_on_it(
    laid_out: LayOut, slip: Slip, paper: int, number: int
) -> None:
    places = tuple(Place("boat", str(door)) for door in range(1, 13))
    later = tuple(Later((place,), OPENS) for place in places[:number])
    layout = laid_out(replace(slip, places=places, later=later, copy=2), paper)
    route = Layout(paper, tuple(block for block in layout.blocks if block.name == "route"))
    marks = [mark for block in layout.blocks for mark in block.marks]

    assert layout.height <= LONGEST
    assert icons(route) == ["landmark-boat"] * 12
    assert slip.keep.own in texts(layout)
    assert [mark.text for mark in marks if isinstance(mark, Figure)] == [slip.number]
    assert [mark.url for mark in marks if isinstance(mark, QrCode)] == [slip.ticket_url]


@pytest.mark.parametrize("paper", [576, 384])
@pytest.mark.parametrize("door", ["4", "Tent behind the big hall"])
def test_signs_of_many_closed_doors_stay_on_the_paper(
    laid_out: LayOut, slip: Slip, paper: int, door: str
) -> None:
    later = (Later(tuple(Place("boat", door) for _ in range(6)), OPENS),)
    layout = laid_out(replace(slip, later=later), paper)
    part = [mark for block in layout.blocks if block.name == "later" for mark in block.marks]

    assert len([mark for mark in part if isinstance(mark, Icon)]) == 6
    assert all(mark.x + mark.width <= paper for mark in part)
    assert layout.height <= LONGEST
