"""The accounts at the end of a run: each way in which they can disagree is found."""

from dataclasses import replace

import pytest

from printer.sample import load_sample
from tests.chaos.accounts import Accounts, Entry, Given, Sheet, drawn

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
        ({"given": [FIRST]}, "not given out, while 0"),
        ({"journal": [entry(FIRST, 1)]}, "given out and not written down"),
        ({"truthful": True, "sheets": [sheet(FIRST.url)]}, "never came out: ['D102']"),
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
        ({"sheets": [sheet("https://ankunft.example/t/nobody")]}, "slips of nobody"),
        ({"sheets": [sheet(FIRST.url), sheet(FIRST.url)]}, "came out 2 times"),
        ({"stored": [(FIRST.id, FIRST.number)], "bodies": 1}, "does not have"),
        ({"stored": [*GOOD.stored, ("id-3", "D103")], "bodies": 3}, "no kiosk gave out"),
        ({"bodies": 3}, "3 bodies"),
        ({"help_calls": 2}, "2 help calls after 1"),
    ],
)
def test_what_does_not_agree_is_found(changes: dict[str, object], found: str) -> None:
    assert found in " ".join(replace(GOOD, **changes).disagreements())


def test_a_party_that_was_cut_off_may_have_left_a_number_that_nobody_was_given() -> None:
    assert replace(GOOD, given=[FIRST], sheets=(), cut_off=1).disagreements() == []


def test_two_slips_of_one_number_are_told_apart_by_the_2_on_the_paper() -> None:
    slip = replace(load_sample("uk"), number="D101", ticket_url=FIRST.url)
    copy = replace(slip, copy=2)
    asked = replace(
        GOOD, journal=[entry(FIRST, 1, copies=2), entry(OTHER, 2)], copies={FIRST.url: drawn(copy)}
    )
    first, second = (Sheet(FIRST.url, drawn(one)) for one in (slip, copy))

    assert replace(asked, sheets=[first, second]).disagreements() == []
    for twins in ([first, first], [second, second]):
        assert "without a 2" in " ".join(replace(asked, sheets=twins).disagreements())
