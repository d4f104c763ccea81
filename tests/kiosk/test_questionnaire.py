import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.questionnaire import MOST_PERSONS, Party, check_answer, next_question, route
from tests.kiosk.arrivals import SITE

BEFORE, NEED = SITE.questions


@pytest.mark.parametrize(("adults", "children"), [(1, 0), (0, 1), (MOST_PERSONS, MOST_PERSONS)])
def test_a_party_has_at_least_one_person(adults: int, children: int) -> None:
    assert Party(adults, children).is_child_alone == (adults == 0)


@pytest.mark.parametrize(
    ("adults", "children"), [(0, 0), (-1, 2), (1, -1), (MOST_PERSONS + 1, 0), (1, 100)]
)
def test_a_party_that_no_tile_offers_is_refused(adults: int, children: int) -> None:
    with pytest.raises(ValueError, match="a party has"):
        Party(adults, children)


def test_questions_come_in_the_order_of_the_site_file() -> None:
    assert next_question(SITE, {}) is BEFORE
    assert next_question(SITE, {"before": ("no",)}) is NEED
    assert next_question(SITE, {"before": ("no",), "need": ("ask",)}) is None


def test_an_answer_is_kept_in_the_order_of_the_site_file_and_once() -> None:
    assert check_answer(NEED, ("money", "sleep", "money")) == ("sleep", "money")


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ((), "need: 1 to 2 options"),
        (("sleep", "money", "ask"), "need: 1 to 2 options"),
        (("gold",), "need: an option that is not in the site file"),
    ],
)
def test_an_answer_that_no_screen_allows_is_refused(chosen: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_answer(NEED, chosen)


def test_what_was_answered_adds_to_the_stages_of_every_party() -> None:
    assert route(SITE, {"need": ("ask",)}) == ("information",)
    assert route(SITE, {"need": ("money", "sleep")}) == ("information", "housing", "benefits")


def test_two_answers_that_need_one_stage_lead_there_once() -> None:
    chosen = {"before": ("collect",), "need": ("money",)}

    assert route(SITE, chosen) == ("information", "benefits")


def test_a_party_that_needs_no_stage_goes_to_the_first() -> None:
    nobody_first = SITE.model_copy(update={"first_stages": ()})

    assert route(nobody_first, {"need": ("ask",)}) == ("information",)


@settings(derandomize=True, database=None, deadline=None, max_examples=30)
@given(
    before=st.sets(st.sampled_from(["no", "collect", "gone"])),
    need=st.sets(st.sampled_from(["sleep", "money", "ask", "gone"])),
)
def test_a_route_is_never_empty_and_never_goes_back(before: set[str], need: set[str]) -> None:
    stages = route(SITE, {"before": tuple(before), "need": tuple(need), "gone": ("gone",)})

    order = [stage.id for stage in SITE.stages]
    assert stages
    assert [order.index(stage) for stage in stages] == sorted({order.index(s) for s in stages})
