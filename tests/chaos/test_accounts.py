"""The accounts at the end of a run: each way in which they can disagree is found."""

from dataclasses import replace
from functools import partial

import pytest

from printer.artwork import default_artwork
from printer.profile import load_profile
from printer.raster import measure
from printer.sample import load_sample
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from tests.chaos.accounts import Accounts, Entry, Given, Sheet, fingerprint

FIRST = Given("id-1", "D101", "https://ankunft.example/t/one")
OTHER = Given("id-2", "D102", "https://ankunft.example/t/other")


def entry(given: Given, sequence: int, **changes: object) -> Entry:
    return replace(Entry(given.id, given.number, sequence, "confirmed", "printed", 1), **changes)


def sheet(url: str) -> Sheet:
    return Sheet(url, "dots")


GOOD = Accounts(
    given=[FIRST, OTHER],
    journal=[entry(FIRST, 1), entry(OTHER, 2)],
    sheets=[sheet(FIRST.url), sheet(OTHER.url), sheet("")],
    stored=[(FIRST.id, FIRST.number), (OTHER.id, OTHER.number)],
    bodies=2,
    help_calls=1,
    touched_help=1,
)


def test_what_agrees_is_not_complained_of() -> None:
    assert GOOD.disagreements() == []
    assert GOOD.printed == 2


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"given": [FIRST]}, "not written down"),
        ({"given": [FIRST, OTHER, OTHER]}, "given out twice"),
        ({"journal": [entry(FIRST, 1), entry(OTHER, 3)]}, "gaps"),
        (
            {
                "given": [FIRST, replace(OTHER, number="D101")],
                "journal": [entry(FIRST, 1), entry(replace(OTHER, number="D101"), 2)],
            },
            "numbers twice",
        ),
        ({"journal": [entry(FIRST, 1), entry(OTHER, 2, slip="sending")]}, "not ended"),
        ({"journal": [entry(FIRST, 1), entry(OTHER, 2, copies=3)]}, "more than twice"),
        ({"journal": [entry(FIRST, 1), entry(OTHER, 2, delivery="refused")]}, "not confirmed"),
        ({"sheets": [sheet("https://ankunft.example/t/nobody")]}, "slip of nobody"),
        ({"sheets": [sheet(FIRST.url), sheet(FIRST.url)]}, "came out 2 times"),
        ({"stored": [(FIRST.id, FIRST.number)], "bodies": 1}, "does not have"),
        ({"stored": [*GOOD.stored, ("id-3", "D103")], "bodies": 3}, "no kiosk gave out"),
        ({"bodies": 3}, "3 bodies"),
        ({"help_calls": 2}, "2 help calls after 1"),
    ],
)
def test_what_does_not_agree_is_found(changes: dict[str, object], found: str) -> None:
    assert found in " ".join(replace(GOOD, **changes).disagreements())


def drawn(slip: Slip) -> Sheet:
    artwork = default_artwork()
    dots = load_profile("generic-80").paper_dots
    picture = draw_slip(lay_out(slip, dots, partial(measure, artwork)), artwork)
    return Sheet(FIRST.url, fingerprint(picture))


def test_two_slips_of_one_number_are_told_apart_by_the_2_on_the_paper() -> None:
    slip = replace(load_sample("uk"), number="D101", ticket_url=FIRST.url)
    copy = replace(slip, copy=2)
    asked = replace(
        GOOD, journal=[entry(FIRST, 1, copies=2), entry(OTHER, 2)], copies={FIRST.url: copy}
    )

    assert replace(asked, sheets=[drawn(slip), drawn(copy)]).disagreements() == []
    for twins in ([drawn(slip), drawn(slip)], [drawn(copy), drawn(copy)]):
        assert "without a 2" in " ".join(replace(asked, sheets=twins).disagreements())
