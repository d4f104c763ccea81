"""What is said of steps: every reason and every refusal in both languages, with its parts."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from kiosk.contract.site_file import read_site_file
from server_stub.hindrances import SENTENCES, Hindrance, Reason
from server_stub.page_texts import LANGUAGES, catalogue
from server_stub.step_errors import (
    ActionReusedError,
    CounterBusyError,
    DayClosedError,
    EmptyPartyError,
    FarAppointmentError,
    LeadNeededError,
    NoLetterError,
    NothingChosenError,
    NotOfThisSiteError,
    OtherCounterError,
    OtherStageError,
    StaleActionError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.step_notices import StepNotices
from server_stub.visit import NOT_UNDONE, IllegalStepError, Step, StepError, VisitState
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.progresses import WAITING
from tests.stand.server import SITE_FILE

PARTS = {
    "calls": 1,
    "needed": 3,
    "stage": "housing",
    "stages": ("housing", "benefits"),
    "adults": 2,
    "children": 1,
    "other": "D102",
    "number": "D101",
    "persons": 4,
    "letter": "U",
}
OUT_OF_DATE = {"en": "This button is out of date.", "de": "Dieser Knopf ist veraltet."}


@pytest.fixture(scope="module")
def site():
    return read_site_file(SITE_FILE)


@pytest.fixture(params=LANGUAGES)
def notices(request, site) -> StepNotices:
    return StepNotices(site, catalogue(request.param), request.param)


def reasons() -> Iterator[Reason]:
    for hindrance, sentence in SENTENCES.items():
        named = re.findall(r"%\((\w+)\)", sentence)
        yield Reason(hindrance, **{name: PARTS[name] for name in named})


def refusals() -> Iterator[StepError]:
    reason = Reason(Hindrance.NO_SUCH_STAGE)
    yield from (
        CounterBusyError("1", "D101"),
        OtherCounterError("D101", "2"),
        OtherStageError("D101", "housing"),
        FarAppointmentError("D101", began=MONDAY_NOON, ends=MONDAY_NOON, zone="Europe/Berlin"),
        NotOfThisSiteError("moon", reason),
        NoLetterError(Reason(Hindrance.LETTERS_TAKEN)),
        LeadNeededError("correct"),
        DayClosedError(date(2026, 11, 23)),
        EmptyPartyError("x"),
        NothingChosenError("x"),
        UnknownCounterError("x"),
        UnknownVisitError("x"),
        IllegalStepError("D101", VisitState.LEFT, Step.CALL),
    )


def test_every_hindrance_has_a_sentence():
    assert set(SENTENCES) == set(Hindrance)


@pytest.mark.parametrize("reason", [*reasons()], ids=lambda reason: reason.hindrance)
def test_a_reason_is_a_sentence_with_names_of_stages_and_no_blank(notices, reason):
    error = IllegalStepError("D101", VisitState.CALLED, Step.FORWARD, reason=reason)

    said = notices.refused(error).next_step

    assert re.fullmatch(r"[A-ZÄÖÜ0-9„].+\.", said)
    assert "%" not in said
    assert "housing" not in said
    assert str(reason) in str(error)


@pytest.mark.parametrize("error", [*refusals()], ids=lambda error: type(error).__name__)
def test_every_refusal_says_what_is_in_the_way_and_what_to_do(notices, error):
    said = notices.refused(error)

    assert said.kind == "trouble"
    assert said.what
    assert said.next_step
    assert said.what not in OUT_OF_DATE.values()
    assert "%" not in said.what + said.next_step


def test_only_what_no_button_says_is_called_out_of_date(notices):
    assert notices.refused(ActionReusedError("x")).what in OUT_OF_DATE.values()


def test_whoever_was_faster_is_named(site):
    notices = StepNotices(site, catalogue("en"), "en")
    at = MONDAY_NOON + timedelta(minutes=5)
    by_whom = {"staff": "mehmet", "counter": "2", "at": at}

    called = StaleActionError("D101", step=Step.CALL, **by_whom)
    assert notices.refused(called).what == "D101 was already called by counter 2 at 12:05."
    split = StaleActionError("D101", step=Step.SPLIT, **by_whom)
    assert notices.refused(split).what == "D101 was changed by mehmet at 12:05."
    by_itself = StaleActionError("D101", staff="", step=Step.LEAVE, counter=None, at=at)
    assert notices.refused(by_itself).what == "D101 was changed by the server at 12:05."


def test_every_step_that_can_be_taken_back_has_words(notices):
    for step in set(Step) - set(NOT_UNDONE):
        assert "D101" in notices.last_step(step, WAITING), step
