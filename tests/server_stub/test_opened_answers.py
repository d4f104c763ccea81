"""What is read of a sealed check-in, and by whom."""

from datetime import timedelta

import pytest

from kiosk.contract.site_file import read_site_file
from server_stub.keys import Keyring, read_keys
from server_stub.opened_answers import UNREADABLE, open_answers
from tests.server_stub.conftest import ROOT
from tests.server_stub.enrolled import MONDAY_NOON, party

LETTER, TOWN = "letter", "town"
GIVEN = {"before": ("collect",), LETTER: ("123456",), TOWN: ("Köln",), "gone": ("secret",)}


@pytest.fixture(scope="module")
def site(made_once):
    """The shipped site with questions of its own: a letter's number, and a town."""
    shipped = read_site_file(ROOT / "assets" / "sites" / "own-questions.toml")
    return shipped.model_copy(update={"id": made_once[1].site})


@pytest.fixture
def opened(site, made_once, kiosk):
    """What a role reads, so many days after the party came."""
    keys = read_keys(made_once[0] / "keys")

    def read(role, *, days=0.0, given=GIVEN, keys=keys):
        content = party().model_copy(update={"answers": given})
        return open_answers(
            kiosk.check_in(1, content=content).to_bytes(),
            site,
            keys=keys,
            role=role,
            arrived_at=MONDAY_NOON,
            now=MONDAY_NOON + timedelta(days=days),
        )

    return read


def asked(site, question):
    return next(q.text for q in site.questions if q.id == question)


def test_a_role_that_the_site_file_names_reads_what_was_entered(opened):
    answers = {answer.question: answer for answer in opened("counter").answers}

    assert [chosen.value for chosen in answers[LETTER].chosen] == ["123456"]
    assert [chosen.value for chosen in answers[TOWN].chosen] == ["Köln"]
    assert answers[LETTER].purpose["en"].startswith("The folder is ready")


def test_a_tile_that_was_chosen_comes_with_its_words_and_its_icon(opened):
    (chosen,) = opened("counter").answers[0].chosen

    assert (chosen.text, chosen.icon) == ("To collect a document", "document")


@pytest.mark.parametrize(
    ("role", "reads", "withheld"),
    [
        ("counter", {LETTER, TOWN}, set()),
        ("lead", {LETTER}, {TOWN}),
        ("admin", set(), {LETTER, TOWN}),
    ],
)
def test_what_is_for_other_roles_is_withheld_and_said_to_be(opened, site, role, reads, withheld):
    answers = opened(role)

    assert set(answers.entered) == reads
    assert set(answers.withheld) == {asked(site, question) for question in withheld}


def test_what_was_entered_is_read_for_as_many_days_as_its_question_says(opened, site):
    assert set(opened("counter", days=0.99).entered) == {LETTER, TOWN}

    later = opened("counter", days=1)
    assert (set(later.entered), later.over) == ({LETTER}, (asked(site, TOWN),))
    assert opened("counter", days=2).entered == ()


def test_what_the_site_does_not_ask_any_more_is_shown_to_nobody(opened):
    assert all("secret" not in repr(opened(role)) for role in ("counter", "lead", "admin"))


def test_an_option_that_is_no_more_is_shown_as_it_was_sent(opened):
    (answer,) = opened("counter", given={"before": ("long-gone",)}).answers

    assert [(chosen.text, chosen.value) for chosen in answer.chosen] == [(None, "long-gone")]


def test_without_its_key_or_its_check_in_nothing_can_be_read(opened, site, made_once):
    assert opened("counter", keys=Keyring({})) is UNREADABLE
    gone = open_answers(
        None,
        site,
        keys=read_keys(made_once[0] / "keys"),
        role="counter",
        arrived_at=MONDAY_NOON,
        now=MONDAY_NOON,
    )
    assert gone is UNREADABLE
