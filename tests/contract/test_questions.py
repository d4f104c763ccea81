from pathlib import Path

import pytest

from kiosk.contract.questions import KINDS, Choices, Count, Digits, FreeText
from kiosk.contract.site import Site
from kiosk.contract.site_file import SiteFileError, parse_site, read_site_file
from tests.kiosk.arrivals import DIGITS_TEXT, SITE, SITE_TEXT

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "sites"
TEXT = """
[[questions]]
id = "word"
kind = "text"
text = "Ask something"
longest = 20
purpose = { de = "Probe", en = "Trial" }
retention_days = 1
readers = ["lead"]
"""
COUNT = """
[[questions]]
id = "nights"
kind = "count"
text = "A place to sleep"
most = 9
"""
WAIT = """
[[questions]]
id = "wait"
text = "Is there someone who should not wait long?"

[[questions.options]]
id = "baby"
text = "A baby"
icon = "baby"
priority = true

[[questions.options]]
id = "nobody"
text = "Nobody"
icon = "nobody"
"""
FOOD = """
[[questions.options]]
id = "food"
text = "Food and drink"
icon = "food"
place = { landmark = "star", door = "10" }
"""
ALL_KINDS = SITE_TEXT + FOOD + DIGITS_TEXT + TEXT + COUNT + WAIT


def parse(text: str) -> Site:
    return parse_site(text, source="hbf.toml")


def test_all_kinds_of_question_are_read() -> None:
    site = parse(ALL_KINDS)

    kinds = [(type(question), question.kind) for question in site.questions]
    assert kinds == [
        (Choices, "choice"),
        (Choices, "choices"),
        (Digits, "digits"),
        (FreeText, "text"),
        (Count, "count"),
        (Choices, "choice"),
    ]
    assert {kind for _, kind in kinds} == set(KINDS)
    assert site.questions[2].when == {"before": ("collect",)}


def test_a_site_with_all_kinds_is_the_same_on_the_other_end() -> None:
    site = parse(ALL_KINDS)

    assert Site.model_validate_json(site.model_dump_json()) == site


def test_a_question_without_a_kind_is_a_choice_or_choices_by_how_many() -> None:
    assert [question.kind for question in SITE.questions] == ["choice", "choices"]


def test_a_count_offers_each_number_from_least_to_most() -> None:
    count = parse(SITE_TEXT + COUNT + "least = 7").questions[-1]

    assert isinstance(count, Count)
    assert count.tiles == ("7", "8", "9")


def test_little_is_enough_for_a_site() -> None:
    site = read_site_file(SHIPPED / "one-queue.toml")

    assert (len(site.stages), site.questions) == (1, ())


# What is replaced by what -> the text before which line the mistake is told, and the reason.
MISTAKES = [
    (
        'kind = "digits"',
        'kind = "date"',
        'kind = "date"',
        "kind: no such kind; there are: choice, ",
    ),
    ('kind = "digits"', "kind = 7", "kind = 7", "kind: no such kind"),
    ("length = 8", "", 'id = "letter"', "length: Field required"),
    ("length = 8", "length = 21", "length", "length: Input should be less than"),
    ("shortest = 6", "shortest = 9", "shortest", "shortest: cannot be more than length, 8"),
    ("retention_days = 2", "", 'id = "letter"', "retention_days: Field required"),
    ("purpose = { de", "purpose = { fr", "purpose = { fr", "purpose: has no text in de"),
    ('readers = ["counter", "lead"]', "readers = []", "readers = []", "readers: Tuple should"),
    ('readers = ["lead"]', 'readers = ["cook"]', '"cook"', "readers.0: Input should be 'helper'"),
    ("longest = 20", "longest = 99", "longest", "longest: Input should be less"),
    ("longest = 20", 'longest = 9\nscript = "runes"', "script", "script: Input should be 'own'"),
    ("most = 9", "most = 20", "most = 20", "most: needs 2 to 12 tiles, from least to most"),
    ("most = 9", "most = 9\nleast = 9", "most = 9", "most: needs 2 to 12 tiles"),
    ("most = 2", 'most = 2\nkind = "choice"', "most = 2", "most: a choice is one tile"),
    ("most = 2", 'kind = "choices"', 'id = "need"', "most: choices say how many, 2 to 9"),
    (
        'before = ["collect"]',
        'later = ["collect"]',
        "when",
        "when.later: no question 'later' is asked before this one; there are: before, need",
    ),
    (
        'before = ["collect"]',
        'before = ["gone"]',
        "when",
        "when.before: no option 'gone'; there are: no, collect",
    ),
    ('before = ["collect"]', "before = []", "when", "when.before: Tuple should have at least 1"),
    (
        'id = "word"',
        'id = "word"\nwhen = { letter = ["1"] }',
        "when = { letter",
        "when.letter: 'letter' has no options to ask for",
    ),
    (
        "priority = true",
        'priority = true\nstages = ["housing"]',
        "priority = true",
        "options.0.priority: its choice is not kept, so it can lead nowhere",
    ),
    (
        'icon = "nobody"',
        'icon = "nobody"\nstages = ["housing"]',
        'stages = ["housing"]',
        "options.1.stages: a question that proposes priority is not kept",
    ),
    (
        'icon = "nobody"',
        'icon = "nobody"\npriority = true',
        'id = "wait"',
        "options: needs an option without priority",
    ),
    ('door = "10"', 'door = "ten of"', "ten of", "options.3.place.door: 'ten of' does not fit"),
    ('"star"', '"whale"', "whale", "options.3.place.landmark: no landmark 'whale'"),
    ('"star"', '"fish"', "place =", "options.3.place: 'fish' is already at door 2"),
    (
        'icon = "food"',
        'icon = "food"\nstages = ["housing"]',
        "place =",
        "options.3.place: needs no number, but stages do",
    ),
]


def line(text: str, part: str) -> int:
    """Return the line, from 1, of the last place where a part stands."""
    return max(number for number, each in enumerate(text.splitlines(), 1) if part in each)


@pytest.mark.parametrize(
    ("before", "after", "part", "reason"), MISTAKES, ids=[mistake[3][:40] for mistake in MISTAKES]
)
def test_a_mistake_is_told_with_file_line_and_reason(
    before: str, after: str, part: str, reason: str
) -> None:
    assert before in ALL_KINDS
    text = ALL_KINDS.replace(before, after, 1)

    with pytest.raises(SiteFileError) as raised:
        parse(text)

    told = f"{raised.value}"
    assert reason in told
    at = int(told.split("line ")[1].split(":", maxsplit=1)[0])
    assert abs(at - line(text, part)) <= (1 if part.startswith("id =") else 0), told
    assert "\n" not in told


def test_nothing_may_depend_on_an_answer_that_is_not_kept() -> None:
    after = COUNT.replace("most = 9", 'most = 9\nwhen = { wait = ["baby"] }')

    with pytest.raises(SiteFileError, match="'wait' is not kept, so nothing depends on it"):
        parse(SITE_TEXT + WAIT + after)


def test_the_first_question_depends_on_none() -> None:
    first = SITE_TEXT.replace('id = "before"', 'id = "before"\nwhen = { need = ["sleep"] }')

    with pytest.raises(SiteFileError, match=r"no question 'need' is asked before this one$"):
        parse(first)


def test_two_needs_may_be_met_at_one_door() -> None:
    both = FOOD + FOOD.replace('id = "food"', 'id = "water"')

    assert parse(SITE_TEXT + both).questions[1].id == "need"


def test_more_places_than_a_screen_shows_beside_a_number_are_refused() -> None:
    five = "".join(FOOD.replace('id = "food"', f'id = "food-{n}"') for n in range(5))

    with pytest.raises(SiteFileError, match="questions: at most 4 places without a number"):
        parse(SITE_TEXT + five)
