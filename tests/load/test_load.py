"""A small load: everything that the long one does, in some seconds, and the sums that it prints."""

from pathlib import Path

import pytest

from tests.chaos.results import RunOf
from tests.load.books import delays
from tests.load.report import markdown, rows
from tests.load.run import run
from tests.load.size import Size
from tests.load.soak import soak, table
from tests.load.watching import growth

SMALL = Size(persons=75, kiosks=2, counters=5, displays=2, phones=10, minutes=0.05, seed=3)


@pytest.mark.slow
def test_a_small_load_is_answered_without_an_error_and_its_books_agree(tmp_path: Path) -> None:
    loaded = run(tmp_path, SMALL, database="sqlite")

    assert loaded.notes.told == []
    assert loaded.books.agree, loaded.books
    assert loaded.parties >= 25
    assert loaded.books.figures > 20, "too little happened to prove anything"
    often = {name: count for name, count, *_ in rows(loaded)}
    assert often["check-in"] >= loaded.parties
    assert often["call next"] >= loaded.parties
    assert often["ticket page"] >= SMALL.phones
    assert loaded.delays, "no display showed any call"
    assert loaded.mb[2] > 50
    page = markdown(loaded, RunOf("abc", "today", "here", 0.1))
    assert f"{loaded.parties} check-ins confirmed, 0 lost, 0 stored twice" in page


def test_each_press_meets_the_call_that_it_made() -> None:
    presses = [["visit", "here", 1.0], ["visit", "here", 5.0], ["other", "here", 2.0]]
    sightings = {"visit here 10": [1.5, 1.25], "visit here 50": [5.5], "visit there 9": [1.1]}

    found, unseen = delays(presses, sightings)

    assert sorted(found) == [0.25, 0.5, 0.5]
    assert unseen == 1


def test_a_call_that_no_display_showed_is_not_taken_for_the_next_one() -> None:
    found, unseen = delays([["v", "s", 1.0], ["v", "s", 5.0]], {"v s 50": [5.5]})

    assert (found, unseen) == ([0.5], 1)


def test_growth_is_told_for_a_thousand_parties_with_its_spread() -> None:
    flat = growth([(n, 100 + (n % 2)) for n in range(1000)])
    steep = growth([(n, 100 + 0.01 * n + (n % 2)) for n in range(1000)])

    assert abs(flat.slope) < 0.1
    assert abs(steep.slope - 10) < 0.1
    assert flat.spread < 0.1


@pytest.mark.slow
def test_a_short_soak_delivers_and_serves_all_and_keeps_its_files_and_threads(
    tmp_path: Path,
) -> None:
    soaked = soak(tmp_path, parties=24, every=4)

    assert soaked.is_sound, soaked.check
    assert soaked.served == 24
    assert (soaked.last.kiosk.parties, soaked.last.kiosk.waiting) == (24, 0)
    first, last = soaked.moments[1].kiosk.held, soaked.last.kiosk.held
    assert last.threads <= first.threads + 1, "one may be begun for a moment"
    assert last.files <= first.files + 2, "one connection may be opened anew"
    assert "| 24 |" in table(soaked, RunOf("abc", "today", "here", 0.1))
