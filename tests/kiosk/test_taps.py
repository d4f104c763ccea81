"""How many taps and screens an arrival takes, by need: through the real conversation."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.contract.questions import Choices
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import Conversation, State
from kiosk.questionnaire import Party, route

SITES = Path(__file__).parents[2] / "assets" / "sites"
DUESSELDORF = read_site_file(SITES / "duesseldorf.toml")
ONE_QUEUE = read_site_file(SITES / "one-queue.toml")

ALONE = Party(1, 0)
MOST_TAPS = 12
SHORTEST = 6
NUMBERS_ON_THE_FIRST_PAGE = range(9)
"""The party screen: a larger number is one tap further away."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a party answers, and what that takes until its number or its places."""

    answers: dict[str, tuple[str, ...]]
    taps: int
    screens: int
    party: Party = ALONE
    stages: tuple[str, ...] = ()


FAMILY = Party(2, 3)
FIRST = {"before": ("no",)}
NOBODY = {"wait": ("nobody",)}
ARRIVALS = {
    "a document is collected": Arrival(
        {"before": ("collect",), **NOBODY}, 6, 5, stages=("information", "registration")
    ),
    "an appointment": Arrival(
        {"before": ("appointment",), **NOBODY}, 6, 5, stages=("information",)
    ),
    "an appointment with a baby": Arrival(
        {"before": ("appointment",), "wait": ("baby",)}, 7, 5, Party(1, 1), ("information",)
    ),
    "a question": Arrival({**FIRST, "need": ("ask",), **NOBODY}, 8, 6, stages=("information",)),
    "a bed": Arrival(
        {**FIRST, "need": ("sleep",), **NOBODY}, 8, 6, stages=("information", "housing")
    ),
    "money, again": Arrival(
        {"before": ("continue",), "need": ("money",), **NOBODY},
        8,
        6,
        stages=("information", "benefits"),
    ),
    "travel on": Arrival(
        {**FIRST, "need": ("travel",), **NOBODY}, 8, 6, stages=("information", "onward-travel")
    ),
    "a family with three needs": Arrival(
        {**FIRST, "need": ("sleep", "register", "money"), "wait": ("baby",)},
        11,
        6,
        FAMILY,
        ("information", "housing", "registration", "benefits"),
    ),
    "a family that wants a bed, food and baby things": Arrival(
        {**FIRST, "need": ("sleep", "food", "baby-things"), "wait": ("pregnant",)},
        11,
        6,
        FAMILY,
        ("information", "housing"),
    ),
    "a group with more than eight children": Arrival(
        {**FIRST, "need": ("sleep", "register", "money"), **NOBODY},
        12,
        6,
        Party(3, 11),
        ("information", "housing", "registration", "benefits"),
    ),
    "only a toilet": Arrival({**FIRST, "need": ("toilet",)}, 7, 5),
    "food and rest": Arrival({**FIRST, "need": ("food", "rest")}, 8, 5),
}


def taps_for(party: Party) -> int:
    """Return the taps on the party screen: children are 0 until someone says otherwise."""
    counts = [party.adults, *([party.children] if party.children else [])]
    return sum(1 if count in NUMBERS_ON_THE_FIRST_PAGE else 2 for count in counts) + 1


def touch_through(arrival: Arrival) -> tuple[Conversation, int, int]:
    """Return the dialogue at its end, the taps and the screens until then."""
    dialogue = Conversation(DUESSELDORF).choose_language("uk").go_on()
    dialogue, taps, screens = dialogue.answer_party(arrival.party), 2 + taps_for(arrival.party), 3
    while question := dialogue.question:
        assert isinstance(question, Choices)
        chosen = arrival.answers[question.id]
        dialogue = dialogue.answer(chosen)
        taps += len(chosen) + (1 if question.most > 1 else 0)
        screens += 1
    return dialogue, taps, screens


@pytest.mark.parametrize("need", ARRIVALS)
def test_each_need_takes_its_taps_and_screens(need: str) -> None:
    arrival = ARRIVALS[need]

    dialogue, taps, screens = touch_through(arrival)

    assert (taps, screens) == (arrival.taps, arrival.screens)
    assert taps <= MOST_TAPS
    if arrival.stages:
        assert dialogue.state is State.ISSUING
        assert route(DUESSELDORF, dialogue.answers.chosen) == arrival.stages
    else:
        assert dialogue.state is State.PLACES


def test_the_shortest_way_takes_six_taps() -> None:
    assert min(arrival.taps for arrival in ARRIVALS.values()) == SHORTEST


def test_a_site_with_one_queue_takes_four_taps() -> None:
    party = Party(1, 0)
    dialogue = Conversation(ONE_QUEUE).choose_language("uk").go_on().answer_party(party)

    assert dialogue.state is State.ISSUING
    assert 2 + taps_for(party) == 4
