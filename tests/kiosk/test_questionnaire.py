import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract.questions import Question
from kiosk.contract.site_file import parse_site
from kiosk.questionnaire import (
    MOST_PERSONS,
    Party,
    check_answer,
    kept,
    needs_no_number,
    next_question,
    places,
    proposes_priority,
    route,
)
from tests.contract.test_questions import ALL_KINDS, COUNT, FOOD, WAIT
from tests.kiosk.arrivals import SITE, SITE_TEXT

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


# --- conditions, places, priority ---------------------------------------------------------------

FED = parse_site(SITE_TEXT + FOOD + WAIT, source="fed.toml")
EVERYTHING = parse_site(ALL_KINDS, source="all.toml")
COUNTED = parse_site(SITE_TEXT + COUNT, source="counted.toml")


LETTER, WORD = EVERYTHING.questions[2:4]


@pytest.mark.parametrize("entered", ["123456", "000000"])
def test_digits_are_answered_by_as_many_as_are_asked(entered: str) -> None:
    assert check_answer(LETTER, (entered,)) == (entered,)


def test_digits_may_be_fewer_where_the_site_file_says_so() -> None:
    shorter = LETTER.model_copy(update={"shortest": 4})

    assert check_answer(shorter, ("1234",)) == ("1234",)
    with pytest.raises(ValueError, match="letter: outside its limits"):
        check_answer(shorter, ("123",))


@pytest.mark.parametrize(
    ("question", "entered"),
    [
        (LETTER, ("12345",)),
        (LETTER, ("1" * 21,)),
        (LETTER, ("12345a",)),
        (LETTER, ("\u0661\u0662\u0663\u0664\u0665\u0666",)),  # Arabic digits
        (LETTER, ()),
        (LETTER, ("123456", "123456")),
        (WORD, ("",)),
        (WORD, (" ",)),
        (WORD, ("Анна ",)),
        (WORD, ("Анна\n",)),
        (WORD, ("e\u0301",)),  # not composed
        (WORD, ("ж" * 21,)),
        (WORD, ("one", "two")),
    ],
)
def test_what_was_entered_outside_the_limits_is_refused_and_not_repeated(
    question: Question, entered: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="outside its limits") as refused:
        check_answer(question, entered)
    assert not any(part in str(refused.value) for part in entered if part.strip())


def test_a_text_is_as_long_as_it_looks() -> None:
    vowelled = "\u0645\u064f" * 20  # twenty Arabic letters, each with its vowel sign

    assert check_answer(WORD, (vowelled,)) == (vowelled,)


@pytest.mark.parametrize(("question", "entered"), [(LETTER, "123456"), (WORD, "Львів")])
def test_what_was_entered_is_kept_and_leads_nowhere(question: Question, entered: str) -> None:
    chosen = {"before": ("no",), "need": ("ask",), question.id: (entered,)}

    assert kept(EVERYTHING, chosen)[question.id] == (entered,)
    without = {name: options for name, options in chosen.items() if name != question.id}
    assert route(EVERYTHING, chosen) == route(EVERYTHING, without)


def test_a_count_is_answered_by_one_of_its_tiles() -> None:
    nights = COUNTED.questions[-1]

    assert check_answer(nights, ("9",)) == ("9",)
    for wrong in (("10",), ("1", "2"), ()):
        with pytest.raises(ValueError, match="nights: "):
            check_answer(nights, wrong)


def test_a_condition_asks_only_where_its_option_was_chosen() -> None:
    letter = EVERYTHING.questions[2]

    assert next_question(EVERYTHING, {"before": ("collect",), "need": ("ask",)}) is letter
    after = next_question(EVERYTHING, {"before": ("no",), "need": ("ask",)})
    assert after is EVERYTHING.questions[3]


def test_nothing_but_a_place_needs_no_number() -> None:
    chosen = {"before": ("no",), "need": ("food",)}

    assert needs_no_number(FED, chosen)
    assert [option.id for option in places(FED, chosen)] == ["food"]


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"before": ("no",)},
        {"before": ("no",), "need": ("food", "sleep")},
        {"before": ("no",), "need": ("ask", "food")},
        {"before": ("collect",), "need": ("food",)},
    ],
)
def test_whoever_wants_more_than_a_place_needs_a_number(chosen: dict[str, tuple[str, ...]]) -> None:
    assert not needs_no_number(FED, chosen)


def test_a_place_chosen_first_waits_for_questions_that_lead_to_stages() -> None:
    before, need = FED.questions[:2]
    turned = FED.model_copy(update={"questions": (need, before)})
    chained = before.model_copy(update={"id": "more", "when": {"before": ("no",)}})
    deep = (need, before.model_copy(update={"options": before.options[:1] * 2}), chained)

    assert not needs_no_number(turned, {"need": ("food",)})
    assert needs_no_number(turned, {"need": ("food",), "before": ("no",)})
    assert not needs_no_number(FED.model_copy(update={"questions": deep}), {"need": ("food",)}), (
        "the second question may lead to the third, and that to a stage"
    )


def test_reasons_for_priority_are_not_kept() -> None:
    chosen = {"need": ("sleep",), "wait": ("baby",)}

    assert proposes_priority(FED, chosen)
    assert not proposes_priority(FED, {"wait": ("nobody",)})
    assert kept(FED, chosen) == {"need": ("sleep",)}
